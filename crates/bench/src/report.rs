//! All that was measured, as Markdown and as JSON.

use std::fmt::Write as _;
use std::fs;
use std::thread::available_parallelism;

use alumx_api::cli::Failure;
use serde_json::{Value, json};

use crate::goals;
use crate::growth::Growth;
use crate::measure::Measured;
use crate::median::median;
use crate::options::Plan;
use crate::place::Place;
use crate::service::Memory;
use crate::socket::Sockets;
use crate::start::Start;

/// All that was measured.
pub struct Report {
    users: u32,
    rounds: u16,
    seconds: u64,
    /// Where.
    pub machine: Machine,
    /// A start.
    pub start: Option<Start>,
    /// Operations over connections.
    pub operations: Vec<Measured>,
    /// Kinds of searches, and how long most take.
    pub searches: Vec<(&'static str, f64)>,
    /// What is told live.
    pub sockets: Option<Sockets>,
    /// The most memory in all of this.
    pub peak_memory: Option<Memory>,
    /// Sizes side by side.
    pub growth: Option<Growth>,
}

/// Where it was measured.
#[derive(Default)]
pub struct Machine {
    cores: usize,
    processor: String,
    memory_gib: u64,
    postgres: String,
    has_pgbench: bool,
}

impl Machine {
    /// This one, and the server of this place.
    pub fn of(place: &mut Place) -> Result<Self, Failure> {
        let version = place.texts("SELECT current_setting('server_version')")?;
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find_map(|line| {
            let (name, model) = line.split_once(':')?;
            (name.trim() == "model name").then(|| model.trim().to_owned())
        });
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let kibibytes = memory
            .split_ascii_whitespace()
            .nth(1)
            .and_then(|word| word.parse::<u64>().ok());
        Ok(Self {
            cores: available_parallelism().map_or(1, usize::from),
            processor: model.unwrap_or_else(|| "unknown".to_owned()),
            memory_gib: kibibytes.unwrap_or(0).div_ceil(1 << 20),
            postgres: version.into_iter().next().unwrap_or_default(),
            has_pgbench: place.pgbench().is_some(),
        })
    }
}

impl Report {
    /// Nothing yet.
    pub fn new(plan: &Plan) -> Self {
        Self {
            users: plan.users,
            rounds: plan.rounds,
            seconds: plan.phase.as_secs(),
            machine: Machine::default(),
            start: None,
            operations: Vec::new(),
            searches: Vec::new(),
            sockets: None,
            peak_memory: None,
            growth: None,
        }
    }

    /// What was measured of an operation over so many connections.
    pub fn find(&self, operation: &str, connections: u16) -> Option<&Measured> {
        let all = &mut self.operations.iter();
        all.find(|one| one.operation == operation && one.connections == connections)
    }

    /// For people.
    pub fn markdown(&self) -> String {
        let machine = &self.machine;
        let mut text = format!(
            "{} users; {} cores ({}), {} GiB, PostgreSQL {}; medians of {} rounds of {} s.\n",
            self.users,
            machine.cores,
            machine.processor,
            machine.memory_gib,
            machine.postgres,
            self.rounds,
            self.seconds
        );
        if !machine.has_pgbench {
            text.push_str("There is no pgbench here: ceilings are left out.\n");
        }
        for part in [
            self.operations(),
            self.others(),
            self.growth(),
            self.goals(),
        ] {
            if !part.is_empty() {
                text.push('\n');
                text.push_str(&part);
            }
        }
        text
    }

    fn operations(&self) -> String {
        if self.operations.is_empty() {
            return String::new();
        }
        let mut text = String::from(
            "| operation | connections | requests/s | p50 ms | p99 ms | ÷ ceiling (clients) \
             | CPU s per 1,000: service | database |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
        );
        for one in &self.operations {
            let ceiling = one.clients.map_or_else(String::new, |clients| {
                format!("{:.2} ({clients})", median(&one.to_ceiling))
            });
            let failed = one.failure.map_or_else(String::new, |status| {
                format!(" ({} answered {status})", one.failures)
            });
            // Writing to a text does not fail.
            let _ = writeln!(
                text,
                "| {} | {} | {:.0}{failed} | {:.2} | {:.2} | {ceiling} | {:.3} | {:.3} |",
                one.operation,
                one.connections,
                median(&one.rate),
                median(&one.p50),
                median(&one.p99),
                median(&one.service),
                median(&one.database),
            );
        }
        text.push_str(&self.generator());
        text
    }

    /// Why the load is not what limits.
    fn generator(&self) -> String {
        let most = |one: &&Measured| median(&one.rate);
        let fastest = self
            .operations
            .iter()
            .max_by(|a, b| most(a).total_cmp(&most(b)));
        fastest.map_or_else(String::new, |one| {
            format!(
                "\nThe load takes {:.1} µs of processor per request where it is fastest ({}, {:.0}/s); \
                 the service and its database, asked the least, take {:.1} µs.\n",
                median(&one.generator) * 1000.0,
                one.operation,
                median(&one.rate),
                (median(&one.service) + median(&one.database)) * 1000.0,
            )
        })
    }

    fn others(&self) -> String {
        let mut text = String::new();
        if let Some(sockets) = &self.sockets {
            let _ = writeln!(
                text,
                "Live: {:.0} deliveries/s to {} sockets of one group ({:.2} of a bare broadcast), \
                 p99 of a lone message {:.1} ms (bare: {:.1} ms).",
                median(&sockets.rate),
                sockets.told,
                sockets.to_bare(),
                median(&sockets.p99),
                median(&sockets.bare_p99),
            );
        }
        if let Some(memory) = self.peak_memory {
            let _ = writeln!(
                text,
                "Memory: {} MiB of the service at most, {} MiB of PostgreSQL in the end.",
                memory.service >> 20,
                memory.database >> 20
            );
        }
        text
    }

    fn growth(&self) -> String {
        let Some(growth) = &self.growth else {
            return String::new();
        };
        let mut text = String::from("| one at a time, mean ms |");
        for size in &growth.sizes {
            let _ = write!(text, " {size} users |");
        }
        text.push_str(" factor |\n|---|");
        text.push_str(&"--:|".repeat(growth.sizes.len() + 1));
        text.push('\n');
        for (operation, means, factor) in &growth.rows {
            let _ = write!(text, "| {operation} |");
            for mean in means {
                let _ = write!(text, " {mean:.3} |");
            }
            let _ = writeln!(text, " {factor:.2} |");
        }
        if let Some(([few, many], factor)) = growth.inbox {
            let _ = writeln!(
                text,
                "\nAn inbox of 10 chats takes {few:.3} ms, one of 10,000 {many:.3} ms: {factor:.2}."
            );
        }
        text
    }

    fn goals(&self) -> String {
        let goals = goals::all(self);
        if goals.is_empty() {
            return String::new();
        }
        let mut text = String::from("| goal | wanted | measured | |\n|---|--:|--:|---|\n");
        for goal in goals {
            let _ = writeln!(
                text,
                "| {} | {} {} {} | {:.2} {} | {} |",
                goal.what,
                if goal.at_least { "≥" } else { "≤" },
                goal.wanted,
                goal.unit,
                goal.measured,
                goal.unit,
                if goal.met() { "met" } else { "**missed**" }
            );
        }
        text
    }

    /// For programs: everything, round by round.
    pub fn json(&self) -> Value {
        let machine = &self.machine;
        let operations = self.operations.iter().map(|one| {
            json!({
                "operation": one.operation, "connections": one.connections,
                "requestsPerSecond": one.rate, "p50Ms": one.p50, "p99Ms": one.p99,
                "ceilingClients": one.clients, "toCeiling": one.to_ceiling,
                "rival": one.rival, "toRival": one.to_rival,
                "serviceCpuSecondsPer1000": one.service,
                "databaseCpuSecondsPer1000": one.database,
                "loadCpuSecondsPer1000": one.generator,
                "failures": one.failures, "failureStatus": one.failure,
            })
        });
        let searches = self
            .searches
            .iter()
            .map(|(kind, p95)| json!({"kind": kind, "p95Ms": p95}));
        let goals = goals::all(self).into_iter().map(|goal| {
            json!({"goal": goal.what, "wanted": goal.wanted, "atLeast": goal.at_least,
                   "unit": goal.unit, "measured": goal.measured, "met": goal.met()})
        });
        json!({
            "users": self.users, "rounds": self.rounds, "phaseSeconds": self.seconds,
            "machine": {"cores": machine.cores, "processor": machine.processor,
                        "memoryGiB": machine.memory_gib, "postgresql": machine.postgres},
            "start": self.start.map(|start| json!({
                "readySeconds": start.ready, "residentBytes": start.resident})),
            "operations": operations.collect::<Vec<_>>(),
            "searches": searches.collect::<Vec<_>>(),
            "sockets": self.sockets.as_ref().map(|one| json!({
                "sockets": one.told, "deliveriesPerSecond": one.rate,
                "bareDeliveriesPerSecond": one.bare_rate, "p99Ms": one.p99,
                "bareP99Ms": one.bare_p99, "idleSockets": one.idle,
                "bytesPerIdleSocket": one.idle_bytes})),
            "peakMemory": self.peak_memory.map(|memory| json!({
                "serviceBytes": memory.service, "databaseBytes": memory.database})),
            "growth": self.growth.as_ref().map(|growth| json!({
                "users": growth.sizes,
                "operations": growth.rows.iter().map(|(name, means, factor)| {
                    json!({"operation": name, "meanMs": means, "factor": factor})
                }).collect::<Vec<_>>(),
                "inbox": growth.inbox.map(|(means, factor)| {
                    json!({"chats": [10, 10_000], "meanMs": means, "factor": factor})
                })})),
            "goals": goals.collect::<Vec<_>>(),
        })
    }
}
