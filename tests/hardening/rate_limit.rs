//! Who comes too often waits, and nobody else.

use alumx_api::hardening::Hardening;
use alumx_api::http::client_address::{ProxyHeaders, TrustedProxies, network};
use alumx_api::http::rate_limit::{Limit, Rates};
use alumx_tests::{Answer, App, PASSWORD, or_panic};
use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::hardened;
use crate::job_post::{job, png, posted};
use crate::resume::{multipart, send_multipart};

/// The usual limits, but for these.
fn limited(limits: &[(Limit, &str)]) -> Rates {
    let set =
        |rates: Rates, (limit, rate): &(Limit, &str)| rates.with(*limit, or_panic(rate.parse()));
    limits.iter().fold(Rates::default(), set)
}

fn with(limits: &[(Limit, &str)]) -> App {
    let rates = limited(limits);
    hardened(Hardening {
        rates,
        ..Hardening::default()
    })
}

fn assert_limited(answer: &Answer, name: &str, quota: u32, window: u32, wait: u32) {
    answer.assert_problem(429, "rate_limited");
    let wait = wait.to_string();
    assert_eq!(answer.header("retry-after"), wait);
    assert_eq!(
        answer.header("ratelimit"),
        format!("\"{name}\";r=0;t={wait}")
    );
    let policy = format!("\"{name}\";q={quota};w={window}");
    assert_eq!(answer.header("ratelimit-policy"), policy);
}

fn credentials(identifier: &str, password: &str) -> Value {
    json!({"identifier": identifier, "password": password})
}

async fn login(app: &App, identifier: &str, password: &str) -> Answer {
    app.post("/auth/login", &credentials(identifier, password))
        .await
}

#[tokio::test]
async fn an_address_signs_in_so_often_and_then_waits() {
    let app = with(&[(Limit::Login, "2/1m")]);
    app.user("Ada", "ALUMNI").await;

    let first = login(&app, "ada", PASSWORD).await;
    let second = login(&app, "nobody", "x").await;
    let third = login(&app, "ada", PASSWORD).await;
    // Before the body is looked at, whatever a client claims to be.
    let claim = app
        .request(Method::POST, "/auth/login")
        .header("x-forwarded-for", "203.0.113.1");
    let fourth = Answer::of(claim.body("{")).await;

    assert_eq!(first.status, 200);
    assert_eq!(first.header("ratelimit"), "\"login\";r=1;t=30");
    assert_eq!(first.header("ratelimit-policy"), "\"login\";q=2;w=60");
    assert_eq!(second.status, 401);
    assert_eq!(second.header("ratelimit"), "\"login\";r=0;t=30");
    for answer in [third, fourth] {
        assert_limited(&answer, "login", 2, 60, 30);
    }
    app.clock.advance(TimeDelta::seconds(30));
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 200);
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 429);
}

#[tokio::test]
async fn registering_and_refreshing_are_limited_by_address_and_apart() {
    let app = with(&[(Limit::Register, "1/1h"), (Limit::Refresh, "1/30s")]);
    let ada = app.user("Ada", "ALUMNI").await;
    let refresh = json!({"refreshToken": ada.refresh_token});

    assert_limited(
        &app.post("/auth/register", &json!({})).await,
        "register",
        1,
        3600,
        3600,
    );
    assert_eq!(app.post("/auth/refresh", &refresh).await.status, 200);
    assert_limited(
        &app.post("/auth/refresh", &refresh).await,
        "refresh",
        1,
        30,
        30,
    );
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn clients_of_a_trusted_proxy_are_told_apart() {
    let app = hardened(Hardening {
        proxies: TrustedProxies::new([or_panic(network("127.0.0.1"))], ProxyHeaders::XForwarded),
        rates: limited(&[(Limit::Login, "1/1m")]),
        ..Hardening::default()
    });
    app.user("Ada", "ALUMNI").await;
    let from = async |address: &str| {
        let request = app
            .request(Method::POST, "/auth/login")
            .header("x-forwarded-for", address);
        Answer::of(request.json(&credentials("ada", PASSWORD)))
            .await
            .status
            .as_u16()
    };

    assert_eq!(from("203.0.113.1").await, 200);
    assert_eq!(from("6.6.6.6, 203.0.113.1").await, 429);
    assert_eq!(from("203.0.113.2").await, 200);
    assert_eq!(from("2001:db8::1").await, 200);
    assert_eq!(from("2001:db8::2").await, 429);
}

#[tokio::test]
async fn wrong_passwords_are_counted_by_account_whether_there_is_one_or_not() {
    let app = with(&[(Limit::FailedLogin, "3/15m")]);
    app.user("Ada", "ALUMNI").await;
    app.user("Bob", "ALUMNI").await;

    for account in ["ada", "nobody", "no body at all", "ada@nowhere.example"] {
        for written in [
            account.to_owned(),
            account.to_uppercase(),
            format!(" {account} "),
        ] {
            login(&app, &written, "wrong")
                .await
                .assert_problem(401, "invalid_credentials");
        }
        // The right one as well: else it could be guessed on.
        let refused = login(&app, account, PASSWORD).await;
        refused.assert_problem(429, "rate_limited");
        assert_eq!(refused.header("retry-after"), "300");
        let told: Vec<_> = refused.headers.get_all("ratelimit").iter().collect();
        assert!(
            told.iter()
                .any(|told| *told == "\"failed-login\";r=0;t=300"),
            "{told:?}"
        );
        assert!(!refused.body.to_string().contains(account));
    }
    assert_eq!(login(&app, "bob", PASSWORD).await.status, 200);
    app.clock.advance(TimeDelta::minutes(5));
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn right_passwords_are_not_counted() {
    let app = with(&[(Limit::FailedLogin, "2/15m")]);
    app.user("Ada", "ALUMNI").await;

    for _ in 0..5 {
        assert_eq!(login(&app, "ada", PASSWORD).await.status, 200);
    }
    assert_eq!(login(&app, "ada", "wrong").await.status, 401);
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 200);
    assert_eq!(login(&app, "ada", "wrong").await.status, 401);
    assert_eq!(login(&app, "ada", "wrong").await.status, 429);
}

#[tokio::test]
async fn of_many_guesses_at_once_no_more_are_looked_at() {
    let app = with(&[(Limit::FailedLogin, "3/15m")]);
    app.user("Ada", "ALUMNI").await;

    let guesses = join_all((0..20).map(|_| login(&app, "ada", "wrong"))).await;

    let count = |status: u16| {
        guesses
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((count(401), count(429)), (3, 17));
}

#[tokio::test]
async fn who_has_a_token_cannot_guess_the_password_with_it_either() {
    let app = with(&[(Limit::FailedLogin, "2/15m")]);
    let ada = app.user("Ada", "ALUMNI").await;
    let guess = json!({"currentPassword": "wrong", "newPassword": "long enough"});
    let delete = json!({"password": "wrong"});

    let changed = ada.send_json(Method::PUT, "/me/password", &guess).await;
    changed.assert_problem(422, "invalid_fields");
    let deleted = ada.send_json(Method::DELETE, "/me", &delete).await;
    deleted.assert_problem(422, "invalid_fields");
    for (method, path, body) in [
        (Method::PUT, "/me/password", guess),
        (Method::DELETE, "/me", delete),
    ] {
        ada.send_json(method, path, &body)
            .await
            .assert_problem(429, "rate_limited");
    }
    assert_eq!(ada.get("/me").await.status, 200);
}

#[tokio::test]
async fn a_user_reads_writes_and_uploads_so_often_and_others_do_not_mind() {
    let limits = [
        (Limit::Read, "3/1m"),
        (Limit::Write, "2/1m"),
        (Limit::Upload, "1/10m"),
    ];
    let app = with(&limits);
    let (ada, bob) = (
        app.user("Ada", "ALUMNI").await,
        app.user("Bob", "ALUMNI").await,
    );

    let post = posted(&ada, &job("Programmer")).await;
    let image = || multipart(&[("file", "; filename=\"x.png\"", &png())]);
    let upload = format!("{post}/images");
    let added = send_multipart(&ada, Method::POST, &upload, image()).await;
    assert_eq!(added.header("ratelimit"), "\"upload\";r=0;t=600");
    let again = send_multipart(&ada, Method::POST, &upload, image()).await;
    assert_limited(&again, "upload", 1, 600, 600);
    for left in [2, 1, 0] {
        let read = ada.get("/users/999").await;
        assert_eq!(
            (read.status.as_u16(), read.header("ratelimit")),
            (404, &*format!("\"read\";r={left};t=20"))
        );
    }
    assert_limited(&ada.get("/me").await, "read", 3, 60, 20);
    let head = ada.send(Method::HEAD, "/me").await;
    assert_eq!(head.status, 429);
    assert_eq!(ada.patch(json!({"x": 1})).await.status, 422);
    assert_limited(&ada.patch(json!({"x": 1})).await, "write", 2, 60, 30);

    assert_eq!(bob.get("/me").await.status, 200);
    assert_eq!(bob.patch(json!({"about": "x"})).await.status, 200);
    // Another session of the same user is the same user.
    assert_eq!(app.login("ada").await.get("/me").await.status, 429);
    app.clock.advance(TimeDelta::seconds(20));
    assert_eq!(ada.get("/me").await.status, 200);
}

#[tokio::test]
async fn what_is_no_route_or_nobodys_is_said_first_and_not_counted() {
    let app = with(&[(Limit::Read, "1/1m"), (Limit::Login, "1/1m")]);
    let ada = app.user("Ada", "ALUMNI").await;

    for _ in 0..3 {
        app.get("/me").await.assert_problem(401, "unauthenticated");
        ada.get("/nowhere").await.assert_problem(404, "not_found");
        app.get("/auth/login")
            .await
            .assert_problem(405, "method_not_allowed");
        for open in [
            "//healthz",
            "//readyz",
            "//metrics",
            "//docs/",
            "/openapi.json",
            "/asyncapi.json",
        ] {
            let answer = app.get(open).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("ratelimit")),
                (200, ""),
                "{open}"
            );
        }
    }
    assert_eq!(ada.get("/me").await.status, 200);
    // Too often before what can't be read.
    ada.get("/users?limit=0")
        .await
        .assert_problem(429, "rate_limited");
}

#[tokio::test]
async fn images_and_sockets_are_limited_too() {
    let app = with(&[
        (Limit::Image, "1/1m"),
        (Limit::Socket, "4/1m"),
        (Limit::UserSocket, "1/1m"),
    ]);
    let ada = app.user("Ada", "ALUMNI").await;
    let name = format!("/images/{}.png", "0".repeat(32));
    let handshake = |token: &str| {
        let header = format!("Authorization: Bearer {token}\r\nUpgrade: websocket\r\n");
        app.send_target("GET", "/api/v1/ws", &header)
    };

    assert_eq!(app.get(&name).await.status, 404);
    assert_limited(&app.get(&name).await, "image", 1, 60, 60);
    // Counted, though it lacks what a handshake needs.
    handshake(&ada.access_token).assert_problem(400, "bad_request");
    let too_often = handshake(&ada.access_token);
    too_often.assert_problem(429, "rate_limited");
    assert_eq!(too_often.header("retry-after"), "60");
    app.get("/ws").await.assert_problem(426, "upgrade_required");
    app.get("/ws").await.assert_problem(426, "upgrade_required");
    assert_limited(&app.get("/ws").await, "socket", 4, 60, 15);
}

#[tokio::test]
async fn a_school_behind_one_address_meets_no_limit() {
    let app = hardened(Hardening::default());
    let ada = app.user("Ada", "ALUMNI").await;

    for _ in 0..100 {
        assert_eq!(ada.get("/me").await.status, 200);
    }
    let refreshed = app
        .post("/auth/refresh", &json!({"refreshToken": "x"}))
        .await;
    assert_eq!(
        refreshed.header("ratelimit-policy"),
        "\"refresh\";q=5000;w=600"
    );
}

#[tokio::test]
async fn switched_off_nothing_is_limited_and_nothing_is_told() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;

    for _ in 0..15 {
        let answer = login(&app, "ada", "wrong").await;
        answer.assert_problem(401, "invalid_credentials");
        assert_eq!(answer.header("ratelimit"), "");
    }
}
