//! How often one may come: limits by address, by user and by account, each in this process alone.

mod elapsed;
mod places;
mod rate;

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use alumx_domain::account::{Caller, UserId};
use alumx_domain::clock::Clock;
use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::{Quota, RateLimiter};

use self::elapsed::Elapsed;
use self::places::Places;
pub use self::rate::{Limit, Rate, Rates};
use super::Problem;
use super::client_address::ClientAddress;

/// After so many requests, those that came long ago are forgotten.
const FORGET_EVERY: u32 = 4096;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// Those from one address.
    Address(IpAddr),
    /// Those of one user.
    User(UserId),
    /// Those that name one account, whether there is such an account or not: its digest.
    Account(u64),
}

impl Key {
    /// Those from this address. Whoever has one IPv6 address has all of its /64.
    pub fn address(address: ClientAddress) -> Self {
        Self::Address(match address.ip() {
            IpAddr::V6(v6) => {
                let network = u128::from(v6) & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from(network))
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    limit: Limit,
    rate: Rate,
    remaining: u32,
    /// Seconds until there is more, at least 1.
    more_in: u64,
}

impl Standing {
    /// Seconds until there is more, at least 1.
    pub fn more_in(&self) -> u64 {
        self.more_in
    }

    /// Says so to the client (draft-ietf-httpapi-ratelimit-headers).
    pub fn tell(&self, headers: &mut HeaderMap) {
        let Self {
            limit,
            rate,
            remaining,
            more_in,
        } = self;
        let name = limit.name();
        let (quota, window) = (rate.quota(), rate.window().as_secs().max(1));
        for (header, value) in [
            (RATE_LIMIT, format!("\"{name}\";r={remaining};t={more_in}")),
            (
                RATE_LIMIT_POLICY,
                format!("\"{name}\";q={quota};w={window}"),
            ),
        ] {
            // Of several limits, each has its own line of the list.
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.append(header, value);
            }
        }
    }
}

type Limiter = RateLimiter<Key, Places, Elapsed, StateInformationMiddleware>;

/// One limit, and who has come how often.
struct Counted {
    rate: Rate,
    places: Places,
    limiter: Limiter,
    checks: AtomicU32,
}

/// All limits; none if they are switched off.
pub struct RateLimits {
    counted: Option<[Counted; Limit::ALL.len()]>,
    clock: Elapsed,
    digest: RandomState,
}

impl RateLimits {
    /// Nobody has come yet.
    pub fn new(rates: &Rates, clock: Arc<dyn Clock>) -> Self {
        let clock = Elapsed::new(clock);
        let counted = |limit| Counted::new(rates.of(limit), clock.clone());
        Self {
            counted: rates.on.then(|| Limit::ALL.map(counted)),
            clock,
            digest: RandomState::new(),
        }
    }

    /// The key of an account by what somebody calls it, in any letter case. Its username and its
    /// address are counted apart: counted together, they would tell whose address one is.
    pub fn account(&self, identifier: &str) -> Key {
        Key::Account(self.digest.hash_one(identifier.trim().to_lowercase()))
    }

    /// Counts a request; `None` if it is not limited.
    ///
    /// # Errors
    /// 429 if it came too early.
    pub fn check_request(
        &self,
        limit: Limit,
        address: Option<ClientAddress>,
        caller: Option<&Caller>,
    ) -> Result<Option<Standing>, Problem> {
        let key = match caller {
            Some(caller) => Some(Key::User(caller.user)),
            None => address.map(Key::address),
        };
        key.map_or(Ok(None), |key| self.check(limit, key))
    }

    /// Counts one; `None` if nothing is limited.
    ///
    /// # Errors
    /// 429 if it came too early.
    pub fn check(&self, limit: Limit, key: Key) -> Result<Option<Standing>, Problem> {
        let Some(counted) = self.counted(limit) else {
            return Ok(None);
        };
        counted.forget_now_and_then();
        let standing = |remaining, more_in| Standing {
            limit,
            rate: counted.rate,
            remaining,
            more_in: whole_seconds(more_in),
        };
        match counted.limiter.check_key(&key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                Ok(Some(standing(remaining, counted.rate.interval())))
            }
            Err(too_early) => {
                let wait = too_early.wait_time_from(self.clock.now());
                Err(Problem::rate_limited(standing(0, wait)))
            }
        }
    }

    /// Takes back one that was counted.
    pub fn give_back(&self, limit: Limit, key: Key) {
        if let Some(counted) = self.counted(limit) {
            counted.places.give_back(&key, counted.rate.interval());
        }
    }

    fn counted(&self, limit: Limit) -> Option<&Counted> {
        self.counted.as_ref()?.get(limit as usize)
    }
}

impl Counted {
    fn new(rate: Rate, clock: Elapsed) -> Self {
        let places = Places::default();
        let burst = NonZeroU32::new(rate.quota()).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(rate.interval());
        // A rate's window is far longer than nothing.
        let quota = quota.unwrap_or(Quota::per_second(burst)).allow_burst(burst);
        Self {
            rate,
            limiter: Limiter::new(quota, places.clone(), clock),
            places,
            checks: AtomicU32::new(0),
        }
    }

    fn forget_now_and_then(&self) {
        let checks = self.checks.fetch_add(1, Ordering::Relaxed);
        if checks % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    let begun = u64::from(duration.subsec_nanos() > 0);
    (duration.as_secs() + begun).max(1)
}

#[cfg(test)]
mod tests;
