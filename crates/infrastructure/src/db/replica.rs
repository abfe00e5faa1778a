//! A replica of the database: which reads may go there, and when.
//!
//! One thread looks at both servers again and again: it notes how far the primary's log had come
//! at a moment, and learns how far the replica has replayed it. So it is known which moment the
//! replica has reached, and no write needs to ask for its position in the log: whoever wrote
//! before that moment finds it there.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use alumx_domain::account::UserId;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use moka::sync::Cache;

use super::workers::Workers;
use super::{DbLoad, DbSettings, pool, with_timeouts};

/// How often both servers are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long after a failure they are looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How long a read waits for a connection to the replica before it goes to the primary.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long a statement may run there before it is tried on the primary.
const STATEMENT: Duration = Duration::from_secs(1);

/// The most moments waited for at once.
const MARKS: usize = 64;

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

    fn note(&self, reached: Option<Instant>) {
        self.known().reached = reached;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at both servers for as long as anybody has the replica.
fn watch(replica: &Weak<Replica>, [primary, copy]: &[String; 2]) {
    let mut view = None;
    let mut told = None;
    while let Some(replica) = replica.upgrade() {
        let looked = match view.take() {
            Some(view) => Ok(view),
            None => View::open(primary, copy),
        };
        let looked = looked.and_then(|mut view| Ok((view.look()?, view)));
        let pause = match looked {
            Ok((reached, seen)) => {
                if reached.is_some() {
                    replica.note(reached);
                }
                tell(&mut told, None);
                view = Some(seen);
                LOOK_EVERY
            }
            Err(reason) => {
                replica.note(None);
                tell(&mut told, Some(reason));
                LOOK_AGAIN
            }
        };
        drop(replica);
        std::thread::sleep(pause);
    }
}

/// Logs what is new: that the replica is well, or why it is not.
#[expect(
    clippy::option_option,
    reason = "nothing told, and told that all is well"
)]
fn tell(told: &mut Option<Option<String>>, trouble: Option<String>) {
    if told.as_ref() == Some(&trouble) {
        return;
    }
    match &trouble {
        None => tracing::info!("the replica is there"),
        Some(reason) => tracing::warn!("the primary answers all: {reason}"),
    }
    *told = Some(trouble);
}

/// A connection to both, and the moments that the replica has yet to reach.
struct View {
    primary: PgConnection,
    replica: PgConnection,
    marks: VecDeque<(Instant, i64)>,
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Nullable<BigInt>)]
    position: Option<i64>,
    #[diesel(sql_type = BigInt)]
    system: i64,
    #[diesel(sql_type = BigInt)]
    timeline: i64,
}

/// How far the log was written, with what no server has told to be written yet.
const WRITTEN: &str = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint AS position,
                              ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))
                                  ::bit(32)::bigint AS timeline,
                              system_identifier AS system FROM pg_control_system()";

/// How far it was replayed. What was a replica and is none any more has its last answer still.
/// Which timeline it follows is told a while after it has changed to it.
const REPLAYED: &str = "SELECT CASE WHEN pg_is_in_recovery()
                                    THEN (pg_last_wal_replay_lsn() - '0/0')::bigint END AS position,
                               greatest(timeline_id, min_recovery_end_timeline)::bigint AS timeline,
                               system_identifier AS system
                        FROM pg_control_system(), pg_control_checkpoint(), pg_control_recovery()";

impl View {
    fn open(primary: &str, replica: &str) -> Result<Self, String> {
        let connect = |url: &str| {
            let mut conn = PgConnection::establish(url).map_err(|error| error.to_string())?;
            let settings = "SELECT set_config('application_name', 'alumx', false),
                                   set_config('statement_timeout', '1000', false)";
            let set = diesel::sql_query(settings).execute(&mut conn);
            set.map_err(|error| error.to_string())?;
            Ok::<_, String>(conn)
        };
        Ok(Self {
            primary: connect(primary)?,
            replica: connect(replica)?,
            marks: VecDeque::new(),
        })
    }

    /// The last moment that the replica has reached, if it is a new one.
    fn look(&mut self) -> Result<Option<Instant>, String> {
        let now = Instant::now();
        let written = position(&mut self.primary, WRITTEN)?;
        let replayed = position(&mut self.replica, REPLAYED)?;
        let followed = replayed.timeline;
        if written.system != replayed.system {
            return Err("the replica is one of another database".to_owned());
        }
        let (Some(mark), Some(replayed)) = (written.position, replayed.position) else {
            return Err("what should be a replica is none".to_owned());
        };
        // It may be one of what was the primary until another server took its place.
        if followed != written.timeline {
            return Err("the replica is on another timeline".to_owned());
        }
        // One that is far behind is told by the moments that are waited for already.
        if self.marks.len() < MARKS {
            self.marks.push_back((now, mark));
        }
        let mut reached = None;
        while let Some((at, _)) = self.marks.pop_front_if(|(_, mark)| *mark <= replayed) {
            reached = Some(at);
        }
        Ok(reached)
    }
}

fn position(conn: &mut PgConnection, query: &str) -> Result<Seen, String> {
    let answer = diesel::sql_query(query).get_result(conn);
    answer.map_err(|error| error.to_string())
}

/// That the replica is away is told once, by who looks at it.
#[derive(Debug)]
struct Silent;

impl<E: std::fmt::Display> diesel::r2d2::HandleError<E> for Silent {
    fn handle_error(&self, error: E) {
        tracing::debug!("no connection to the replica: {error}");
    }
}
