//! The one seam between async code and blocking SQL.

mod bulk;
mod connections;
mod error;
mod freshness;
pub(crate) mod lookup;
mod migrations;
pub(crate) mod pages;
pub(crate) mod prepared;
mod query_span;
mod queue;
mod replica;
mod settings;
pub(crate) mod together;
mod watch;
mod workers;

use std::any::type_name_of_val;
use std::sync::Arc;
use std::time::Duration;

use alumx_domain::repository::RepositoryError;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;

pub(crate) use bulk::{in_bulk, reserve_ids};
pub(crate) use connections::with_timeouts;
use connections::{LogWithoutSecrets, pool};
pub(crate) use error::is_deadlock;
pub use error::{database_error, invalid_value};
pub use freshness::Freshness;
pub use migrations::{MigrationError, MigrationState, Migrations};
pub use query_span::QUERIES;
use replica::Replica;
pub use replica::{ReplicaReads, ReplicaSettings};
pub use settings::{DbSettings, PLANNING};
pub use workers::DbLoad;
use workers::Workers;

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
    /// there is one, it is well and has all that the user wrote for whom it is [served](Freshness::serve);
    /// else as [`run`](Self::run) does.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl Fn(&mut PgConnection) -> QueryResult<T> + Send + Sync + 'static,
    ) -> Result<T, RepositoryError> {
        let name = type_name_of_val(&query);
        self.read_if(name, query, |_| true).await
    }

    /// As [`read`](Self::read), of one thing: what the replica doesn't have yet is asked of the
    /// primary, for its name may have come from there.
    pub async fn read_one<T: Send + 'static>(
        &self,
        query: impl Fn(&mut PgConnection) -> QueryResult<Option<T>> + Send + Sync + 'static,
    ) -> Result<Option<T>, RepositoryError> {
        let name = type_name_of_val(&query);
        self.read_if(name, query, Option::is_some).await
    }

    async fn read_if<T: Send + 'static>(
        &self,
        name: &'static str,
        query: impl Fn(&mut PgConnection) -> QueryResult<T> + Send + Sync + 'static,
        is_answer: impl FnOnce(&T) -> bool,
    ) -> Result<T, RepositoryError> {
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

    /// What sees to it that users find what they wrote.
    pub fn freshness(&self) -> Freshness {
        Freshness(self.replica.clone())
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

/// Does it once more if it was ended because it and another transaction waited for each other: the
/// other one goes first now.
pub(crate) fn despite_deadlock<T>(
    conn: &mut PgConnection,
    mut transaction: impl FnMut(&mut PgConnection) -> QueryResult<T>,
) -> QueryResult<T> {
    match transaction(conn) {
        Err(error) if is_deadlock(&error) => transaction(conn),
        done => done,
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
