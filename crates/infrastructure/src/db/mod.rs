//! The one seam between async code and blocking SQL.

mod bulk;
mod error;
mod migrations;
pub(crate) mod prepared;
mod query_span;
mod queue;
mod replica;
pub(crate) mod together;
mod workers;

use std::any::type_name_of_val;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use alumx_domain::account::UserId;
use alumx_domain::repository::RepositoryError;
use diesel::connection::{AnsiTransactionManager, CacheSize, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, HandleError, Pool};

pub(crate) use bulk::{in_bulk, reserve_ids};
pub(crate) use error::is_deadlock;
pub use error::{database_error, invalid_value};
pub use migrations::{MigrationError, MigrationState, Migrations};
pub use query_span::QUERIES;
use replica::Replica;
pub use replica::{ReplicaReads, ReplicaSettings};
pub use workers::DbLoad;
use workers::{PgPool, Workers};

/// How the database is reached and how much is asked of it at once.
#[derive(Debug, Clone)]
pub struct DbSettings {
    /// libpq URL or connection string.
    pub url: String,
    /// Connections, and so threads and queries at the same time. 4–16 is best on most machines.
    pub connections: u32,
    /// Queries that may wait for a connection; beyond that they fail at once.
    pub queue: usize,
    /// How long a query may wait for a connection before it fails.
    pub wait_timeout: Duration,
    /// How long a statement may run before PostgreSQL ends it.
    pub statement_timeout: Duration,
    /// Whether a pooler is at the URL that shares its connections by transaction. Then nothing
    /// lasts from one transaction to the next: each sets what it needs, and statements are not
    /// kept, so that all of it takes longer.
    pub pooled: bool,
}

impl DbSettings {
    /// The defaults for this URL: 8 connections, 512 waiting at most 3 s, statements up to 5 s.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections: 8,
            queue: 512,
            wait_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(5),
            pooled: false,
        }
    }

    /// What decides how statements run.
    fn session(&self) -> Vec<(&'static str, String)> {
        let timeout = self.statement_timeout.as_millis().to_string();
        let own = [
            ("statement_timeout", timeout.clone()),
            ("lock_timeout", timeout.clone()),
            ("idle_in_transaction_session_timeout", timeout),
        ];
        let planning = PLANNING
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        own.into_iter().chain(planning).collect()
    }

    /// The same as statements for one transaction.
    fn local(&self) -> String {
        let set = |(name, value)| format!("SET LOCAL {name} = '{value}'");
        let settings: Vec<_> = self.session().into_iter().map(set).collect();
        settings.join("; ")
    }
}

/// A database: a fixed set of threads, as many as connections, fed by a bounded queue.
///
/// Diesel blocks, so its calls must not run on async threads; and more blocking threads than
/// connections would only wait for one.
#[derive(Clone)]
pub struct Db {
    workers: Workers,
    statement_timeout: Duration,
    replica: Option<Arc<Replica>>,
}

impl Db {
    /// Prepares to connect; connections are made when they are first needed.
    ///
    /// # Errors
    /// If a thread can't be started.
    pub fn new(settings: &DbSettings) -> std::io::Result<Self> {
        let pool = pool(settings, Box::new(LogWithoutSecrets));
        let workers = Workers::start(&pool, settings)?;
        Ok(Self {
            workers,
            statement_timeout: settings.statement_timeout,
            replica: None,
        })
    }

    /// As [`new`](Self::new), with a replica that [`read`](Self::read) may ask. It has a pool of
    /// the same size.
    ///
    /// # Errors
    /// If a thread can't be started.
    pub fn with_replica(settings: &DbSettings, replica: &ReplicaSettings) -> std::io::Result<Self> {
        Ok(Self {
            replica: Some(Replica::start(settings, replica)?),
            ..Self::new(settings)?
        })
    }

    /// The same without the replica, for what must never be a moment old.
    #[must_use]
    pub fn primary(&self) -> Self {
        Self {
            replica: None,
            ..self.clone()
        }
    }

    /// Runs `query` on a connection as soon as one is free.
    ///
    /// A query whose caller has gone before it started is not run; one that has started runs to
    /// its end. So an `Unavailable` for want of a connection means that nothing was done.
    pub async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut PgConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, RepositoryError> {
        let name = type_name_of_val(&query);
        self.workers.run(name, query, self.statement_timeout).await
    }

    /// Runs a `query` that only reads and may be answered as of a moment ago: by the replica if
    /// there is one, it is well and has all that the user wrote for whom it is [served](Self::serve);
    /// else as [`run`](Self::run) does.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl Fn(&mut PgConnection) -> QueryResult<T> + Send + Sync + 'static,
    ) -> Result<T, RepositoryError> {
        self.read_if(query, |_| true).await
    }

    /// As [`read`](Self::read), of one thing: what the replica doesn't have yet is asked of the
    /// primary, for its name may have come from there.
    pub async fn read_one<T: Send + 'static>(
        &self,
        query: impl Fn(&mut PgConnection) -> QueryResult<Option<T>> + Send + Sync + 'static,
    ) -> Result<Option<T>, RepositoryError> {
        self.read_if(query, Option::is_some).await
    }

    async fn read_if<T: Send + 'static>(
        &self,
        query: impl Fn(&mut PgConnection) -> QueryResult<T> + Send + Sync + 'static,
        is_answer: impl FnOnce(&T) -> bool,
    ) -> Result<T, RepositoryError> {
        let name = type_name_of_val(&query);
        let query = Arc::new(query);
        let replica = self.replica.as_ref();
        if let Some(replica) = replica.filter(|replica| replica.suits_reader()) {
            let copy = query.clone();
            let answer = replica.ask(name, move |conn| copy(conn)).await;
            if let Some(answer) = answer.filter(is_answer) {
                return Ok(answer);
            }
        }
        let query = move |conn: &mut PgConnection| query(conn);
        self.workers.run(name, query, self.statement_timeout).await
    }

    /// Serves a request of `user`, who finds later what it wrote. Only one that `reads` and no more
    /// may be answered by the replica.
    pub async fn serve<F: Future>(
        &self,
        user: Option<UserId>,
        reads: bool,
        request: F,
    ) -> F::Output {
        match (&self.replica, user) {
            (Some(replica), Some(user)) => replica.serve(user, reads, request).await,
            _ => request.await,
        }
    }

    /// How busy the replica is, if there is one.
    pub fn replica_load(&self) -> Option<DbLoad> {
        self.replica.as_ref().map(|replica| replica.load())
    }

    /// What became of the reads that the replica was asked for; none without one.
    pub fn replica_reads(&self) -> ReplicaReads {
        let reads = self.replica.as_ref().map(|replica| replica.reads());
        reads.unwrap_or_default()
    }

    /// How busy it is right now.
    pub fn load(&self) -> DbLoad {
        self.workers.load()
    }

    /// Whether the database answers and has all migrations.
    pub async fn check_ready(&self) -> Result<(), RepositoryError> {
        if self.run(migrations::any_pending).await? {
            return Err(RepositoryError::Unavailable(
                "migrations are pending".to_owned(),
            ));
        }
        Ok(())
    }
}

/// Connections that are made when they are first needed.
fn pool(settings: &DbSettings, errors: Box<dyn HandleError<diesel::r2d2::Error>>) -> PgPool {
    Pool::builder()
        .max_size(settings.connections)
        .min_idle(Some(0))
        .connection_timeout(settings.wait_timeout)
        // The workers keep their connections, so this is asked only of a new or a broken one.
        .test_on_check_out(true)
        .connection_customizer(if settings.pooled {
            Box::new(NothingKept)
        } else {
            Box::new(SessionSettings(settings.clone()))
        })
        .error_handler(errors)
        .build_unchecked(ConnectionManager::<PgConnection>::new(with_timeouts(
            &settings.url,
        )))
}

/// The URL with limits on how long a silent network is waited for, unless it has its own.
pub(crate) fn with_timeouts(url: &str) -> String {
    let timeouts = [
        ("connect_timeout", "5"),
        ("keepalives_idle", "30"),
        ("tcp_user_timeout", "15000"),
    ];
    timeouts.iter().fold(url.to_owned(), |url, (name, value)| {
        if url.contains(name) {
            return url;
        }
        let separator = match (url.contains("://"), url.contains('?')) {
            (false, _) => ' ',
            (true, false) => '?',
            (true, true) => '&',
        };
        format!("{url}{separator}{name}={value}")
    })
}

/// What decides how statements are planned, told to every connection.
///
/// Words spelt nearly so: at this threshold one letter wrong, missing or doubled is forgiven in
/// most words of five letters and all of more. What is searched is mostly in memory, where a random
/// page costs little more than the next.
pub const PLANNING: &[(&str, &str)] = &[
    ("jit", "off"),
    ("pg_trgm.similarity_threshold", "0.3"),
    ("random_page_cost", "1.1"),
];

/// What every connection is told once.
#[derive(Debug)]
struct SessionSettings(DbSettings);

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for SessionSettings {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        let mut settings = self.0.session();
        settings.push(("application_name", "alumx".to_owned()));
        let settings: Vec<String> = settings
            .into_iter()
            .map(|(name, value)| format!("set_config('{name}', '{value}', false)"))
            .collect();
        let settings = format!("SELECT {}", settings.join(", "));
        diesel::sql_query(settings)
            .execute(conn)
            .map(drop)
            .map_err(diesel::r2d2::Error::QueryError)
    }
}

/// Through a pooler, a statement that was prepared may be prepared on another connection.
#[derive(Debug)]
struct NothingKept;

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for NothingKept {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        conn.set_prepared_statement_cache_size(CacheSize::Disabled);
        Ok(())
    }
}

/// Tries what may fail without ending the transaction around it, if there is one.
pub(crate) fn attempt<T>(
    conn: &mut PgConnection,
    what: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
) -> QueryResult<T> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(conn);
    if matches!(status.transaction_depth(), Ok(Some(_))) {
        conn.transaction(what)
    } else {
        what(conn)
    }
}

/// libpq's message names host and user; the URL, with its password, is not logged.
#[derive(Debug)]
struct LogWithoutSecrets;

impl<E: std::fmt::Display> diesel::r2d2::HandleError<E> for LogWithoutSecrets {
    fn handle_error(&self, error: E) {
        tracing::warn!("no connection to the database: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::with_timeouts;

    #[test]
    fn a_silent_network_is_not_waited_for_unless_the_url_says_so() {
        let rest = "keepalives_idle=30&tcp_user_timeout=15000";
        let all = format!("connect_timeout=5&{rest}");

        assert_eq!(
            with_timeouts("postgres://h/d"),
            format!("postgres://h/d?{all}")
        );
        assert_eq!(
            with_timeouts("postgres://h/d?a=b"),
            format!("postgres://h/d?a=b&{all}")
        );
        let own = "postgres://h/d?connect_timeout=9";
        assert_eq!(with_timeouts(own), format!("{own}&{rest}"));
        assert!(with_timeouts("host=h dbname=d").ends_with(" tcp_user_timeout=15000"));
    }
}
