//! The one seam between async code and blocking SQL.

mod bulk;
mod error;
mod migrations;
pub(crate) mod prepared;
mod query_span;
mod workers;

use std::time::Duration;

use alumx_domain::repository::RepositoryError;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};

pub(crate) use bulk::{in_bulk, reserve_ids};
pub(crate) use error::is_deadlock;
pub use error::{database_error, invalid_value};
pub use migrations::{MigrationError, MigrationState, Migrations};
pub use query_span::QUERIES;
pub use workers::DbLoad;
use workers::Workers;

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
        }
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
}

impl Db {
    /// Prepares to connect; connections are made when they are first needed.
    ///
    /// # Errors
    /// If a thread can't be started.
    pub fn new(settings: &DbSettings) -> std::io::Result<Self> {
        let pool = Pool::builder()
            .max_size(settings.connections)
            .min_idle(Some(0))
            .connection_timeout(settings.wait_timeout)
            // The workers keep their connections, so this is asked only of a new or a broken one.
            .test_on_check_out(true)
            .connection_customizer(Box::new(SessionSettings(settings.clone())))
            .error_handler(Box::new(LogWithoutSecrets))
            .build_unchecked(ConnectionManager::<PgConnection>::new(with_timeouts(
                &settings.url,
            )));
        let workers = Workers::start(&pool, settings.queue, settings.wait_timeout)?;
        Ok(Self {
            workers,
            statement_timeout: settings.statement_timeout,
        })
    }

    /// Runs `query` on a connection as soon as one is free.
    ///
    /// A query whose caller has gone before it started is not run; one that has started runs to
    /// its end. So an `Unavailable` for want of a connection means that nothing was done.
    pub async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut PgConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, RepositoryError> {
        self.workers.run(query, self.statement_timeout).await
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
/// Names spelt nearly so: at this threshold one letter wrong, missing or doubled is forgiven in most
/// names of five letters and all of more, and two swapped in those of seven. What is searched is
/// mostly in memory, where a random page costs little more than the next.
pub const PLANNING: &[(&str, &str)] = &[
    ("jit", "off"),
    ("pg_trgm.word_similarity_threshold", "0.36"),
    ("random_page_cost", "1.1"),
];

/// What every connection is told once.
#[derive(Debug)]
struct SessionSettings(DbSettings);

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for SessionSettings {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        let timeout = self.0.statement_timeout.as_millis().to_string();
        let own = [
            ("application_name", "alumx"),
            ("statement_timeout", &timeout),
            ("lock_timeout", &timeout),
            ("idle_in_transaction_session_timeout", &timeout),
        ];
        let settings: Vec<String> = own
            .iter()
            .chain(PLANNING)
            .map(|(name, value)| format!("set_config('{name}', '{value}', false)"))
            .collect();
        let settings = format!("SELECT {}", settings.join(", "));
        diesel::sql_query(settings)
            .execute(conn)
            .map(drop)
            .map_err(diesel::r2d2::Error::QueryError)
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
