//! Instances that tell clients live, and end as no one would wish.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use alumx_infrastructure::testing::TestDatabase;
use futures_util::StreamExt;
use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::{SECRET, Service, alumx};

/// What never comes must not hold up a test for ever.
const PATIENCE: Duration = Duration::from_mins(1);

const SENDERS: usize = 4;
const EACH: usize = 60;

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

fn instance(database: &TestDatabase, more: &[&str]) -> Service {
    let mut command = alumx(&["serve", "--listen", "127.0.0.1:0"]);
    command.args(more);
    command
        .args(["--database-connections=4", "--sockets-per-user=1000"])
        .env("DATABASE_URL", database.url())
        .env("ALUMX_TOKEN_SECRET", SECRET);
    Service::spawn(&mut command)
}

/// Opens a socket; `None` if nobody is there.
pub async fn connect(service: &Service, token: &str) -> Option<Socket> {
    let url = format!("{}/api/v1/ws", service.root.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    let header = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", header);
    Some(connect_async(request).await.ok()?.0)
}

/// The next frame; `None` if the socket ended.
pub async fn next(socket: &mut Socket) -> Option<Value> {
    loop {
        match timeout(PATIENCE, socket.next()).await.unwrap() {
            Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).ok(),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => return None,
        }
    }
}

/// Pages of messages after a number, until there are no more; `None` if nobody is there.
async fn after(service: &Service, token: &str, path: &str, last: i64) -> Option<Vec<Value>> {
    let (mut last, mut all) = (last, Vec::new());
    loop {
        let path = format!("{path}/messages?afterSeq={last}&limit=100");
        let page = service.try_get_as(token, &path).await?;
        let items = page["items"].as_array()?.clone();
        let Some(end) = items.last() else {
            return Some(all);
        };
        last = end["seq"].as_i64()?;
        all.extend(items);
    }
}

/// Holds what a client was told, each message once and in order.
#[derive(Default)]
struct Held(BTreeMap<i64, Value>);

impl Held {
    fn last(&self) -> i64 {
        self.0.last_key_value().map_or(0, |(seq, _)| *seq)
    }

    /// Takes what follows; what is known already is the same as before.
    fn take(&mut self, message: &Value) {
        let seq = message["seq"].as_i64().unwrap();
        assert!(seq <= self.last() + 1, "{seq} after {}", self.last());
        let known = self.0.entry(seq).or_insert_with(|| message.clone());
        assert_eq!(known["id"], message["id"]);
    }
}

/// A client that reads until it holds all, on whichever instance is there.
async fn read_all(services: [&Service; 2], token: &str, path: &str) -> Held {
    let mut held = Held::default();
    for service in services.into_iter().cycle() {
        if held.0.len() == SENDERS * EACH {
            break;
        }
        let Some(mut socket) = connect(service, token).await else {
            continue;
        };
        while held.0.len() < SENDERS * EACH {
            let Some(frame) = next(&mut socket).await else {
                break;
            };
            match frame["type"].as_str().unwrap() {
                "ready" | "resync" => {
                    let Some(missed) = after(service, token, path, held.last()).await else {
                        break;
                    };
                    for message in &missed {
                        held.take(message);
                    }
                }
                "message.created" => held.take(&frame["message"]),
                // News of the chat itself may come late.
                _ => {}
            }
        }
    }
    held
}

/// Sends until each message was acknowledged, on whichever instance is there.
async fn send_all(
    mut services: [&Service; 2],
    (sender, token): (usize, &str),
    path: &str,
    on_answer: impl Fn(),
) {
    for n in 0..EACH {
        let body = json!({
            "content": format!("{sender} {n}"),
            "clientMessageId": format!("00000000-0000-4000-8000-{:012}", sender * EACH + n),
        });
        let path = format!("{path}/messages");
        while services[0].post_as(token, &path, &body).await.is_none() {
            services.reverse();
        }
        on_answer();
    }
}

#[tokio::test]
async fn what_was_acknowledged_by_an_instance_that_is_killed_is_there_once_for_everybody() {
    let database = TestDatabase::empty();
    let (doomed, other) = (instance(&database, &[]), instance(&database, &[]));
    let (_, ada) = doomed.member("ada").await;
    let (bob_id, bob) = doomed.member("bob").await;
    let with_bob = json!({"userId": bob_id});
    let chat = doomed.post_as(&ada, "/chats", &with_bob).await.unwrap();
    let path = format!("/chats/{}", chat["id"]);
    let answers = AtomicUsize::new(0);
    let on_answer = || {
        // In the middle of it.
        if answers.fetch_add(1, Ordering::Relaxed) == SENDERS * EACH / 3 {
            doomed.signal(Signal::KILL);
        }
    };

    let sends = (0..SENDERS).map(|n| {
        let order = if n % 2 == 0 {
            [&doomed, &other]
        } else {
            [&other, &doomed]
        };
        send_all(order, (n, &ada), &path, on_answer)
    });
    let reads = (0..4).map(|n| {
        let order = if n % 2 == 0 {
            [&doomed, &other]
        } else {
            [&other, &doomed]
        };
        read_all(order, if n < 2 { &ada } else { &bob }, &path)
    });
    let all = async { tokio::join!(join_all(sends), join_all(reads)) };
    let (_, clients) = timeout(2 * PATIENCE, all).await.unwrap();

    let stored = after(&other, &bob, &path, 0).await.unwrap();
    let numbers: Vec<i64> = stored.iter().map(|m| m["seq"].as_i64().unwrap()).collect();
    assert!(
        numbers
            .into_iter()
            .eq(1..=i64::try_from(SENDERS * EACH).unwrap())
    );
    let mut contents: Vec<_> = stored.iter().map(|m| m["content"].to_string()).collect();
    contents.sort();
    contents.dedup();
    assert_eq!(contents.len(), SENDERS * EACH);
    for client in clients {
        let ids = client.0.values().map(|message| &message["id"]);
        assert!(ids.eq(stored.iter().map(|message| &message["id"])));
    }
    assert!(!doomed.wait());
}

#[tokio::test]
async fn sockets_are_told_that_the_service_stops() {
    let database = TestDatabase::empty();
    let service = instance(&database, &[]);
    let (_, ada) = service.member("ada").await;
    let mut socket = connect(&service, &ada).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap()["type"], "ready");

    service.signal(Signal::TERM);

    let last = timeout(PATIENCE, socket.next()).await.unwrap();
    let Some(Ok(Message::Close(Some(close)))) = last else {
        panic!("{last:?}")
    };
    assert_eq!(u16::from(close.code), 1001);
    assert!(service.wait());
}

#[tokio::test]
#[ignore = "measures, and takes a minute and more than 10,000 open files"]
async fn memory_of_10_000_idle_sockets() {
    const USERS: u64 = 10;
    const OF_EACH: u64 = 1000;
    let database = TestDatabase::empty();
    let service = instance(&database, &["--rate-limits=off"]);
    let mut tokens = Vec::new();
    for n in 0..USERS {
        tokens.push(service.member(&format!("user{n}")).await.1);
    }
    // What grows once and for all, such as pools, is not counted.
    let mut sockets = Vec::new();
    sockets.extend(open_many(&service, &tokens[0], 1).await);
    let before = service.resident_bytes();

    for token in &tokens {
        for _ in 0..OF_EACH / 50 {
            sockets.extend(open_many(&service, token, 50).await);
        }
    }

    let taken = service.resident_bytes().saturating_sub(before);
    let each = taken / (USERS * OF_EACH);
    println!("{} bytes for each of {} idle sockets", each, sockets.len());
    assert!(each < 100_000);
}

/// Opens so many sockets at once and waits until they are ready.
async fn open_many(service: &Service, token: &str, count: usize) -> Vec<Socket> {
    let opening = (0..count).map(|_| async {
        let mut socket = connect(service, token).await.unwrap();
        assert_eq!(next(&mut socket).await.unwrap()["type"], "ready");
        socket
    });
    join_all(opening).await
}
