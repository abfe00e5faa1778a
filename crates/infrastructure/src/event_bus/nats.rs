//! Signals over NATS, for more instances than one database's `NOTIFY` carries.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

use alumx_application::realtime::{BusVitals, EventBus, Received, Signal};
use async_nats::{Client, ConnectOptions, Event, Request, Subscriber};
use async_trait::async_trait;
use futures_util::StreamExt;
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime;
use tokio::sync::Notify;
use tracing::Span;

use super::envelope::{Packer, Unpacker, new_sender};
use super::outbox::{Batch, Inbox, Inlet, Outbox, Outgoing, inbox, outbox};

/// How long is waited for the first connection before the service starts without it.
const FIRST_TRY: Duration = Duration::from_secs(5);

/// How long the server may take to answer.
const ROUND_TRIP: Duration = Duration::from_secs(2);

/// Why signals can't go over NATS.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// The URL is none of a NATS server. It may hold a password, so it is not told.
    #[error("expected nats://user:password@host:port")]
    InvalidUrl,
    /// The subject has characters that subjects don't have.
    #[error("expected a subject of letters, digits, `_`, `-` and `.` only")]
    InvalidSubject,
    /// A thread can't be started.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Signals between the instances that use one subject of one NATS.
pub struct NatsBus {
    outbox: Outbox,
    inbox: Inbox,
    vitals: Arc<BusVitals>,
}

impl NatsBus {
    /// Connects; if that fails, goes on trying.
    ///
    /// # Errors
    /// If the URL or the subject is none, or a thread can't be started.
    pub fn start(url: &SecretString, subject: &str) -> Result<Self, NatsError> {
        let servers = Self::check(url, subject)?;
        let sender = new_sender();
        let (outbox, outgoing) = outbox();
        let (inlet, inbox) = inbox();
        let vitals = Arc::new(BusVitals::default());
        let (connected, first_try) = std::sync::mpsc::sync_channel(1);
        let link = Link {
            subject: subject.to_owned(),
            broken: Arc::new(Broken::default()),
            vitals: vitals.clone(),
        };
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        thread::Builder::new()
            .name("bus-nats".to_owned())
            .spawn(move || {
                let ends = (
                    Packer::new(sender),
                    Unpacker::new(sender, link.vitals.clone()),
                );
                runtime.block_on(link.run(servers, outgoing, inlet, ends, connected));
            })?;
        first_try.recv().ok();
        Ok(Self {
            outbox,
            inbox,
            vitals,
        })
    }
}

impl NatsBus {
    /// The servers that are meant, before anything is started.
    ///
    /// # Errors
    /// If the URL or the subject is none.
    pub fn check(
        url: &SecretString,
        subject: &str,
    ) -> Result<Vec<async_nats::ServerAddr>, NatsError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let word = |word: &str| !word.is_empty() && word.chars().all(plain);
        if !subject.split('.').all(word) {
            return Err(NatsError::InvalidSubject);
        }
        let servers = url.expose_secret().split(',');
        let servers = servers.map(|server| server.trim().parse());
        servers
            .collect::<Result<_, _>>()
            .map_err(|_| NatsError::InvalidUrl)
    }
}

#[async_trait]
impl EventBus for NatsBus {
    fn send(&self, signal: Signal) {
        self.outbox.put(signal);
    }

    async fn receive(&self) -> Received {
        self.inbox.take().await
    }

    fn vitals(&self) -> Option<Arc<BusVitals>> {
        Some(self.vitals.clone())
    }
}

/// What a cut means for both directions.
#[derive(Default)]
struct Broken {
    /// What others sent meanwhile may be missing here.
    heard: Alarm,
    /// What was sent just before may be missing elsewhere.
    told: Alarm,
}

/// Whether something may be missing, and a bell for when that can be said.
#[derive(Default)]
struct Alarm {
    raised: AtomicBool,
    bell: Notify,
}

impl Alarm {
    fn raise(&self) {
        self.raised.store(true, Ordering::Release);
    }

    /// Waits until it is to be said.
    async fn rung(&self) {
        loop {
            self.bell.notified().await;
            if self.raised.swap(false, Ordering::AcqRel) {
                return;
            }
        }
    }
}

struct Link {
    subject: String,
    broken: Arc<Broken>,
    vitals: Arc<BusVitals>,
}

impl Link {
    async fn run(
        self,
        servers: Vec<async_nats::ServerAddr>,
        outgoing: Outgoing,
        inlet: Inlet,
        (packer, unpacker): (Packer, Unpacker),
        connected: SyncSender<()>,
    ) {
        let up = Arc::new(Notify::new());
        let options = self.options(&up);
        // With retries, this fails only for what retries don't mend.
        let client = match options.connect(servers).await {
            Ok(client) => client,
            Err(error) => {
                tracing::error!(
                    "other instances are neither told nor heard: {}",
                    error.kind()
                );
                return;
            }
        };
        let subscriber = match client.subscribe(self.subject.clone()).await {
            Ok(subscriber) => subscriber,
            Err(error) => {
                tracing::error!("other instances are not heard: {error}");
                return;
            }
        };
        let waited = tokio::time::timeout(FIRST_TRY, async {
            up.notified().await;
            self.round_trip(&client).await;
        });
        waited.await.ok();
        connected.try_send(()).ok();
        tokio::select! {
            () = self.publish(&client, outgoing, packer) => {}
            () = self.listen(&client, subscriber, inlet, unpacker) => {}
        }
        // What was published last.
        tokio::time::timeout(FIRST_TRY, client.flush()).await.ok();
    }

    fn options(&self, up: &Arc<Notify>) -> ConnectOptions {
        let (broken, up, vitals) = (self.broken.clone(), up.clone(), self.vitals.clone());
        ConnectOptions::new()
            .name("alumx")
            .no_echo()
            .retry_on_initial_connect()
            .ping_interval(Duration::from_secs(15))
            .event_callback(move |event| {
                let (broken, up) = (broken.clone(), up.clone());
                match event {
                    Event::Connected => vitals.set_connected(true),
                    Event::Disconnected => vitals.set_connected(false),
                    _ => {}
                }
                async move {
                    match event {
                        Event::Connected => {
                            up.notify_one();
                            broken.heard.bell.notify_one();
                            broken.told.bell.notify_one();
                        }
                        Event::Disconnected => {
                            broken.heard.raise();
                            broken.told.raise();
                        }
                        Event::SlowConsumer(_) => {
                            broken.heard.raise();
                            broken.heard.bell.notify_one();
                        }
                        _ => {}
                    }
                    tracing::debug!("NATS: {event}");
                }
            })
    }

    async fn listen(
        &self,
        client: &Client,
        mut subscriber: Subscriber,
        mut inlet: Inlet,
        mut unpacker: Unpacker,
    ) {
        let mut settle = tokio::time::interval(Duration::from_secs(1));
        while !inlet.is_closed() {
            tokio::select! {
                message = subscriber.next() => {
                    let Some(message) = message else { return };
                    let payload = String::from_utf8_lossy(&message.payload);
                    if let Some(received) = unpacker.unpack(&payload) {
                        inlet.put(received);
                    }
                }
                () = self.broken.heard.rung() => {
                    tracing::warn!("other instances were not heard for a while");
                    unpacker.forget();
                    // Until then more may be missed.
                    self.round_trip(client).await;
                    inlet.put(Received::Lost);
                }
                _ = settle.tick() => inlet.settle(),
            }
        }
    }

    /// Waits until the server has done all that it was asked before, above all until it has
    /// subscribed this instance: it answers at once that nobody is there to answer.
    async fn round_trip(&self, client: &Client) {
        let nobody = format!("{}.nobody", self.subject);
        let request = Request::new().timeout(Some(ROUND_TRIP));
        client.send_request(nobody, request).await.ok();
    }

    /// Sends what is put into the outbox, until no more will come. While NATS is away its client
    /// keeps some, then this waits, and the outbox fills. What it had taken when it was cut may be
    /// gone without a trace, so that the others are told of a loss.
    async fn publish(&self, client: &Client, mut outgoing: Outgoing, mut packer: Packer) {
        loop {
            let Batch { signals, cause } = tokio::select! {
                taken = outgoing.take() => match taken {
                    Some(batch) => batch,
                    None => return,
                },
                () = self.broken.told.rung() => Batch {
                    signals: vec![Signal::Lost],
                    cause: Span::none(),
                },
            };
            for envelope in packer.pack(&signals) {
                let published = client.publish(self.subject.clone(), envelope.into());
                if let Err(error) = published.await {
                    cause.in_scope(|| tracing::warn!("other instances are not told: {error}"));
                }
            }
        }
    }
}
