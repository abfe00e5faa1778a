//! How long a start takes on a database that is there, and what a service that rests has in memory.

use std::path::Path;
use std::time::{Duration, Instant};

use alumx_api::cli::Failure;

use crate::http::{Asker, request};
use crate::median::median;
use crate::process;
use crate::service::Service;

/// How long it rests before it is looked at.
const REST: Duration = Duration::from_secs(1);

/// What a start takes.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// Seconds until `/readyz` says so.
    pub ready: f64,
    /// Bytes resident at rest.
    pub resident: f64,
}

/// Starts and stops it, some times.
pub fn measure(folder: &Path, rounds: u16) -> Result<Start, Failure> {
    let (mut ready, mut resident) = (Vec::new(), Vec::new());
    let mut question = Vec::new();
    request(&mut question, "GET", "/readyz", "", "");
    for _ in 0..rounds.max(3) {
        let started = Instant::now();
        let service = Service::start(folder)?;
        let mut asker = Asker::new(service.address)?;
        while asker.send(&question)?.0 != 200 {
            std::thread::sleep(Duration::from_millis(5));
        }
        ready.push(started.elapsed().as_secs_f64());
        std::thread::sleep(REST);
        let bytes = process::memory(service.pid(), "VmRSS")?;
        resident.push(crate::load::count(usize::try_from(bytes)?));
    }
    Ok(Start {
        ready: median(&ready),
        resident: median(&resident),
    })
}
