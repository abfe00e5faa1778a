//! The migrations, embedded in the binary.

use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Key of the advisory lock that lets only one process migrate a database at a time.
const LOCK: i64 = 0x616c_756d_7801;

/// Why migrating failed.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database could not be reached.
    #[error("the database could not be reached: {0}")]
    Connection(#[from] ConnectionError),
    /// A statement failed.
    #[error("the database could not be prepared: {0}")]
    Query(#[from] diesel::result::Error),
    /// A migration failed; it was rolled back.
    #[error("a migration failed: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
}

/// A migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    /// Name of its folder.
    pub name: String,
    /// Whether it has been run.
    pub applied: bool,
}

/// A database being migrated, locked against others who would do the same.
pub struct Migrations(PgConnection);

impl Migrations {
    /// Connects and waits for the lock, however long another process migrates. It is given back with the connection, on drop.
    pub fn lock(url: &str) -> Result<Self, MigrationError> {
        let mut conn = PgConnection::establish(url)?;
        diesel::sql_query("SELECT pg_advisory_lock($1)")
            .bind::<diesel::sql_types::BigInt, _>(LOCK)
            .execute(&mut conn)?;
        Ok(Self(conn))
    }

    /// Runs all that are pending, each in a transaction; returns their names.
    pub fn up(&mut self) -> Result<Vec<String>, MigrationError> {
        let run = self
            .0
            .run_pending_migrations(MIGRATIONS)
            .map_err(MigrationError::Migration)?;
        Ok(run.iter().map(ToString::to_string).collect())
    }

    /// Takes back the last `steps`; returns their names.
    pub fn down(&mut self, steps: usize) -> Result<Vec<String>, MigrationError> {
        let applied = self.applied()?.len();
        (0..steps.min(applied))
            .map(|_| {
                self.0
                    .revert_last_migration(MIGRATIONS)
                    .map_err(MigrationError::Migration)
            })
            .map(|version| version.map(|version| version.to_string()))
            .collect()
    }

    /// All migrations that this program knows, oldest first.
    pub fn state(&mut self) -> Result<Vec<MigrationState>, MigrationError> {
        let applied = self.applied()?;
        let known: Vec<Box<dyn Migration<Pg>>> =
            MIGRATIONS.migrations().map_err(MigrationError::Migration)?;
        Ok(known
            .iter()
            .map(|migration| MigrationState {
                name: migration.name().to_string(),
                applied: applied.contains(&migration.name().version().as_owned()),
            })
            .collect())
    }

    fn applied(&mut self) -> Result<Vec<MigrationVersion<'static>>, MigrationError> {
        self.0
            .applied_migrations()
            .map_err(MigrationError::Migration)
    }
}

/// Whether the database lacks a migration that this program knows.
pub(super) fn any_pending(conn: &mut PgConnection) -> QueryResult<bool> {
    // As the error that it is: a closed connection must be known as one.
    conn.has_pending_migration(MIGRATIONS).map_err(|error| {
        error
            .downcast()
            .map_or_else(diesel::result::Error::QueryBuilderError, |error| *error)
    })
}
