//! The server's processes: starting the postmaster, stopping it, and clearing away orphans.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::account::Account;
use super::error::{StartError, io};
use super::guard::Guard;

const TICK: Duration = Duration::from_millis(5);
/// Recovery after a crash reads at most `max_wal_size`, which takes seconds.
const READY_WITHIN: Duration = Duration::from_mins(2);
const LARGEST_LOG: u64 = 1 << 20;

/// Everything that is needed to start the server, again and again.
#[derive(Debug)]
pub struct Launch {
    /// The program `postgres`.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its data directory.
    pub data: PathBuf,
    /// The folder of its socket.
    pub socket: PathBuf,
    /// Its log.
    pub log: PathBuf,
    /// Who runs it.
    pub account: Account,
}

impl Launch {
    /// Starts the server and returns as soon as it takes connections.
    pub fn start(&self, guard: &mut Guard) -> Result<Postmaster, StartError> {
        self.clear_orphans()?;
        self.trim_log();
        let mut command = guard.command(&self.program, &self.log)?;
        let child = command
            .args(&self.arguments)
            .spawn()
            .map_err(io("run", &self.program))?;
        let mut postmaster = Postmaster { child };
        let deadline = Instant::now() + READY_WITHIN;
        while !self.is_ready(postmaster.id()) {
            let ended = postmaster.ended();
            if ended.is_none() && Instant::now() < deadline {
                thread::sleep(TICK);
                continue;
            }
            postmaster.stop();
            guard.forget();
            let reason = ended.map_or_else(
                || format!("it was not ready within {} seconds", READY_WITHIN.as_secs()),
                |status| format!("it {}", describe(status)),
            );
            let log = self.log.clone();
            return Err(StartError::NotReady {
                reason,
                tail: tail(&log),
                log,
            });
        }
        Ok(postmaster)
    }

    /// The first line of the server's own file is its process id, the eighth its state.
    fn is_ready(&self, id: u32) -> bool {
        fs::read_to_string(self.pid_file()).is_ok_and(|text| {
            let mut lines = text.lines().map(str::trim);
            lines.next() == Some(id.to_string().as_str()) && lines.nth(6) == Some("ready")
        })
    }

    fn pid_file(&self) -> PathBuf {
        self.data.join("postmaster.pid")
    }

    /// Stops what an earlier service left running here: we hold the lock, so nobody needs it.
    fn clear_orphans(&self) -> Result<(), StartError> {
        let text = fs::read_to_string(self.pid_file()).unwrap_or_default();
        let recorded = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok());
        let recorded = recorded.and_then(Pid::from_raw);
        if let Some(pid) = recorded
            && residents(&self.data, recorded).contains(&pid)
        {
            tracing::warn!(
                pid = pid.as_raw_pid(),
                "stopping a PostgreSQL that lost its service"
            );
            end(pid, || !residents(&self.data, recorded).contains(&pid));
        }
        // Without their postmaster, its children end by themselves, unless they are busy.
        let patience = Instant::now() + Duration::from_secs(2);
        loop {
            let left = residents(&self.data, recorded);
            if left.is_empty() {
                break;
            }
            if Instant::now() > patience {
                for pid in left {
                    let _ = kill_process(pid, Signal::KILL);
                }
            }
            thread::sleep(TICK);
        }
        // Nobody is left, but the recorded id may belong to somebody else by now (in a container
        // it often does), and PostgreSQL would take that for itself. Without /proc it decides.
        if Path::new("/proc/self/cwd").exists() {
            remove_if_there(&self.pid_file())?;
        }
        remove_if_there(&self.socket.join(".s.PGSQL.5432"))?;
        remove_if_there(&self.socket.join(".s.PGSQL.5432.lock"))
    }

    /// Empties the log when it has grown large, as the user whose folder it lies in.
    pub fn trim_log(&self) {
        if fs::symlink_metadata(&self.log).is_ok_and(|log| log.len() > LARGEST_LOG) {
            let mut shell = self.account.command("/bin/sh");
            shell.args(["-c", r#": >"$0""#]).arg(&self.log);
            if let Err(error) = shell.status() {
                tracing::warn!(%error, "PostgreSQL's log cannot be emptied");
            }
        }
    }
}

/// A running server; stopped when dropped.
#[derive(Debug)]
pub struct Postmaster {
    child: Child,
}

impl Postmaster {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Disconnects everybody, writes everything down, ends.
    pub fn stop(&mut self) {
        let pid = i32::try_from(self.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid
            && self.ended().is_none()
        {
            end(pid, || self.ended().is_some());
        }
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Asks a server to stop, more and more firmly.
fn end(pid: Pid, mut gone: impl FnMut() -> bool) {
    for (signal, patience) in [(Signal::INT, 10), (Signal::QUIT, 5), (Signal::KILL, 5)] {
        if signal != Signal::INT {
            tracing::warn!(
                pid = pid.as_raw_pid(),
                ?signal,
                "PostgreSQL does not stop; insisting"
            );
        }
        let _ = kill_process(pid, signal);
        let deadline = Instant::now() + Duration::from_secs(patience);
        while Instant::now() < deadline {
            if gone() {
                return;
            }
            thread::sleep(TICK);
        }
    }
}

/// The server processes that work in this data directory, which is their current folder.
fn residents(data: &Path, recorded: Option<Pid>) -> Vec<Pid> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return recorded
            .into_iter()
            .filter(|pid| names(*pid, data))
            .collect();
    };
    processes
        .flatten()
        .filter_map(|entry| {
            let pid = entry
                .file_name()
                .to_str()?
                .parse()
                .ok()
                .and_then(Pid::from_raw)?;
            let here = fs::read_link(entry.path().join("cwd")).is_ok_and(|folder| folder == data);
            let comm = || fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            (here && comm().trim() == "postgres").then_some(pid)
        })
        .collect()
}

/// Where there is no /proc: does this process' command line name the folder?
fn names(pid: Pid, data: &Path) -> bool {
    let ps = Command::new("ps")
        .args(["-o", "command=", "-p", &pid.as_raw_pid().to_string()])
        .stdin(Stdio::null())
        .output();
    ps.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).contains(&*data.to_string_lossy())
    })
}

fn remove_if_there(path: &Path) -> Result<(), StartError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// How a process ended, in words.
pub fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with code {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => String::from("ended"),
    }
}

/// The last lines of a log, on one line.
pub fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text[text.len().saturating_sub(2000)..]).into_owned();
    let mut lines: Vec<&str> = text.lines().rev().take(6).map(str::trim).collect();
    lines.reverse();
    lines.join(" | ")
}
