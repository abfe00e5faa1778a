//! What is told live: one sender into a group of many sockets, beside a bare broadcast of the same
//! bytes; and what sockets take that are told nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use alumx_api::cli::Failure;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::broadcast::Broadcast;
use crate::hear::{Heard, listen, locked};
use crate::http::{Asker, head, request};
use crate::load::{count, percentile};
use crate::median::median;
use crate::network::{GROUPS_NAME, Network, SignedIn};
use crate::options::Plan;
use crate::process;
use crate::service::Service;

/// Sockets of each user of the group.
const SOCKETS_EACH: usize = 10;
/// Messages on their way to all sockets at the same time: fewer than a slow one may miss.
const WINDOW: usize = 32;
/// Files that a process needs besides its sockets.
const OTHER_FILES: u64 = 300;

/// What was found, round by round.
#[derive(Debug, Clone, Default)]
pub struct Sockets {
    /// How many were told.
    pub told: usize,
    /// Deliveries a second.
    pub rate: Vec<f64>,
    /// Of a bare broadcast.
    pub bare_rate: Vec<f64>,
    /// Milliseconds until 99 in 100 deliveries of a lone message are there.
    pub p99: Vec<f64>,
    /// Of a bare broadcast.
    pub bare_p99: Vec<f64>,
    /// How many were idle.
    pub idle: usize,
    /// Bytes of the service for each of these.
    pub idle_bytes: f64,
}

/// Measures both, round by round, and then the idle ones.
pub fn measure(plan: &Plan, service: &Service, network: &Network) -> Result<Sockets, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let users = &network.users;
    let others: Vec<i64> = users[1..].iter().map(|user| user.id).collect();
    let body = json!({"name": GROUPS_NAME, "participantIds": others}).to_string();
    let mut asker = Asker::new(service.address)?;
    let group = asker.ask("POST", "/group-chats", &users[0].token, &body)?;
    let mut send = Vec::new();
    let path = format!("/group-chats/{}/messages", group["id"]);
    let body = json!({"content": "Shall we meet at the reunion on Saturday?"}).to_string();
    request(&mut send, "POST", &path, &users[0].token, &body);

    let mut found = Sockets {
        told: users.len() * SOCKETS_EACH,
        ..Sockets::default()
    };
    for round in 1..=plan.rounds {
        eprintln!("Sockets: round {round} of {} …", plan.rounds);
        let told = tell(&runtime, plan, service.address, users, &send)?;
        found.rate.push(told.rate);
        found.p99.push(told.p99);
        let bare = Broadcast::start(&told.example)?;
        let told = tell(&runtime, plan, bare.address, users, &send)?;
        found.bare_rate.push(told.rate);
        found.bare_p99.push(told.p99);
    }
    let possible = process::allow_files().saturating_sub(OTHER_FILES);
    found.idle = plan.idle_sockets.min(usize::try_from(possible)?);
    if found.idle < plan.idle_sockets {
        eprintln!(
            "Sockets: the limit of open files allows {} only",
            found.idle
        );
    }
    found.idle_bytes = idle(&runtime, service, users, found.idle)?;
    Ok(found)
}

struct Told {
    rate: f64,
    p99: f64,
    example: String,
}

fn tell(
    runtime: &tokio::runtime::Runtime,
    plan: &Plan,
    address: SocketAddr,
    users: &[SignedIn],
    send: &[u8],
) -> Result<Told, Failure> {
    let heard = Arc::new(Heard::default());
    let sockets = users.len() * SOCKETS_EACH;
    runtime.block_on(async {
        let listeners = listen(address, users, sockets, &heard).await?;
        lone(address, send, sockets, &heard, plan.phase).await?;
        let mut micros = std::mem::take(&mut *locked(&heard.micros));
        micros.sort_unstable();
        let rate = many(address, send, sockets, &heard, plan.phase).await?;
        for listener in listeners {
            listener.abort();
        }
        Ok(Told {
            rate,
            p99: percentile(&micros, 99) / 1000.0,
            example: locked(&heard.example).take().unwrap_or_default(),
        })
    })
}

/// One message after the other, each when everybody has had the one before.
async fn lone(
    address: SocketAddr,
    send: &[u8],
    sockets: usize,
    heard: &Heard,
    time: Duration,
) -> Result<(), Failure> {
    let mut sender = Sender::new(address).await?;
    let until = Instant::now() + time;
    let mut expected = heard.deliveries.load(Ordering::Acquire);
    while Instant::now() < until {
        *locked(&heard.since) = Some(Instant::now());
        sender.send(send).await?;
        expected += sockets;
        heard.wait(expected).await?;
    }
    *locked(&heard.since) = None;
    Ok(())
}

/// As many messages as are delivered, a few at the same time: deliveries a second.
async fn many(
    address: SocketAddr,
    send: &[u8],
    sockets: usize,
    heard: &Heard,
    time: Duration,
) -> Result<f64, Failure> {
    let first = heard.deliveries.load(Ordering::Acquire);
    let begun = AtomicUsize::new(0);
    let started = Instant::now();
    let senders = (0..4).map(|_| async {
        let mut sender = Sender::new(address).await?;
        while started.elapsed() < time {
            let nth = begun.fetch_add(1, Ordering::AcqRel) + 1;
            heard
                .wait(first + nth.saturating_sub(WINDOW) * sockets)
                .await?;
            sender.send(send).await?;
        }
        Ok::<(), Failure>(())
    });
    for done in futures_util::future::join_all(senders).await {
        done?;
    }
    heard
        .wait(first + begun.load(Ordering::Acquire) * sockets)
        .await?;
    let delivered = heard.deliveries.load(Ordering::Acquire) - first;
    Ok(count(delivered) / started.elapsed().as_secs_f64())
}

/// A connection that messages are sent over.
struct Sender {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Sender {
    async fn new(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let answer = Vec::new();
        Ok(Self { stream, answer })
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stream.write_all(bytes).await?;
        self.answer.clear();
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the connection of a sender was closed".into());
            }
            match head(&self.answer) {
                Some(head) if head.status >= 300 => {
                    return Err(format!("a message was answered with {}", head.status).into());
                }
                Some(head) if self.answer.len() >= head.whole() => return Ok(()),
                _ => {}
            }
        }
    }
}

/// Bytes that each of so many sockets takes in the service.
fn idle(
    runtime: &tokio::runtime::Runtime,
    service: &Service,
    users: &[SignedIn],
    sockets: usize,
) -> Result<f64, Failure> {
    eprintln!("Sockets: {sockets} idle ones …");
    // What was open before has gone, and is not given back at once.
    std::thread::sleep(Duration::from_secs(1));
    let before = process::memory(service.pid(), "VmRSS")?;
    let heard = Arc::new(Heard::default());
    let listeners = runtime.block_on(listen(service.address, users, sockets, &heard))?;
    std::thread::sleep(Duration::from_secs(2));
    let after = process::memory(service.pid(), "VmRSS")?;
    let open = listeners.iter().filter(|one| !one.is_finished()).count();
    for listener in &listeners {
        listener.abort();
    }
    if open < sockets {
        return Err(format!("only {open} of {sockets} sockets stayed open").into());
    }
    Ok(count(usize::try_from(after.saturating_sub(before))?) / count(sockets))
}

impl Sockets {
    /// Deliveries a second as a share of those of a bare broadcast.
    pub fn to_bare(&self) -> f64 {
        let shares = self.rate.iter().zip(&self.bare_rate);
        median(&shares.map(|(rate, bare)| rate / bare).collect::<Vec<_>>())
    }
}
