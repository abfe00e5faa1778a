//! A PostgreSQL schema per test, for tests of this crate and of those above it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::prelude::*;

use crate::db::{Db, DbSettings, Migrations};
use crate::embedded::{Options, Server};

/// A migrated schema of its own on the test server, dropped with this value.
pub struct TestDatabase {
    schema: String,
    url: String,
    db: Db,
}

impl TestDatabase {
    /// A new schema with all tables, empty.
    ///
    /// # Panics
    /// If the test server can't be reached: no test can go on without it.
    pub fn new() -> Self {
        let database = Self::empty();
        run(Migrations::lock(&database.url).and_then(|mut migrations| migrations.up()));
        database
    }

    /// A new schema without tables.
    ///
    /// # Panics
    /// As [`TestDatabase::new`].
    pub fn empty() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("test_{}_{n}", std::process::id());
        on_server(&format!("CREATE SCHEMA {schema}"));
        let server = server_url();
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{separator}options=-csearch_path%3D{schema}%2Cpublic");
        // Few connections: many tests run at the same time.
        let settings = DbSettings {
            connections: 3,
            ..DbSettings::new(&url)
        };
        let db = run(Db::new(&settings));
        Self { schema, url, db }
    }

    /// Connections to this schema.
    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// URL of this schema, for another pool.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A plain connection to this schema, to look behind the ports.
    ///
    /// # Panics
    /// If the server is gone.
    pub fn connect(&self) -> PgConnection {
        run(PgConnection::establish(&self.url))
    }
}

/// Runs a statement, for tests of crates that don't know Diesel.
///
/// # Panics
/// If it fails.
pub fn execute(conn: &mut PgConnection, statement: &str) {
    run(diesel::sql_query(statement).execute(conn));
}

/// The one number that a query answers.
///
/// # Panics
/// If it answers anything else.
pub fn number(conn: &mut PgConnection, query: &str) -> i64 {
    run(diesel::dsl::sql::<diesel::sql_types::BigInt>(query).get_result(conn))
}

impl Default for TestDatabase {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        on_server(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema));
    }
}

fn on_server(statement: &str) {
    execute(&mut run(PgConnection::establish(server_url())), statement);
}

/// The server that all tests of this process share: the one that `ALUMX_TEST_DATABASE_URL` names,
/// else one of its own that goes with the process.
fn server_url() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let url = std::env::var("ALUMX_TEST_DATABASE_URL").unwrap_or_else(|_| {
            let cache = std::env::temp_dir().join("alumx-test-postgresql");
            let server = SERVER.get_or_init(|| run(Server::temporary(&Options::new(cache))));
            server.database_url().to_owned()
        });
        // Once, so that no two migrations create it at the same time.
        let mut conn = run(PgConnection::establish(&url));
        let extension = "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public";
        run(diesel::sql_query(extension).execute(&mut conn));
        url
    })
}

/// What must not fail for a test to go on.
fn run<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("the test database is not usable: {error}"))
}
