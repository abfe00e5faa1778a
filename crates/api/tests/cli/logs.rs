//! What the service logs: in which form, and nothing that is private.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;

use futures_util::SinkExt;
use reqwest::Method;
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::live::{connect, next};
use crate::support::{Service, alumx, folder};

/// A terminal: the end that a person reads, and the end that a program writes to.
fn terminal() -> (OwnedFd, File) {
    let reader = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&reader).unwrap();
    unlockpt(&reader).unwrap();
    let path = ptsname(&reader, Vec::new()).unwrap();
    let writer = File::options().write(true).open(path.to_str().unwrap());
    (reader, writer.unwrap())
}

#[test]
fn on_a_terminal_it_is_text_for_people() {
    let folder = folder();
    let (reader, writer) = terminal();
    let mut command = alumx(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    let service = Service::spawn(command.arg(folder.path()).stderr(writer));
    drop(command); // Holds the terminal open.

    service.signal(Signal::TERM);
    assert!(service.wait());

    let mut shown = Vec::new();
    // It ends with an error where nobody writes to it any more.
    let _ = File::from(reader).read_to_end(&mut shown);
    let shown = String::from_utf8(shown).unwrap();
    assert!(shown.contains("INFO"), "{shown}");
    assert!(!shown.contains("{\""), "{shown}");
}

/// Whatever a user writes has this in it.
const PRIVATE: &str = "marzipan";

/// One who does all that has private words in it, right and wrong.
struct Writer<'a> {
    service: &'a Service,
    token: String,
}

impl Writer<'_> {
    async fn send(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self
            .service
            .http
            .request(method, format!("{}/api/v1{path}", self.service.root))
            .bearer_auth(&self.token)
            .header("content-type", "application/json");
        let body = body.as_str().map_or_else(|| body.to_string(), Into::into);
        let answer = request.body(body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(Method::POST, path, body).await
    }
}

/// Of an account whose every word is private.
fn registration(username: &str) -> Value {
    json!({
        "username": username, "name": "Marzipan Person", "role": "ALUMNI",
        "email": format!("{username}.{PRIVATE}@example.org"),
        "password": format!("{PRIVATE}-password"),
    })
}

/// Two accounts that are made, and the ways in which making one or signing in fails.
async fn accounts(service: &Service) -> ((i64, String), (i64, String)) {
    let (register, login) = ("/api/v1/auth/register", "/api/v1/auth/login");
    let mut tokens = Vec::new();
    for username in ["ada", "charles"] {
        let answer = service.post(register, &registration(username)).await;
        assert_eq!(answer.status(), 201);
        tokens.push(answer.json::<Value>().await.unwrap());
    }
    let mut same_address = registration("ada");
    same_address["username"] = json!("somebody");
    assert_eq!(service.post(register, &same_address).await.status(), 409);
    let mut odd = registration("odd");
    odd["email"] = json!(PRIVATE);
    odd["name"] = json!(format!("{PRIVATE}\u{0}"));
    assert_eq!(service.post(register, &odd).await.status(), 422);
    let wrong = json!({"identifier": format!("ada.{PRIVATE}@example.org"), "password": format!("not-{PRIVATE}")});
    assert_eq!(service.post(login, &wrong).await.status(), 401);
    let refresh = json!({"refreshToken": PRIVATE});
    let refresh = service.post("/api/v1/auth/refresh", &refresh).await;
    assert_eq!(refresh.status(), 401);
    let known = |of: usize| {
        let token = tokens[of]["accessToken"].as_str().unwrap();
        (tokens[of]["user"]["id"].as_i64().unwrap(), token.to_owned())
    };
    (known(0), known(1))
}

/// Everything else that somebody writes, in requests that are taken and such that are not.
async fn words(writer: &Writer<'_>, me: i64, other: i64) {
    let long = format!("{PRIVATE} {}", "x".repeat(60));
    let post = json!({"title": PRIVATE, "description": long, "employmentType": "FULL_TIME"});
    let (status, post) = writer.post("/job-posts", &post).await;
    assert_eq!(status, 201, "{post}");
    let comments = format!("/job-posts/{}/comments", post["id"]);
    let comment = writer.post(&comments, &json!({"content": PRIVATE})).await;
    assert_eq!(comment.0, 201, "{comment:?}");
    let (path, about) = (
        format!("/users/{me}"),
        json!({"about": PRIVATE, "skills": [PRIVATE]}),
    );
    let about = writer.send(Method::PATCH, &path, &about).await;
    assert_eq!(about.0, 200, "{about:?}");
    for (path, body, wanted) in [
        (
            "/job-posts",
            json!(format!("{{\"title\": \"{PRIVATE}")),
            400,
        ),
        ("/job-posts", json!({PRIVATE: PRIVATE}), 422),
        ("/chats", json!({"userId": PRIVATE}), 422),
    ] {
        let (status, problem) = writer.post(path, &body).await;
        assert_eq!(status, wanted, "{path} {problem}");
    }
    let password = json!({"currentPassword": format!("not-{PRIVATE}"), "newPassword": PRIVATE});
    let password = writer.send(Method::PUT, "/me/password", &password).await;
    assert_eq!(password.0, 422, "{password:?}");
    let (status, chat) = writer.post("/chats", &json!({"userId": other})).await;
    assert_eq!(status, 201, "{chat}");
    let messages = format!("/chats/{}/messages", chat["id"]);
    for (text, wanted) in [(PRIVATE.to_owned(), 201), (format!("{PRIVATE}\u{0}"), 422)] {
        let (status, answer) = writer.post(&messages, &json!({"content": text})).await;
        assert_eq!(status, wanted, "{answer}");
    }
    for path in [
        format!("/users?q={PRIVATE}"),
        format!("/job-posts?q={PRIVATE}"),
    ] {
        writer.service.get_as(&writer.token, &path).await;
    }
}

/// What is sent by socket, in frames that are understood and such that are not.
async fn frames(service: &Service, token: &str) {
    let mut socket = connect(service, token).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap()["type"], "ready");
    for frame in [format!("{{{PRIVATE}"), json!({"type": PRIVATE}).to_string()] {
        socket.send(Message::text(frame)).await.unwrap();
        assert_eq!(next(&mut socket).await.unwrap()["type"], "error");
    }
    socket.close(None).await.unwrap();
}

#[tokio::test]
async fn elsewhere_it_is_json_and_never_what_people_write() {
    let folder = folder();
    let log = folder.path().join("log");
    let levels = "info,alumx_api=trace,alumx_application=trace,alumx_infrastructure=trace";
    let mut command = alumx(&["serve", "--listen", "127.0.0.1:0", "--log", levels]);
    command.arg("--data-dir").arg(folder.path().join("data"));
    let service = Service::spawn(command.stderr(File::create(&log).unwrap()));

    let (me, other) = accounts(&service).await;
    let (token, others) = (me.1.clone(), other.1);
    let writer = Writer {
        service: &service,
        token: token.clone(),
    };
    words(&writer, me.0, other.0).await;
    frames(&service, &token).await;
    let pdf = format!("%PDF-1.7\n{PRIVATE}\n%%EOF");
    service.upload(&me, &pdf).await;
    service.signal(Signal::TERM);
    assert!(service.wait());

    let mut requests = 0;
    for line in BufReader::new(File::open(log).unwrap()).lines() {
        let line = line.unwrap();
        let entry: Value = serde_json::from_str(&line).expect(&line);
        requests += usize::from(entry.get("status").is_some());
        let small = line.to_lowercase();
        for private in [PRIVATE, &token.to_lowercase(), &others.to_lowercase()] {
            assert!(!small.contains(private), "{line}");
        }
    }
    assert!(requests > 15, "{requests}");
}
