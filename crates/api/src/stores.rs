//! The repositories of all aggregates over one database.

use std::sync::Arc;

use alumx_application::authentication::Authenticator;
use alumx_application::export::{ExportPorts, ExportService};
use alumx_application::ports::FileStore;
use alumx_application::realtime::EventBus;
use alumx_domain::clock::Clock;
use alumx_infrastructure::account::{PgAccountRepository, PgSessionRepository};
use alumx_infrastructure::audit::PgAuditRepository;
use alumx_infrastructure::chat::PgChatRepository;
use alumx_infrastructure::conversation::PgConversationRepository;
use alumx_infrastructure::db::Db;
use alumx_infrastructure::group_chat::PgGroupChatRepository;
use alumx_infrastructure::job_post::PgJobPostRepository;
use alumx_infrastructure::resume::PgResumeRepository;
use alumx_infrastructure::user::PgUserRepository;

use crate::metrics::LiveMetrics;
use crate::realtime::LivePorts;

/// Where each aggregate is stored.
pub(crate) struct Stores {
    pub accounts: Arc<PgAccountRepository>,
    pub sessions: Arc<PgSessionRepository>,
    pub users: Arc<PgUserRepository>,
    pub job_posts: Arc<PgJobPostRepository>,
    pub audit: Arc<PgAuditRepository>,
    pub conversations: Arc<PgConversationRepository>,
    pub chats: Arc<PgChatRepository>,
    pub groups: Arc<PgGroupChatRepository>,
    pub resumes: Arc<PgResumeRepository>,
    /// What exports read: nothing of them may be old.
    primary: Db,
}

impl Stores {
    pub(crate) fn new(db: &Db) -> Self {
        Self {
            accounts: Arc::new(PgAccountRepository::new(db.clone())),
            sessions: Arc::new(PgSessionRepository(db.clone())),
            users: Arc::new(PgUserRepository::new(db.clone())),
            job_posts: Arc::new(PgJobPostRepository::new(db.clone())),
            audit: Arc::new(PgAuditRepository(db.clone())),
            conversations: Arc::new(PgConversationRepository::new(db.clone())),
            chats: Arc::new(PgChatRepository::new(db.clone())),
            groups: Arc::new(PgGroupChatRepository(db.clone())),
            resumes: Arc::new(PgResumeRepository(db.clone())),
            primary: db.primary(),
        }
    }

    /// What writes out all that is held of a user.
    pub(crate) fn exports(
        &self,
        files: Arc<dyn FileStore>,
        authenticator: Arc<Authenticator>,
        clock: Arc<dyn Clock>,
    ) -> ExportService {
        ExportService::new(ExportPorts {
            conversations: self.conversations.clone(),
            chats: self.chats.clone(),
            groups: self.groups.clone(),
            audit: self.audit.clone(),
            accounts: self.accounts.clone(),
            sessions: self.sessions.clone(),
            users: Arc::new(PgUserRepository::new(self.primary.clone())),
            resumes: self.resumes.clone(),
            posts: Arc::new(PgJobPostRepository::new(self.primary.clone())),
            files,
            authenticator,
            clock,
        })
    }

    /// What live telling needs.
    pub(crate) fn live(
        &self,
        bus: Arc<dyn EventBus>,
        authenticator: Arc<Authenticator>,
        clock: Arc<dyn Clock>,
        metrics: LiveMetrics,
    ) -> LivePorts {
        LivePorts {
            conversations: self.conversations.clone(),
            chats: self.chats.clone(),
            groups: self.groups.clone(),
            bus,
            authenticator,
            clock,
            metrics,
        }
    }
}
