//! The statements that a request makes the service execute, caught in the server's log.

use std::time::Duration;

use alumx_api::cli::Failure;

use crate::http::Asker;
use crate::operation::Sample;
use crate::place::Place;
use crate::script::{Script, executed, script};
use crate::service::Service;

/// How long the server's processes may take to be told what to log.
const TOLD: Duration = Duration::from_millis(200);

/// How long statements may follow after the answer.
const AFTER: Duration = Duration::from_millis(60);

/// The scripts of these requests, each caught once it is known to the service's caches.
pub fn scripts(
    samples: &[Sample],
    service: &Service,
    place: &mut Place,
) -> Result<Vec<Script>, Failure> {
    place.run("ALTER SYSTEM SET log_statement = 'all'")?;
    let caught = reload(place).and_then(|()| {
        let all = samples.iter().enumerate();
        all.map(|(n, sample)| caught(&format!("given{n}"), sample, service, place))
            .collect()
    });
    // Whatever has happened: it must not log on.
    place.run("ALTER SYSTEM RESET log_statement")?;
    reload(place)?;
    caught
}

fn reload(place: &mut Place) -> Result<(), Failure> {
    place.run("SELECT pg_reload_conf()")?;
    std::thread::sleep(TOLD);
    Ok(())
}

fn caught(
    name: &str,
    sample: &Sample,
    service: &Service,
    place: &Place,
) -> Result<Script, Failure> {
    let mut asker = Asker::new(service.address)?;
    asker.send(&sample.before)?;
    std::thread::sleep(AFTER);
    let (_, from) = place.log(0)?;
    let (status, answer) = asker.send(&sample.request)?;
    if !(200..300).contains(&status) {
        let answer = String::from_utf8_lossy(&answer);
        return Err(format!("the request to catch statements of: {status} {answer}").into());
    }
    std::thread::sleep(AFTER);
    let (log, _) = place.log(from)?;
    let statements = executed(&log);
    if statements.is_empty() {
        return Err("no statement was caught in the server's log".into());
    }
    Ok(script(name, &statements, &sample.varied))
}
