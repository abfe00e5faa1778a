//! The database that the service runs, reached past the service: as its superuser, by `pgbench`, and
//! by its log.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use alumx_api::cli::Failure;
use alumx_infrastructure::db::PLANNING;
use alumx_infrastructure::embedded::Server;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// A PostgreSQL that the service runs, and a connection to it.
pub struct Place {
    conn: PgConnection,
    socket: PathBuf,
    log: PathBuf,
    pgbench: Option<PathBuf>,
    /// The process id of its postmaster.
    pub postmaster: u32,
}

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

#[derive(QueryableByName)]
struct NumbersRow {
    #[diesel(sql_type = BigInt)]
    a: i64,
    #[diesel(sql_type = BigInt)]
    b: i64,
}

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Place {
    /// The one that a running service has in this folder.
    pub fn of(folder: &Path) -> Result<Self, Failure> {
        let url = Server::url_of_running(folder).ok_or("the database has left no note")?;
        let cluster = folder.join("postgres");
        let note = fs::read_to_string(cluster.join("data/postmaster.pid"))?;
        let postmaster = note.lines().next().unwrap_or_default().trim().parse()?;
        let conn = PgConnection::establish(&url.replacen("//alumx@", "//postgres@", 1))?;
        Ok(Self {
            conn,
            socket: socket(&url)?,
            log: cluster.join("server.log"),
            pgbench: pgbench(postmaster),
            postmaster,
        })
    }

    /// Does something.
    pub fn run(&mut self, sql: &str) -> Result<(), Failure> {
        Ok(self.conn.batch_execute(sql)?)
    }

    /// The one number that this answers.
    pub fn number(&mut self, sql: &str) -> Result<i64, Failure> {
        let rows = self.numbers(sql)?;
        Ok(*rows.first().ok_or("no row")?)
    }

    /// The numbers that this answers.
    pub fn numbers(&mut self, sql: &str) -> Result<Vec<i64>, Failure> {
        let sql = format!("SELECT value::bigint FROM ({sql}) AS asked(value)");
        let rows: Vec<NumberRow> = diesel::sql_query(sql).load(&mut self.conn)?;
        Ok(rows.into_iter().map(|row| row.value).collect())
    }

    /// The pairs of numbers that this answers.
    pub fn pairs(&mut self, sql: &str) -> Result<Vec<(i64, i64)>, Failure> {
        let sql = format!("SELECT a::bigint, b::bigint FROM ({sql}) AS asked(a, b)");
        let rows: Vec<NumbersRow> = diesel::sql_query(sql).load(&mut self.conn)?;
        Ok(rows.into_iter().map(|row| (row.a, row.b)).collect())
    }

    /// The texts that this answers.
    pub fn texts(&mut self, sql: &str) -> Result<Vec<String>, Failure> {
        let sql = format!("SELECT value::text FROM ({sql}) AS asked(value)");
        let rows: Vec<TextRow> = diesel::sql_query(sql).load(&mut self.conn)?;
        Ok(rows.into_iter().map(|row| row.value).collect())
    }

    /// What the log says from this byte on, and where it ends. It may have been emptied meanwhile.
    pub fn log(&self, from: u64) -> Result<(String, u64), Failure> {
        let bytes = fs::read(&self.log)?;
        let start = usize::try_from(from)?;
        let new = bytes.get(start..).unwrap_or(&bytes);
        Ok((
            String::from_utf8_lossy(new).into_owned(),
            bytes.len() as u64,
        ))
    }

    /// `pgbench`, set to connect as the service does; `None` where there is none.
    pub fn pgbench(&self) -> Option<Command> {
        let mut command = Command::new(self.pgbench.as_ref()?);
        let options: Vec<String> = PLANNING
            .iter()
            .map(|(name, value)| format!("-c {name}={value}"))
            .collect();
        command
            .env("PGHOST", &self.socket)
            .env("PGPORT", "5432")
            .env("PGUSER", "alumx")
            .env("PGDATABASE", "alumx")
            .env("PGOPTIONS", options.join(" "));
        Some(command)
    }
}

/// The folder in the URL's place of a host.
fn socket(url: &str) -> Result<PathBuf, Failure> {
    let host = url
        .split_once('@')
        .and_then(|(_, rest)| rest.split_once(':'));
    let (host, _) = host.ok_or("the database's note is no URL")?;
    Ok(host.replace("%2F", "/").into())
}

/// Beside the running server, else in the PATH.
fn pgbench(postmaster: u32) -> Option<PathBuf> {
    let server = fs::read_link(format!("/proc/{postmaster}/exe")).unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = server.parent().map(Path::to_owned).into_iter();
    folders
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join("pgbench"))
        .find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::socket;

    #[test]
    fn the_folder_of_the_socket_stands_in_the_url() {
        let url = "postgresql://alumx@%2Fa%2Fb-c%2Fsocket:5432/alumx";

        assert_eq!(socket(url).unwrap(), std::path::Path::new("/a/b-c/socket"));
        assert!(socket("nonsense").is_err());
    }
}
