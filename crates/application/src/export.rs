//! All that the service holds of a user, read out page by page for the user.

use std::cmp::Reverse;
use std::sync::Arc;

use alumx_domain::account::{
    Account, AccountRepository, Caller, Session, SessionId, SessionRepository,
};
use alumx_domain::audit::{AuditEntry, AuditFilter, AuditKey, AuditRepository};
use alumx_domain::chat::{Chat, ChatRepository};
use alumx_domain::clock::{Clock, Timestamp};
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

use crate::authentication::Authenticator;
use crate::ports::{FileStore, FileStoreError, FileStream};

/// Why something couldn't be read out.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The caller's account was deleted a moment ago.
    #[error("the account is deleted")]
    CallerGone,
    /// The caller has signed out, was suspended or deleted the account since the export began.
    #[error("the session has ended")]
    SessionEnded,
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
    pub authenticator: Arc<Authenticator>,
    pub clock: Arc<dyn Clock>,
}

/// A conversation as the caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conversation {
    /// With one other user.
    Chat(Box<Chat>),
    /// In a group.
    Group {
        /// Which.
        group: Box<GroupChat>,
        /// Since when the caller is in it.
        joined_at: Timestamp,
    },
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

    /// Whether an export may go on: to be asked before each part of it. While the database is away,
    /// it may.
    pub async fn check(&self, caller: Caller) -> Result<(), ExportError> {
        match self.0.authenticator.still_counts(caller).await {
            Ok(false) => Err(ExportError::SessionEnded),
            Ok(true) | Err(_) => Ok(()),
        }
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

    /// What the audit log says about the caller's account and of what the caller did, newest first:
    /// of both the first, and what is in both once.
    pub async fn audit_log(
        &self,
        caller: Caller,
        key: Option<AuditKey>,
    ) -> Result<Page<AuditEntry, AuditKey>, ExportError> {
        let about = AuditFilter {
            target: Some(caller.user),
            ..AuditFilter::default()
        };
        let done = AuditFilter {
            actor: Some(caller.user),
            ..AuditFilter::default()
        };
        let about = self.0.audit.list(&about, after(key)).await?;
        let done = self.0.audit.list(&done, after(key)).await?;
        Ok(first_of_both(about, done))
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
                let place = self.0.groups.find_participant(id, caller.user).await?;
                group.zip(place).map(|(group, place)| Conversation::Group {
                    group: Box::new(group),
                    joined_at: place.joined_at,
                })
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

/// The page of two lists in one, whose pages these are.
fn first_of_both(
    one: Page<AuditEntry, AuditKey>,
    other: Page<AuditEntry, AuditKey>,
) -> Page<AuditEntry, AuditKey> {
    let limit = PageSize::LARGEST.get();
    let more = one.next.or(other.next).is_some();
    let mut items = [one.items, other.items].concat();
    items.sort_by_key(|entry| Reverse((entry.occasion.at, entry.id.raw())));
    items.dedup_by_key(|entry| entry.id);
    let more = more || items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(AuditEntry::key);
    Page { items, next }
}

#[cfg(test)]
mod tests;
