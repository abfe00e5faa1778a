//! The ceiling: the same statements by `pgbench`, prepared, straight to the same server.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use alumx_api::cli::Failure;

use crate::place::Place;
use crate::script::Script;

/// Scripts, and how many clients run them best.
#[derive(Debug, Clone)]
pub struct Ceiling {
    scripts: Vec<PathBuf>,
    /// What their variables stand for.
    given: Vec<(String, String)>,
    /// So many clients reach the highest rate.
    pub clients: u16,
}

impl Ceiling {
    /// Writes the scripts to files that begin with `name`.
    pub fn new(folder: &std::path::Path, name: &str, scripts: &[Script]) -> Result<Self, Failure> {
        fs::create_dir_all(folder)?;
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let mut paths = Vec::new();
        for (n, script) in scripts.iter().enumerate() {
            let path = folder.join(format!("{name}-{n}.sql"));
            fs::write(&path, &script.text)?;
            paths.push(path);
        }
        Ok(Self {
            scripts: paths,
            given: scripts.iter().flat_map(|one| one.given.clone()).collect(),
            clients: 1,
        })
    }

    /// Looks for the best number of clients among these.
    pub fn find_best(&mut self, place: &Place, clients: &[u16]) -> Result<(), Failure> {
        if let [only] = clients {
            self.clients = *only;
            return Ok(());
        }
        let mut best = 0.0;
        for clients in clients {
            let rate = self.rate(place, *clients, Duration::from_secs(1))?;
            if rate > best {
                (best, self.clients) = (rate, *clients);
            }
        }
        Ok(())
    }

    /// Transactions a second of so many clients.
    pub fn rate(&self, place: &Place, clients: u16, time: Duration) -> Result<f64, Failure> {
        let told = self.run(place, clients, time, &[])?;
        rate(&told).ok_or_else(|| "pgbench told no rate".into())
    }

    /// Milliseconds that 95 in 100 transactions of a single client take at most.
    pub fn p95(&self, place: &Place, time: Duration) -> Result<f64, Failure> {
        let first = self.scripts.first().ok_or("there is nothing to run")?;
        // A name of its own: a run that was interrupted may have left its log.
        let name = format!("{}.log", std::process::id());
        let prefix = first.with_extension(name).to_string_lossy().into_owned();
        self.run(place, 1, time, &["-l", "--log-prefix", &prefix])?;
        let mut micros = Vec::new();
        let folder = first.parent().ok_or("a script is in a folder")?;
        for file in fs::read_dir(folder)? {
            let path = file?.path();
            if path.to_string_lossy().starts_with(&prefix) {
                micros.extend(fs::read_to_string(&path)?.lines().filter_map(latency));
                fs::remove_file(path)?;
            }
        }
        micros.sort_unstable();
        let slowest = micros.get(micros.len() * 95 / 100);
        let micros = slowest.ok_or("pgbench logged nothing")?;
        Ok(f64::from(*micros) / 1000.0)
    }

    fn run(
        &self,
        place: &Place,
        clients: u16,
        time: Duration,
        more: &[&str],
    ) -> Result<String, Failure> {
        let mut command = place.pgbench().ok_or("there is no pgbench")?;
        command.args(["-n", "-M", "prepared", "-c", &clients.to_string()]);
        command.args(["-j", &clients.min(2).to_string()]);
        command.args(["-T", &time.as_secs().max(1).to_string()]);
        command.args(more);
        for (name, value) in &self.given {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        for script in &self.scripts {
            command.arg("-f").arg(script);
        }
        let done = command.output()?;
        if !done.status.success() {
            let why = String::from_utf8_lossy(&done.stderr);
            return Err(format!("pgbench: {}", why.trim()).into());
        }
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }
}

/// Microseconds, the third of what is logged of a transaction.
fn latency(line: &str) -> Option<u32> {
    line.split(' ').nth(2)?.parse().ok()
}

/// `tps = 1234.5 (without initial connection time)`; older ones say that last, `excluding`.
fn rate(told: &str) -> Option<f64> {
    let line = told.lines().rfind(|line| line.starts_with("tps = "))?;
    line.split(' ').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{latency, rate};

    #[test]
    fn the_rate_is_read_without_the_time_to_connect() {
        let told = "latency average = 1 ms\ntps = 2.0 (including connections establishing)\n\
                    tps = 3.5 (excluding connections establishing)\n";
        let newer = "tps = 1234.567 (without initial connection time)\n";

        assert_eq!(rate(told), Some(3.5));
        assert_eq!(rate(newer), Some(1234.567));
        assert_eq!(rate("pgbench: error\n"), None);
    }

    #[test]
    fn what_is_logged_of_a_transaction_tells_how_long_it_took() {
        assert_eq!(latency("0 199 2241 0 1175850568 995598"), Some(2241));
        assert_eq!(latency("0 200 skipped 0 1175850568 995598"), None);
    }
}
