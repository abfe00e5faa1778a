//! The service's own role and database, looked after at every start.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::Bool;
use diesel::{Connection, PgConnection, RunQueryDsl};

use super::error::StartError;

/// Who creates things; the service itself works without these rights.
pub const SUPERUSER: &str = "postgres";
/// The service's role, and its database.
pub const NAME: &str = "alumx";

/// How to connect over the socket in this folder, whose path needs no other escaping.
pub fn url(socket: &Path, role: &str, database: &str) -> String {
    let host = socket.to_string_lossy().replace('/', "%2F");
    format!("postgresql://{role}@{host}:5432/{database}")
}

/// Creates what is missing, so that a first start that was cut short is healed by the next.
pub fn prepare(socket: &Path) -> Result<(), StartError> {
    let url = url(socket, SUPERUSER, "postgres");
    let mut conn = PgConnection::establish(&url).map_err(failed)?;
    create(&mut conn).map_err(failed)
}

fn create(conn: &mut PgConnection) -> diesel::QueryResult<()> {
    let missing = |conn: &mut PgConnection, catalog: &str| {
        diesel::select(sql::<Bool>(&format!(
            "NOT EXISTS (SELECT FROM {catalog} = '{NAME}')"
        )))
        .get_result::<bool>(conn)
    };
    if missing(conn, "pg_roles WHERE rolname")? {
        conn.batch_execute(&format!("CREATE ROLE {NAME}"))?;
    }
    conn.batch_execute(&format!(
        "ALTER ROLE {NAME} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    ))?;
    if missing(conn, "pg_database WHERE datname")? {
        conn.batch_execute(&format!("CREATE DATABASE {NAME} OWNER {NAME}"))?;
    }
    // Its owner may create schemas in it, and the extensions that PostgreSQL calls trusted.
    conn.batch_execute(&format!("ALTER DATABASE {NAME} OWNER TO {NAME}"))
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> StartError {
    StartError::Prepare(Box::new(error))
}
