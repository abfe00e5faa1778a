//! Where a request comes from, and under which name the service was reached. A proxy that is
//! trusted may say so; from anybody else it is a claim, and not heard.

use std::net::IpAddr;

use actix_web::dev::RequestHead;
use actix_web::http::header::{
    FORWARDED, HOST, HeaderMap, HeaderName, X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO,
};
use actix_web::http::uri::Authority;
use clap::ValueEnum;
use ipnet::IpNet;

use super::forwarded;

/// The address of whoever makes a request. An IPv4 address that came over an IPv6 socket is an
/// IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// This address.
    pub fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// The address itself.
    pub fn ip(self) -> IpAddr {
        self.0
    }
}

/// Which headers the proxies write. Only these are read: a proxy passes on what it doesn't write
/// just as the client sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ProxyHeaders {
    /// `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The proxies that are believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    headers: ProxyHeaders,
}

/// What a proxy says of the request that it got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hop {
    /// Who sent it; `None` if it hides that, or what it says can't be read.
    pub address: Option<IpAddr>,
    /// `http` or `https`.
    pub scheme: Option<&'static str>,
    /// The host that was asked for.
    pub host: Option<String>,
}

impl TrustedProxies {
    /// The proxies in these networks, which write these headers.
    pub fn new(networks: impl IntoIterator<Item = IpNet>, headers: ProxyHeaders) -> Self {
        let networks = networks.into_iter().map(canonical).collect();
        Self { networks, headers }
    }

    /// Who sent the request: the peer, or whoever the trusted proxies in front of it name.
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let peer = ClientAddress::new(peer);
        let named = self.client_hop(peer, headers);
        let named = named.and_then(|(_, hop)| hop.address);
        named.map_or(peer, ClientAddress::new)
    }

    /// Scheme and host that the client reached the service under.
    pub fn origin(&self, request: &RequestHead, own: &str) -> String {
        let headers = request.headers();
        let peer = request.peer_addr.map(|peer| ClientAddress::new(peer.ip()));
        let hop = peer.and_then(|peer| self.client_hop(peer, headers));
        let (scheme, host) = match (self.headers, hop) {
            (_, None) => (None, None),
            (ProxyHeaders::Forwarded, Some((_, hop))) => (hop.scheme, hop.host),
            (ProxyHeaders::XForwarded, Some((far, _))) => (
                listed(headers, &X_FORWARDED_PROTO, far).and_then(|text| scheme(&text)),
                listed(headers, &X_FORWARDED_HOST, far).filter(|text| is_host(text)),
            ),
        };
        let asked = || {
            let host = headers.get(HOST)?.to_str().ok()?;
            is_host(host).then(|| host.to_owned())
        };
        let host = host.or_else(asked).unwrap_or_else(|| own.to_owned());
        format!("{}://{host}", scheme.unwrap_or("http"))
    }

    /// Whether this is the address of one of them.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }

    /// What is said of the client, and by which proxy, counted from 0 for the nearest: the walk
    /// goes from proxy to proxy while they are trusted, and ends before what can't be read.
    fn client_hop(&self, peer: ClientAddress, headers: &HeaderMap) -> Option<(usize, Hop)> {
        if !self.trusts(peer.ip()) {
            return None;
        }
        let mut client = None;
        for (far, hop) in self.hops(headers).into_iter().enumerate() {
            let Some(address) = hop.address else { break };
            client = Some((far, hop));
            if !self.trusts(address) {
                break;
            }
        }
        client
    }

    /// What the proxies say, the nearest first.
    fn hops(&self, headers: &HeaderMap) -> Vec<Hop> {
        match self.headers {
            ProxyHeaders::Forwarded => lines(headers, &FORWARDED)
                .into_iter()
                .flat_map(|line| match line.and_then(forwarded::hops) {
                    Some(hops) => hops,
                    // Of a line that can't be read nobody knows where an entry begins.
                    None => vec![Hop::default()],
                })
                .collect(),
            ProxyHeaders::XForwarded => lines(headers, &X_FORWARDED_FOR)
                .into_iter()
                .flat_map(|line| line.unwrap_or_default().rsplit(','))
                .map(|text| Hop {
                    address: address(text.trim()),
                    ..Hop::default()
                })
                .collect(),
        }
    }
}

/// The network as addresses are compared with it: without the IPv6 form of IPv4.
fn canonical(network: IpNet) -> IpNet {
    let address = network.addr().to_canonical();
    let shorter = network.addr().is_ipv6() && address.is_ipv4();
    let length = network.prefix_len();
    if !shorter || length < 96 {
        return network;
    }
    IpNet::new(address, length - 96).unwrap_or(network)
}

/// The lines of a header, the last first: that is the one that the nearest proxy wrote.
fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<Option<&'a str>> {
    let lines = headers.get_all(name).map(|line| line.to_str().ok());
    let mut lines: Vec<_> = lines.collect();
    lines.reverse();
    lines
}

/// The entry of a list that the proxy so far away wrote, or the first one, if each replaces what
/// the one before it wrote.
fn listed(headers: &HeaderMap, name: &HeaderName, far: usize) -> Option<String> {
    let lines = lines(headers, name);
    let mut entries = lines
        .iter()
        .flat_map(|line| line.unwrap_or_default().rsplit(','));
    let first = entries.next()?;
    let entry = match far {
        0 => first,
        far => entries.nth(far - 1).unwrap_or(first),
    };
    Some(entry.trim().to_owned())
}

/// An address as proxies write it: with or without a port, an IPv6 address with or without
/// brackets.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']');
    let with_port = || text.parse::<std::net::SocketAddr>().ok();
    let address = bare().map_or_else(|| text.parse().ok(), |v6| v6.parse().ok().map(IpAddr::V6));
    let address = address.or_else(|| with_port().map(|address| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// A scheme under which the service may be reached.
pub(super) fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"]
        .into_iter()
        .find(|scheme| text.eq_ignore_ascii_case(scheme))
}

/// Whether this is a host, with or without a port, and nothing else.
pub(super) fn is_host(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    let authority = text.parse::<Authority>();
    text.len() <= 255
        && text.bytes().all(plain)
        && authority.is_ok_and(|authority| !authority.host().is_empty())
}

/// A network in CIDR notation, or a single address.
///
/// # Errors
/// What was expected.
pub fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let network = text.parse().ok();
    network
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
        .ok_or_else(|| {
            "expected an address such as 10.0.0.7 or a network such as 10.0.0.0/8".to_owned()
        })
}

#[cfg(test)]
#[path = "client_address_tests.rs"]
mod tests;
