//! The bus between the instances of the service.

use std::sync::Arc;

use alumx_application::realtime::EventBus;
use alumx_infrastructure::event_bus::{InProcessBus, NatsBus, NatsError, PostgresBus};

use super::Failure;
use super::database::Database;
use crate::settings::{BusKind, DatabaseSettings, LiveSettings};

/// Which bus is meant: what is not said follows from what is there.
fn kind(live: &LiveSettings, database: &DatabaseSettings) -> BusKind {
    live.event_bus.unwrap_or_else(|| {
        if live.nats_url.is_some() {
            BusKind::Nats
        } else if database.database_url.is_some() {
            BusKind::Postgres
        } else {
            BusKind::InProcess
        }
    })
}

/// Opens the bus.
pub fn open(
    live: &LiveSettings,
    settings: &DatabaseSettings,
    database: &Database,
) -> Result<Arc<dyn EventBus>, Failure> {
    Ok(match kind(live, settings) {
        BusKind::InProcess => Arc::new(InProcessBus::new()),
        BusKind::Postgres => Arc::new(PostgresBus::start(database.url())?),
        BusKind::Nats => {
            let url = live.nats_url.as_ref();
            let url = url.ok_or("setting `event_bus`: `nats` needs `nats_url` (ALUMX_NATS_URL)")?;
            let bus = NatsBus::start(url, &live.nats_subject);
            let bus = bus.map_err(|error| told(&error, live))?;
            Arc::new(bus)
        }
    })
}

/// A wrong setting is told before anything is started.
pub fn check(live: &LiveSettings) -> Result<(), Failure> {
    let Some(url) = &live.nats_url else {
        return Ok(());
    };
    let checked = NatsBus::check(url, &live.nats_subject);
    checked.map(drop).map_err(|error| told(&error, live))
}

fn told(error: &NatsError, live: &LiveSettings) -> Failure {
    match error {
        NatsError::InvalidUrl => format!("setting `nats_url`: {error}").into(),
        NatsError::InvalidSubject => {
            format!("setting `nats_subject`: '{}': {error}", live.nats_subject).into()
        }
        NatsError::Io(_) => error.to_string().into(),
    }
}
