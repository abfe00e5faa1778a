//! PostgreSQL stops and comes back.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use alumx_infrastructure::embedded::{Options, Server};
use alumx_infrastructure::testing::{connect, number};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use super::load::{Ask, Door, unlimited, writers};
use super::standby::Frozen;
use crate::support::{SECRET, Service, folder};

/// Connections of the pool, and the two of the bus.
const CONNECTIONS: i64 = 4 + 2;

/// How long a request may take while the database is away: its wait for a connection, and room for
/// a busy machine.
const ANSWERED_WITHIN: Duration = Duration::from_secs(4);

/// What the writers see, for who stops the database.
#[derive(Default)]
struct Seen {
    done: Cell<usize>,
    /// Writers whose last answer was good, and those whose last was a refusal.
    served: RefCell<HashSet<usize>>,
    refused: RefCell<HashSet<usize>>,
    stop: Cell<bool>,
    news: Notify,
}

impl Seen {
    fn note(&self, writer: usize, status: Option<u16>) -> bool {
        let (mut served, mut refused) = (self.served.borrow_mut(), self.refused.borrow_mut());
        match status {
            Some(200..=299) => {
                self.done.set(self.done.get() + 1);
                refused.remove(&writer);
                served.insert(writer);
            }
            Some(503) => {
                served.remove(&writer);
                refused.insert(writer);
            }
            other => panic!("writer {writer} got {other:?}"),
        }
        self.news.notify_one();
        !self.stop.get()
    }

    /// Waits for what the writers will see.
    async fn until(&self, what: &str, seen: impl Fn(&Self) -> bool) {
        let waited = tokio::time::timeout(Duration::from_mins(1), async {
            while !seen(self) {
                self.news.notified().await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("{what}: not seen"));
    }
}

/// Has every refusal be a clear one, in time.
struct Watched<'a>(&'a Service);

impl Door for Watched<'_> {
    async fn ask(&self, ask: &Ask) -> Option<(u16, Value)> {
        let asked = Instant::now();
        let answer = ask.send(&self.0.http, &self.0.root).await.ok()?;
        let status = answer.status().as_u16();
        let after = answer.headers().get("retry-after").cloned();
        let body: Value = serde_json::from_slice(&answer.bytes().await.ok()?).unwrap_or_default();
        if status == 503 {
            assert!(asked.elapsed() < ANSWERED_WITHIN, "{:?}", asked.elapsed());
            assert_eq!(after.unwrap(), "1");
            assert_eq!(body["code"], "unavailable");
            assert!(!body.to_string().contains("postgres"), "{body}");
        }
        Some((status, body))
    }
}

async fn stop_and_start(
    mut server: Server,
    options: &Options,
    service: &Service,
    seen: &Seen,
) -> Server {
    for _ in 0..2 {
        let done = seen.done.get();
        seen.until("load", |seen| seen.done.get() > done + 60).await;

        spawn_blocking(|| server.stop()).await.unwrap();

        seen.until("refusals", |seen| seen.refused.borrow().len() == 6)
            .await;
        let ready = service.get("/readyz").await;
        assert_eq!(ready.status(), 503);
        assert_eq!(ready.headers()["retry-after"], "1");
        assert_eq!(service.get("/healthz").await.status(), 200);
        let options = options.clone();
        server = spawn_blocking(move || Server::start(&options).unwrap())
            .await
            .unwrap();
        seen.until("recovery", |seen| seen.served.borrow().len() == 6)
            .await;
    }
    let done = seen.done.get();
    seen.until("load", |seen| seen.done.get() > done + 60).await;
    seen.stop.set(true);
    server
}

fn assert_no_leak(server: &Server) {
    let count = "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let open = number(&mut connect(server.database_url()), count);
    assert!(open <= CONNECTIONS, "{open} connections are open");
}

/// A service on a server of its own, which keeps its files in this folder.
fn beside(server: &Server, folder: &Path) -> Service {
    let mut command = unlimited(&["--listen", "127.0.0.1:0"]);
    command
        .args(["--database-connections=4", "--database-wait=500ms"])
        .arg("--files-dir")
        .arg(folder.join("files"))
        .env("DATABASE_URL", server.database_url())
        .env("ALUMX_TOKEN_SECRET", SECRET);
    Service::spawn(&mut command)
}

#[tokio::test]
async fn while_postgresql_hangs_it_is_soon_told_not_to_be_ready() {
    let folder = folder();
    let server = Server::start(&Options::new(folder.path().join("postgresql"))).unwrap();
    let service = beside(&server, folder.path());
    assert_eq!(service.get("/readyz").await.status(), 200);

    let frozen = Frozen::whole(server.database_url());
    let asked = Instant::now();
    let ready = service.get("/readyz").await;

    assert_eq!(ready.status(), 503);
    assert_eq!(ready.headers()["retry-after"], "1");
    assert!(asked.elapsed() < ANSWERED_WITHIN, "{:?}", asked.elapsed());
    assert_eq!(service.get("/healthz").await.status(), 200);
    drop(frozen);
    assert_eq!(service.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn who_waits_behind_connections_that_hang_gets_one_that_does_not() {
    let folder = folder();
    let server = Server::start(&Options::new(folder.path().join("postgresql"))).unwrap();
    let service = beside(&server, folder.path());
    let (_, token) = service.member("ada").await;
    let (other, _) = service.member("bert").await;
    let chat = json!({ "userId": other });
    let chat = service.post_as(&token, "/chats", &chat).await.unwrap();
    let path = format!("/chats/{}/messages", chat["id"]);

    // All go to one chat: none of them can be stored together with another.
    let frozen = Frozen::latest(server.database_url(), 2);
    let mut sent: FuturesUnordered<_> = (0..3)
        .map(|n| {
            let ask = Ask {
                method: Method::POST,
                body: json!({ "content": n.to_string() }),
                ..Ask::get(&token, path.as_str())
            };
            let service = &service;
            async move { ask.send(&service.http, &service.root).await.unwrap() }
        })
        .collect();
    let first = sent.next().await.unwrap();
    drop(frozen);
    let others: Vec<_> = sent.collect().await;

    for answer in others.into_iter().chain([first]) {
        assert_eq!(answer.status(), 201);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn without_postgresql_it_says_so_at_once_and_goes_on_when_it_is_back() {
    let folder = folder();
    let options = Options::new(folder.path().join("postgresql"));
    let server = Server::start(&options).unwrap();
    let service = beside(&server, folder.path());
    let mut writers = writers(&service).await;
    let seen = Seen::default();

    let door = Watched(&service);
    let (door, seen_by) = (&door, &seen);
    let load = writers
        .iter_mut()
        .enumerate()
        .map(|(n, writer)| async move {
            let goes_on = |status| seen_by.note(n, status);
            writer.run(door, goes_on).await;
        });
    let outages = stop_and_start(server, &options, &service, &seen);
    let (_, server) = tokio::join!(join_all(load), outages);

    assert_eq!(service.get("/readyz").await.status(), 200);
    for writer in &writers {
        writer.assert_nothing_lost(&service).await;
    }
    assert_no_leak(&server);
}
