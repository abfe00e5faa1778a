use std::sync::Mutex;

use alumx_domain::clock::Timestamp;
use chrono::TimeDelta;
use governor::state::keyed::ShrinkableKeyedStateStore;

use super::places::KEYS_PER_SHARD;
use super::*;
use crate::http::route_table::{limit, operations};

struct Turned(Mutex<Timestamp>);

impl Turned {
    fn new() -> Arc<Self> {
        let now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
        Arc::new(Self(Mutex::new(now)))
    }

    fn turn(&self, seconds: i64) {
        *self.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }
}

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Three sign-ins a minute.
fn three(clock: &Arc<Turned>) -> RateLimits {
    let rates = Rates::default().with(Limit::Login, "3/1m".parse().unwrap());
    RateLimits::new(&rates, clock.clone())
}

fn from(address: &str) -> Key {
    Key::address(ClientAddress::new(address.parse().unwrap()))
}

/// How many of ten are let through.
fn passed(limits: &RateLimits, key: Key) -> usize {
    (0..10)
        .filter(|_| limits.check(Limit::Login, key).is_ok())
        .count()
}

#[test]
fn so_many_at_once_and_then_one_after_another() {
    let clock = Turned::new();
    let limits = three(&clock);
    let ada = from("203.0.113.1");

    assert_eq!(passed(&limits, ada), 3);
    clock.turn(19);
    assert_eq!(passed(&limits, ada), 0);
    clock.turn(1);
    assert_eq!(passed(&limits, ada), 1);
    clock.turn(40);
    assert_eq!(passed(&limits, ada), 2);
    clock.turn(3600);
    assert_eq!(passed(&limits, ada), 3);
}

#[test]
fn everybody_is_counted_alone_and_everything_too() {
    let limits = three(&Turned::new());
    let users = [1, 2].map(|id| Key::User(UserId::try_from(id).unwrap()));
    let keys = [
        from("203.0.113.1"),
        from("203.0.113.2"),
        users[0],
        users[1],
        limits.account("ada"),
    ];

    for key in keys {
        assert_eq!(passed(&limits, key), 3, "{key:?}");
        assert!(limits.check(Limit::Read, key).is_ok());
    }
}

#[test]
fn an_ipv6_address_is_its_network_and_an_ipv4_address_is_itself() {
    assert_eq!(
        from("2001:db8:0:1::1"),
        from("2001:db8:0:1:ffff:ffff:ffff:ffff")
    );
    assert_ne!(from("2001:db8:0:1::1"), from("2001:db8:0:2::1"));
    assert_eq!(from("::ffff:203.0.113.1"), from("203.0.113.1"));
    assert_ne!(from("203.0.113.1"), from("203.0.113.2"));
}

#[test]
fn an_account_is_one_in_any_letter_case() {
    let limits = three(&Turned::new());

    assert_eq!(
        limits.account(" Ada@Example.org"),
        limits.account("ada@example.org")
    );
    assert_ne!(limits.account("ada"), limits.account("adb"));
}

#[test]
fn what_was_given_back_was_never_taken() {
    let limits = three(&Turned::new());
    let ada = from("203.0.113.1");

    for _ in 0..10 {
        assert!(limits.check(Limit::Login, ada).is_ok());
        limits.give_back(Limit::Login, ada);
    }
    assert_eq!(passed(&limits, ada), 3);
    limits.give_back(Limit::Login, ada);
    assert_eq!(passed(&limits, ada), 1);
    limits.give_back(Limit::Login, from("203.0.113.2"));
}

#[test]
fn what_is_left_is_told() {
    let clock = Turned::new();
    let limits = three(&clock);
    let ada = from("203.0.113.1");
    let told = |standing: Standing| {
        let mut headers = HeaderMap::new();
        standing.tell(&mut headers);
        let text = |name| headers.get(name).unwrap().to_str().unwrap().to_owned();
        (text(RATE_LIMIT), text(RATE_LIMIT_POLICY))
    };

    let first = limits.check(Limit::Login, ada).unwrap().unwrap();
    assert_eq!(
        told(first),
        ("\"login\";r=2;t=20".into(), "\"login\";q=3;w=60".into())
    );
    passed(&limits, ada);
    clock.turn(5);
    let problem = limits.check(Limit::Login, ada).unwrap_err();
    let response = problem.respond("id");
    assert_eq!(response.status(), 429);
    let header = |name| {
        response
            .headers()
            .get(name)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(header("retry-after"), "15");
    assert_eq!(header("ratelimit"), "\"login\";r=0;t=15");
}

#[test]
fn a_clock_that_is_set_back_stops_nobody() {
    let clock = Turned::new();
    let limits = three(&clock);
    let ada = from("203.0.113.1");

    assert_eq!(passed(&limits, ada), 3);
    clock.turn(-7200);
    assert_eq!(passed(&limits, ada), 0);
    clock.turn(20);
    assert_eq!(passed(&limits, ada), 1);
}

#[test]
fn switched_off_nothing_is_limited() {
    let limits = RateLimits::new(&Rates::off(), Turned::new());

    assert_eq!(passed(&limits, from("203.0.113.1")), 10);
    assert_eq!(
        limits.check(Limit::Login, from("203.0.113.1")).unwrap(),
        None
    );
}

#[test]
fn a_flood_from_many_addresses_takes_bounded_memory_and_is_forgotten() {
    let clock = Turned::new();
    let limits = three(&clock);
    let flood = |from: u32, to: u32| {
        for number in from..to {
            let address = IpAddr::V4(number.into());
            limits.check(Limit::Login, Key::Address(address)).unwrap();
        }
    };
    let remembered = || limits.counted(Limit::Login).unwrap().places.len();

    flood(0, 100_000);
    assert!(
        (50_000..=16 * KEYS_PER_SHARD).contains(&remembered()),
        "{}",
        remembered()
    );
    clock.turn(3600);
    flood(100_000, 110_000);
    assert!(remembered() < 20_000, "{}", remembered());
}

#[test]
fn a_rate_is_how_many_in_which_time() {
    for (text, quota, seconds, shown) in [
        ("300/1m", 300, 60, "300/1m"),
        (" 1 / 90s ", 1, 90, "1/1m 30s"),
        ("1000000/1day", 1_000_000, 86_400, "1000000/1day"),
    ] {
        let rate: Rate = text.parse().unwrap();
        assert_eq!(
            (rate.quota(), rate.window()),
            (quota, Duration::from_secs(seconds))
        );
        assert_eq!(rate.to_string(), shown);
    }
    for wrong in [
        "",
        "1",
        "/",
        "0/1m",
        "1/0s",
        "1/999ms",
        "1000001/1m",
        "1/2days",
        "-1/1m",
        "x/1m",
        "1/m",
        "1.5/1m",
    ] {
        assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
    }
}

#[test]
fn the_usual_rates_can_be_read_as_they_are_shown() {
    for (position, limit) in Limit::ALL.into_iter().enumerate() {
        let usual = limit.usual();
        assert_eq!(usual.to_string().parse(), Ok(usual));
        assert_eq!(limit as usize, position);
        assert_eq!(Rates::default().of(limit), usual);
    }
}

/// Which limit every documented route has.
fn limits_of_routes() -> Vec<(String, bool, Option<Limit>)> {
    let document = crate::openapi::document();
    let paths = document.paths.paths.iter();
    paths
        .flat_map(|(path, item)| {
            operations(item).map(move |(method, operation)| {
                let public = operation.security.is_some();
                let limit = limit(method, path, operation);
                (format!("{method} {path}"), public, limit)
            })
        })
        .collect()
}

#[test]
fn every_documented_route_has_a_limit_but_these() {
    let unlimited = limits_of_routes()
        .into_iter()
        .filter(|(_, _, limit)| limit.is_none());
    let mut unlimited: Vec<_> = unlimited.map(|(route, ..)| route).collect();
    unlimited.sort();

    assert_eq!(
        unlimited,
        [
            "GET /api/v1/asyncapi.json",
            "GET /api/v1/openapi.json",
            "GET /healthz",
            "GET /metrics",
            "GET /readyz",
        ]
    );
}

#[test]
fn every_limit_is_one_of_routes_of_its_kind() {
    for (route, public, limit) in limits_of_routes() {
        let Some(limit) = limit else { continue };
        let by_user = matches!(limit, Limit::Read | Limit::Write | Limit::Upload);
        assert_eq!(by_user, !public, "{route}");
        let expected = match route.as_str() {
            "POST /api/v1/auth/register" => Limit::Register,
            "POST /api/v1/auth/refresh" => Limit::Refresh,
            "GET /api/v1/images/{name}" => Limit::Image,
            "GET /api/v1/ws" => Limit::Socket,
            "GET /api/v1/me/export"
            | "PUT /api/v1/users/{id}/resume"
            | "POST /api/v1/job-posts/{postId}/images" => Limit::Upload,
            _ if public => Limit::Login,
            _ if route.starts_with("GET") => Limit::Read,
            _ => Limit::Write,
        };
        assert_eq!(limit, expected, "{route}");
    }
}
