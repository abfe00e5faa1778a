//! The use cases, each over the adapters that it needs.

use std::sync::Arc;

use alumx_application::account::AccountPorts;
use alumx_application::authentication::Authenticator;
use alumx_application::chat::ChatService;
use alumx_application::conversation::ConversationService;
use alumx_application::group_chat::GroupChatService;
use alumx_application::job_post::JobPostService;
use alumx_application::ports::Realtime;
use alumx_application::resume::ResumeService;
use alumx_application::resume::generated::GeneratedResumeService;
use alumx_application::user::UserService;
use alumx_domain::clock::Clock;
use alumx_infrastructure::images::LosslessCleaner;
use alumx_infrastructure::password::Argon2Hasher;
use alumx_infrastructure::resume::ContentInspector;
use alumx_infrastructure::resume::typeset::KrillaTypesetter;
use alumx_infrastructure::token::JwtIssuer;

use super::{Files, ServiceOptions};
use crate::export::Exports;
use crate::http::upload::Uploads;
use crate::metrics::Metrics;
use crate::stores::Stores;
use crate::user::FORMAT;

/// What the use cases are made of.
pub(super) struct Parts<'a> {
    pub stores: Stores,
    pub files: &'a Files,
    pub told: Arc<dyn Realtime>,
    pub clock: Arc<dyn Clock>,
    pub options: &'a ServiceOptions,
}

impl Parts<'_> {
    pub fn account_ports(
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

    pub fn users(&self) -> UserService {
        UserService::new(self.stores.users.clone(), self.clock.clone(), FORMAT)
    }

    pub fn generated_resumes(&self) -> GeneratedResumeService {
        let typesetter = KrillaTypesetter::new(self.options.typesetters);
        GeneratedResumeService::new(self.stores.users.clone(), Arc::new(typesetter))
    }

    pub fn job_posts(&self) -> JobPostService {
        let cleaner = Arc::new(LosslessCleaner::new(self.files.spool.clone()));
        let (posts, files) = (self.stores.job_posts.clone(), self.files.store.clone());
        JobPostService::new(posts, files, cleaner, self.clock.clone())
    }

    pub fn resumes(&self) -> ResumeService {
        ResumeService::new(
            self.stores.resumes.clone(),
            self.stores.accounts.clone(),
            self.files.store.clone(),
            Arc::new(ContentInspector),
            self.clock.clone(),
        )
    }

    pub fn exports(&self, authenticator: Arc<Authenticator>) -> Exports {
        let (files, clock) = (self.files.store.clone(), self.clock.clone());
        Exports::new(self.stores.exports(files, authenticator, clock))
    }

    pub fn conversations(&self) -> ConversationService {
        let conversations = self.stores.conversations.clone();
        ConversationService::new(conversations, self.told.clone(), self.clock.clone())
    }

    pub fn chats(&self) -> ChatService {
        let chats = self.stores.chats.clone();
        ChatService::new(chats, self.told.clone(), self.clock.clone())
    }

    pub fn group_chats(&self) -> GroupChatService {
        let groups = self.stores.groups.clone();
        GroupChatService::new(groups, self.told.clone(), self.clock.clone())
    }

    pub fn uploads(&self, metrics: &Metrics) -> Uploads {
        Uploads {
            spool: self.files.spool.clone(),
            places: Uploads::places(),
            patience: self.options.limits.body_timeout,
            timeout: self.options.limits.upload_timeout,
            metrics: metrics.uploads.clone(),
        }
    }
}
