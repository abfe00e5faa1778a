//! What keeps the service safe from those who reach it, as far as it can be chosen.

use crate::http::client_address::TrustedProxies;
use crate::http::rate_limit::Rates;

/// What can be chosen.
#[derive(Debug, Clone, Default)]
pub struct Hardening {
    /// The proxies that say where requests come from.
    pub proxies: TrustedProxies,
    /// How often one may come.
    pub rates: Rates,
}
