//! Direct chats: two users and what they write to each other.

mod repository;

#[cfg(feature = "mocks")]
pub use repository::MockChatRepository;
pub use repository::{ChatRepository, OpenChatError};

use crate::clock::Timestamp;
use crate::conversation::{ActivityKey, Message, ReadPosition, Seq};
use crate::id::Id;
use crate::user::UserRef;

/// The id of a chat.
pub type ChatId = Id<Chat>;

/// Where a page of chats ends.
pub type ChatKey = ActivityKey<Chat>;

/// A chat as one of its two users sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Its id.
    pub id: ChatId,
    /// The other user.
    pub other_user: UserRef,
    /// The last message, a tombstone if it was deleted; `None` before the first.
    pub last_message: Option<Message>,
    /// How far the viewer has read.
    pub position: ReadPosition,
    /// How far the other user has read.
    pub other_last_read_seq: Seq,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When something was last written, or it was opened.
    pub last_activity_at: Timestamp,
}

impl Chat {
    /// Where the chat stands in the list of chats.
    pub fn key(&self) -> ChatKey {
        ActivityKey {
            last_activity_at: self.last_activity_at,
            id: self.id,
        }
    }
}
