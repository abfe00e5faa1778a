//! All that the service holds of a user, read out page by page for the user.

use std::sync::Arc;

use alumx_domain::account::{
    Account, AccountRepository, Caller, Session, SessionId, SessionRepository,
};
use alumx_domain::audit::{AuditEntry, AuditFilter, AuditKey, AuditRepository};
use alumx_domain::chat::{Chat, ChatRepository};
use alumx_domain::clock::Clock;
use alumx_domain::conversation::{
    ConversationId, ConversationRepository, Message, MessagesFrom, Seq,
};
use alumx_domain::file::FileKey;
use alumx_domain::group_chat::{GroupChat, GroupChatRepository};
use alumx_domain::job_post::{
    Comment, CommentId, JobPost, JobPostId, JobPostRepository, LikeId, OwnLike,
};
use alumx_domain::page::{Page, PageRequest, PageSize};
use alumx_domain::repository::RepositoryError;
use alumx_domain::resume::{Resume, ResumeRepository};
use alumx_domain::user::{Profile, UserRepository};

use crate::ports::{FileStore, FileStoreError, FileStream};

/// Why something couldn't be read out.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The caller's account was deleted a moment ago.
    #[error("the account is deleted")]
    CallerGone,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A file couldn't be read.
    #[error(transparent)]
    File(#[from] FileStoreError),
}

/// What [`ExportService`] stands on.
#[expect(missing_docs, reason = "each is the port of its name")]
pub struct ExportPorts {
    pub accounts: Arc<dyn AccountRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub users: Arc<dyn UserRepository>,
    pub resumes: Arc<dyn ResumeRepository>,
    pub posts: Arc<dyn JobPostRepository>,
    pub conversations: Arc<dyn ConversationRepository>,
    pub chats: Arc<dyn ChatRepository>,
    pub groups: Arc<dyn GroupChatRepository>,
    pub audit: Arc<dyn AuditRepository>,
    pub files: Arc<dyn FileStore>,
    pub clock: Arc<dyn Clock>,
}

/// A conversation as the caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conversation {
    /// With one other user.
    Chat(Box<Chat>),
    /// In a group.
    Group(Box<GroupChat>),
}

/// Reads out what the service holds of the caller: each list in pages of 100, by the key of the
/// last item of the page before.
pub struct ExportService(ExportPorts);

fn after<K>(key: Option<K>) -> PageRequest<K> {
    PageRequest {
        after: key,
        limit: PageSize::LARGEST,
    }
}

impl ExportService {
    /// A service over these ports.
    pub fn new(ports: ExportPorts) -> Self {
        Self(ports)
    }

    /// The caller's account.
    pub async fn account(&self, caller: Caller) -> Result<Account, ExportError> {
        let found = self.0.accounts.find(caller.user).await?;
        found.ok_or(ExportError::CallerGone)
    }

    /// The caller's profile.
    pub async fn profile(&self, caller: Caller) -> Result<Profile, ExportError> {
        let found = self.0.users.find(caller.user).await?;
        found.ok_or(ExportError::CallerGone)
    }

    /// What is known of the caller's resume, if there is one.
    pub async fn resume(&self, caller: Caller) -> Result<Option<Resume>, ExportError> {
        Ok(self.0.resumes.find(caller.user).await?)
    }

    /// The bytes of a file of the caller's; `None` if it was replaced or deleted meanwhile.
    pub async fn open(&self, key: &FileKey) -> Result<Option<FileStream>, ExportError> {
        match self.0.files.open(key, None).await {
            Ok(stream) => Ok(Some(stream)),
            Err(FileStoreError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The caller's open sessions, newest first.
    pub async fn sessions(
        &self,
        caller: Caller,
        key: Option<SessionId>,
    ) -> Result<Page<Session, SessionId>, ExportError> {
        let now = self.0.clock.now();
        Ok(self.0.sessions.list(caller.user, after(key), now).await?)
    }

    /// The caller's posts, newest first.
    pub async fn job_posts(
        &self,
        caller: Caller,
        key: Option<JobPostId>,
    ) -> Result<Page<JobPost, JobPostId>, ExportError> {
        let user = caller.user;
        let page = self.0.posts.list_by_author(user, user, after(key)).await?;
        page.ok_or(ExportError::CallerGone)
    }

    /// The caller's comments, oldest first.
    pub async fn comments(
        &self,
        caller: Caller,
        key: Option<CommentId>,
    ) -> Result<Page<Comment, CommentId>, ExportError> {
        let page = self.0.posts.list_comments_by(caller.user, after(key));
        Ok(page.await?)
    }

    /// The caller's likes, oldest first.
    pub async fn likes(
        &self,
        caller: Caller,
        key: Option<LikeId>,
    ) -> Result<Page<OwnLike, LikeId>, ExportError> {
        Ok(self.0.posts.list_likes_by(caller.user, after(key)).await?)
    }

    /// What the audit log says about the caller's account, newest first.
    pub async fn audit_log(
        &self,
        caller: Caller,
        key: Option<AuditKey>,
    ) -> Result<Page<AuditEntry, AuditKey>, ExportError> {
        let about = AuditFilter {
            target: Some(caller.user),
            ..AuditFilter::default()
        };
        Ok(self.0.audit.list(&about, after(key)).await?)
    }

    /// Which conversations the caller is in: all of them at once, for one that is written in
    /// meanwhile would move past the end of a page.
    pub async fn conversations(&self, caller: Caller) -> Result<Vec<ConversationId>, ExportError> {
        let states = self.0.conversations.states(caller.user).await?;
        Ok(states.iter().map(|state| state.conversation).collect())
    }

    /// The conversation, if the caller is still in it.
    pub async fn conversation(
        &self,
        caller: Caller,
        id: ConversationId,
    ) -> Result<Option<Conversation>, ExportError> {
        Ok(match id {
            ConversationId::Chat(id) => {
                let chat = self.0.chats.find(id, caller.user).await?;
                chat.map(|chat| Conversation::Chat(Box::new(chat)))
            }
            ConversationId::Group(id) => {
                let group = self.0.groups.find(id, caller.user).await?;
                group.map(|group| Conversation::Group(Box::new(group)))
            }
        })
    }

    /// The messages of a conversation that the caller can see, oldest first; none once the caller
    /// isn't in it any more.
    pub async fn messages(
        &self,
        caller: Caller,
        id: ConversationId,
        key: Option<Seq>,
    ) -> Result<Page<Message, Seq>, ExportError> {
        let from = MessagesFrom::After(key.unwrap_or(Seq::ZERO));
        let limit = PageSize::LARGEST;
        let page = self
            .0
            .conversations
            .list_messages(id, caller.user, from, None, limit)
            .await?;
        Ok(page.unwrap_or(Page {
            items: Vec::new(),
            next: None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use alumx_domain::account::{MockAccountRepository, MockSessionRepository};
    use alumx_domain::audit::MockAuditRepository;
    use alumx_domain::chat::MockChatRepository;
    use alumx_domain::conversation::MockConversationRepository;
    use alumx_domain::group_chat::MockGroupChatRepository;
    use alumx_domain::job_post::MockJobPostRepository;
    use alumx_domain::resume::MockResumeRepository;
    use alumx_domain::user::MockUserRepository;

    use super::*;
    use crate::ports::MockFileStore;
    use crate::testing::{caller, chat_id, clock};

    /// A service whose ports are not asked unless a test expects it.
    fn service(
        accounts: MockAccountRepository,
        conversations: MockConversationRepository,
        audit: MockAuditRepository,
    ) -> ExportService {
        ExportService::new(ExportPorts {
            accounts: Arc::new(accounts),
            sessions: Arc::new(MockSessionRepository::new()),
            users: Arc::new(MockUserRepository::new()),
            resumes: Arc::new(MockResumeRepository::new()),
            posts: Arc::new(MockJobPostRepository::new()),
            conversations: Arc::new(conversations),
            chats: Arc::new(MockChatRepository::new()),
            groups: Arc::new(MockGroupChatRepository::new()),
            audit: Arc::new(audit),
            files: Arc::new(MockFileStore::new()),
            clock: Arc::new(clock()),
        })
    }

    #[tokio::test]
    async fn who_has_gone_gets_nothing() {
        let mut accounts = MockAccountRepository::new();
        accounts.expect_find().returning(|_| Ok(None));
        let service = service(
            accounts,
            MockConversationRepository::new(),
            MockAuditRepository::new(),
        );

        let account = service.account(caller(1)).await;

        assert!(matches!(account, Err(ExportError::CallerGone)));
    }

    #[tokio::test]
    async fn a_conversation_that_was_left_meanwhile_has_no_messages() {
        let mut conversations = MockConversationRepository::new();
        conversations
            .expect_list_messages()
            .returning(|_, _, _, _, _| Ok(None));
        let service = service(
            MockAccountRepository::new(),
            conversations,
            MockAuditRepository::new(),
        );

        let id = ConversationId::Chat(chat_id());
        let messages = service.messages(caller(1), id, None).await.unwrap();

        assert_eq!((messages.items, messages.next), (Vec::new(), None));
    }

    #[tokio::test]
    async fn of_the_audit_log_only_what_is_about_the_caller_is_read() {
        let mut audit = MockAuditRepository::new();
        audit
            .expect_list()
            .withf(|filter, page| {
                filter.target == Some(caller(1).user) && page.limit == PageSize::LARGEST
            })
            .times(1)
            .returning(|_, _| {
                Ok(Page {
                    items: Vec::new(),
                    next: None,
                })
            });
        let service = service(
            MockAccountRepository::new(),
            MockConversationRepository::new(),
            audit,
        );

        assert!(service.audit_log(caller(1), None).await.is_ok());
    }
}
