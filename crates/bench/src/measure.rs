//! Round by round: each operation over each number of connections, and right after it its ceiling.

use std::time::Duration;

use alumx_api::cli::Failure;

use crate::capture;
use crate::ceiling::Ceiling;
use crate::load::{self, Phase, count};
use crate::median::median;
use crate::network::Network;
use crate::operation::{Operation, searched};
use crate::options::Plan;
use crate::place::Place;
use crate::rival;
use crate::script::Script;
use crate::service::Service;

/// An operation over a number of connections, round by round.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// What was done.
    pub operation: &'static str,
    /// Over how many connections.
    pub connections: u16,
    /// How many clients make the ceiling.
    pub clients: Option<u16>,
    /// What else it is compared to.
    pub rival: Option<&'static str>,
    /// Requests a second.
    pub rate: Vec<f64>,
    /// Milliseconds.
    pub p50: Vec<f64>,
    /// Milliseconds.
    pub p99: Vec<f64>,
    /// The rate as a share of that of the ceiling.
    pub to_ceiling: Vec<f64>,
    /// The rate as a share of that of the rival.
    pub to_rival: Vec<f64>,
    /// Seconds of the processor of the service, for 1,000 requests.
    pub service: Vec<f64>,
    /// Of the database.
    pub database: Vec<f64>,
    /// Of the load.
    pub generator: Vec<f64>,
    /// Requests that failed, in all rounds.
    pub failures: usize,
    /// The status of one of them.
    pub failure: Option<u16>,
}

/// An operation, with all that it is measured beside.
struct Prepared<'a> {
    operation: &'a Operation<'a>,
    ceiling: Option<Ceiling>,
    rival: Option<(&'static str, Ceiling)>,
    results: Vec<Measured>,
}

/// Measures these operations.
pub fn measure(
    plan: &Plan,
    service: &Service,
    place: &mut Place,
    operations: &[Operation<'_>],
    network: &Network,
) -> Result<Vec<Measured>, Failure> {
    let mut all = Vec::new();
    for operation in operations.iter().filter(|one| plan.asks(one.name)) {
        all.push(prepare(plan, service, place, operation, network)?);
    }
    for round in 1..=plan.rounds {
        eprintln!("Round {round} of {} …", plan.rounds);
        for prepared in &mut all {
            prepared.round(plan, service, place, round)?;
        }
    }
    Ok(all.into_iter().flat_map(|one| one.results).collect())
}

fn prepare<'a>(
    plan: &Plan,
    service: &Service,
    place: &mut Place,
    operation: &'a Operation<'a>,
    network: &Network,
) -> Result<Prepared<'a>, Failure> {
    eprintln!("Preparing: {} …", operation.name);
    let folder = plan.scripts();
    let has_ceiling = place.pgbench().is_some() && !operation.samples.is_empty();
    let mut ceiling = None;
    let mut rival = None;
    if has_ceiling {
        let scripts = capture::scripts(&operation.samples, service, place)?;
        let mut own = Ceiling::new(&folder, operation.name, &scripts)?;
        match operation.clients {
            Some(clients) => own.clients = clients,
            None => own.find_best(place, &plan.clients)?,
        }
        ceiling = Some(own);
        if let Some((name, script)) = rival::of(operation.name, network) {
            let mut other = Ceiling::new(
                &folder,
                &format!("{}-rival", operation.name),
                &[Script::new(script)],
            )?;
            other.find_best(place, &plan.clients)?;
            rival = Some((name, other));
        }
    }
    // What it meets for the first time is not what is measured.
    let warm = Duration::from_millis(500);
    load::run(service.address, &*operation.make, 8, warm, 0)?;
    let results = plan.connections.iter().map(|connections| Measured {
        operation: operation.name,
        connections: *connections,
        clients: ceiling.as_ref().map(|one| clients(one, *connections)),
        rival: rival.as_ref().map(|(name, _)| *name),
        ..Measured::default()
    });
    Ok(Prepared {
        results: results.collect(),
        operation,
        ceiling,
        rival,
    })
}

/// One connection is compared to one client.
fn clients(ceiling: &Ceiling, connections: u16) -> u16 {
    if connections == 1 { 1 } else { ceiling.clients }
}

impl Prepared<'_> {
    fn round(
        &mut self,
        plan: &Plan,
        service: &Service,
        place: &Place,
        round: u16,
    ) -> Result<(), Failure> {
        for result in &mut self.results {
            let before = service.taken(place)?;
            let seed = u64::from(round) << 16 | u64::from(result.connections);
            let phase = load::run(
                service.address,
                &*self.operation.make,
                result.connections,
                plan.phase,
                seed,
            )?;
            let after = service.taken(place)?;
            let thousands = count(phase.latencies.len()) / 1000.0;
            result
                .service
                .push((after.service - before.service) / thousands);
            result
                .database
                .push((after.database - before.database) / thousands);
            result
                .generator
                .push((after.generator - before.generator) / thousands);
            result.add(&phase);
            if let Some(ceiling) = &self.ceiling {
                let clients = clients(ceiling, result.connections);
                let rate = ceiling.rate(place, clients, plan.phase)?;
                result.to_ceiling.push(phase.rate() / rate);
            }
            // Once for all numbers of connections but one is enough to know it.
            if let Some((_, rival)) = self.rival.as_ref().filter(|_| result.connections == 64) {
                let rate = rival.rate(place, rival.clients, plan.phase)?;
                result.to_rival.push(phase.rate() / rate);
            }
        }
        Ok(())
    }
}

impl Measured {
    fn add(&mut self, phase: &Phase) {
        self.rate.push(phase.rate());
        self.p50.push(phase.percentile(50));
        self.p99.push(phase.percentile(99));
        self.failures += phase.failures;
        self.failure = self.failure.or(phase.failure);
    }
}

/// Milliseconds that 95 in 100 searches of each kind take at most in the database, one at a time.
pub fn searches(
    plan: &Plan,
    service: &Service,
    place: &mut Place,
    network: &Network,
) -> Result<Vec<(&'static str, f64)>, Failure> {
    let mut all = Vec::new();
    if place.pgbench().is_none() || !plan.asks("directory search") {
        return Ok(all);
    }
    for (kind, texts) in &network.searches {
        let scripts = capture::scripts(&searched(texts, network), service, place)?;
        let search = Ceiling::new(&plan.scripts(), &format!("search {kind}"), &scripts)?;
        let rounds = (0..plan.rounds).map(|_| search.p95(place, plan.phase));
        all.push((*kind, median(&rounds.collect::<Result<Vec<_>, _>>()?)));
    }
    Ok(all)
}
