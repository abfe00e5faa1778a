//! Chats: opening them, and the list of them.

mod open;
mod page;

use alumx_domain::account::Account;
use alumx_domain::chat::{ChatId, ChatRepository};
use alumx_infrastructure::chat::PgChatRepository;

use crate::support::{World, at};

impl World {
    pub fn chats(&self) -> PgChatRepository {
        PgChatRepository::new(self.database.db())
    }

    /// The chat of two, opened at second 5.
    pub async fn open(&self, opener: &Account, other: &Account) -> ChatId {
        let chat = self.chats().open(opener.id, other.id, at(5)).await;
        chat.unwrap().0.id
    }
}
