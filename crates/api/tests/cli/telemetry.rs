//! What is sent to a collector of traces, and what logs say of a request.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Service, alumx, folder, run, stderr};

/// A trace that began elsewhere, and the span there.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// A collector that takes everything. Its address, and what it is sent: path and body.
fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = BufReader::new(connection.unwrap());
            while let Some(sent) = request(&mut connection) {
                sender.send(sent).ok();
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                connection.get_mut().write_all(answer).unwrap();
            }
        }
    });
    (address, receiver)
}

fn request(connection: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let (mut path, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_ascii_lowercase();
        if path.is_empty() {
            line.split(' ').nth(1)?.clone_into(&mut path);
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            let mut body = vec![0; length];
            connection.read_exact(&mut body).ok()?;
            return Some((path, body));
        }
    }
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

/// A service that sends its traces there.
fn traced(data: &Path, collector: &str, more: &[&str]) -> Service {
    let mut command = alumx(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    command
        .args(["--otlp-endpoint", collector, "--data-dir"])
        .arg(data)
        .args(more);
    Service::spawn(&mut command)
}

/// Asks for users, in a trace that the client began.
async fn ask(service: &Service, token: &str) {
    let request = service
        .http
        .get(format!("{}/api/v1/users?q=lovelace", service.root))
        .bearer_auth(token)
        .header("x-request-id", "request-of-the-test")
        .header("traceparent", format!("00-{TRACE}-{CALLER}-01"));
    assert_eq!(request.send().await.unwrap().status(), 200);
}

/// All that was sent until the service has ended.
fn all_sent(service: Service, sent: &Receiver<(String, Vec<u8>)>) -> Vec<u8> {
    service.signal(Signal::TERM);
    assert!(service.wait());
    let mut all = Vec::new();
    for (path, mut body) in std::iter::once(sent.recv().unwrap()).chain(sent.try_iter()) {
        assert_eq!(path, "/v1/traces");
        all.append(&mut body);
    }
    all
}

/// An id of hexadecimal digits as OTLP has it, with its field: the trace's is the first of a span,
/// its own the second, and its parent's the fourth.
fn id(field: u8, hex: &str) -> Vec<u8> {
    let bytes = hex.as_bytes().chunks(2);
    let bytes = bytes.map(|byte| u8::from_str_radix(str::from_utf8(byte).unwrap(), 16).unwrap());
    let bytes: Vec<u8> = bytes.collect();
    let head = [field << 3 | 2, u8::try_from(bytes.len()).unwrap()];
    [&head[..], &bytes].concat()
}

#[tokio::test]
async fn a_collector_is_sent_spans_that_say_nothing_private() {
    let (address, sent) = collector();
    let folder = folder();
    let service = traced(folder.path(), &address, &["--trusted-proxies=127.0.0.1"]);
    let (user, token) = service.member("ada").await;
    ask(&service, &token).await;
    service.get_as(&token, &format!("/users/{user}")).await;

    let body = all_sent(service, &sent);

    for part in [
        "GET /api/v1/users",
        "/api/v1/users/{id}",
        "http.response.status_code",
        "request-of-the-test",
        "alumx",
    ] {
        assert!(contains(&body, part.as_bytes()), "{part}");
    }
    assert!(contains(&body, &id(1, TRACE)), "a proxy's trace goes on");
    assert!(contains(&body, &id(4, CALLER)), "from where the proxy was");
    for private in ["lovelace", "ada", "example.org", "first-programmer", &token] {
        assert!(!contains(&body, private.as_bytes()), "{private}");
    }
}

/// Whether this trace has a query of this name, asked by the request that the client's span made.
fn has_query(body: &[u8], trace: &str, name: &str) -> bool {
    // A span begins with the ids of its trace, of itself, and of its parent.
    let trace = id(1, trace);
    let spans: Vec<&[u8]> = (0..body.len())
        .filter(|at| body[*at..].starts_with(&trace))
        .map(|at| &body[at + trace.len()..])
        .collect();
    let own = |span: &&[u8]| span[2..10].to_vec();
    let request = spans
        .iter()
        .find(|span| contains(&span[10..30], &id(4, CALLER)))
        .unwrap();
    let parent = [&[4 << 3 | 2, 8][..], &own(request)].concat();
    let is_query =
        |span: &&[u8]| contains(&span[10..80], name.as_bytes()) && contains(&span[10..30], &parent);
    spans.iter().any(is_query)
}

#[tokio::test]
async fn queries_are_spans_in_the_trace_of_their_request() {
    let (address, sent) = collector();
    let folder = folder();
    let service = traced(folder.path(), &address, &["--trusted-proxies=127.0.0.1"]);
    let (_, token) = service.member("ada").await;
    ask(&service, &token).await;

    let body = all_sent(service, &sent);

    for name in ["PgSessionRepository.find_caller", "PgUserRepository.list"] {
        assert!(has_query(&body, TRACE, name), "{name}");
    }
}

#[tokio::test]
async fn what_is_asked_together_is_a_query_in_the_trace_of_each() {
    let (address, sent) = collector();
    let folder = folder();
    let options = ["--trusted-proxies=127.0.0.1", "--database-connections=1"];
    let service = traced(folder.path(), &address, &options);
    let (_, token) = service.member("ada").await;
    let traces: Vec<String> = (1..=40).map(|n| format!("{n:032x}")).collect();

    let asked = traces.iter().map(|trace| {
        let request = service
            .http
            .get(format!("{}/api/v1/me", service.root))
            .bearer_auth(&token)
            .header("traceparent", format!("00-{trace}-{CALLER}-01"));
        request.send()
    });
    for answer in join_all(asked).await {
        assert_eq!(answer.unwrap().status(), 200);
    }

    let body = all_sent(service, &sent);
    for trace in &traces {
        let name = "PgAccountRepository.find";
        assert!(has_query(&body, trace, name), "{trace}");
    }
}

#[tokio::test]
async fn a_trace_that_anybody_claims_is_not_gone_on_with() {
    let (address, sent) = collector();
    let folder = folder();
    let service = traced(folder.path(), &address, &[]);
    let (_, token) = service.member("ada").await;
    ask(&service, &token).await;

    let body = all_sent(service, &sent);

    assert!(contains(&body, b"request-of-the-test"));
    assert!(!contains(&body, &id(1, TRACE)) && !contains(&body, &id(4, CALLER)));
}

#[tokio::test]
async fn what_the_database_s_threads_log_names_the_request() {
    let folder = folder();
    let log = folder.path().join("log");
    let mut command = alumx(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    command
        .arg(folder.path())
        .args([
            "--log",
            "info,alumx_infrastructure=debug",
            "--log-format=json",
        ])
        .stderr(File::create(&log).unwrap());
    let service = Service::spawn(&mut command);
    let request = service.http.get(format!("{}/readyz", service.root));
    let request = request.header("x-request-id", "request-of-the-test");
    assert_eq!(request.send().await.unwrap().status(), 200);

    service.signal(Signal::TERM);
    assert!(service.wait());

    let log = std::fs::read_to_string(&log).unwrap();
    let lines = log.lines().filter(|line| line.contains("\"queried\""));
    let lines: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of_request = |line: &&Value| line["span"]["id"] == "request-of-the-test";
    assert_eq!(lines.iter().filter(of_request).count(), 1, "{lines:?}");
}

#[test]
fn an_endpoint_that_is_none_is_refused() {
    for wrong in [
        "localhost:4318",
        "grpc://h",
        "http://",
        "http://u:hunter2@h",
    ] {
        let output = run(&["serve", "--otlp-endpoint", wrong]);

        assert!(!output.status.success(), "{wrong}");
        assert!(stderr(&output).contains("expected http"), "{wrong}");
    }
}
