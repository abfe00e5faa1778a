//! What is told live to the members of a conversation.

use super::{ConversationId, Message, MessageId, Seq};
use crate::account::UserId;
use crate::group_chat::ParticipantRole;

/// Counts the changes of who is in a conversation. Of two events the one with the larger version
/// happened among the newer members. A chat's is always the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MembershipVersion(pub i64);

/// Something that happened in a conversation and has been committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationEvent {
    /// Where.
    pub conversation: ConversationId,
    /// Among whom: those who are in it after the event.
    pub membership: MembershipVersion,
    /// What.
    pub happening: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A message was sent.
    MessageCreated(Box<Message>),
    /// A message was deleted.
    MessageDeleted {
        /// Which.
        message: MessageId,
        /// Its number.
        seq: Seq,
    },
    /// A member read on.
    Read {
        /// Who.
        user: UserId,
        /// Up to where.
        last_read_seq: Seq,
    },
    /// The chat was opened.
    ChatCreated,
    /// The group was made.
    GroupCreated,
    /// The group has another name.
    GroupUpdated,
    /// The group is gone.
    GroupDeleted,
    /// Somebody is in the group now.
    ParticipantAdded {
        /// Who.
        user: UserId,
    },
    /// Somebody is not in the group any more.
    ParticipantRemoved {
        /// Who.
        user: UserId,
    },
    /// Somebody has another role in the group.
    RoleChanged {
        /// Who.
        user: UserId,
        /// Which.
        role: ParticipantRole,
    },
    /// A member is writing; stored nowhere.
    Typing {
        /// Who.
        user: UserId,
    },
}
