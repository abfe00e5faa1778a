//! Time for limits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alumx_domain::clock::{Clock, Timestamp};
use governor::nanos::Nanos;

/// How much time went by, by the service's clock. That one may be set: back is no time, so that
/// nobody waits for an hour to come again.
#[derive(Clone)]
pub(super) struct Elapsed {
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<(Timestamp, Duration)>>,
}

impl Elapsed {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let seen = (clock.now(), Duration::ZERO);
        Self {
            clock,
            seen: Arc::new(Mutex::new(seen)),
        }
    }
}

impl governor::clock::Clock for Elapsed {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let now = self.clock.now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, elapsed) = *seen;
        let elapsed = elapsed + (now - last).to_std().unwrap_or_default();
        *seen = (now, elapsed);
        elapsed.into()
    }
}
