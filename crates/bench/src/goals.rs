//! What is to be reached, and whether it is.

use crate::median::median;
use crate::report::Report;

/// Something to be reached.
#[derive(Debug)]
pub struct Goal {
    /// What is measured.
    pub what: String,
    /// What was measured.
    pub measured: f64,
    /// What is wanted.
    pub wanted: f64,
    /// Whether more is better.
    pub at_least: bool,
    /// What it is measured in.
    pub unit: &'static str,
}

impl Goal {
    /// Whether it is reached; what could not be measured is not.
    pub fn met(&self) -> bool {
        if self.at_least {
            self.measured >= self.wanted
        } else {
            self.measured <= self.wanted
        }
    }

    fn at_least(what: impl Into<String>, measured: f64, wanted: f64) -> Self {
        Self {
            what: what.into(),
            measured,
            wanted,
            at_least: true,
            unit: "×",
        }
    }

    fn at_most(what: impl Into<String>, measured: f64, wanted: f64, unit: &'static str) -> Self {
        Self {
            at_least: false,
            unit,
            ..Self::at_least(what, measured, wanted)
        }
    }
}

/// Shares of the ceiling, at 64 connections.
const CEILINGS: [(&str, f64); 7] = [
    ("feed, newest", 0.75),
    ("feed, top", 0.75),
    ("directory search", 0.7),
    ("send, direct", 2.0),
    ("inbox", 0.75),
    ("message page", 0.75),
    ("unread totals", 0.75),
];

/// Shares of a rival, at 64 connections.
const RIVALS: [(&str, f64); 3] = [("profile", 2.0), ("feed, newest", 1.5), ("feed, top", 1.5)];

/// All that a report can tell of.
pub fn all(report: &Report) -> Vec<Goal> {
    let mut goals = operations(report);
    for (kind, p95) in &report.searches {
        let what = format!("search, {kind}: p95 in the database, one at a time");
        goals.push(Goal::at_most(what, *p95, 5.0, "ms"));
    }
    if let Some(sockets) = &report.sockets {
        let what = format!("deliveries to {} sockets ÷ bare broadcast", sockets.told);
        goals.push(Goal::at_least(what, sockets.to_bare(), 0.7));
        let what = format!("each of {} idle sockets", sockets.idle);
        let kibibytes = sockets.idle_bytes / 1024.0;
        goals.push(Goal::at_most(what, kibibytes, 24.0, "KiB"));
    }
    if let Some(growth) = &report.growth {
        for (operation, _, factor) in &growth.rows {
            let what = format!("{operation}: time in the largest ÷ in the smallest network");
            goals.push(Goal::at_most(what, *factor, 1.3, "×"));
        }
        if let Some((_, factor)) = growth.inbox {
            let what = "inbox of 10,000 chats ÷ one of 10";
            goals.push(Goal::at_most(what, factor, 1.5, "×"));
        }
    }
    if let Some(start) = &report.start {
        goals.push(Goal::at_most("start until ready", start.ready, 1.0, "s"));
        let mebibytes = start.resident / 1024.0 / 1024.0;
        goals.push(Goal::at_most("resident at rest", mebibytes, 60.0, "MiB"));
    }
    goals
}

fn operations(report: &Report) -> Vec<Goal> {
    let mut goals = Vec::new();
    for (operation, wanted) in CEILINGS {
        if let Some(found) = report
            .find(operation, 64)
            .filter(|one| one.clients.is_some())
        {
            let what = format!("{operation} ÷ ceiling");
            goals.push(Goal::at_least(what, median(&found.to_ceiling), wanted));
        }
    }
    for (operation, wanted) in RIVALS {
        if let Some(found) = report.find(operation, 64)
            && let Some(rival) = found.rival
        {
            let what = format!("{operation} ÷ ceiling of {rival}");
            goals.push(Goal::at_least(what, median(&found.to_rival), wanted));
        }
    }
    if let Some(found) = report.find("profile", 64) {
        let micros = median(&found.service) * 1000.0;
        goals.push(Goal::at_most(
            "profile: processor of the service",
            micros,
            40.0,
            "µs",
        ));
    }
    if let Some(found) = report
        .find("send, direct", 1)
        .filter(|one| one.clients.is_some())
    {
        let time = 1.0 / median(&found.to_ceiling);
        let what = "send, direct: a lone message ÷ a lone client's";
        goals.push(Goal::at_most(what, time, 1.2, "×"));
    }
    let alive = report.find("alive (GET /healthz)", 64);
    if let (Some(me), Some(alive)) = (report.find("token only (GET /me)", 64), alive) {
        let shares = me
            .rate
            .iter()
            .zip(&alive.rate)
            .map(|(me, alive)| me / alive);
        let share = median(&shares.collect::<Vec<_>>());
        goals.push(Goal::at_least("GET /me ÷ GET /healthz", share, 0.6));
    }
    for found in report.operations.iter().filter(|one| one.connections == 64) {
        let spread = median(&found.p99) / median(&found.p50);
        let what = format!("{}: p99 ÷ p50", found.operation);
        goals.push(Goal::at_most(what, spread, 8.0, "×"));
    }
    goals
}

#[cfg(test)]
mod tests {
    use super::Goal;

    #[test]
    fn a_goal_that_was_not_measured_is_missed() {
        assert!(Goal::at_least("", 0.7, 0.7).met());
        assert!(!Goal::at_least("", 0.69, 0.7).met());
        assert!(Goal::at_most("", 1.3, 1.3, "×").met());
        assert!(!Goal::at_most("", 1.31, 1.3, "×").met());
        assert!(!Goal::at_least("", f64::NAN, 0.7).met());
        assert!(!Goal::at_most("", f64::NAN, 0.7, "×").met());
    }
}
