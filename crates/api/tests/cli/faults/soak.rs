//! Hours, if one likes: is what the service takes the same after them?
//!
//! `ALUMX_SOAK_MINUTES=10 cargo test --release -p alumx-api --test cli soak -- --ignored --nocapture`

use std::cell::Cell;
use std::fs;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::{Interval, interval};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::load::{Ask, Door, Writer, unlimited, writers};
use crate::support::{Service, folder};

/// One request in this time, of all clients together.
const EVERY: Duration = Duration::from_millis(5);

/// Sockets that are open at the same time; each is closed after so many frames, for another.
const SOCKETS: usize = 20;
const FRAMES: usize = 500;

/// What the system knows of the process.
#[derive(Debug, Clone, Copy)]
struct Taken {
    rss_mib: u64,
    descriptors: usize,
    connections: usize,
}

impl Taken {
    fn by(service: &Service) -> Self {
        let process = format!("/proc/{}", service.process());
        let status = fs::read_to_string(format!("{process}/status")).unwrap();
        let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: u64 = rss.unwrap().trim().trim_end_matches(" kB").parse().unwrap();
        let open: Vec<_> = fs::read_dir(format!("{process}/fd"))
            .unwrap()
            .filter_map(|descriptor| fs::read_link(descriptor.unwrap().path()).ok())
            .collect();
        let sockets = open
            .iter()
            .filter(|to| to.to_string_lossy().starts_with("socket:"));
        Self {
            rss_mib: kib / 1024,
            descriptors: open.len(),
            connections: sockets.count(),
        }
    }
}

/// A door through which requests go in an even stream.
struct Paced<'a> {
    service: &'a Service,
    turn: Mutex<Interval>,
    done: Cell<usize>,
    over: Cell<bool>,
}

impl Door for Paced<'_> {
    async fn ask(&self, ask: &Ask) -> Option<(u16, Value)> {
        self.turn.lock().await.tick().await;
        self.done.set(self.done.get() + 1);
        self.service.ask(ask).await
    }
}

/// Reads what people look at.
async fn read(door: &Paced<'_>, token: &str) {
    while !door.over.get() {
        for path in [
            "/job-posts?sort=top&limit=20",
            "/users?q=ada&limit=10",
            "/group-chats",
            "/me/unread",
            "/me",
        ] {
            door.read(token, path.to_owned()).await;
        }
    }
}

/// Opens socket after socket, and hears what happens.
async fn listen(door: &Paced<'_>, token: &str) {
    let url = format!("{}/api/v1/ws", door.service.root.replace("http", "ws"));
    while !door.over.get() {
        let mut handshake = url.as_str().into_client_request().unwrap();
        let bearer = format!("Bearer {token}").parse().unwrap();
        handshake.headers_mut().insert("authorization", bearer);
        let (mut socket, _) = tokio_tungstenite::connect_async(handshake).await.unwrap();
        for _ in 0..FRAMES {
            let frame = tokio::time::timeout(Duration::from_secs(20), socket.next());
            match frame.await {
                Ok(Some(Ok(_))) if !door.over.get() => {}
                _ => break,
            }
        }
        socket.close(None).await.ok();
    }
}

/// Looks every minute until the end.
async fn watch(door: &Paced<'_>, minutes: u32) -> Vec<Taken> {
    let (mut minute, mut taken) = (interval(Duration::from_mins(1)), Vec::new());
    let started = Instant::now();
    for n in 0..=minutes {
        minute.tick().await;
        let now = Taken::by(door.service);
        let requests = door.done.get();
        println!(
            "minute {n}: {now:?}, {requests} requests in {:?}",
            started.elapsed()
        );
        taken.push(now);
    }
    door.over.set(true);
    taken
}

/// Whether the last third takes no more than the third before it. The first one fills caches.
fn assert_flat(what: &str, room: u64, taken: &[Taken], of: impl Fn(&Taken) -> u64) {
    let third = taken.len() / 3;
    let most = |part: &[Taken]| part.iter().map(&of).max().unwrap();
    let (before, last) = (most(&taken[third..2 * third]), most(&taken[2 * third..]));
    println!("{what}: at most {before}, then at most {last}");
    assert!(last <= before + room, "{what} grows");
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn soak() {
    let minutes = std::env::var("ALUMX_SOAK_MINUTES").map_or(10, |text| text.parse().unwrap());
    assert!(minutes >= 3, "shorter says nothing");
    let folder = folder();
    let mut command = unlimited(&["--listen", "127.0.0.1:0", "--log", "warn"]);
    // For longer than the test.
    command.arg("--access-token-lifetime=1d");
    command.arg("--data-dir").arg(folder.path());
    let service = Service::spawn(&mut command);
    let mut writers = writers(&service).await;
    let tokens: Vec<String> = writers.iter().map(|one| one.token().to_owned()).collect();
    let door = Paced {
        service: &service,
        turn: Mutex::new(interval(EVERY)),
        done: Cell::new(0),
        over: Cell::new(false),
    };

    let goes_on = |status: Option<u16>| {
        assert!(matches!(status, Some(200..=299)), "{status:?}");
        !door.over.get()
    };
    let write = writers
        .iter_mut()
        .map(|one: &mut Writer| one.run(&door, &goes_on));
    let read = tokens.iter().map(|token| read(&door, token));
    let listen = tokens
        .iter()
        .cycle()
        .take(SOCKETS)
        .map(|token| listen(&door, token));
    let (.., taken) = tokio::join!(
        join_all(write),
        join_all(read),
        join_all(listen),
        watch(&door, minutes)
    );

    assert_flat("memory in MiB", 16, &taken, |taken| taken.rss_mib);
    assert_flat("descriptors", 8, &taken, |taken| taken.descriptors as u64);
    assert_flat("connections", 8, &taken, |taken| taken.connections as u64);
}
