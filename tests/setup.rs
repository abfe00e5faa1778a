//! What tests choose about a service.

use std::time::Duration;

use alumx_api::hardening::Hardening;
use alumx_api::http::rate_limit::Rates;
use alumx_api::realtime::LiveOptions;

use crate::StoreKind;

/// What can be chosen about a service.
#[derive(Clone)]
pub struct Setup {
    /// Whether it tells other instances on its database what happens, and hears them.
    pub bus: bool,
    /// Whether what tells clients fails as soon as something happens.
    pub failing: bool,
    /// What is told live.
    pub live: LiveOptions,
    /// What files are stored in.
    pub store: StoreKind,
    /// What keeps it safe.
    pub hardening: Hardening,
    /// How long it waits for a body, and for more of an upload.
    pub body_timeout: Duration,
    /// How long what it sent may wait for a client to take it.
    pub taken_within: Duration,
    /// How long it waits for all of an upload.
    pub upload_timeout: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            bus: false,
            failing: false,
            store: StoreKind::Folder,
            // Tests come more often than people.
            hardening: unlimited(),
            live: LiveOptions::default(),
            body_timeout: Duration::from_secs(30),
            taken_within: Duration::from_secs(20),
            upload_timeout: Duration::from_mins(5),
        }
    }
}

/// What keeps a service safe, but for limits of how often one may come.
pub fn unlimited() -> Hardening {
    Hardening {
        rates: Rates::off(),
        ..Hardening::default()
    }
}
