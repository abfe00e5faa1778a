//! `alumx serve`.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use alumx_application::account::TokenLifetimes;
use alumx_application::file::Claim;
use alumx_infrastructure::clock::SystemClock;
use alumx_infrastructure::token::JwtIssuer;
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::database::{Database, Sharing};
use super::stop::{Signals, stop_when_told};
use super::{Failure, bus, files};
use crate::http::extract::RequestLimits;
use crate::http::public_url::PublicUrl;
use crate::realtime::LiveOptions;
use crate::server::{self, HttpOptions};
use crate::services::{ServiceOptions, Services};
use crate::settings::{ServeSettings, TokenSettings};

/// How long what was sent may wait for a client to take it.
const TAKEN_WITHIN: Duration = Duration::from_secs(20);

/// How often what has expired is deleted.
const PURGE_EVERY: Duration = Duration::from_hours(1);

/// How often old entries of the audit log are deleted.
const FORGET_EVERY: Duration = Duration::from_hours(24);

/// How long load balancers usually take to notice that an instance is not ready.
const NOTICED_WITHIN: Duration = Duration::from_secs(5);

/// Runs the service until it is told to stop.
pub fn serve(settings: &ServeSettings) -> Result<(), Failure> {
    // First, so that a port that is taken is told before anything is started.
    let listener = listen(settings)?;
    check_secrets(settings)?;
    files::bucket(&settings.files)?;
    bus::check(&settings.live)?;
    if settings.tokens.access_token_lifetime > settings.tokens.refresh_token_lifetime {
        return Err(
            "setting `access_token_lifetime`: expected no more than `refresh_token_lifetime`"
                .into(),
        );
    }
    let database = Database::open(&settings.database, Sharing::Refuse)?;
    let served = prepare(settings, &database).and_then(|services| {
        // actix-web wants a runtime of its own kind.
        actix_web::rt::System::new().block_on(run(services, listener, settings, &database))
    });
    database.close();
    served
}

fn listen(settings: &ServeSettings) -> Result<TcpListener, Failure> {
    let address = settings.listen;
    TcpListener::bind(address).map_err(|error| {
        match error.kind() {
            ErrorKind::AddrInUse => format!(
                "another program listens on {address} already: choose another port with --listen"
            ),
            _ => format!("can't listen on {address}: {error}"),
        }
        .into()
    })
}

/// A missing or weak secret is told before a database is touched.
fn check_secrets(settings: &ServeSettings) -> Result<(), Failure> {
    match &settings.tokens.token_secret {
        Some(secret) => tokens(&settings.tokens, &bytes(secret)).map(drop),
        None if settings.database.database_url.is_some() => Err(
            "with DATABASE_URL, a secret of at least 32 bytes that signs access tokens is needed: \
             set ALUMX_TOKEN_SECRET (`openssl rand -base64 48` makes a good one), the same for all \
             instances"
                .into(),
        ),
        None => Ok(()),
    }
}

fn prepare(settings: &ServeSettings, database: &Database) -> Result<Services, Failure> {
    database.migrate()?;
    let secret = match &settings.tokens.token_secret {
        Some(secret) => bytes(secret),
        None => database.kept_secret()?,
    };
    let tokens = tokens(&settings.tokens, &secret)?;
    let db = database.connect_to_serve(&settings.database)?;
    Ok(Services::new(
        db,
        tokens,
        bus::open(&settings.live, &settings.database, database)?,
        Arc::new(SystemClock),
        &files::open(&settings.files, database)?,
        &service_options(settings)?,
    )?)
}

fn bytes(secret: &SecretString) -> SecretSlice<u8> {
    secret.expose_secret().as_bytes().to_vec().into()
}

fn tokens(settings: &TokenSettings, secret: &SecretSlice<u8>) -> Result<JwtIssuer, Failure> {
    let previous: Vec<SecretSlice<u8>> =
        settings.previous_token_secrets.iter().map(bytes).collect();
    JwtIssuer::new(secret, &previous).map_err(|weak| {
        format!("setting `token_secret` or `previous_token_secrets`: {weak}").into()
    })
}

fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

fn service_options(settings: &ServeSettings) -> Result<ServiceOptions, Failure> {
    let hashers = settings
        .tokens
        .password_hashers
        .map_or(cores().div_ceil(2), usize::from);
    Ok(ServiceOptions {
        lifetimes: TokenLifetimes {
            access: TimeDelta::from_std(settings.tokens.access_token_lifetime)?,
            refresh: TimeDelta::from_std(settings.tokens.refresh_token_lifetime)?,
        },
        password_hashers: hashers,
        // Short work, but work of the processor: it leaves cores to the rest.
        typesetters: cores().div_ceil(2),
        limits: RequestLimits {
            json_body: usize::try_from(settings.json_limit)?,
            body_timeout: settings.body_timeout,
            upload_timeout: settings.upload_timeout,
        },
        hardening: settings.hardening.options(settings.public_url.as_deref()),
        public_url: PublicUrl(settings.public_url.clone()),
        live: LiveOptions {
            sockets_per_user: settings.live.sockets_per_user.into(),
            ..LiveOptions::default()
        },
    })
}

fn announce(address: SocketAddr, database: &Database) {
    println!("AlumX is ready.");
    println!("  API   http://{address}{}", crate::openapi::BASE_PATH);
    println!("  Docs  http://{address}/docs/");
    if database.is_own() {
        println!("  Data  {}", database.data_dir().display());
    } else {
        println!("  Data  in the PostgreSQL that DATABASE_URL names");
    }
    println!("Stop it with Ctrl-C.");
}

async fn run(
    services: Services,
    listener: TcpListener,
    settings: &ServeSettings,
    database: &Database,
) -> Result<(), Failure> {
    let address = listener.local_addr()?;
    let options = HttpOptions {
        workers: settings.http_workers.map_or_else(cores, usize::from),
        connections: usize::try_from(settings.http_connections)?,
        header_timeout: settings.hardening.header_timeout,
        shutdown_timeout: settings.shutdown_timeout,
        taken_within: TAKEN_WITHIN,
    };
    let signals = Signals::listen()?;
    let server = server::serve(services.clone(), listener, options)?;
    announce(address, database);
    let stop = stop_when_told(signals, services.clone(), server.handle(), delay(settings));
    actix_web::rt::spawn(stop);
    let claim = files::claim(database.is_own(), &settings.files);
    let sweep = files::sweeps_itself(settings.sweep_files, claim);
    let purge = actix_web::rt::spawn(purge(services.clone(), claim, sweep));
    let forget = actix_web::rt::spawn(forget(services, settings.audit_retention));
    server.await?;
    purge.abort();
    forget.abort();
    Ok(())
}

/// How long a load balancer has to notice. Beside a PostgreSQL of its own the service is the only
/// one, and nobody could go to another.
fn delay(settings: &ServeSettings) -> Duration {
    settings.shutdown_delay.unwrap_or_else(|| {
        let others = settings.database.database_url.is_some();
        if others {
            NOTICED_WITHIN
        } else {
            Duration::ZERO
        }
    })
}

/// Forgets what the audit log is to be kept for no longer; 0 days: nothing, ever.
async fn forget(services: Services, days: u16) {
    if days == 0 {
        return;
    }
    let mut interval = tokio::time::interval(FORGET_EVERY);
    loop {
        interval.tick().await;
        match services.audit().forget(TimeDelta::days(days.into())).await {
            Ok(0) => {}
            Ok(entries) => tracing::info!(entries, "old entries of the audit log were deleted"),
            Err(error) => {
                tracing::warn!("old entries of the audit log could not be deleted: {error}");
            }
        }
    }
}

async fn purge(services: Services, claim: Claim, sweep: bool) {
    files::take(services.files(), claim).await;
    let mut interval = tokio::time::interval(PURGE_EVERY);
    loop {
        interval.tick().await;
        if let Err(error) = services.accounts().purge_expired().await {
            tracing::warn!("what has expired could not be deleted: {error}");
        }
        if let Err(error) = services.users().keep_words().await {
            tracing::warn!("the words of names could not be kept: {error}");
        }
        if let Err(error) = services.users().keep_all_documents().await {
            tracing::warn!("profiles could not be made ready to be read: {error}");
        }
        if sweep {
            files::sweep(services.files(), claim).await;
        }
    }
}
