//! Sockets that listen, and what they have been told.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use alumx_api::cli::Failure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::frame::{CLOSE, PING, TEXT, frame, pong};
use crate::http::head;
use crate::load::each;
use crate::network::SignedIn;

/// How long a message may take to reach everybody.
const PATIENCE: Duration = Duration::from_secs(20);

/// What all sockets have been told.
#[derive(Default)]
pub struct Heard {
    /// How many there were.
    pub deliveries: AtomicUsize,
    /// Something is there.
    news: Notify,
    /// When what is on its way was sent, if it is timed.
    pub since: Mutex<Option<Instant>>,
    /// How long each delivery took that was timed.
    pub micros: Mutex<Vec<u32>>,
    /// Why the first of them ended that did.
    ended: Mutex<Option<String>>,
    /// What was delivered.
    pub example: Mutex<Option<String>>,
}

impl Heard {
    /// Waits until there were so many deliveries.
    pub async fn wait(&self, deliveries: usize) -> Result<(), Failure> {
        let all = async {
            while self.deliveries.load(Ordering::Acquire) < deliveries {
                // Looked at again in any case: several may wait for one piece of news.
                let soon = Duration::from_millis(1);
                let _ = tokio::time::timeout(soon, self.news.notified()).await;
            }
        };
        let done = tokio::time::timeout(PATIENCE, all).await;
        done.map_err(|_| {
            let heard = self.deliveries.load(Ordering::Acquire);
            let mut why = format!("of {deliveries} deliveries, {heard} were there in time");
            if let Some(ended) = &*locked(&self.ended) {
                let _ = write!(why, ", and {ended}");
            }
            why.into()
        })
    }

    fn delivered(&self, payload: &[u8], sockets: usize) {
        if let Some(since) = *locked(&self.since) {
            let micros = since.elapsed().as_micros();
            locked(&self.micros).push(u32::try_from(micros).unwrap_or(u32::MAX));
        }
        let before = self.deliveries.fetch_add(1, Ordering::AcqRel);
        if before == 0 {
            *locked(&self.example) = Some(String::from_utf8_lossy(payload).into_owned());
        }
        if (before + 1).is_multiple_of(sockets) {
            self.news.notify_waiters();
        }
    }
}

/// What is inside, whoever panicked.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A socket that listens.
pub type Listener = tokio::task::JoinHandle<()>;

/// So many sockets, of all users in turn, that listen.
pub async fn listen(
    address: SocketAddr,
    users: &[SignedIn],
    sockets: usize,
    heard: &Arc<Heard>,
) -> Result<Vec<Listener>, Failure> {
    let opening = (0..sockets).map(|n| open(address, users[n % users.len()].token.clone()));
    let open = each(opening, 32).await?;
    let listeners = open.into_iter().map(|(stream, bytes)| {
        let heard = heard.clone();
        tokio::spawn(async move {
            let Err(ended) = hear(stream, bytes, &heard, sockets).await;
            locked(&heard.ended).get_or_insert_with(|| ended.to_string());
        })
    });
    Ok(listeners.collect())
}

/// Opens a socket, and waits until it is ready; what came after the handshake comes with it.
async fn open(address: SocketAddr, token: String) -> Result<(TcpStream, Vec<u8>), Failure> {
    let mut stream = TcpStream::connect(address).await?;
    let handshake = format!(
        "GET /api/v1/ws HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    stream.write_all(handshake.as_bytes()).await?;
    let mut bytes = Vec::new();
    let mut is_open = false;
    loop {
        if !is_open && let Some(head) = head(&bytes) {
            if head.status != 101 {
                return Err(format!("a socket was answered with {}", head.status).into());
            }
            bytes.drain(..head.bytes);
            is_open = true;
        }
        // Who isn't ready yet is not told what happens.
        if is_open && frame(&bytes).is_some() {
            return Ok((stream, bytes));
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err("a socket was closed at once".into());
        }
    }
}

/// Listens to its end, which nobody wants.
async fn hear(
    mut stream: TcpStream,
    mut bytes: Vec<u8>,
    heard: &Heard,
    sockets: usize,
) -> Result<Infallible, Failure> {
    loop {
        let mut read = 0;
        while let Some(frame) = frame(&bytes[read..]) {
            read += frame.whole;
            match frame.opcode {
                TEXT if frame.payload.starts_with(br#"{"type":"message.created""#) => {
                    heard.delivered(frame.payload, sockets);
                }
                PING => stream.write_all(&pong(frame.payload)).await?,
                CLOSE => {
                    let code = frame.payload.iter().take(2);
                    let code = code.fold(0, |code, byte| code << 8 | u32::from(*byte));
                    return Err(format!("a socket was closed with {code}").into());
                }
                _ => {}
            }
        }
        bytes.drain(..read);
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err("a socket ended".into());
        }
    }
}
