//! The ceiling: the same statements by `pgbench`, prepared, straight to the same server.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use alumx_api::cli::Failure;

use crate::place::Place;

/// Scripts, and how many clients run them best.
#[derive(Debug, Clone)]
pub struct Ceiling {
    scripts: Vec<PathBuf>,
    /// So many clients reach the highest rate.
    pub clients: u16,
}

impl Ceiling {
    /// Writes the scripts to files that begin with `name`.
    pub fn new(folder: &std::path::Path, name: &str, scripts: &[String]) -> Result<Self, Failure> {
        fs::create_dir_all(folder)?;
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let mut paths = Vec::new();
        for (n, script) in scripts.iter().enumerate() {
            let path = folder.join(format!("{name}-{n}.sql"));
            fs::write(&path, script)?;
            paths.push(path);
        }
        Ok(Self {
            scripts: paths,
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
        let mut command = place.pgbench().ok_or("there is no pgbench")?;
        command.args(["-n", "-M", "prepared", "-c", &clients.to_string()]);
        command.args(["-j", &clients.min(2).to_string()]);
        command.args(["-T", &time.as_secs().max(1).to_string()]);
        for script in &self.scripts {
            command.arg("-f").arg(script);
        }
        let done = command.output()?;
        let told = String::from_utf8_lossy(&done.stdout);
        match rate(&told) {
            Some(rate) if done.status.success() => Ok(rate),
            _ => {
                let why = String::from_utf8_lossy(&done.stderr);
                Err(format!("pgbench: {}", why.trim()).into())
            }
        }
    }
}

/// `tps = 1234.5 (without initial connection time)`; older ones say that last, `excluding`.
fn rate(told: &str) -> Option<f64> {
    let line = told.lines().rfind(|line| line.starts_with("tps = "))?;
    line.split(' ').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn the_rate_is_read_without_the_time_to_connect() {
        let told = "latency average = 1 ms\ntps = 2.0 (including connections establishing)\n\
                    tps = 3.5 (excluding connections establishing)\n";
        let newer = "tps = 1234.567 (without initial connection time)\n";

        assert_eq!(rate(told), Some(3.5));
        assert_eq!(rate(newer), Some(1234.567));
        assert_eq!(rate("pgbench: error\n"), None);
    }
}
