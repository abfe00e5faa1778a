//! The service put together: adapters behind ports, and services over them.

mod files;
mod guards;
mod options;
mod parts;

use std::io;
use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use alumx_application::account::AccountService;
use alumx_application::audit::AuditService;
use alumx_application::authentication::Authenticator;
use alumx_application::chat::ChatService;
use alumx_application::conversation::ConversationService;
use alumx_application::file::FileService;
use alumx_application::group_chat::GroupChatService;
use alumx_application::job_post::JobPostService;
use alumx_application::realtime::EventBus;
use alumx_application::resume::ResumeService;
use alumx_application::resume::generated::GeneratedResumeService;
use alumx_application::user::UserService;
use alumx_domain::clock::Clock;
use alumx_infrastructure::db::Db;
use alumx_infrastructure::password::Argon2Hasher;
use alumx_infrastructure::token::JwtIssuer;

pub use files::Files;
use guards::Guards;
pub use options::ServiceOptions;
use parts::Parts;

use crate::export::Exports;
use crate::http::draining::Draining;
use crate::http::extract::RequestLimits;
use crate::http::gate::Gate;
use crate::http::public_url::PublicUrl;
use crate::http::route_table::RouteTable;
use crate::http::upload::Uploads;
use crate::metrics::Metrics;
use crate::openapi::{self, DocumentText};
use crate::realtime::{self, Live};
use crate::stores::Stores;

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
    guards: Guards,
    live: Data<Live>,
    clock: Data<dyn Clock>,
    gate: Data<Gate>,
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
        let (authentic, of_live) = (authenticator.clone(), metrics.live.clone());
        let live = stores.live(bus, authentic, clock.clone(), of_live);
        let live = Live::start(live, options.live)?;
        let parts = Parts {
            stores,
            files,
            told: Arc::new(live.clone()),
            clock: clock.clone(),
            options,
        };
        let of_accounts = parts.account_ports(hasher, tokens, authenticator.clone());
        let guards = Guards::new(&options.hardening, clock.clone());
        let (routes, document) = documents()?;
        let gate = guards.gate(
            routes,
            &metrics,
            authenticator.clone(),
            db.freshness(),
            options,
        );
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
            guards,
            live: Data::new(live),
            clock: Data::from(clock),
            gate: Data::new(gate),
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
            .app_data(self.guards.proxies)
            .app_data(self.guards.rate_limits)
            .app_data(self.guards.cors)
            .app_data(self.guards.draining)
            .app_data(self.live)
            .app_data(self.clock)
            .app_data(self.gate)
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
        &self.guards.draining
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
