//! Port to what chats and groups store alike.

use async_trait::async_trait;

use super::{
    ConversationId, ConversationState, MembershipVersion, Message, MessageId, MessageSearch,
    MessagesFrom, NewMessage, ReadPosition, Sent, Seq, UnreadTotals,
};
use crate::account::UserId;
use crate::clock::Timestamp;
use crate::page::{Page, PageSize};
use crate::repository::RepositoryError;

/// Why a message couldn't be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The sender has deleted the account.
    #[error("the account is deleted")]
    SenderGone,
    /// There is no such conversation, or the sender is not in it.
    #[error("there is no such conversation")]
    NotFound,
    /// The other user of the chat has deleted the account.
    #[error("the other user has deleted the account")]
    RecipientDeleted,
    /// The sender sent another text under the same client's id.
    #[error("another message was sent under this clientMessageId")]
    ClientMessageIdReused,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Why a message couldn't be deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteMessageError {
    /// There is no such message, it is deleted already, or the actor is not where it was sent.
    #[error("there is no such message in this conversation")]
    NotFound,
    /// Somebody else sent it, and the actor does not administer the group.
    #[error("only its sender, and in a group its owner and admins, may delete a message")]
    NotSender,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Why a read position couldn't be moved.
#[derive(Debug, thiserror::Error)]
pub enum MarkReadError {
    /// There is no such conversation, or the reader is not in it.
    #[error("there is no such conversation")]
    NotFound,
    /// There is no message of this number yet.
    #[error("there is no such message yet")]
    BeyondLast,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Who is in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// All of them.
    pub users: Vec<UserId>,
    /// As of which change.
    pub version: MembershipVersion,
    /// The number of the last message at that time.
    pub last_seq: Seq,
}

/// Stores messages and read positions. Whoever isn't in a conversation finds nothing of it.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ConversationRepository: Send + Sync {
    /// Stores a message under the conversation's next number and moves the sender's own read
    /// position to it; or finds the one that the sender sent there under the same client's id.
    ///
    /// Numbers are gapless and in the order of commits. Once a removal from a group has been
    /// committed, nothing more of the removed user is stored.
    async fn send(
        &self,
        conversation: ConversationId,
        sender: UserId,
        message: &NewMessage,
        now: Timestamp,
    ) -> Result<Sent, SendError>;

    /// Some messages, deleted ones as tombstones, as far as `search` is contained in them in any
    /// letter case; `None` if the reader isn't in the conversation. The page's key is the last
    /// number that was looked at, see [`MessagesFrom::going_on_after`]: a search may end a page
    /// before it is full, even empty, so as not to look through a long conversation at once.
    async fn list_messages(
        &self,
        conversation: ConversationId,
        reader: UserId,
        from: MessagesFrom,
        search: Option<MessageSearch>,
        limit: PageSize,
    ) -> Result<Option<Page<Message, Seq>>, RepositoryError>;

    /// Takes a message's content away, if the actor [may](Message::may_be_deleted_by) do that as
    /// things stand when it is done; its number, and among whom.
    async fn delete_message(
        &self,
        conversation: ConversationId,
        actor: UserId,
        id: MessageId,
        now: Timestamp,
    ) -> Result<(Seq, MembershipVersion), DeleteMessageError>;

    /// Moves the reader's position forward to `seq`, never back; whether it moved, and where it
    /// is now.
    async fn mark_read(
        &self,
        conversation: ConversationId,
        reader: UserId,
        seq: Seq,
    ) -> Result<(ReadPosition, Option<MembershipVersion>), MarkReadError>;

    /// How many messages the user has not read, without counting messages.
    async fn unread_totals(&self, user: UserId) -> Result<UnreadTotals, RepositoryError>;

    /// All conversations of a user, the last active first.
    async fn states(&self, user: UserId) -> Result<Vec<ConversationState>, RepositoryError>;

    /// Who is in the conversation; `None` if there is no such conversation.
    async fn members(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<Members>, RepositoryError>;

    /// At most `limit` messages after this number, in order, for whoever is in the conversation.
    async fn messages_after(
        &self,
        conversation: ConversationId,
        after: Seq,
        limit: PageSize,
    ) -> Result<Vec<Message>, RepositoryError>;
}
