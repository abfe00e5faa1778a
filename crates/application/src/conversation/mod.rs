//! What users do alike in chats and groups: they write, read, search and take back messages.

use std::sync::Arc;

use alumx_domain::account::Caller;
use alumx_domain::clock::Clock;
use alumx_domain::conversation::{
    ConversationEvent, ConversationId, ConversationRepository, DeleteMessageError, Happening,
    MarkReadError, MembershipVersion, Message, MessageId, MessageSearch, MessagesFrom, NewMessage,
    ReadPosition, SendError, Sent, Seq, UnreadTotals,
};
use alumx_domain::page::{Page, PageSize};
use alumx_domain::repository::RepositoryError;

use crate::ports::Realtime;

/// Why a use case of conversations failed.
#[derive(Debug, thiserror::Error)]
pub enum ConversationError {
    /// The caller's account was deleted a moment ago.
    #[error("the account is deleted")]
    CallerGone,
    /// There is no such conversation, or the caller is not in it.
    #[error("there is no such conversation")]
    NotFound,
    /// There is no such message in it, or it is deleted already.
    #[error("there is no such message in this conversation")]
    MessageNotFound,
    /// Somebody else sent the message.
    #[error("only its sender, and in a group its owner and admins, may delete a message")]
    NotSender,
    /// The other user of the chat has deleted the account.
    #[error("the other user has deleted the account")]
    RecipientDeleted,
    /// The caller sent another text under the same client's id.
    #[error("another message was sent under this clientMessageId")]
    ClientMessageIdReused,
    /// There is no message of this number yet.
    #[error("there is no message of this number yet")]
    BeyondLast,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl From<SendError> for ConversationError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::SenderGone => Self::CallerGone,
            SendError::NotFound => Self::NotFound,
            SendError::RecipientDeleted => Self::RecipientDeleted,
            SendError::ClientMessageIdReused => Self::ClientMessageIdReused,
            SendError::Repository(error) => Self::Repository(error),
        }
    }
}

impl From<DeleteMessageError> for ConversationError {
    fn from(error: DeleteMessageError) -> Self {
        match error {
            DeleteMessageError::NotFound => Self::MessageNotFound,
            DeleteMessageError::NotSender => Self::NotSender,
            DeleteMessageError::Repository(error) => Self::Repository(error),
        }
    }
}

impl From<MarkReadError> for ConversationError {
    fn from(error: MarkReadError) -> Self {
        match error {
            MarkReadError::NotFound => Self::NotFound,
            MarkReadError::BeyondLast => Self::BeyondLast,
            MarkReadError::Repository(error) => Self::Repository(error),
        }
    }
}

/// What the members of conversations do. Whoever isn't in one finds nothing of it, also who runs
/// the service.
pub struct ConversationService {
    conversations: Arc<dyn ConversationRepository>,
    realtime: Arc<dyn Realtime>,
    clock: Arc<dyn Clock>,
}

impl ConversationService {
    /// A service over these ports.
    pub fn new(
        conversations: Arc<dyn ConversationRepository>,
        realtime: Arc<dyn Realtime>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            conversations,
            realtime,
            clock,
        }
    }

    /// Sends a message; a repeat under the same client's id finds the first one.
    pub async fn send(
        &self,
        caller: Caller,
        conversation: ConversationId,
        message: &NewMessage,
    ) -> Result<Sent, ConversationError> {
        let now = self.clock.now();
        let sent = self
            .conversations
            .send(conversation, caller.user, message, now)
            .await?;
        if sent.is_new {
            let happening = Happening::MessageCreated(Box::new(sent.message.clone()));
            self.tell(conversation, sent.membership, happening);
        }
        Ok(sent)
    }

    /// Some messages, as far as `search` is contained in them. Deleted ones are tombstones.
    pub async fn messages(
        &self,
        caller: Caller,
        conversation: ConversationId,
        from: MessagesFrom,
        search: Option<MessageSearch>,
        limit: PageSize,
    ) -> Result<Page<Message, Seq>, ConversationError> {
        let page = self
            .conversations
            .list_messages(conversation, caller.user, from, search, limit)
            .await?;
        page.ok_or(ConversationError::NotFound)
    }

    /// Takes a message's content away, for its sender, and in a group its owner and admins.
    pub async fn delete_message(
        &self,
        caller: Caller,
        conversation: ConversationId,
        id: MessageId,
    ) -> Result<(), ConversationError> {
        let now = self.clock.now();
        let deleted = self
            .conversations
            .delete_message(conversation, caller.user, id, now);
        let (seq, members) = deleted.await?;
        let message = id;
        self.tell(
            conversation,
            members,
            Happening::MessageDeleted { message, seq },
        );
        Ok(())
    }

    /// Moves the caller's read position forward; never back.
    pub async fn mark_read(
        &self,
        caller: Caller,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<ReadPosition, ConversationError> {
        let (position, moved) = self
            .conversations
            .mark_read(conversation, caller.user, seq)
            .await?;
        if let Some(members) = moved {
            let (user, last_read_seq) = (caller.user, position.last_read_seq);
            let happening = Happening::Read {
                user,
                last_read_seq,
            };
            self.tell(conversation, members, happening);
        }
        Ok(position)
    }

    /// How many messages the caller has not read.
    pub async fn unread_totals(&self, caller: Caller) -> Result<UnreadTotals, ConversationError> {
        Ok(self.conversations.unread_totals(caller.user).await?)
    }

    fn tell(
        &self,
        conversation: ConversationId,
        membership: MembershipVersion,
        happening: Happening,
    ) {
        self.realtime.publish(ConversationEvent {
            conversation,
            membership,
            happening,
        });
    }
}

#[cfg(test)]
mod tests;
