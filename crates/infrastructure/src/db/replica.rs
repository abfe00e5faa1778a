//! A replica of the database: which reads may go there, and when.
//!
//! One thread looks at both servers again and again: it notes how far the primary's log had come
//! at a moment, and learns how far the replica has replayed it. So it is known which moment the
//! replica has reached, and no write needs to ask for its position in the log: whoever wrote
//! before that moment finds it there.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use alumx_domain::account::UserId;
use diesel::prelude::*;
use moka::sync::Cache;

use super::watch::{Silent, watch};
use super::workers::Workers;
use super::{DbLoad, DbSettings, pool, with_timeouts};

/// How long a read waits for a connection to the replica before it goes to the primary.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long a statement may run there before it is tried on the primary.
const STATEMENT: Duration = Duration::from_secs(1);

/// The most users whose last write is remembered. One who was forgotten counts as having just
/// written.
const WRITERS: u64 = 100_000;

/// How long a user who does nothing is remembered.
const REMEMBERED: Duration = Duration::from_mins(1);

tokio::task_local! {
    /// For whom something is only read; nobody else is shown what the replica says.
    static READER: UserId;
}

/// Where the replica is and how old its answers may be.
#[derive(Debug, Clone)]
pub struct ReplicaSettings {
    /// libpq URL or connection string.
    pub url: String,
    /// How far it may be behind to be asked.
    pub lag: Duration,
    /// The same of the primary itself, whatever pooler is in front of it.
    pub primary_url: String,
}

/// The replica and what is known of it.
pub(super) struct Replica {
    workers: Workers,
    statement_timeout: Duration,
    /// How long an answer is waited for.
    patience: Duration,
    lag: Duration,
    known: Mutex<Known>,
    /// When each user last wrote, or was first seen: a new account was written by nobody.
    writers: Cache<UserId, Instant>,
    answered: AtomicU64,
    passed_on: AtomicU64,
}

#[derive(Default)]
struct Known {
    /// What was written before this moment is there; `None` while that is not known.
    reached: Option<Instant>,
    /// A query that was given up, for as long as it hangs there.
    given_up: Weak<()>,
}

/// What became of the reads that a replica was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReplicaReads {
    /// It answered them.
    pub answered: u64,
    /// The primary answered them in the end.
    pub passed_on: u64,
}

impl Replica {
    /// Prepares to connect, and looks at both servers for as long as anybody has it.
    pub(super) fn start(
        primary: &DbSettings,
        settings: &ReplicaSettings,
    ) -> std::io::Result<Arc<Self>> {
        let own = DbSettings {
            url: settings.url.clone(),
            wait_timeout: primary.wait_timeout.min(PATIENCE),
            statement_timeout: primary.statement_timeout.min(STATEMENT),
            pooled: false,
            ..primary.clone()
        };
        let replica = Arc::new(Self {
            workers: Workers::start(&pool(&own, Box::new(Silent)), &own)?,
            statement_timeout: own.statement_timeout,
            patience: own.wait_timeout + own.statement_timeout,
            lag: settings.lag,
            known: Mutex::default(),
            writers: Cache::builder()
                .max_capacity(WRITERS)
                .time_to_idle(REMEMBERED)
                .build(),
            answered: AtomicU64::default(),
            passed_on: AtomicU64::default(),
        });
        let urls = [&settings.primary_url, &own.url].map(|url| with_timeouts(url));
        let watched = Arc::downgrade(&replica);
        std::thread::Builder::new()
            .name("replica".to_owned())
            .spawn(move || watch(&watched, &urls))?;
        Ok(replica)
    }

    pub(super) fn load(&self) -> DbLoad {
        self.workers.load()
    }

    pub(super) fn reads(&self) -> ReplicaReads {
        ReplicaReads {
            answered: self.answered.load(Ordering::Relaxed),
            passed_on: self.passed_on.load(Ordering::Relaxed),
        }
    }

    /// Whether whoever reads now may be shown what the replica says.
    pub(super) fn suits_reader(&self) -> bool {
        let Ok(user) = READER.try_with(|user| *user) else {
            return false;
        };
        let wrote = self.writers.get_with(user, Instant::now);
        let known = self.known();
        known.given_up.strong_count() == 0
            && known
                .reached
                .is_some_and(|reached| wrote < reached && reached.elapsed() <= self.lag)
    }

    /// What the query answers there; `None` if the primary must be asked, whatever went wrong.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        name: &'static str,
        query: impl FnOnce(&mut PgConnection) -> QueryResult<T> + Send + 'static,
    ) -> Option<T> {
        let hangs = Arc::new(());
        let given_up = Arc::downgrade(&hangs);
        let query = move |conn: &mut PgConnection| {
            let answer = query(conn);
            drop(hangs);
            answer
        };
        let asked = self.workers.run(name, query, self.statement_timeout);
        match tokio::time::timeout(self.patience, asked).await {
            Ok(Ok(answer)) => {
                self.answered.fetch_add(1, Ordering::Relaxed);
                return Some(answer);
            }
            Ok(Err(error)) => tracing::debug!("the replica did not answer: {error}"),
            Err(_) => {
                // What would come now would wait behind it.
                self.known().given_up = given_up;
                tracing::debug!("the replica did not answer in time");
            }
        }
        // Nobody else tries before it was seen to be well again.
        self.note(None);
        self.passed_on.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// Serves a request of `user`: one that only reads may be shown what the replica says, any
    /// other counts as a write that is done when the answer is there.
    pub(super) async fn serve<F: Future>(
        &self,
        user: UserId,
        reads: bool,
        request: F,
    ) -> F::Output {
        if reads {
            return READER.scope(user, request).await;
        }
        let answer = request.await;
        let done = Instant::now();
        // Of two at the same time, the later counts.
        self.writers
            .entry(user)
            .and_upsert_with(|old| old.map_or(done, |old| old.into_value().max(done)));
        answer
    }

    pub(super) fn note(&self, reached: Option<Instant>) {
        self.known().reached = reached;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
