//! Time-outs, and how much is taken at once: over real connections.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use alumx_api::hardening::Hardening;
use alumx_api::http::client_address::{ProxyHeaders, TrustedProxies, network};
use alumx_infrastructure::testing::execute;
use alumx_tests::{Answer, App, Setup, User, unlimited};
use diesel::prelude::*;
use reqwest::Method;
use serde_json::json;

use super::hardened;
use crate::resume;

const PATIENCE: Duration = Duration::from_secs(30);

fn connect(app: &App) -> TcpStream {
    let stream = TcpStream::connect(app.root.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// What comes until the server has nothing more to say.
fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset after the answer is an end as well: the rest of the request was not read.
    stream.read_to_end(&mut answer).ok();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A sign-in whose handler waits for the body, which is two bytes.
fn begun(app: &App) -> TcpStream {
    begun_as(app, "POST /api/v1/auth/login", "")
}

/// A request whose handler waits for the body, which is two bytes; with further header lines.
fn begun_as(app: &App, target: &str, headers: &str) -> TcpStream {
    begun_with(
        app,
        target,
        &format!("Content-Type: application/json\r\n{headers}"),
    )
}

/// An upload, which is worked on from its first byte: it has the place that uploads have besides.
fn upload(user: &User<'_>) -> TcpStream {
    let headers = format!(
        "Content-Type: multipart/form-data; boundary=b\r\nAuthorization: Bearer {}\r\n",
        user.access_token
    );
    let target = format!("PUT /api/v1{}", user.path("/resume"));
    begun_with(user.app, &target, &headers)
}

fn begun_with(app: &App, target: &str, headers: &str) -> TcpStream {
    let mut stream = connect(app);
    let head = format!(
        "{target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 2\r\n\
         Expect: 100-continue\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut told = [0; 25];
    stream.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test]
async fn beyond_the_most_in_flight_there_is_a_503_at_once() {
    let app = hardened(Hardening {
        in_flight: 2,
        ..unlimited()
    });
    let ada = app.user("Ada", "ALUMNI").await;
    let (mut first, mut second) = (upload(&ada), upload(&ada));

    for path in ["/me", "/openapi.json", "//docs/", "/nowhere"] {
        let refused = app.get(path).await;
        refused.assert_problem(503, "overloaded");
        assert_eq!(refused.header("retry-after"), "1");
    }
    for path in ["//healthz", "//readyz", "//metrics"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    first.write_all(b"{}").unwrap();
    assert!(rest(first).starts_with("HTTP/1.1 400"));
    assert_eq!(app.get("/openapi.json").await.status, 200);
    second.write_all(b"{}").unwrap();
    assert!(rest(second).starts_with("HTTP/1.1 400"));
    let again = (upload(&ada), upload(&ada));
    app.get("/me").await.assert_problem(503, "overloaded");
    drop(again);
}

#[tokio::test]
async fn slow_bodies_keep_nobody_out() {
    let app = hardened(Hardening {
        in_flight: 2,
        ..unlimited()
    });
    let ada = app.user("Ada", "ALUMNI").await;

    let slow: Vec<TcpStream> = (0..40).map(|_| begun(&app)).collect();

    assert_eq!(ada.get("/me").await.status, 200);
    let login = json!({"identifier": "nobody", "password": "not the right one"});
    let login = app.post("/auth/login", &login).await;
    login.assert_problem(401, "invalid_credentials");
    for mut stream in slow {
        stream.write_all(b"{}").unwrap();
        assert!(rest(stream).starts_with("HTTP/1.1 422"));
    }
}

#[tokio::test]
async fn of_slow_bodies_one_sends_a_few_and_all_no_more_than_the_most() {
    let trusted = [network("127.0.0.1").unwrap()];
    let app = hardened(Hardening {
        arriving: 5,
        arriving_of_one: 3,
        proxies: TrustedProxies::new(trusted, ProxyHeaders::XForwarded),
        ..unlimited()
    });
    let ada = app.user("Ada", "ALUMNI").await;
    // The session is known from here on: the bodies are waited for in the order of their heads.
    assert_eq!(ada.get("/me").await.status, 200);
    let stranger = |last: u8| {
        let from = format!("X-Forwarded-For: 192.0.2.{last}\r\n");
        begun_as(&app, "POST /api/v1/auth/login", &from)
    };
    let of_ada = || {
        let token = format!("Authorization: Bearer {}\r\n", ada.access_token);
        begun_as(&app, &format!("PATCH /api/v1{}", ada.path("")), &token)
    };

    let first = [stranger(1), stranger(1), stranger(1)];
    let of_one = rest(stranger(1)).to_lowercase();
    assert!(of_one.starts_with("http/1.1 429"), "{of_one}");
    assert!(of_one.contains("\"rate_limited\""), "{of_one}");
    assert!(of_one.contains("retry-after: 1\r\n"), "{of_one}");
    let second = [stranger(2), stranger(2)];
    let of_all = rest(stranger(2)).to_lowercase();
    assert!(of_all.starts_with("http/1.1 503"), "{of_all}");
    assert!(of_all.contains("\"overloaded\""), "{of_all}");
    assert!(of_all.contains("retry-after: 1\r\n"), "{of_all}");

    // Users have places of their own, and what comes with its head needs none.
    let users = [of_ada(), of_ada(), of_ada()];
    let of_user = rest(of_ada());
    assert!(of_user.starts_with("HTTP/1.1 429"), "{of_user}");
    let whole = app.post("/auth/login", &json!({})).await;
    assert_eq!(whole.status, 422);
    // Who sends most gives way to who sends nothing yet.
    let mut next = stranger(3);
    next.write_all(b"{}").unwrap();
    assert!(rest(next).starts_with("HTTP/1.1 422"));
    let [gave_way, mut done, _last] = first;
    let gave_way = rest(gave_way).to_lowercase();
    assert!(gave_way.starts_with("http/1.1 503"), "{gave_way}");
    assert!(gave_way.contains("\"overloaded\""), "{gave_way}");
    done.write_all(b"{}").unwrap();
    assert!(rest(done).starts_with("HTTP/1.1 422"));
    drop((second, users));
}

#[tokio::test]
async fn slow_uploads_of_a_few_keep_nobody_from_uploading() {
    let app = hardened(unlimited());
    let mut slow = Vec::new();
    for name in ["A", "B", "C", "D", "E", "F", "G", "H"] {
        let user = app.user(&format!("User{name}"), "ALUMNI").await;
        // The session is known from here on: all are received in the order of their heads.
        assert_eq!(user.get("/me").await.status, 200);
        slow.extend([(); 4].map(|()| upload(&user)));
    }
    let ada = app.user("Ada", "ALUMNI").await;

    let whole = resume::upload(&ada, "cv.pdf", b"%PDF-1.7\n%%EOF").await;

    assert_eq!(whole.status, 201, "{:?}", whole.body);
}

#[tokio::test]
async fn a_body_that_comes_when_all_are_busy_is_a_503() {
    let app = hardened(Hardening {
        in_flight: 1,
        ..unlimited()
    });
    let ada = app.user("Ada", "ALUMNI").await;
    let mut late = begun(&app);
    let busy = upload(&ada);

    late.write_all(b"{}").unwrap();
    let late = rest(late);

    assert!(late.starts_with("HTTP/1.1 503"), "{late}");
    assert!(late.contains("\"overloaded\""), "{late}");
    drop(busy);
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_a_503_and_ends_by_itself() {
    let app = hardened(Hardening {
        handler_timeout: Duration::from_millis(300),
        in_flight: 1,
        ..unlimited()
    });
    let ada = app.user("Ada", "ALUMNI").await;
    // The session is known from here on, for this has all the time that it takes.
    let known = ada.get(&ada.path("/resume/file")).await;
    assert_eq!(known.status, 404);
    let mut database = app.database.connect();
    let lock = "BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE";
    diesel::connection::SimpleConnection::batch_execute(&mut database, lock).unwrap();

    let late = ada.get("/me").await;

    late.assert_problem(503, "timed_out");
    assert_eq!(late.header("retry-after"), "1");
    assert_eq!(late.header("x-content-type-options"), "nosniff");
    // It still waits for the database, and counts.
    ada.get("/me").await.assert_problem(503, "overloaded");
    diesel::sql_query("ROLLBACK")
        .execute(&mut database)
        .unwrap();
    let metrics = app.request(Method::GET, "//metrics").send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(
        metrics.contains("route=\"/api/v1/me\",status=\"503\""),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_body_has_its_own_time_besides() {
    let app = App::start_as(Setup {
        body_timeout: Duration::from_millis(300),
        hardening: Hardening {
            handler_timeout: Duration::from_secs(20),
            ..unlimited()
        },
        ..Setup::default()
    });

    let answer = rest(begun(&app));

    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("request_timeout"), "{answer}");
}

#[tokio::test]
async fn a_head_that_does_not_come_is_waited_for_no_longer_than_was_set() {
    let app = hardened(Hardening {
        header_timeout: Duration::from_millis(300),
        ..unlimited()
    });

    let mut slow = connect(&app);
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: te")
        .unwrap();
    let answer = rest(slow);

    // The framework's own answer: there is no request yet that a problem could be about.
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn heads_are_bounded_in_number_and_size() {
    let app = App::start();
    let ask = |lines: &str| {
        let mut stream = connect(&app);
        let head =
            format!("GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{lines}\r\n");
        // The server may stop reading before all of it is sent.
        stream.write_all(head.as_bytes()).ok();
        rest(stream)
    };
    let many = |count: usize| "x: y\r\n".repeat(count);
    let long = |bytes: usize| format!("x: {}\r\n", "y".repeat(bytes));

    assert!(ask(&many(90)).starts_with("HTTP/1.1 200"));
    assert!(ask(&many(97)).starts_with("HTTP/1.1 431"));
    assert!(ask(&long(60_000)).starts_with("HTTP/1.1 200"));
    assert!(ask(&long(300_000)).starts_with("HTTP/1.1 431"));
    assert!(ask("no header\r\n").starts_with("HTTP/1.1 400"));
    assert_eq!(app.get("//healthz").await.status, 200);
}

#[tokio::test]
async fn files_and_sockets_take_their_time() {
    let app = App::start_as(Setup {
        body_timeout: Duration::from_secs(20),
        hardening: Hardening {
            // No handler is as quick as that but those that need not be.
            handler_timeout: Duration::from_nanos(1),
            ..unlimited()
        },
        ..Setup::default()
    });
    let body = json!({
        "username": "ada", "name": "Ada", "email": "ada@example.org",
        "password": alumx_tests::PASSWORD, "role": "ALUMNI",
    });
    // With a body there are twenty seconds more.
    let ada = app.post("/auth/register", &body).await;
    assert_eq!(ada.status, 201);
    let ada = alumx_tests::User::signed_in(&app, &ada.body);

    let mut blocker = app.database.connect();
    execute(&mut blocker, "BEGIN");
    execute(&mut blocker, "LOCK TABLE job_posts");
    let list = ada.get("/job-posts").await;
    list.assert_problem(503, "timed_out");
    execute(&mut blocker, "ROLLBACK");
    for path in [
        ada.path("/resume/generated.pdf"),
        ada.path("/resume/file"),
        "/ws".to_owned(),
    ] {
        let answer = Answer::of(ada.request(Method::GET, &path)).await;
        assert_ne!(answer.status, 503, "{path} {:?}", answer.body);
    }
    let pdf = Answer::of(ada.request(Method::GET, &ada.path("/resume/generated.pdf"))).await;
    assert_eq!(pdf.status, 200);
}
