//! What direct chats and groups have in common: numbered messages, read positions, and what is
//! told live.

mod event;
mod message;
mod read_state;
mod repository;

pub use event::{ConversationEvent, Happening, MembershipVersion};
pub use message::{
    ClientMessageId, Message, MessageBody, MessageId, MessageSearch, MessageText, MessagesFrom,
    NewMessage, Sent, Seq,
};
pub use read_state::{ConversationState, ReadPosition, UnreadTotals};
#[cfg(feature = "mocks")]
pub use repository::MockConversationRepository;
pub use repository::{
    ConversationRepository, DeleteMessageError, MarkReadError, Members, SendError,
};

use crate::chat::ChatId;
use crate::clock::Timestamp;
use crate::group_chat::{GroupId, ParticipantRole};
use crate::id::Id;

/// Which conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConversationId {
    /// Between two users.
    Chat(ChatId),
    /// Of a group.
    Group(GroupId),
}

/// What a member is in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// One of the two users of a chat.
    Chat,
    /// A participant of a group.
    Group(ParticipantRole),
}

impl Membership {
    /// Whether such a member may delete what others wrote.
    pub fn may_delete_any_message(self) -> bool {
        matches!(self, Self::Group(role) if role.administers())
    }
}

/// Where a page of conversations ends that lists the last active first.
#[derive(Debug, PartialEq, Eq)]
pub struct ActivityKey<T> {
    /// When something was last written there.
    pub last_activity_at: Timestamp,
    /// The conversation.
    pub id: Id<T>,
}

// By hand: derives would ask the same of `T`.
impl<T> Clone for ActivityKey<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ActivityKey<T> {}
