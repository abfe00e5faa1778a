//! The benchmark: each hot operation of the service over HTTP, and right beside it, on the same
//! machine and the same database, what PostgreSQL alone can do.

mod broadcast;
mod capture;
mod ceiling;
mod dice;
mod feed;
mod frame;
mod goals;
mod growth;
mod hear;
mod http;
mod load;
mod measure;
mod median;
mod network;
mod operation;
mod options;
mod place;
mod process;
mod report;
mod rival;
mod script;
mod service;
mod socket;
mod start;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use alumx_api::cli::Failure;
use clap::Parser;

use crate::options::{Options, Plan};
use crate::report::Report;
use crate::service::Service;

/// The service's own: it is this very program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// With this first argument, this program is the service.
const SERVICE: &str = "service";

/// With this first argument, it sends the same bytes to all sockets, and does nothing else.
const BROADCAST: &str = "broadcast";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    match arguments.get(1).and_then(|first| first.to_str()) {
        Some(SERVICE) => alumx_api::cli::run_with(arguments[1..].to_vec()),
        Some(BROADCAST) => ended(broadcast::run()),
        _ => ended(bench(&Options::parse())),
    }
}

fn ended(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("alumx-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, and tells.
fn bench(options: &Options) -> Result<(), Failure> {
    process::allow_files();
    let plan = options.plan();
    let folder = plan.folder(plan.users);
    Service::fill(&folder, plan.users)?;
    let mut report = Report::new(&plan);
    // Whatever goes wrong: what was measured before is told.
    let done = measure_all(&plan, &folder, &mut report);
    print!("{}", report.markdown());
    if let Some(path) = &options.json {
        std::fs::write(path, format!("{:#}\n", report.json()))?;
    }
    done
}

fn measure_all(plan: &Plan, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    if plan.does("start") {
        report.start = Some(start::measure(folder, plan.rounds)?);
    }
    let service = Service::start(folder)?;
    let mut place = service.place()?;
    report.machine = report::Machine::of(&mut place)?;
    if plan.does("operations") || plan.does("sockets") {
        let network = network::Network::explore(&service, &mut place)?;
        if plan.does("operations") {
            let operations = operation::all(&network);
            report.operations =
                measure::measure(plan, &service, &mut place, &operations, &network)?;
            report.searches = measure::searches(plan, &service, &mut place, &network)?;
        }
        if plan.does("sockets") {
            report.sockets = Some(socket::measure(plan, &service, &network)?);
        }
        report.peak_memory = Some(service.peak_memory()?);
    }
    service.stop();
    if plan.does("growth") {
        report.growth = Some(growth::measure(plan)?);
    }
    Ok(())
}
