//! What keeps the service safe from those who reach it, as far as it can be chosen.

use std::time::Duration;

use crate::http::client_address::TrustedProxies;
use crate::http::cors::Cors;
use crate::http::rate_limit::Rates;

/// What can be chosen.
#[derive(Debug, Clone)]
pub struct Hardening {
    /// The proxies that say where requests come from.
    pub proxies: TrustedProxies,
    /// How often one may come.
    pub rates: Rates,
    /// Which pages may talk to the service.
    pub cors: Cors,
    /// Whether browsers shall come by HTTPS only.
    pub https_only: bool,
    /// How many requests are worked on at the same time.
    pub in_flight: usize,
    /// How many slow bodies may be on their way at the same time: of users, and again of strangers.
    pub arriving: usize,
    /// How many of these may be of one user, or from one address.
    pub arriving_of_one: usize,
    /// How long a handler may take.
    pub handler_timeout: Duration,
    /// How long the head of a request may take to arrive.
    pub header_timeout: Duration,
}

impl Default for Hardening {
    /// As `alumx serve --help` documents it.
    fn default() -> Self {
        Self {
            proxies: TrustedProxies::default(),
            rates: Rates::default(),
            cors: Cors::default(),
            https_only: false,
            in_flight: 1024,
            arriving: 512,
            arriving_of_one: 128,
            handler_timeout: Duration::from_secs(15),
            header_timeout: Duration::from_secs(10),
        }
    }
}
