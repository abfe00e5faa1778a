//! A replica answers what may be a moment old, and may go at any time.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use alumx_infrastructure::embedded::{Options, Server};
use alumx_infrastructure::testing::{connect, execute};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::load::{Ask, Door, job_post, unlimited};
use super::standby::{Standby, eventually, superuser};
use crate::support::{SECRET, Service, folder};

/// A PostgreSQL and one that follows it.
struct Pair {
    standby: Standby,
    server: Server,
    folder: TempDir,
}

impl Pair {
    /// `None` if the program that copies the one is missing.
    fn start() -> Option<Self> {
        let folder = folder();
        let data = folder.path().join("postgresql");
        let server = Server::start(&Options::new(&data)).unwrap();
        let mut standby = Standby::of(&server, &data, "standby")?;
        standby.start();
        Some(Self {
            standby,
            server,
            folder,
        })
    }

    /// A service on both.
    fn service(&self, arguments: &[&str]) -> Service {
        Service::spawn(&mut self.command(self.server.database_url(), arguments))
    }

    /// A service on this primary and the replica.
    fn command(&self, primary: &str, arguments: &[&str]) -> Command {
        let mut command = unlimited(&["--listen", "127.0.0.1:0"]);
        command
            .args(arguments)
            .arg("--files-dir")
            .arg(self.folder.path().join("files"))
            .env("ALUMX_DATABASE_CONNECTIONS", "1")
            .env("DATABASE_URL", primary)
            .env("DATABASE_REPLICA_URL", self.standby.url())
            .env("ALUMX_TOKEN_SECRET", SECRET);
        command
    }
}

/// As old as they may be.
const PATIENT: &str = "--database-replica-lag=1d";

async fn name(service: &Service, reader: &str, user: i64) -> String {
    let profile = service.read(reader, format!("/users/{user}")).await;
    profile["name"].as_str().unwrap().to_owned()
}

async fn write(service: &Service, token: &str, (method, path): (Method, &str), body: Value) -> u16 {
    let ask = Ask {
        method,
        path: path.to_owned(),
        token: token.to_owned(),
        body,
    };
    service.ask(&ask).await.unwrap().0
}

async fn rename(service: &Service, (user, token): &(i64, String), name: &str) {
    let path = format!("/users/{user}");
    let renamed = write(
        service,
        token,
        (Method::PATCH, &path),
        json!({ "name": name }),
    )
    .await;
    assert_eq!(renamed, 200);
}

/// How many reads the replica answered, and how many went on to the primary.
async fn reads(service: &Service) -> (u64, u64) {
    let metrics = service.get("/metrics").await.text().await.unwrap();
    let count = |outcome: &str| {
        let name = format!("alumx_database_replica_reads_total{{outcome=\"{outcome}\"}} ");
        let count = metrics.lines().find_map(|line| line.strip_prefix(&name));
        count.unwrap().parse().unwrap()
    };
    (count("answered"), count("passed_on"))
}

/// Reads until the name is this one.
async fn until(service: &Service, reader: &str, user: i64, expected: &str) {
    let given_up = Instant::now() + Duration::from_secs(30);
    while name(service, reader, user).await != expected {
        assert!(Instant::now() < given_up, "{expected}: not seen");
    }
}

/// Reads until the standby answers.
async fn until_answered(service: &Service, reader: &str, user: i64) {
    let before = reads(service).await.0;
    let given_up = Instant::now() + Duration::from_secs(30);
    while reads(service).await.0 == before {
        name(service, reader, user).await;
        assert!(Instant::now() < given_up, "the standby is not read");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_replica_answers_strangers_and_never_hides_from_a_user_what_it_wrote() {
    let Some(mut pair) = Pair::start() else {
        return;
    };
    let patient = pair.service(&[PATIENT]);
    let writer = patient.member("writer").await;
    let (_, stranger) = patient.member("stranger").await;
    until_answered(&patient, &stranger, writer.0).await;
    let strict = pair.service(&["--database-replica-lag=300ms"]);
    until_answered(&strict, &stranger, writer.0).await;

    pair.standby.pause();
    rename(&patient, &writer, "Grace").await;

    assert_eq!(name(&patient, &stranger, writer.0).await, "Ada");
    assert_eq!(name(&patient, &writer.1, writer.0).await, "Grace");
    // Who comes new is not told that there is no such user, and too old an answer is none.
    let (newcomer, token) = patient.member("newcomer").await;
    assert_eq!(name(&patient, &token, newcomer).await, "Ada");
    until(&strict, &stranger, writer.0, "Grace").await;
    drop(strict);
    pair.standby.resume();
    until(&patient, &stranger, writer.0, "Grace").await;

    for again in ["Joan", "Mary"] {
        pair.standby.stop();
        rename(&patient, &writer, again).await;
        assert_eq!(name(&patient, &stranger, writer.0).await, again);
        pair.standby.start();
        until_answered(&patient, &stranger, writer.0).await;
        assert_eq!(name(&patient, &stranger, writer.0).await, again);
    }
    let metrics = patient.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("alumx_database_connections{database=\"replica\"} 1\n"));
}

/// Each list and thing that a replica may answer, of this user and post.
fn pages(user: i64, post: i64) -> Vec<String> {
    let of_user = ["", "/job-posts", "/skills"].map(|part| format!("/users/{user}{part}"));
    let of_post = ["", "/comments", "/likes"].map(|part| format!("/job-posts/{post}{part}"));
    let others = [
        "/users/by-username/writer",
        "/users",
        "/users?q=augusta",
        "/users?q=agusta",
        "/users?q=augusta&skill=weaving",
        "/job-posts",
        "/job-posts?sort=top",
        "/job-posts?q=engine",
        "/job-posts?q=engine&sort=top",
    ];
    let others = others.map(str::to_owned);
    of_user.into_iter().chain(of_post).chain(others).collect()
}

/// What all of them answer, by the replica alone if `by_replica`.
async fn answers(
    service: &Service,
    reader: &str,
    pages: &[String],
    by_replica: bool,
) -> Vec<Value> {
    let mut answers = Vec::new();
    for page in pages {
        let before = reads(service).await;
        answers.push(service.read(reader, page.clone()).await);
        let after = reads(service).await;
        assert_eq!(after.0 > before.0, by_replica, "{page}");
        assert_eq!(after.1, before.1, "{page}");
    }
    answers
}

/// Changes something on each page.
async fn change_all(service: &Service, (user, token): &(i64, String), post: i64, text: &str) {
    let name = format!("Augusta {text}");
    let profile = json!({ "name": name, "about": text });
    let skills = json!(["weaving", text]);
    let comments = format!("/job-posts/{post}/comments");
    for (method, path, body) in [
        (Method::PATCH, format!("/users/{user}"), profile),
        (Method::PUT, format!("/users/{user}/skills"), skills),
        (
            Method::PATCH,
            format!("/job-posts/{post}"),
            json!({ "title": text }),
        ),
        (Method::POST, comments, json!({ "content": text })),
    ] {
        let status = write(service, token, (method, &path), body).await;
        assert!((200..300).contains(&status), "{path}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_replica_answers_every_read_that_it_may_answer() {
    let Some(pair) = Pair::start() else {
        return;
    };
    let service = pair.service(&[PATIENT]);
    let writer = service.member("writer").await;
    let (_, stranger) = service.member("stranger").await;
    let post = service
        .post_as(&writer.1, "/job-posts", &job_post("first"))
        .await;
    let post = post.unwrap()["id"].as_i64().unwrap();
    let like = format!("/job-posts/{post}/like");
    change_all(&service, &writer, post, "first").await;
    assert_eq!(
        write(&service, &stranger, (Method::PUT, &like), Value::Null).await,
        204
    );
    until_answered(&service, &stranger, writer.0).await;
    pair.standby.catch_up(&pair.server);
    let pages = pages(writer.0, post);

    pair.standby.pause();
    let before = answers(&service, &stranger, &pages, true).await;
    change_all(&service, &writer, post, "second").await;
    assert_eq!(
        write(&service, &writer.1, (Method::PUT, &like), Value::Null).await,
        204
    );

    assert_eq!(answers(&service, &stranger, &pages, true).await, before);
    answers(&service, &writer.1, &pages, false).await;
    pair.standby.resume();
    pair.standby.catch_up(&pair.server);
    let after = answers(&service, &stranger, &pages, true).await;
    for ((page, before), after) in pages.iter().zip(before).zip(after) {
        assert_ne!(before, after, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_a_replica_does_not_answer_in_time_the_primary_does() {
    let Some(pair) = Pair::start() else {
        return;
    };
    // Longer than a client waits here.
    let service = pair.service(&[PATIENT, "--statement-timeout=10m", "--handler-timeout=10m"]);
    let writer = service.member("writer").await;
    let (_, stranger) = service.member("stranger").await;
    until_answered(&service, &stranger, writer.0).await;

    // A statement that PostgreSQL ends.
    pair.standby.lock_users(&pair.server);
    let before = reads(&service).await;
    rename(&service, &writer, "Grace").await;
    assert_eq!(name(&service, &stranger, writer.0).await, "Grace");
    assert_eq!(reads(&service).await, (before.0, before.1 + 1));
    pair.standby.resume();
    until_answered(&service, &stranger, writer.0).await;

    // One that nobody ends: what comes after it doesn't wait.
    let frozen = pair.standby.freeze();
    let before = reads(&service).await;
    rename(&service, &writer, "Joan").await;
    for _ in 0..3 {
        assert_eq!(name(&service, &stranger, writer.0).await, "Joan");
    }
    assert_eq!(reads(&service).await, (before.0, before.1 + 1));
    drop(frozen);
    until_answered(&service, &stranger, writer.0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_write_that_ends_after_its_time_is_not_hidden_from_who_wrote_it() {
    let Some(pair) = Pair::start() else {
        return;
    };
    let times = [
        "--statement-timeout=10m",
        "--handler-timeout=4s",
        "--body-timeout=1s",
    ];
    let service = pair.service(&[&[PATIENT, "--database-connections=2"], &times[..]].concat());
    let (user, token) = service.member("writer").await;
    let path = format!("/users/{user}");

    let mut primary = connect(&superuser(pair.server.database_url()));
    execute(&mut primary, "BEGIN");
    let row = format!("SELECT FROM users WHERE id = {user} FOR UPDATE");
    execute(&mut primary, &row);
    let change = (Method::PATCH, path.as_str());
    let answer = write(&service, &token, change, json!({ "name": "Grace" })).await;
    assert_eq!(answer, 503);
    // All that was written by now is there.
    until_answered(&service, &token, user).await;
    pair.standby.pause();
    execute(&mut primary, "COMMIT");

    until(&service, &token, user, "Grace").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_replica_of_what_was_the_primary_is_not_asked() {
    let Some(pair) = Pair::start() else {
        return;
    };
    let service = pair.service(&[PATIENT]);
    let (user, token) = service.member("writer").await;
    drop(service);
    let data = pair.folder.path().join("postgresql");
    let mut heir = Standby::of(&pair.server, &data, "heir").unwrap();
    heir.start();
    heir.catch_up(&pair.server);
    heir.promote();
    let mut old = connect(&superuser(pair.server.database_url()));
    execute(&mut old, "UPDATE users SET name = 'Lost'");
    execute(&mut old, "SELECT pg_switch_wal()");
    pair.standby.catch_up(&pair.server);

    let log = pair.folder.path().join("log");
    let mut command = pair.command(&heir.url(), &[PATIENT]);
    let service = Service::spawn(command.stderr(fs::File::create(&log).unwrap()));

    eventually("a warning", || {
        let log = fs::read_to_string(&log).unwrap();
        log.contains("the replica is on another timeline")
    });
    assert_eq!(name(&service, &token, user).await, "Ada");
    assert_eq!(reads(&service).await, (0, 0));
}
