use std::net::SocketAddr;

use actix_web::http::header::HeaderValue;
use actix_web::test::TestRequest;

use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn proxies(headers: ProxyHeaders) -> TrustedProxies {
    let networks = ["10.0.0.0/8", "2001:db8:ff::/48", "::ffff:192.0.2.0/120"];
    TrustedProxies::new(networks.map(|text| network(text).unwrap()), headers)
}

/// Who sent a request that came from the proxy 10.0.0.1 with these lines.
fn told(headers: ProxyHeaders, lines: &[&str]) -> IpAddr {
    let name = match headers {
        ProxyHeaders::XForwarded => X_FORWARDED_FOR,
        ProxyHeaders::Forwarded => FORWARDED,
    };
    let mut map = HeaderMap::new();
    for line in lines {
        map.append(
            name.clone(),
            HeaderValue::from_bytes(line.as_bytes()).unwrap(),
        );
    }
    proxies(headers).client_address(ip("10.0.0.1"), &map).ip()
}

#[test]
fn nobody_but_a_trusted_proxy_is_believed() {
    let mut headers = HeaderMap::new();
    headers.insert(X_FORWARDED_FOR, HeaderValue::from_static("203.0.113.9"));
    let from = |peer: &str, headers: &HeaderMap| {
        proxies(ProxyHeaders::XForwarded)
            .client_address(ip(peer), headers)
            .ip()
    };

    for stranger in ["198.51.100.1", "11.0.0.1", "2001:db8::1"] {
        assert_eq!(from(stranger, &headers), ip(stranger));
    }
    for proxy in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8:ff::1", "192.0.2.9"] {
        assert_eq!(from(proxy, &headers), ip("203.0.113.9"), "{proxy}");
    }
    assert_eq!(from("::ffff:198.51.100.1", &headers), ip("198.51.100.1"));
    let none = TrustedProxies::default().client_address(ip("10.0.0.1"), &headers);
    assert_eq!(none.ip(), ip("10.0.0.1"));
}

#[test]
fn the_nearest_address_that_is_no_proxy_is_the_clients() {
    for (lines, client) in [
        (&["203.0.113.9"][..], "203.0.113.9"),
        (&["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (&["198.51.100.1, 203.0.113.9 , 10.9.9.9"], "203.0.113.9"),
        (&["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        (
            &["198.51.100.1, 203.0.113.9", "10.2.2.2,10.3.3.3"],
            "203.0.113.9",
        ),
        (&["203.0.113.9:4711"], "203.0.113.9"),
        (&["2001:db8::7"], "2001:db8::7"),
        (&["[2001:db8::7]:4711"], "2001:db8::7"),
        (&["[2001:db8::7]"], "2001:db8::7"),
        (&["::ffff:203.0.113.9"], "203.0.113.9"),
        // All of them are proxies: the first one asked by itself.
        (&["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
        (&[], "10.0.0.1"),
    ] {
        assert_eq!(
            told(ProxyHeaders::XForwarded, lines),
            ip(client),
            "{lines:?}"
        );
    }
}

#[test]
fn what_cannot_be_read_ends_the_walk_at_the_proxy_that_said_it() {
    for (line, client) in [
        ("", "10.0.0.1"),
        (",", "10.0.0.1"),
        ("203.0.113.9,", "10.0.0.1"),
        ("203.0.113.9, unknown", "10.0.0.1"),
        ("203.0.113.9, unknown, 10.2.2.2", "10.2.2.2"),
        ("203.0.113.9, 10.2.2", "10.0.0.1"),
        ("203.0.113.9, 10.2.2.2:99999", "10.0.0.1"),
        ("203.0.113.9, [10.2.2.2]", "10.0.0.1"),
        ("203.0.113.9, 10.2.2.2]", "10.0.0.1"),
        ("203.0.113.9, 010.002.002.002", "10.0.0.1"),
        ("203.0.113.9, 0x0a000001", "10.0.0.1"),
        ("203.0.113.9, fe80::1%eth0", "10.0.0.1"),
        ("203.0.113.9 198.51.100.1", "10.0.0.1"),
        ("203.0.113.9, ä", "10.0.0.1"),
    ] {
        assert_eq!(
            told(ProxyHeaders::XForwarded, &[line]),
            ip(client),
            "{line}"
        );
    }
}

#[test]
fn forwarded_is_read_as_its_rfc_says() {
    for (lines, client) in [
        (&["for=203.0.113.9"][..], "203.0.113.9"),
        (
            &["For=203.0.113.9;proto=http;by=203.0.113.43"],
            "203.0.113.9",
        ),
        (
            &["by=203.0.113.43 ; proto=http; FOR=\"203.0.113.9:80\""],
            "203.0.113.9",
        ),
        (&["for=\"[2001:db8::7]:4711\""], "2001:db8::7"),
        (
            &["for=198.51.100.1, for=203.0.113.9, for=10.2.2.2"],
            "203.0.113.9",
        ),
        (&["for=198.51.100.1", "for=203.0.113.9"], "203.0.113.9"),
        (&["for=\"203.0.113.\\9\""], "203.0.113.9"),
        (
            &["secret=\"a,b;for=1.1.1.1\\\"\";for=203.0.113.9"],
            "203.0.113.9",
        ),
        (&[";;for=203.0.113.9;"], "203.0.113.9"),
    ] {
        assert_eq!(
            told(ProxyHeaders::Forwarded, lines),
            ip(client),
            "{lines:?}"
        );
    }
}

#[test]
fn what_a_client_began_never_swallows_what_the_proxy_added() {
    for (line, client) in [
        // The client's part first, an open quote at its end.
        ("for=6.6.6.6;x=\", for=203.0.113.9", "10.0.0.1"),
        ("for=6.6.6.6;x=\", for=\"[2001:db8::7]\"", "10.0.0.1"),
        ("for=6.6.6.6;x=\"\\, for=\"[2001:db8::7]\"", "10.0.0.1"),
        ("for=6.6.6.6, for=unknown", "10.0.0.1"),
        ("for=6.6.6.6, for=_hidden, for=10.2.2.2", "10.2.2.2"),
        ("for=6.6.6.6,", "10.0.0.1"),
        ("for=6.6.6.6, proto=https", "10.0.0.1"),
        ("for=6.6.6.6, 10.2.2.2", "10.0.0.1"),
        ("for=6.6.6.6 for=10.2.2.2", "10.0.0.1"),
        ("for=\"6.6.6.6\"x", "10.0.0.1"),
        ("for=", "10.0.0.1"),
        ("=", "10.0.0.1"),
        ("ä", "10.0.0.1"),
        ("for=\"ä\\", "10.0.0.1"),
        ("", "10.0.0.1"),
    ] {
        assert_eq!(told(ProxyHeaders::Forwarded, &[line]), ip(client), "{line}");
    }
    // A line by itself is the client's own.
    let two = ["for=6.6.6.6;x=\"", "for=203.0.113.9"];
    assert_eq!(told(ProxyHeaders::Forwarded, &two), ip("203.0.113.9"));
}

/// Under which name a request reached the service.
fn origin(peer: &str, proxies: &TrustedProxies, headers: &[(&'static str, &str)]) -> String {
    let mut request = TestRequest::get().peer_addr(SocketAddr::new(ip(peer), 1));
    for header in headers {
        request = request.append_header(*header);
    }
    proxies.origin(request.to_http_request().head(), "own:1")
}

#[test]
fn only_a_trusted_proxy_says_under_which_name_the_service_was_reached() {
    let claim = [
        ("host", "alumx.example.org:8080"),
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil.example"),
        (
            "forwarded",
            "for=203.0.113.9;host=worse.example;proto=https",
        ),
    ];
    let plain = proxies(ProxyHeaders::XForwarded);
    let standard = proxies(ProxyHeaders::Forwarded);

    assert_eq!(
        origin("198.51.100.1", &plain, &claim),
        "http://alumx.example.org:8080"
    );
    assert_eq!(
        origin("198.51.100.1", &standard, &claim),
        "http://alumx.example.org:8080"
    );
    assert_eq!(origin("10.0.0.1", &plain, &claim), "https://evil.example");
    assert_eq!(
        origin("10.0.0.1", &standard, &claim),
        "https://worse.example"
    );
}

#[test]
fn the_name_is_the_one_that_the_client_used_with_the_outermost_proxy() {
    let plain = proxies(ProxyHeaders::XForwarded);
    let two = [
        ("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.2.2.2"),
        ("x-forwarded-proto", "ftp, https, http"),
        ("x-forwarded-host", "evil.example, outer.example, inner"),
    ];
    let replaced = [
        ("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.2.2.2"),
        ("x-forwarded-proto", "HTTPS"),
        ("host", "outer.example"),
    ];

    assert_eq!(origin("10.0.0.1", &plain, &two), "https://outer.example");
    assert_eq!(
        origin("10.0.0.1", &plain, &replaced),
        "https://outer.example"
    );
}

#[test]
fn what_is_no_host_is_not_taken_for_one() {
    let none = TrustedProxies::default();
    let asked = |host: &str| origin("198.51.100.1", &none, &[("host", host)]);

    for host in [
        "alumx.example.org",
        "127.0.0.1:8080",
        "[::1]:8080",
        "localhost",
    ] {
        assert_eq!(asked(host), format!("http://{host}"));
    }
    let long = "x".repeat(256);
    for host in [
        "", "a b", "a/b", "a@b", "a?b", "a#b", "a\"b", "a<b", "a,b", ":80", "[::1", &long,
    ] {
        assert_eq!(asked(host), "http://own:1", "{host}");
    }
}

#[test]
fn a_network_is_one_in_cidr_notation_or_an_address() {
    assert_eq!(network("10.0.0.7").unwrap().to_string(), "10.0.0.7/32");
    assert_eq!(network(" ::1 ").unwrap().to_string(), "::1/128");
    for wrong in [
        "",
        "10.0.0.0/33",
        "10.0.0",
        "example.org",
        "::/129",
        "10.0.0.0/8/8",
    ] {
        assert!(
            network(wrong).unwrap_err().contains("10.0.0.0/8"),
            "{wrong}"
        );
    }
}
