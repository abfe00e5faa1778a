//! Settings that keep the service safe from those who reach it.

use clap::Args;
use ipnet::IpNet;

use crate::hardening::Hardening;
use crate::http::client_address::{ProxyHeaders, TrustedProxies, network};

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
}

impl HardeningSettings {
    /// What they choose.
    pub fn options(&self) -> Hardening {
        let networks = self.trusted_proxies.iter().copied();
        Hardening {
            proxies: TrustedProxies::new(networks, self.proxy_headers),
        }
    }
}
