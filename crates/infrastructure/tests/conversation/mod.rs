//! Messages and read positions, of chats and groups alike, also when everybody writes at once.

mod deletion;
mod message;
mod plan;
mod race;
mod read;
mod search;
mod send;
mod together;

use alumx_domain::account::{Account, UserId};
use alumx_domain::conversation::{
    ClientMessageId, ConversationId, ConversationRepository, Message, MessageBody, MessagesFrom,
    NewMessage, SendError, Sent, Seq,
};
use alumx_domain::page::PageSize;
use alumx_infrastructure::conversation::PgConversationRepository;

use crate::support::{World, at, value};

pub fn text(content: &str) -> NewMessage {
    NewMessage {
        content: value(content),
        client_message_id: None,
    }
}

/// A text under the client's id of this number.
pub fn numbered(content: &str, id: u32) -> NewMessage {
    let id = format!("00000000-0000-4000-8000-{id:012}");
    NewMessage {
        client_message_id: Some(ClientMessageId::try_from(id).unwrap()),
        ..text(content)
    }
}

pub fn seq(number: i64) -> Seq {
    number.try_into().unwrap()
}

pub fn size(size: i64) -> PageSize {
    size.try_into().unwrap()
}

/// What a message says; `None` for a tombstone.
pub fn content(message: &Message) -> Option<String> {
    match &message.body {
        MessageBody::Text(text) => Some(text.to_string()),
        MessageBody::Deleted { .. } => None,
    }
}

/// A number and what the message says.
pub fn numbers_and_contents(messages: &[Message]) -> Vec<(i64, Option<String>)> {
    let pairs = messages
        .iter()
        .map(|message| (message.seq.get(), content(message)));
    pairs.collect()
}

impl World {
    pub fn conversations(&self) -> PgConversationRepository {
        PgConversationRepository::new(self.database.db())
    }

    /// A chat and a group of Ada, who owns it, and Bob.
    async fn both(&self, ada: &Account, bob: &Account) -> [ConversationId; 2] {
        [
            ConversationId::Chat(self.open(ada, bob).await),
            ConversationId::Group(self.group_of(ada, &[bob]).await),
        ]
    }

    pub async fn try_send(
        &self,
        conversation: ConversationId,
        sender: UserId,
        message: &NewMessage,
    ) -> Result<Sent, SendError> {
        let conversations = self.conversations();
        conversations
            .send(conversation, sender, message, at(10))
            .await
    }

    /// Sends at second 10.
    pub async fn send(&self, conversation: ConversationId, by: &Account, content: &str) -> Message {
        self.send_at(conversation, by, content, 10).await
    }

    pub async fn send_at(
        &self,
        conversation: ConversationId,
        by: &Account,
        content: &str,
        second: i64,
    ) -> Message {
        let message = text(content);
        let conversations = self.conversations();
        let sent = conversations.send(conversation, by.id, &message, at(second));
        sent.await.unwrap().message
    }

    /// The first hundred messages in their order, as this user reads them.
    pub async fn read_all(
        &self,
        conversation: ConversationId,
        reader: &Account,
    ) -> Vec<(i64, Option<String>)> {
        let from = MessagesFrom::After(Seq::ZERO);
        let list = self
            .conversations()
            .list_messages(conversation, reader.id, from, None, size(100))
            .await;
        numbers_and_contents(&list.unwrap().unwrap().items)
    }
}
