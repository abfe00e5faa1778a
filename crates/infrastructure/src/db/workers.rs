//! Threads that each own a connection.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use alumx_domain::repository::RepositoryError;
use diesel::connection::SimpleConnection as _;
use diesel::r2d2::{ConnectionManager, Pool, PooledConnection, R2D2Connection};
use diesel::{Connection as _, PgConnection, QueryResult};
use tokio::sync::oneshot;
use tracing::Span;

use super::DbSettings;
use super::error::{database_error, is_closed};
use super::query_span::query_span;
use super::queue::{self, Entrance};

pub(super) type PgPool = Pool<ConnectionManager<PgConnection>>;
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle to the threads; they end when the last handle is dropped.
#[derive(Clone)]
pub(super) struct Workers {
    queue: Arc<Entrance<Job>>,
    wait_timeout: Duration,
    threads: usize,
    running: Arc<AtomicUsize>,
    /// Those who wait to be served together.
    in_line: Arc<AtomicUsize>,
}

/// What is said where more wait than may.
pub(super) fn too_many() -> RepositoryError {
    RepositoryError::Unavailable("too many queries are waiting".to_owned())
}

/// What is said where a query panicked.
pub(super) fn panicked() -> RepositoryError {
    RepositoryError::Unexpected("a query panicked".into())
}

/// How busy the connections are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DbLoad {
    /// How many there are, at most.
    pub connections: usize,
    /// Queries that are running.
    pub running: usize,
    /// Queries that wait for a connection.
    pub waiting: usize,
}

impl Workers {
    pub(super) fn start(pool: &PgPool, settings: &DbSettings) -> std::io::Result<Self> {
        let local_settings: Option<Arc<str>> = settings.pooled.then(|| settings.local().into());
        let (entrance, exit) = queue::queue::<Job>(settings.queue);
        let failures = Arc::new(AtomicU64::new(0));
        let running = Arc::new(AtomicUsize::new(0));
        for n in 0..pool.max_size() {
            let mut connection = Connection {
                pool: pool.clone(),
                lease: None,
                failures: failures.clone(),
                failures_seen: 0,
                local_settings: local_settings.clone(),
            };
            let exit = exit.clone();
            let running = running.clone();
            std::thread::Builder::new()
                .name(format!("database-{n}"))
                .spawn(move || {
                    while let Some(job) = exit.take() {
                        running.fetch_add(1, Ordering::Relaxed);
                        job(&mut connection);
                        running.fetch_sub(1, Ordering::Relaxed);
                    }
                })?;
        }
        Ok(Self {
            queue: Arc::new(entrance),
            wait_timeout: settings.wait_timeout,
            threads: pool.max_size() as usize,
            running,
            in_line: Arc::default(),
        })
    }

    pub(super) fn load(&self) -> DbLoad {
        DbLoad {
            connections: self.threads,
            running: self.running.load(Ordering::Relaxed),
            waiting: self.queue.len() + self.in_line.load(Ordering::Relaxed),
        }
    }

    /// Runs a query, which is called `name` in traces.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        name: &'static str,
        query: impl FnOnce(&mut PgConnection) -> QueryResult<T> + Send + 'static,
        statement_timeout: Duration,
    ) -> Result<T, RepositoryError> {
        let (answer, answered) = oneshot::channel();
        let turn = Turn::default();
        let job_turn = turn.clone();
        self.enqueue(move |connection| {
            if answer.is_closed() {
                return;
            }
            let result = match connection.get() {
                Err(reason) => Err(RepositoryError::Unavailable(reason)),
                Ok(_) if !job_turn.take() => return,
                Ok(_) => query_span(name).in_scope(|| connection.run(query, statement_timeout)),
            };
            // Nobody listens any more if the request was dropped meanwhile.
            let _ = answer.send(result);
        })?;
        self.wait(answered, &turn, statement_timeout).await
    }

    /// Has `job` run by the next free thread.
    fn enqueue(
        &self,
        job: impl FnOnce(&mut Connection) + Send + 'static,
    ) -> Result<(), RepositoryError> {
        let span = Span::current();
        let job = move |connection: &mut Connection| {
            // What is logged on the way is of the request.
            let _entered = span.enter();
            job(connection);
        };
        self.queue.put(Box::new(job)).map_err(|_| too_many())
    }

    /// Has `job`, which goes on with what was let in already, run by the next free thread.
    pub(super) fn go_on(&self, job: impl FnOnce(&mut Connection) + Send + 'static) {
        self.queue.put_on(Box::new(job));
    }

    /// Whether a query waits for a connection.
    pub(super) fn somebody_waits(&self) -> bool {
        self.queue.len() > 0
    }

    /// How many queries run at the same time at most.
    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// How many may wait, and of those who wait in a line of their own the number.
    pub(super) fn line(&self) -> (usize, &AtomicUsize) {
        (self.queue.most(), &self.in_line)
    }

    /// Waits for the answer of a job that takes this turn before it does anything.
    pub(super) async fn wait<T>(
        &self,
        mut answered: oneshot::Receiver<Result<T, RepositoryError>>,
        turn: &Turn,
        statement_timeout: Duration,
    ) -> Result<T, RepositoryError> {
        let answer = match tokio::time::timeout(self.wait_timeout, &mut answered).await {
            Ok(answer) => answer,
            Err(_) if turn.take() => {
                let reason = "no connection was free in time".to_owned();
                return Err(RepositoryError::Unavailable(reason));
            }
            // It has started and ends by itself; PostgreSQL limits each of its statements. One that
            // takes no notice of its limits is given up: then nobody knows what became of it.
            Err(_) => tokio::time::timeout(statement_timeout * 3, answered)
                .await
                .map_err(|_| {
                    RepositoryError::Unavailable("the database does not answer any more".to_owned())
                })?,
        };
        answer.unwrap_or_else(|_| Err(panicked()))
    }
}

/// Whose turn it is to decide on a job: the worker that starts it or the caller that gives it
/// up. Only the first to take it has it.
#[derive(Clone, Default)]
pub(super) struct Turn(Arc<AtomicBool>);

impl Turn {
    /// Whether it was still to be had.
    pub(super) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

/// A worker's own connection, kept from query to query.
pub(super) struct Connection {
    pool: PgPool,
    lease: Option<PooledConnection<ConnectionManager<PgConnection>>>,
    /// How often any worker found its connection closed. Where one is, others are likely to be:
    /// each is then tried once before its next query.
    failures: Arc<AtomicU64>,
    failures_seen: u64,
    /// What each transaction sets for itself, if nothing else may be told to a connection.
    local_settings: Option<Arc<str>>,
}

impl Connection {
    /// The connection, made anew if it was lost; or why there is none.
    pub(super) fn get(&mut self) -> Result<&mut PgConnection, String> {
        let failures = self.failures.load(Ordering::Acquire);
        if failures != self.failures_seen {
            self.lease = self
                .lease
                .take()
                .and_then(|mut lease| lease.ping().is_ok().then_some(lease));
            self.failures_seen = failures;
        }
        let lease = match self.lease.take() {
            Some(lease) => lease,
            None => self.pool.get().map_err(|error| error.to_string())?,
        };
        Ok(self.lease.insert(lease))
    }

    pub(super) fn run<T>(
        &mut self,
        query: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
        statement_timeout: Duration,
    ) -> Result<T, RepositoryError> {
        let local_settings = self.local_settings.clone();
        let conn = self.get().map_err(RepositoryError::Unavailable)?;
        let started = Instant::now();
        let done = catch_unwind(AssertUnwindSafe(|| match local_settings {
            None => query(conn),
            Some(settings) => conn.transaction(|conn| {
                conn.batch_execute(&settings)?;
                query(conn)
            }),
        }));
        tracing::debug!(elapsed = ?started.elapsed(), "queried");
        match done {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                if is_closed(&error) {
                    self.lease = None;
                    self.failures.fetch_add(1, Ordering::AcqRel);
                }
                Err(database_error(
                    error,
                    started.elapsed() >= statement_timeout,
                ))
            }
            Err(_) => {
                self.lease = None;
                Err(panicked())
            }
        }
    }
}
