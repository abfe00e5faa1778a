//! What is sent to a collector of traces, and what logs say of a request.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Service, alumx, folder, run, stderr};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

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

#[tokio::test]
async fn a_collector_is_sent_spans_that_say_nothing_private() {
    let (address, sent) = collector();
    let folder = folder();
    let mut command = alumx(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    command
        .args(["--otlp-endpoint", &address, "--data-dir"])
        .arg(folder.path());
    let service = Service::spawn(&mut command);
    let (user, token) = service.member("ada").await;
    let request = service
        .http
        .get(format!("{}/api/v1/users?q=lovelace", service.root))
        .bearer_auth(&token)
        .header("x-request-id", "request-of-the-test")
        .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    assert_eq!(request.send().await.unwrap().status(), 200);
    service.get_as(&token, &format!("/users/{user}")).await;

    service.signal(Signal::TERM);
    assert!(service.wait());

    let (mut path, mut body) = sent.recv().unwrap();
    for (more_path, mut more) in sent.try_iter() {
        path = more_path;
        body.append(&mut more);
    }
    assert_eq!(path, "/v1/traces");
    for part in [
        "GET /api/v1/users",
        "/api/v1/users/{id}",
        "http.response.status_code",
        "request-of-the-test",
        "alumx",
    ] {
        assert!(contains(&body, part.as_bytes()), "{part}");
    }
    let trace = u128::from_str_radix(TRACE, 16).unwrap().to_be_bytes();
    assert!(contains(&body, &trace), "the client's trace goes on");
    for private in ["lovelace", "ada", "example.org", "first-programmer", &token] {
        assert!(!contains(&body, private.as_bytes()), "{private}");
    }
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
