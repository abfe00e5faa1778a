//! How far conversations have got, and how far users have read.

use super::{ConversationId, MembershipVersion, Seq};

/// How far a user has read a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadPosition {
    /// The last message that was read.
    pub last_read_seq: Seq,
    /// The last message that there is.
    pub last_seq: Seq,
}

impl ReadPosition {
    /// How many messages are unread.
    pub const fn unread_count(self) -> i64 {
        self.last_seq.get() - self.last_read_seq.get()
    }
}

/// How many messages a user has not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnreadTotals {
    /// In all chats.
    pub chat_messages: i64,
    /// In all groups.
    pub group_messages: i64,
}

/// What a client needs to know of a conversation to catch up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConversationState {
    /// Which.
    pub conversation: ConversationId,
    /// How far the user has read it.
    pub position: ReadPosition,
    /// Its members at that time.
    pub membership: MembershipVersion,
}
