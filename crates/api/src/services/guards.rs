//! What requests pass before they reach a route, some of which routes ask too.

use std::sync::Arc;

use actix_web::web::Data;
use alumx_application::authentication::Authenticator;
use alumx_domain::clock::Clock;
use alumx_infrastructure::db::Freshness;

use super::ServiceOptions;
use crate::hardening::Hardening;
use crate::http::arriving::Arrivals;
use crate::http::client_address::TrustedProxies;
use crate::http::cors::Cors;
use crate::http::draining::Draining;
use crate::http::gate::Gate;
use crate::http::in_flight::InFlight;
use crate::http::rate_limit::RateLimits;
use crate::http::route_table::RouteTable;
use crate::metrics::Metrics;

/// What the gate shares with routes.
#[derive(Clone)]
pub(super) struct Guards {
    pub proxies: Data<TrustedProxies>,
    pub rate_limits: Data<RateLimits>,
    pub cors: Data<Cors>,
    pub draining: Data<Draining>,
}

impl Guards {
    pub fn new(hardening: &Hardening, clock: Arc<dyn Clock>) -> Self {
        Self {
            proxies: Data::new(hardening.proxies.clone()),
            rate_limits: Data::new(RateLimits::new(&hardening.rates, clock)),
            cors: Data::new(hardening.cors.clone()),
            draining: Data::new(Draining::default()),
        }
    }

    /// The gate before these routes.
    pub fn gate(
        &self,
        routes: RouteTable,
        metrics: &Data<Metrics>,
        authenticator: Arc<Authenticator>,
        freshness: Freshness,
        options: &ServiceOptions,
    ) -> Gate {
        let hardening = &options.hardening;
        Gate {
            routes,
            metrics: metrics.clone(),
            proxies: self.proxies.clone(),
            limits: self.rate_limits.clone(),
            in_flight: InFlight::new(hardening.in_flight),
            arrivals: Arrivals::new(hardening.arriving, hardening.arriving_of_one),
            handler_timeout: hardening.handler_timeout,
            body_timeout: options.limits.body_timeout,
            cors: self.cors.clone(),
            https_only: hardening.https_only,
            authenticator,
            freshness,
            draining: self.draining.clone(),
        }
    }
}
