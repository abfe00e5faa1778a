//! Direct chats: opening and finding them. What is done in them is in
//! [`conversation`](crate::conversation).

use std::sync::Arc;

use alumx_domain::account::{Caller, UserId};
use alumx_domain::chat::{Chat, ChatId, ChatKey, ChatRepository, OpenChatError};
use alumx_domain::clock::Clock;
use alumx_domain::conversation::{ConversationEvent, ConversationId, Happening, MembershipVersion};
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::RepositoryError;

use crate::ports::Realtime;

/// Why a use case of chats failed.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// The caller's account was deleted a moment ago.
    #[error("the account is deleted")]
    CallerGone,
    /// There is no such chat, or the caller is not in it.
    #[error("there is no such chat")]
    NotFound,
    /// Nobody chats alone.
    #[error("must be another user")]
    WithOneself,
    /// The other user isn't there (any more).
    #[error("there is no such user")]
    UnknownUser,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl From<OpenChatError> for ChatError {
    fn from(error: OpenChatError) -> Self {
        match error {
            OpenChatError::OpenerGone => Self::CallerGone,
            OpenChatError::UnknownUser => Self::UnknownUser,
            OpenChatError::Repository(error) => Self::Repository(error),
        }
    }
}

/// What users do with chats. Whoever isn't in one finds nothing of it.
pub struct ChatService {
    chats: Arc<dyn ChatRepository>,
    realtime: Arc<dyn Realtime>,
    clock: Arc<dyn Clock>,
}

impl ChatService {
    /// A service over these ports.
    pub fn new(
        chats: Arc<dyn ChatRepository>,
        realtime: Arc<dyn Realtime>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            chats,
            realtime,
            clock,
        }
    }

    /// The chat of the caller and another user, and whether it is new.
    pub async fn open(&self, caller: Caller, other: UserId) -> Result<(Chat, bool), ChatError> {
        if other == caller.user {
            return Err(ChatError::WithOneself);
        }
        let now = self.clock.now();
        let (chat, is_new) = self.chats.open(caller.user, other, now).await?;
        if is_new {
            self.realtime.publish(ConversationEvent {
                conversation: ConversationId::Chat(chat.id),
                membership: MembershipVersion::default(),
                happening: Happening::ChatCreated,
            });
        }
        Ok((chat, is_new))
    }

    /// One of the caller's chats.
    pub async fn chat(&self, caller: Caller, id: ChatId) -> Result<Chat, ChatError> {
        let found = self.chats.find(id, caller.user).await?;
        found.ok_or(ChatError::NotFound)
    }

    /// The caller's chats, the last active first.
    pub async fn chats(
        &self,
        caller: Caller,
        page: PageRequest<ChatKey>,
    ) -> Result<Page<Chat, ChatKey>, ChatError> {
        Ok(self.chats.list(caller.user, page).await?)
    }
}

#[cfg(test)]
mod tests;
