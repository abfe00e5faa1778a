//! The time between the wish to stop and the stop.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the service is about to stop. From then on it says that it isn't ready, and has clients
/// open no second request on a connection, while it goes on answering whoever still comes.
#[derive(Debug, Default)]
pub struct Draining(AtomicBool);

impl Draining {
    /// It will stop.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it will.
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
