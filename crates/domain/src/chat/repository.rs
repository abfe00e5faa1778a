//! Port to stored chats.

use async_trait::async_trait;

use super::{Chat, ChatId, ChatKey};
use crate::account::UserId;
use crate::clock::Timestamp;
use crate::page::{Page, PageRequest};
use crate::repository::RepositoryError;

/// Why a chat couldn't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenChatError {
    /// The user who opens it has deleted the account.
    #[error("the account is deleted")]
    OpenerGone,
    /// The other user isn't there (any more).
    #[error("there is no such user")]
    UnknownUser,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Stores chats. What is in them is behind
/// [`ConversationRepository`](crate::conversation::ConversationRepository).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ChatRepository: Send + Sync {
    /// The chat of two different users as `opener` sees it, and whether it is new: a pair has
    /// one, whoever opens it and however often.
    async fn open(
        &self,
        opener: UserId,
        other: UserId,
        now: Timestamp,
    ) -> Result<(Chat, bool), OpenChatError>;

    /// The chat as `viewer` sees it; `None` if the viewer isn't in it.
    async fn find(&self, id: ChatId, viewer: UserId) -> Result<Option<Chat>, RepositoryError>;

    /// The viewer's chats, the last active first.
    async fn list(
        &self,
        viewer: UserId,
        page: PageRequest<ChatKey>,
    ) -> Result<Page<Chat, ChatKey>, RepositoryError>;
}
