//! The service put together: adapters behind ports, and services over them.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Data, ServiceConfig};
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

use crate::export::Exports;
use crate::hardening::Hardening;
use crate::http::arriving::Arrivals;
use crate::http::client_address::TrustedProxies;
use crate::http::cors::Cors;
use crate::http::draining::Draining;
use crate::http::extract::RequestLimits;
use crate::http::gate::Gate;
use crate::http::in_flight::InFlight;
use crate::http::public_url::PublicUrl;
use crate::http::rate_limit::RateLimits;
use crate::http::route_table::RouteTable;
use crate::http::upload::Uploads;
use crate::metrics::Metrics;
use crate::openapi::{self, DocumentText};
use crate::realtime::{self, Live, LiveOptions};
use crate::stores::Stores;
use crate::user::FORMAT;

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
        let hasher = Arc::new(Argon2Hasher::new(options.password_hashers));
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
        let parts = Parts {
            stores,
            files,
            told: Arc::new(live.clone()),
            clock: clock.clone(),
            options,
        };
        let of_accounts = parts.account_ports(hasher, tokens, authenticator.clone());
        let hardening = &options.hardening;
        let proxies = Data::new(hardening.proxies.clone());
        let rate_limits = Data::new(RateLimits::new(&hardening.rates, clock.clone()));
        let cors = Data::new(hardening.cors.clone());
        let draining = Data::new(Draining::default());
        let (routes, document) = documents()?;
        let gate = Gate {
            routes,
            metrics: metrics.clone(),
            proxies: proxies.clone(),
            limits: rate_limits.clone(),
            in_flight: InFlight::new(hardening.in_flight),
            arrivals: Arrivals::new(hardening.arriving, hardening.arriving_of_one),
            handler_timeout: hardening.handler_timeout,
            body_timeout: options.limits.body_timeout,
            cors: cors.clone(),
            https_only: hardening.https_only,
            authenticator: authenticator.clone(),
            db: db.clone(),
            draining: draining.clone(),
        };
        Ok(Self {
            accounts: Data::new(AccountService::new(of_accounts, options.lifetimes)),
            generated_resumes: Data::new(parts.generated_resumes()),
            users: Data::new(parts.users()),
            job_posts: Data::new(parts.job_posts()),
            audit: Data::new(AuditService::new(parts.stores.audit.clone(), clock.clone())),
            exports: Data::new(parts.exports(authenticator)),
            conversations: Data::new(parts.conversations()),
            chats: Data::new(parts.chats()),
            group_chats: Data::new(parts.group_chats()),
            resumes: Data::new(parts.resumes()),
            files: Data::new(files.service(db.clone(), clock.clone())),
            uploads: Data::new(parts.uploads(&metrics)),
            public_url: Data::new(options.public_url.clone()),
            proxies,
            rate_limits,
            cors,
            live: Data::new(live),
            clock: Data::from(clock),
            gate: Data::new(gate),
            draining,
            document: Data::new(document),
            limits: Data::new(options.limits),
            metrics,
            db: Data::new(db),
        })
    }

    /// Gives each route what it uses.
    pub(crate) fn provide(self, config: &mut ServiceConfig) {
        config
            .app_data(self.accounts)
            .app_data(self.users)
            .app_data(self.job_posts)
            .app_data(self.audit)
            .app_data(self.exports)
            .app_data(self.generated_resumes)
            .app_data(self.conversations)
            .app_data(self.chats)
            .app_data(self.group_chats)
            .app_data(self.resumes)
            .app_data(self.files)
            .app_data(self.uploads)
            .app_data(self.public_url)
            .app_data(self.proxies)
            .app_data(self.rate_limits)
            .app_data(self.cors)
            .app_data(self.live)
            .app_data(self.clock)
            .app_data(self.gate)
            .app_data(self.draining)
            .app_data(self.document)
            .app_data(self.limits)
            .app_data(self.metrics)
            .app_data(self.db);
    }

    /// The use cases of accounts, for what happens outside of requests.
    pub fn accounts(&self) -> &AccountService {
        &self.accounts
    }

    /// The audit log, for what happens outside of requests.
    pub fn audit(&self) -> &AuditService {
        &self.audit
    }

    /// The use cases of profiles, for what happens outside of requests.
    pub fn users(&self) -> &UserService {
        &self.users
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

/// What the use cases are made of.
struct Parts<'a> {
    stores: Stores,
    files: &'a Files,
    told: Arc<dyn Realtime>,
    clock: Arc<dyn Clock>,
    options: &'a ServiceOptions,
}

impl Parts<'_> {
    fn account_ports(
        &self,
        hasher: Arc<Argon2Hasher>,
        tokens: Arc<JwtIssuer>,
        authenticator: Arc<Authenticator>,
    ) -> AccountPorts {
        AccountPorts {
            accounts: self.stores.accounts.clone(),
            sessions: self.stores.sessions.clone(),
            hasher,
            tokens,
            authenticator,
            realtime: self.told.clone(),
            files: self.files.store.clone(),
            clock: self.clock.clone(),
        }
    }

    fn users(&self) -> UserService {
        UserService::new(self.stores.users.clone(), self.clock.clone(), FORMAT)
    }

    fn generated_resumes(&self) -> GeneratedResumeService {
        let typesetter = KrillaTypesetter::new(self.options.typesetters);
        GeneratedResumeService::new(self.stores.users.clone(), Arc::new(typesetter))
    }

    fn job_posts(&self) -> JobPostService {
        let cleaner = Arc::new(LosslessCleaner::new(self.files.spool.clone()));
        let (posts, files) = (self.stores.job_posts.clone(), self.files.store.clone());
        JobPostService::new(posts, files, cleaner, self.clock.clone())
    }

    fn resumes(&self) -> ResumeService {
        ResumeService::new(
            self.stores.resumes.clone(),
            self.stores.accounts.clone(),
            self.files.store.clone(),
            Arc::new(ContentInspector),
            self.clock.clone(),
        )
    }

    fn exports(&self, authenticator: Arc<Authenticator>) -> Exports {
        let (files, clock) = (self.files.store.clone(), self.clock.clone());
        Exports::new(self.stores.exports(files, authenticator, clock))
    }

    fn conversations(&self) -> ConversationService {
        let conversations = self.stores.conversations.clone();
        ConversationService::new(conversations, self.told.clone(), self.clock.clone())
    }

    fn chats(&self) -> ChatService {
        let chats = self.stores.chats.clone();
        ChatService::new(chats, self.told.clone(), self.clock.clone())
    }

    fn group_chats(&self) -> GroupChatService {
        let groups = self.stores.groups.clone();
        GroupChatService::new(groups, self.told.clone(), self.clock.clone())
    }

    fn uploads(&self, metrics: &Metrics) -> Uploads {
        Uploads {
            spool: self.files.spool.clone(),
            patience: self.options.limits.body_timeout,
            timeout: self.options.limits.upload_timeout,
            metrics: metrics.uploads.clone(),
        }
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
