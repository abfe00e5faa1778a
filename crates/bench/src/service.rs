//! The service, as a process of its own: started, stopped, and watched.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use alumx_api::cli::Failure;
use rustix::process::{Pid, Signal, kill_process};

use crate::place::Place;
use crate::process;

/// How long it may take to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it may take to make all profiles ready to be read.
const FILLED_WITHIN: Duration = Duration::from_mins(15);

/// A running service with its own PostgreSQL; stopped when dropped.
pub struct Service {
    child: Child,
    folder: PathBuf,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Processor time taken so far, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// By the service.
    pub service: f64,
    /// By its PostgreSQL.
    pub database: f64,
    /// By this process.
    pub generator: f64,
}

/// Bytes.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Of the service, at most.
    pub service: u64,
    /// Of its PostgreSQL, now, buffers included.
    pub database: u64,
}

impl Service {
    /// Starts it on this folder, with its defaults, but no rate limits and tokens that last.
    pub fn start(folder: &Path) -> Result<Self, Failure> {
        let mut child = command(folder, &["serve", "--listen", "127.0.0.1:0"])?
            .stdout(Stdio::piped())
            // A line per request, as in life; nobody reads it.
            .stderr(Stdio::null())
            .spawn()?;
        let said = child.stdout.take().ok_or("the service has no output")?;
        let mut said = BufReader::new(said);
        let address = address(&mut said);
        // It says more, and would fail if nobody listened.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let folder = folder.to_owned();
        let Some(address) = address else {
            let status = child.wait()?;
            let folder = folder.display();
            return Err(format!(
                "the service ended ({status}); `alumx serve --data-dir {folder}` says why"
            )
            .into());
        };
        Ok(Self {
            child,
            folder,
            address,
        })
    }

    /// Makes a network of so many users in this folder, unless one is there.
    pub fn fill(folder: &Path, users: u32) -> Result<(), Failure> {
        fs::create_dir_all(folder)?;
        let mut service = Self::start(folder)?;
        let mut place = service.place()?;
        if place.number("SELECT count(*) FROM users")? == 0 {
            eprintln!("Making a network of {users} users, once …");
            let users = users.to_string();
            let status = command(folder, &["demo", "--users", &users])?
                .stdout(Stdio::null())
                .status()?;
            if !status.success() {
                return Err(format!("`demo` ended with {status}").into());
            }
            // Whoever starts makes profiles ready to be read.
            drop(place);
            service.stop();
            service = Self::start(folder)?;
            place = service.place()?;
        }
        if ready_profiles(&mut place)? {
            place.run("VACUUM (ANALYZE)")?;
            place.run("CHECKPOINT")?;
        }
        service.stop();
        Ok(())
    }

    /// Its database, reached past it.
    pub fn place(&self) -> Result<Place, Failure> {
        Place::of(&self.folder)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Processor time taken until now.
    pub fn taken(&self, place: &Place) -> Result<Taken, Failure> {
        Ok(Taken {
            service: process::cpu(self.pid(), false)?,
            database: process::cpu_of_family(place.postmaster)?,
            generator: process::cpu(std::process::id(), false)?,
        })
    }

    /// Memory taken until now.
    pub fn peak_memory(&self) -> Result<Memory, Failure> {
        Ok(Memory {
            service: process::memory(self.pid(), "VmHWM")?,
            database: process::memory_of_family(self.place()?.postmaster)?,
        })
    }

    /// Stops it, and its PostgreSQL.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = kill_process(pid, Signal::TERM);
        }
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until all profiles are ready to be read; whether that took any time.
fn ready_profiles(place: &mut Place) -> Result<bool, Failure> {
    let missing = "SELECT count(*) FROM users u WHERE deleted_at IS NULL AND NOT EXISTS (
         SELECT FROM profile_documents d WHERE d.user_id = u.id AND d.revision = u.revision)";
    let (mut waited, deadline) = (false, Instant::now() + FILLED_WITHIN);
    while place.number(missing)? > 0 {
        if Instant::now() > deadline {
            return Err("the service doesn't make the profiles ready".into());
        }
        waited = true;
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(waited)
}

/// A command of the service, with no settings but the benchmark's.
fn command(folder: &Path, arguments: &[&str]) -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    for (name, _) in std::env::vars_os() {
        let name_is = |text: &str| name.as_encoded_bytes().starts_with(text.as_bytes());
        if name_is("ALUMX_") && !name_is("ALUMX_POSTGRES") || name_is("DATABASE_URL") {
            command.env_remove(name);
        }
    }
    command
        .arg(crate::SERVICE)
        .args(arguments)
        .arg("--data-dir")
        .arg(folder)
        .env("ALUMX_RATE_LIMITS", "off")
        .env("ALUMX_ACCESS_TOKEN_LIFETIME", "30d")
        .env("ALUMX_SOCKETS_PER_USER", "100")
        .stdin(Stdio::null());
    Ok(command)
}

/// What it says when it is ready.
fn address(said: impl BufRead) -> Option<SocketAddr> {
    let mut lines = said.lines().map_while(Result::ok);
    lines.find_map(|line| {
        let rest = line.trim().strip_prefix("API")?.trim_start();
        let authority = rest.strip_prefix("http://")?.split('/').next()?;
        authority.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_service_says_where_it_listens() {
        let said = "AlumX is ready.\n  API   http://127.0.0.1:4711/api/v1\n  Docs  …\n";

        assert_eq!(address(said.as_bytes()), "127.0.0.1:4711".parse().ok());
        assert_eq!(address("".as_bytes()), None);
    }
}
