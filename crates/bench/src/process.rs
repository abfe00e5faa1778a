//! What processes take: processor time and memory, as the kernel counts them.

use std::fs;

use alumx_api::cli::Failure;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Seconds of the processor that a process has taken, and with `children` those of the processes
/// that it started and that have ended.
pub fn cpu(pid: u32, children: bool) -> Result<f64, Failure> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let stat = Stat::parse(&text).ok_or("/proc says something else than expected")?;
    let ticks = if children {
        stat.own + stat.ended_children
    } else {
        stat.own
    };
    #[expect(clippy::cast_precision_loss, reason = "ticks are few")]
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// Seconds of the processor that a process and its children have taken.
pub fn cpu_of_family(pid: u32) -> Result<f64, Failure> {
    // Who ends meanwhile is counted by its parent.
    let living: f64 = children(pid)?
        .iter()
        .filter_map(|child| cpu(*child, false).ok())
        .sum();
    Ok(living + cpu(pid, true)?)
}

/// Bytes of memory that a process has: `VmRSS` now, `VmHWM` at most.
pub fn memory(pid: u32, name: &str) -> Result<u64, Failure> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    field(&text, name).ok_or_else(|| format!("/proc does not tell {name}").into())
}

/// Bytes of memory that a process and its children have, what they share counted once.
pub fn memory_of_family(pid: u32) -> Result<u64, Failure> {
    let mut family = children(pid)?;
    family.push(pid);
    let shares = family.iter().filter_map(|member| {
        let text = fs::read_to_string(format!("/proc/{member}/smaps_rollup")).ok()?;
        field(&text, "Pss")
    });
    Ok(shares.sum())
}

/// Allows as many open files as may be allowed, and says how many that is.
pub fn allow_files() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    // What can't be raised stays as it is.
    let _ = setrlimit(Resource::Nofile, raised);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

fn children(pid: u32) -> Result<Vec<u32>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(child) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let text = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if Stat::parse(&text).is_some_and(|stat| stat.parent == pid) {
            found.push(child);
        }
    }
    Ok(found)
}

fn field(text: &str, name: &str) -> Option<u64> {
    let rest = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kibibytes: u64 = rest.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    own: u64,
    ended_children: u64,
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // The name, in brackets, may hold anything.
        let (_, rest) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: number(11)? + number(12)?,
            ended_children: number(13)? + number(14)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Stat, field};

    #[test]
    fn the_name_of_a_process_may_look_like_the_rest() {
        let text = "12 (a) S 3 (b) S 34 12 12 0 -1 4194560 1 2 3 4 500 60 7 8 20 0 1 0";

        let stat = Stat {
            parent: 34,
            own: 560,
            ended_children: 15,
        };
        assert_eq!(Stat::parse(text), Some(stat));
        assert_eq!(Stat::parse(""), None);
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "Pss_Anon:    1 kB\nPss:   12 kB\nVmHWM:\t  3 kB\n";

        assert_eq!(field(text, "Pss"), Some(12 * 1024));
        assert_eq!(field(text, "VmHWM"), Some(3 * 1024));
        assert_eq!(field(text, "VmRSS"), None);
    }
}
