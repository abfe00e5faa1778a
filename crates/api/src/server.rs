//! The service put together: adapters behind ports, services over them, routes over those.

use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use alumx_application::account::{AccountPorts, AccountService, TokenLifetimes};
use alumx_application::audit::AuditService;
use alumx_application::authentication::Authenticator;
use alumx_application::chat::ChatService;
use alumx_application::conversation::ConversationService;
use alumx_application::file::FileService;
use alumx_application::group_chat::GroupChatService;
use alumx_application::job_post::JobPostService;
use alumx_application::ports::{FileStore, FileStoreError, Realtime};
use alumx_application::realtime::EventBus;
use alumx_application::resume::ResumeService;
use alumx_application::resume::generated::GeneratedResumeService;
use alumx_application::user::UserService;
use alumx_domain::clock::Clock;
use alumx_infrastructure::db::Db;
use alumx_infrastructure::files::{ObjectFileStore, PgFileReferences, S3Options, Spool};
use alumx_infrastructure::images::LosslessCleaner;
use alumx_infrastructure::password::Argon2Hasher;
use alumx_infrastructure::resume::ContentInspector;
use alumx_infrastructure::resume::typeset::KrillaTypesetter;
use alumx_infrastructure::token::JwtIssuer;
use chrono::TimeDelta;
use utoipa_actix_web::AppExt;

use crate::docs;
use crate::export::Exports;
use crate::hardening::Hardening;
use crate::http::client_address::TrustedProxies;
use crate::http::cors::Cors;
use crate::http::draining::Draining;
use crate::http::extract::RequestLimits;
use crate::http::gate::{Gate, gate};
use crate::http::in_flight::InFlight;
use crate::http::public_url::PublicUrl;
use crate::http::rate_limit::RateLimits;
use crate::http::route_table::RouteTable;
use crate::http::upload::Uploads;
use crate::http::{Problem, ProblemCode};
use crate::metrics::Metrics;
use crate::openapi::{self, DocumentText};
use crate::realtime::{self, Live, LiveOptions};
use crate::stores::Stores;

/// What can be chosen about the service itself.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// How long tokens live.
    pub lifetimes: TokenLifetimes,
    /// How many passwords are hashed at the same time.
    pub password_hashers: usize,
    /// How many resumes are typeset at the same time.
    pub typesetters: usize,
    /// Limits of requests.
    pub limits: RequestLimits,
    /// What is told live.
    pub live: LiveOptions,
    /// What keeps it safe.
    pub hardening: Hardening,
    /// Where clients reach the service.
    pub public_url: PublicUrl,
}

/// Where files lie and where uploads wait.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn FileStore>,
    spool: Arc<Spool>,
}

impl Files {
    /// Files in a folder, which is made if it isn't there.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn local(folder: &Path) -> Result<Self, FileStoreError> {
        let store = Arc::new(ObjectFileStore::local(folder)?);
        Ok(Self::new(store, folder))
    }

    /// Files in a bucket.
    ///
    /// # Errors
    /// If the options contradict each other.
    pub fn s3(options: &S3Options) -> Result<Self, FileStoreError> {
        let store = Arc::new(ObjectFileStore::s3(options)?);
        Ok(Self::new(store, &std::env::temp_dir()))
    }

    /// Files in this store; uploads wait in a folder.
    pub fn new(store: Arc<dyn FileStore>, spool: &Path) -> Self {
        let spool = Arc::new(Spool::new(spool.to_owned()));
        Self { store, spool }
    }

    /// Where they lie.
    pub fn store(&self) -> &dyn FileStore {
        &*self.store
    }

    /// What looks after the files.
    pub fn service(&self, db: Db, clock: Arc<dyn Clock>) -> FileService {
        let references = Arc::new(PgFileReferences(db));
        FileService::new(self.store.clone(), references, clock)
    }
}

impl Default for ServiceOptions {
    /// As `alumx serve --help` documents them, with one password hashed and one resume typeset at a time.
    fn default() -> Self {
        Self {
            lifetimes: TokenLifetimes {
                access: TimeDelta::minutes(15),
                refresh: TimeDelta::days(30),
            },
            password_hashers: 1,
            typesetters: 1,
            limits: RequestLimits {
                json_body: 262_144,
                body_timeout: Duration::from_secs(30),
                upload_timeout: Duration::from_mins(5),
            },
            hardening: Hardening::default(),
            public_url: PublicUrl::default(),
            live: LiveOptions::default(),
        }
    }
}

/// All that the routes use. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    accounts: Data<AccountService>,
    users: Data<UserService>,
    job_posts: Data<JobPostService>,
    audit: Data<AuditService>,
    exports: Data<Exports>,
    generated_resumes: Data<GeneratedResumeService>,
    conversations: Data<ConversationService>,
    chats: Data<ChatService>,
    group_chats: Data<GroupChatService>,
    resumes: Data<ResumeService>,
    files: Data<FileService>,
    uploads: Data<Uploads>,
    public_url: Data<PublicUrl>,
    proxies: Data<TrustedProxies>,
    rate_limits: Data<RateLimits>,
    cors: Data<Cors>,
    live: Data<Live>,
    clock: Data<dyn Clock>,
    gate: Data<Gate>,
    draining: Data<Draining>,
    document: Data<DocumentText>,
    limits: Data<RequestLimits>,
    metrics: Data<Metrics>,
    db: Data<Db>,
}

impl Services {
    /// Puts the service together over this database and this bus to its other instances.
    ///
    /// # Errors
    /// If a thread can't be started, or the routes contradict each other, which a test excludes.
    pub fn new(
        db: Db,
        tokens: JwtIssuer,
        bus: Arc<dyn EventBus>,
        clock: Arc<dyn Clock>,
        files: &Files,
        options: &ServiceOptions,
    ) -> io::Result<Self> {
        let stores = Stores::new(&db);
        let exports = Exports::new(stores.exports(files.store.clone(), clock.clone()));
        let hasher = Arc::new(Argon2Hasher::new(options.password_hashers));
        let typesetter = Arc::new(KrillaTypesetter::new(options.typesetters));
        let metrics = Data::new(Metrics::new(db.clone(), hasher.clone(), bus.vitals()));
        let tokens = Arc::new(tokens);
        let sessions = stores.sessions.clone();
        let authenticator = Arc::new(Authenticator::new(tokens.clone(), sessions, clock.clone()));
        let live = stores.live(
            bus,
            authenticator.clone(),
            clock.clone(),
            metrics.live.clone(),
        );
        let live = Live::start(live, options.live)?;
        let told: Arc<dyn Realtime> = Arc::new(live.clone());
        let Stores {
            accounts,
            sessions,
            users,
            job_posts,
            audit,
            conversations,
            chats,
            groups,
            resumes,
        } = stores;
        let ports = AccountPorts {
            accounts: accounts.clone(),
            sessions,
            hasher,
            tokens,
            authenticator: authenticator.clone(),
            realtime: told.clone(),
            files: files.store.clone(),
            clock: clock.clone(),
        };
        let conversations = ConversationService::new(conversations, told.clone(), clock.clone());
        let chats = ChatService::new(chats, told.clone(), clock.clone());
        let group_chats = GroupChatService::new(groups, told, clock.clone());
        let resumes = ResumeService::new(
            resumes,
            accounts,
            files.store.clone(),
            Arc::new(ContentInspector),
            clock.clone(),
        );
        let cleaner = Arc::new(LosslessCleaner::new(files.spool.clone()));
        let store = files.store.clone();
        let job_posts = JobPostService::new(job_posts, store, cleaner, clock.clone());
        let uploads = Uploads {
            spool: files.spool.clone(),
            patience: options.limits.body_timeout,
            timeout: options.limits.upload_timeout,
            metrics: metrics.uploads.clone(),
        };
        let hardening = &options.hardening;
        let proxies = Data::new(hardening.proxies.clone());
        let rate_limits = RateLimits::new(&hardening.rates, clock.clone());
        let rate_limits = Data::new(rate_limits);
        let cors = Data::new(hardening.cors.clone());
        let (routes, document) = documents()?;
        let draining = Data::new(Draining::default());
        Ok(Self {
            accounts: Data::new(AccountService::new(ports, options.lifetimes)),
            generated_resumes: Data::new(GeneratedResumeService::new(users.clone(), typesetter)),
            users: Data::new(UserService::new(users, clock.clone())),
            job_posts: Data::new(job_posts),
            audit: Data::new(AuditService::new(audit)),
            exports: Data::new(exports),
            conversations: Data::new(conversations),
            chats: Data::new(chats),
            group_chats: Data::new(group_chats),
            resumes: Data::new(resumes),
            files: Data::new(files.service(db.clone(), clock.clone())),
            uploads: Data::new(uploads),
            public_url: Data::new(options.public_url.clone()),
            proxies: proxies.clone(),
            rate_limits: rate_limits.clone(),
            cors: cors.clone(),
            live: Data::new(live),
            clock: Data::from(clock),
            gate: Data::new(Gate {
                routes,
                metrics: metrics.clone(),
                proxies,
                limits: rate_limits,
                in_flight: InFlight::new(hardening.in_flight),
                handler_timeout: hardening.handler_timeout,
                body_timeout: options.limits.body_timeout,
                cors,
                https_only: hardening.https_only,
                authenticator,
                draining: draining.clone(),
            }),
            draining,
            document: Data::new(document),
            limits: Data::new(options.limits),
            metrics,
            db: Data::new(db),
        })
    }

    /// The use cases of accounts, for what happens outside of requests.
    pub fn accounts(&self) -> &AccountService {
        &self.accounts
    }

    /// What looks after stored files.
    pub fn files(&self) -> &FileService {
        &self.files
    }

    /// What is told first when the service is to stop.
    pub fn draining(&self) -> &Draining {
        &self.draining
    }

    /// What tells clients live, to be stopped before the server is: open sockets would hold it up.
    pub fn live(&self) -> &Live {
        &self.live
    }
}

/// The routes, and what tells clients of them.
fn documents() -> io::Result<(RouteTable, DocumentText)> {
    let document = openapi::document();
    let routes = RouteTable::new(&document).map_err(io::Error::other)?;
    let document = DocumentText {
        openapi: document.to_pretty_json().map_err(io::Error::other)?,
        asyncapi: serde_json::to_string_pretty(&realtime::document())?,
    };
    Ok((routes, document))
}

/// How HTTP is served.
#[derive(Debug, Clone, Copy)]
pub struct HttpOptions {
    /// Threads that serve requests.
    pub workers: usize,
    /// Connections open at the same time, per thread; more wait to be accepted.
    pub connections: usize,
    /// How long the head of a request may take to arrive.
    pub header_timeout: Duration,
    /// How long requests in flight may take to end after a stop was asked for.
    pub shutdown_timeout: Duration,
    /// How long what was sent may wait for a client to take it.
    pub taken_within: Duration,
}

/// Serves on `listener` until the returned server's handle stops it.
///
/// # Errors
/// If the listener can't be used.
pub fn serve(
    services: Services,
    listener: TcpListener,
    options: HttpOptions,
) -> io::Result<actix_web::dev::Server> {
    let taken_within = options.taken_within;
    let server = HttpServer::new(move || {
        let services = services.clone();
        let (app, _) = App::new()
            .into_utoipa_app()
            .configure(openapi::routes)
            .split_for_parts();
        app.app_data(services.accounts)
            .app_data(services.users)
            .app_data(services.job_posts)
            .app_data(services.audit)
            .app_data(services.exports)
            .app_data(services.generated_resumes)
            .app_data(services.conversations)
            .app_data(services.chats)
            .app_data(services.group_chats)
            .app_data(services.resumes)
            .app_data(services.files)
            .app_data(services.uploads)
            .app_data(services.public_url)
            .app_data(services.proxies)
            .app_data(services.rate_limits)
            .app_data(services.cors)
            .app_data(services.live)
            .app_data(services.clock)
            .app_data(services.gate)
            .app_data(services.draining)
            .app_data(services.document)
            .app_data(services.limits)
            .app_data(services.metrics)
            .app_data(services.db)
            .configure(docs::routes)
            .default_service(web::to(|| async {
                Err::<&str, _>(Problem::new(ProblemCode::NotFound))
            }))
            .wrap(from_fn(gate))
    });
    let server = server
        .workers(options.workers)
        .max_connections(options.connections)
        .client_request_timeout(options.header_timeout)
        .on_connect(move |connection, _| give_up_on_those_who_never_read(connection, taken_within))
        .shutdown_timeout(whole_seconds(options.shutdown_timeout))
        // The signals are for the command line, which has more to stop than this.
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

/// Has the kernel close a connection whose client takes nothing of what it is sent: nothing else
/// here would notice, and what was to be sent to it would stay in memory.
fn give_up_on_those_who_never_read(connection: &dyn std::any::Any, taken_within: Duration) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() {
        let timeout = u32::try_from(taken_within.as_millis()).unwrap_or(u32::MAX);
        // It fails only if the connection is gone already.
        rustix::net::sockopt::set_tcp_user_timeout(stream, timeout).ok();
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (connection, taken_within);
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
