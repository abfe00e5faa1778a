//! What can be chosen about the service itself.

use std::time::Duration;

use alumx_application::account::TokenLifetimes;
use chrono::TimeDelta;

use crate::hardening::Hardening;
use crate::http::extract::RequestLimits;
use crate::http::public_url::PublicUrl;
use crate::realtime::LiveOptions;

/// What can be chosen about the service itself.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// How long tokens live.
    pub lifetimes: TokenLifetimes,
    /// How many passwords are hashed at the same time.
    pub password_hashers: usize,
    /// How many resumes are typeset at the same time.
    pub typesetters: usize,
    /// Limits of requests.
    pub limits: RequestLimits,
    /// What is told live.
    pub live: LiveOptions,
    /// What keeps it safe.
    pub hardening: Hardening,
    /// Where clients reach the service.
    pub public_url: PublicUrl,
}

impl Default for ServiceOptions {
    /// As `alumx serve --help` documents them, with one password hashed and one resume typeset at a time.
    fn default() -> Self {
        Self {
            lifetimes: TokenLifetimes {
                access: TimeDelta::minutes(15),
                refresh: TimeDelta::days(30),
            },
            password_hashers: 1,
            typesetters: 1,
            limits: RequestLimits {
                json_body: 262_144,
                body_timeout: Duration::from_secs(30),
                upload_timeout: Duration::from_mins(5),
            },
            hardening: Hardening::default(),
            public_url: PublicUrl::default(),
            live: LiveOptions::default(),
        }
    }
}
