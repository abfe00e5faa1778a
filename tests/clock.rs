//! A clock that the test turns.

use std::sync::{Mutex, MutexGuard, PoisonError};

use alumx_domain::clock::{Clock, Timestamp};
use chrono::TimeDelta;

/// A clock that stands still until the test turns it.
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// Where every test begins.
    pub(crate) fn new() -> Self {
        let now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        Self(Mutex::new(now))
    }

    /// Turns the clock.
    ///
    /// # Panics
    /// If another thread panicked while it turned the clock.
    pub fn advance(&self, by: TimeDelta) {
        *lock(&self.0) += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *lock(&self.0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
