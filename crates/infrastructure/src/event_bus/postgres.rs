//! Signals over PostgreSQL: `LISTEN` and `NOTIFY`, each on a connection and a thread of its own.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use alumx_application::realtime::{BusVitals, EventBus, Received, Signal};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text};
use tokio::runtime;

use super::envelope::{Packer, Unpacker, new_sender};
use super::outbox::{Batch, Inbox, Inlet, Outbox, Outgoing, inbox, outbox};
use crate::db::with_timeouts;

/// How often it is looked for notifications: libpq hands them over only when asked.
const POLL_EVERY: Duration = Duration::from_millis(5);

/// How often an idle connection is tried, as no end may have been heard of.
const TRY_EVERY: Duration = Duration::from_secs(15);

/// How long is waited between two attempts to connect, at first and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// Signals between the instances on one schema of one database.
///
/// Not inside the transaction of what is told: `NOTIFY` takes a global lock at the commit. Many
/// signals are sent by one statement.
pub struct PostgresBus {
    outbox: Outbox,
    inbox: Inbox,
    vitals: Arc<BusVitals>,
}

impl PostgresBus {
    /// Connects; if that fails, goes on trying.
    ///
    /// # Errors
    /// If a thread can't be started.
    pub fn start(url: &str) -> io::Result<Self> {
        let sender = new_sender();
        let (outbox, outgoing) = outbox();
        let (inlet, inbox) = inbox();
        let vitals = Arc::new(BusVitals::default());
        let url = with_timeouts(url);
        let (tried, first_try) = std::sync::mpsc::sync_channel(1);
        let mut listener = Listener {
            url: url.clone(),
            inlet,
            unpacker: Unpacker::new(sender, vitals.clone()),
            vitals: vitals.clone(),
        };
        let runtime = runtime::Builder::new_current_thread().build()?;
        thread::Builder::new()
            .name("bus-listen".to_owned())
            .spawn(move || listener.run(&tried))?;
        thread::Builder::new()
            .name("bus-notify".to_owned())
            .spawn(move || runtime.block_on(notify(&url, outgoing, Packer::new(sender))))?;
        // Whoever is here before it listens would miss something; but a database that is away
        // must not keep the service from starting.
        first_try.recv().ok();
        Ok(Self {
            outbox,
            inbox,
            vitals,
        })
    }
}

#[async_trait]
impl EventBus for PostgresBus {
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

struct Listener {
    url: String,
    inlet: Inlet,
    unpacker: Unpacker,
    vitals: Arc<BusVitals>,
}

impl Listener {
    fn run(&mut self, tried: &std::sync::mpsc::SyncSender<()>) {
        let mut wait = BACKOFF.0;
        let mut first = true;
        while !self.inlet.is_closed() {
            let broken = match connect_to_channel(&self.url) {
                Ok(mut conn) => {
                    wait = BACKOFF.0;
                    if !first {
                        self.unpacker.forget();
                        self.inlet.put(Received::Lost);
                    }
                    self.vitals.set_connected(true);
                    tried.try_send(()).ok();
                    self.listen(&mut conn)
                }
                Err(error) => Err(error),
            };
            self.vitals.set_connected(false);
            first = false;
            tried.try_send(()).ok();
            if let Err(error) = broken {
                tracing::warn!("other instances are not heard: {error}");
                thread::sleep(wait);
                wait = (2 * wait).min(BACKOFF.1);
            }
        }
    }

    /// Receives until the connection breaks or nobody wants any more.
    fn listen(&mut self, conn: &mut PgConnection) -> Result<(), String> {
        let mut tried = Instant::now();
        while !self.inlet.is_closed() {
            let mut came = false;
            for notification in conn.notifications_iter() {
                let payload = notification.map_err(|error| error.to_string())?.payload;
                came = true;
                if let Some(received) = self.unpacker.unpack(&payload) {
                    self.inlet.put(received);
                }
            }
            self.inlet.settle();
            if came {
                tried = Instant::now();
            } else if tried.elapsed() > TRY_EVERY {
                let answer = diesel::sql_query("SELECT 1").execute(conn);
                answer.map_err(|error| error.to_string())?;
                tried = Instant::now();
            }
            thread::sleep(POLL_EVERY);
        }
        Ok(())
    }
}

/// A channel is of a database; instances on different schemas of one must not hear each other.
const CHANNEL: &str = "'alumx_' || md5(current_schema())";

fn connect_to_channel(url: &str) -> Result<PgConnection, String> {
    #[derive(QueryableByName)]
    struct Channel {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let mut conn = connect(url)?;
    let sql = format!("SELECT {CHANNEL} AS name");
    let channel: Channel = diesel::sql_query(sql)
        .get_result(&mut conn)
        .map_err(|error| error.to_string())?;
    diesel::sql_query(format!("LISTEN {}", channel.name))
        .execute(&mut conn)
        .map_err(|error| error.to_string())?;
    Ok(conn)
}

fn connect(url: &str) -> Result<PgConnection, String> {
    let fail = |error: &dyn std::fmt::Display| error.to_string();
    let mut conn = PgConnection::establish(url).map_err(|error| fail(&error))?;
    diesel::sql_query("SELECT set_config('application_name', 'alumx bus', false)")
        .execute(&mut conn)
        .map_err(|error| fail(&error))?;
    Ok(conn)
}

/// Sends what is put into the outbox, until no more will come.
async fn notify(url: &str, mut outgoing: Outgoing, mut packer: Packer) {
    let mut conn = None;
    while let Some(Batch { signals, cause }) = outgoing.take().await {
        let _entered = cause.enter();
        let envelopes = packer.pack(&signals);
        let mut wait = BACKOFF.0;
        // Sent again after a failure: who received it already knows the number.
        while let Err(error) = notify_once(url, &mut conn, &envelopes) {
            conn = None;
            if outgoing.is_closed() {
                return;
            }
            tracing::warn!("other instances are not told: {error}");
            thread::sleep(wait);
            wait = (2 * wait).min(BACKOFF.1);
        }
    }
}

fn notify_once(
    url: &str,
    conn: &mut Option<PgConnection>,
    envelopes: &[String],
) -> Result<(), String> {
    let conn = match conn {
        Some(conn) => conn,
        None => conn.insert(connect(url)?),
    };
    let sql = format!("SELECT pg_notify({CHANNEL}, envelope) FROM unnest($1) AS envelope");
    diesel::sql_query(sql)
        .bind::<Array<Text>, _>(envelopes)
        .execute(conn)
        .map(drop)
        .map_err(|error| error.to_string())
}
