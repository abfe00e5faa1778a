//! Settings that keep the service safe from those who reach it.

use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args};
use ipnet::IpNet;

use super::duration;
use crate::hardening::Hardening;
use crate::http::client_address::{ProxyHeaders, TrustedProxies, network};
use crate::http::cors::{AllowedOrigin, Cors, origin};
use crate::http::rate_limit::{Limit, Rate, Rates};

/// What keeps the service safe from those who reach it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Hardening")]
pub struct HardeningSettings {
    /// Reverse proxies that say where requests come from: addresses or networks (10.0.0.0/8),
    /// comma-separated; from others, what they say is not heard
    #[arg(long, env = "ALUMX_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    /// Which headers these proxies write; the others are what clients claim
    #[arg(long, env = "ALUMX_PROXY_HEADERS", default_value = "x-forwarded")]
    pub proxy_headers: ProxyHeaders,

    /// Origins whose web pages may talk to the service, such as `https://app.example.org`,
    /// comma-separated, or `*` for all [default: only its own]
    #[arg(long, env = "ALUMX_CORS_ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<AllowedOrigin>,

    /// Whether browsers are told to come by HTTPS only, for a year [default: whether the public URL
    /// is an https one]
    #[arg(long, env = "ALUMX_HTTPS_ONLY", action = ArgAction::Set)]
    pub https_only: Option<bool>,

    /// Requests worked on at the same time; beyond that, 503
    #[arg(long, env = "ALUMX_MAX_IN_FLIGHT", default_value_t = 1024,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_in_flight: u32,

    /// Bodies that may be on their way to it at the same time, if they don't come with their head:
    /// so many of users, and so many of strangers; beyond that, 503
    #[arg(long, env = "ALUMX_MAX_ARRIVING", default_value_t = 512,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_arriving: u32,

    /// Those of one user, or from one address; beyond that, 429
    #[arg(long, env = "ALUMX_MAX_ARRIVING_OF_ONE", default_value_t = 128,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_arriving_of_one: u32,

    /// How long a request may be worked on, files aside; a body has its own time besides
    #[arg(long, env = "ALUMX_HANDLER_TIMEOUT", default_value = "15s", value_parser = duration)]
    pub handler_timeout: Duration,

    /// How long the head of a request may take to arrive
    #[arg(long, env = "ALUMX_HEADER_TIMEOUT", default_value = "10s", value_parser = duration)]
    pub header_timeout: Duration,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields have them")]
    pub rates: RateSettings,
}

/// How often one may come: so many in so much time, such as `300/1m`.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Rate limits (how many/in which time)")]
pub struct RateSettings {
    /// Whether anything is limited: on or off
    #[arg(long, env = "ALUMX_RATE_LIMITS", default_value = "on", action = ArgAction::Set,
          value_parser = BoolishValueParser::new())]
    pub rate_limits: bool,

    /// New accounts, by address
    #[arg(long, env = "ALUMX_LIMIT_REGISTER", default_value_t = Limit::Register.usual())]
    pub limit_register: Rate,

    /// Sign-ins, by address
    #[arg(long, env = "ALUMX_LIMIT_LOGIN", default_value_t = Limit::Login.usual())]
    pub limit_login: Rate,

    /// Exchanges of tokens, by address
    #[arg(long, env = "ALUMX_LIMIT_REFRESH", default_value_t = Limit::Refresh.usual())]
    pub limit_refresh: Rate,

    /// Wrong passwords, by account
    #[arg(long, env = "ALUMX_LIMIT_FAILED_LOGIN", default_value_t = Limit::FailedLogin.usual())]
    pub limit_failed_login: Rate,

    /// Reading, by user
    #[arg(long, env = "ALUMX_LIMIT_READ", default_value_t = Limit::Read.usual())]
    pub limit_read: Rate,

    /// Writing, by user
    #[arg(long, env = "ALUMX_LIMIT_WRITE", default_value_t = Limit::Write.usual())]
    pub limit_write: Rate,

    /// Files, by user
    #[arg(long, env = "ALUMX_LIMIT_UPLOAD", default_value_t = Limit::Upload.usual())]
    pub limit_upload: Rate,

    /// Uploaded images seen, by address
    #[arg(long, env = "ALUMX_LIMIT_IMAGE", default_value_t = Limit::Image.usual())]
    pub limit_image: Rate,

    /// Sockets opened, by address
    #[arg(long, env = "ALUMX_LIMIT_SOCKET", default_value_t = Limit::Socket.usual())]
    pub limit_socket: Rate,

    /// Sockets opened with the token in the header, by user
    #[arg(long, env = "ALUMX_LIMIT_USER_SOCKET", default_value_t = Limit::UserSocket.usual())]
    pub limit_user_socket: Rate,
}

impl RateSettings {
    fn rates(&self) -> Rates {
        let rates = if self.rate_limits {
            Rates::default()
        } else {
            Rates::off()
        };
        rates
            .with(Limit::Register, self.limit_register)
            .with(Limit::Login, self.limit_login)
            .with(Limit::Refresh, self.limit_refresh)
            .with(Limit::FailedLogin, self.limit_failed_login)
            .with(Limit::Read, self.limit_read)
            .with(Limit::Write, self.limit_write)
            .with(Limit::Upload, self.limit_upload)
            .with(Limit::Image, self.limit_image)
            .with(Limit::Socket, self.limit_socket)
            .with(Limit::UserSocket, self.limit_user_socket)
    }
}

impl HardeningSettings {
    /// What they choose for a service that is reached at this URL.
    pub fn options(&self, public_url: Option<&str>) -> Hardening {
        let networks = self.trusted_proxies.iter().copied();
        let https = public_url.is_some_and(|url| url.starts_with("https://"));
        Hardening {
            proxies: TrustedProxies::new(networks, self.proxy_headers),
            rates: self.rates.rates(),
            cors: Cors::new(self.cors_origins.iter().cloned()),
            https_only: self.https_only.unwrap_or(https),
            in_flight: count(self.max_in_flight),
            arriving: count(self.max_arriving),
            arriving_of_one: count(self.max_arriving_of_one),
            handler_timeout: self.handler_timeout,
            header_timeout: self.header_timeout,
        }
    }
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
