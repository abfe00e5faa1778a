//! What is asked of the benchmark on the command line, and the plan that follows from it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// Measures AlumX beside what PostgreSQL alone can do.
#[derive(Debug, Parser)]
#[command(name = "alumx-bench", version, max_term_width = 100)]
pub struct Options {
    /// Folder of the invented networks, kept between runs (100,000 users take about 3 GB)
    #[arg(long, default_value = "target/bench")]
    pub data_dir: PathBuf,

    /// Users of the network [default: 100000; with --quick 10000, unless the large one is there]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1000..=1_000_000))]
    pub users: Option<u32>,

    /// Less of everything: within 3 minutes
    #[arg(long)]
    pub quick: bool,

    /// Where to write all numbers as JSON
    #[arg(long)]
    pub json: Option<PathBuf>,

    /// Only these parts: start, operations, sockets, growth
    #[arg(long, value_delimiter = ',', value_parser = ["start", "operations", "sockets", "growth"])]
    pub parts: Vec<String>,

    /// Only operations whose name contains one of these
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,

    /// How often everything is measured; medians are told
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub rounds: Option<u16>,

    /// Seconds of each phase of a round
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: Option<u64>,

    /// Connections, each number of them on its own
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub connections: Vec<u16>,
}

/// What is measured, how often and how long.
#[derive(Debug, Clone)]
pub struct Plan {
    data_dir: PathBuf,
    parts: Vec<String>,
    only: Vec<String>,
    /// Users of the network.
    pub users: u32,
    /// How often everything is measured.
    pub rounds: u16,
    /// How long a phase takes.
    pub phase: Duration,
    /// Numbers of connections.
    pub connections: Vec<u16>,
    /// Numbers of clients of which the best for a ceiling is looked for.
    pub clients: Vec<u16>,
    /// Sizes of which the growth is measured.
    pub sizes: Vec<u32>,
    /// Sockets that are open and told nothing.
    pub idle_sockets: usize,
}

impl Options {
    /// The plan.
    pub fn plan(&self) -> Plan {
        let folder = |users: u32| self.data_dir.join(format!("users-{users}"));
        let large = 100_000;
        let usual = if self.quick && !folder(large).exists() {
            10_000
        } else {
            large
        };
        let users = self.users.unwrap_or(usual);
        let connections = match &self.connections[..] {
            [] if self.quick => vec![1, 64],
            [] => vec![1, 16, 64, 256],
            chosen => chosen.to_vec(),
        };
        let (rounds, clients, idle_sockets): (_, &[u16], _) = if self.quick {
            (1, &[8], 2_000)
        } else {
            (3, &[1, 2, 4, 8, 16], 10_000)
        };
        let mut parts = self.parts.clone();
        if parts.is_empty() {
            parts = vec!["start".into(), "operations".into(), "sockets".into()];
            if !self.quick {
                parts.push("growth".into());
            }
        }
        Plan {
            data_dir: self.data_dir.clone(),
            parts,
            only: self.only.clone(),
            users,
            rounds: self.rounds.unwrap_or(rounds),
            phase: Duration::from_secs(self.seconds.unwrap_or(if self.quick { 1 } else { 2 })),
            connections,
            clients: clients.to_vec(),
            sizes: vec![1_000, 10_000, users.max(10_000)],
            idle_sockets,
        }
    }
}

impl Plan {
    /// The data folder of a network of this size.
    pub fn folder(&self, users: u32) -> PathBuf {
        self.data_dir.join(format!("users-{users}"))
    }

    /// Where the scripts of `pgbench` are.
    pub fn scripts(&self) -> PathBuf {
        self.folder(self.users).join("scripts")
    }

    /// Whether this part is asked for.
    pub fn does(&self, part: &str) -> bool {
        self.parts.iter().any(|asked| asked == part)
    }

    /// Whether this operation is asked for.
    pub fn asks(&self, operation: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| operation.contains(&**part))
    }
}
