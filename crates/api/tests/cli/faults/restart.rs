//! Instances are restarted one after the other.

use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use alumx_infrastructure::testing::TestDatabase;
use futures_util::future::join_all;
use reqwest::Client;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use super::load::{Ask, Door, unlimited, writers};
use crate::support::{SECRET, Service, client, folder};

/// What the balancer last saw of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Ready,
    NotReady,
    Refuses,
}

/// Sends to the instances in turn, as a load balancer does: to those that are ready, and of what
/// fails it tries again only what could not be sent.
struct Balancer {
    http: Client,
    roots: Vec<String>,
    health: RefCell<Vec<Health>>,
    news: Notify,
    next: Cell<usize>,
    done: Cell<usize>,
    stop: Cell<bool>,
}

impl Balancer {
    fn over(instances: &[Service]) -> Self {
        Self {
            http: client(),
            roots: instances.iter().map(|one| one.root.clone()).collect(),
            health: RefCell::new(vec![Health::Ready; instances.len()]),
            news: Notify::new(),
            next: Cell::new(0),
            done: Cell::new(0),
            stop: Cell::new(false),
        }
    }

    /// Looks at the instances until the end, often, for the test to be short.
    async fn watch(&self) {
        let mut turn = tokio::time::interval(Duration::from_millis(20));
        while !self.stop.get() {
            turn.tick().await;
            for (n, root) in self.roots.iter().enumerate() {
                let answer = self.http.get(format!("{root}/readyz")).send().await;
                let health = match answer {
                    Ok(answer) if answer.status() == 200 => Health::Ready,
                    Ok(_) => Health::NotReady,
                    Err(_) => Health::Refuses,
                };
                self.health.borrow_mut()[n] = health;
                self.news.notify_one();
            }
        }
    }

    /// Waits until the instance is seen so.
    async fn until(&self, instance: usize, health: Health) {
        let waited = tokio::time::timeout(Duration::from_mins(1), async {
            while self.health.borrow()[instance] != health {
                self.news.notified().await;
            }
        });
        waited
            .await
            .unwrap_or_else(|_| panic!("{instance} is never {health:?}"));
    }

    async fn load(&self, more: usize) {
        let done = self.done.get() + more;
        while self.done.get() < done {
            self.news.notified().await;
        }
    }
}

impl Door for Balancer {
    async fn ask(&self, ask: &Ask) -> Option<(u16, Value)> {
        for _ in 0..self.roots.len() {
            let n = self.next.get();
            self.next.set((n + 1) % self.roots.len());
            if self.health.borrow()[n] != Health::Ready {
                continue;
            }
            match ask.send(&self.http, &self.roots[n]).await {
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    let body = answer.bytes().await.unwrap();
                    return Some((status, serde_json::from_slice(&body).unwrap_or_default()));
                }
                Err(error) if error.is_connect() => {}
                Err(error) => panic!("a request failed: {error:?}"),
            }
        }
        panic!("no instance took a request")
    }
}

struct Shared {
    database: TestDatabase,
    files: TempDir,
}

impl Shared {
    fn instance(&self, listen: &str, delay: &str) -> Service {
        let mut command = unlimited(&["--listen", listen, "--shutdown-delay", delay]);
        command
            .arg("--database-connections=3")
            .arg("--files-dir")
            .arg(self.files.path())
            .env("DATABASE_URL", self.database.url())
            .env("ALUMX_TOKEN_SECRET", SECRET);
        Service::spawn(&mut command)
    }

    fn new() -> Self {
        Self {
            database: TestDatabase::empty(),
            files: folder(),
        }
    }
}

/// Restarts each once the load has reached all of them.
async fn restart_all(
    shared: &Shared,
    instances: Vec<Service>,
    balancer: &Balancer,
) -> Vec<Service> {
    let mut restarted = Vec::new();
    for (n, instance) in instances.into_iter().enumerate() {
        balancer.load(40).await;
        let address = instance.root.strip_prefix("http://").unwrap().to_owned();

        instance.signal(Signal::TERM);

        balancer.until(n, Health::NotReady).await;
        balancer.until(n, Health::Refuses).await;
        let ended = spawn_blocking(|| instance.wait());
        assert!(ended.await.unwrap());
        let again = tokio::task::block_in_place(|| shared.instance(&address, "1s"));
        restarted.push(again);
        balancer.until(n, Health::Ready).await;
    }
    balancer.load(40).await;
    balancer.stop.set(true);
    restarted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn no_request_fails_while_instances_are_restarted_in_turn() {
    let shared = Shared::new();
    let instances: Vec<Service> = (0..2)
        .map(|_| shared.instance("127.0.0.1:0", "1s"))
        .collect();
    let mut writers = writers(&instances[0]).await;
    let balancer = Balancer::over(&instances);
    let goes_on = |status: Option<u16>| {
        assert!(matches!(status, Some(200..=299)), "{status:?}");
        balancer.done.set(balancer.done.get() + 1);
        balancer.news.notify_one();
        !balancer.stop.get()
    };

    let load = writers.iter_mut().map(|one| one.run(&balancer, &goes_on));
    let restarts = restart_all(&shared, instances, &balancer);
    let (_, instances, ()) = tokio::join!(join_all(load), restarts, balancer.watch());

    for writer in &writers {
        writer.assert_nothing_lost(&instances[0]).await;
    }
}

#[tokio::test]
async fn who_keeps_a_connection_is_told_to_close_it_before_the_listener_does() {
    let shared = Shared::new();
    let service = shared.instance("127.0.0.1:0", "10m");
    let address = service.root.strip_prefix("http://").unwrap();
    let mut kept = TcpStream::connect(address).unwrap();
    let mut answer = [0; 2048];
    let ask = b"GET /healthz HTTP/1.1\r\nHost: alumx\r\n\r\n";
    kept.write_all(ask).unwrap();
    let length = kept.read(&mut answer).unwrap();
    let first = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(!first.contains("connection: close"), "{first}");

    service.signal(Signal::TERM);

    while service.get("/readyz").await.status() == 200 {}
    kept.write_all(ask).unwrap();
    let mut last = String::new();
    kept.read_to_string(&mut last).unwrap();
    assert!(last.starts_with("HTTP/1.1 200"), "{last}");
    assert!(last.contains("connection: close"), "{last}");
    let ready = service.get("/readyz").await;
    assert_eq!(ready.headers()["connection"], "close");
    assert_eq!(ready.headers()["retry-after"], "1");
    // Whoever insists doesn't wait for the delay.
    service.signal(Signal::TERM);
    assert!(service.wait());
}

#[tokio::test]
async fn a_person_at_the_terminal_does_not_wait_for_load_balancers() {
    let shared = Shared::new();
    let service = shared.instance("127.0.0.1:0", "10m");

    service.signal(Signal::INT);

    assert!(service.wait());
}
