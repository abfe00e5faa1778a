//! Messages and read positions in PostgreSQL, of chats and groups alike.
//!
//! Who locks more than one row does so in this order: users, by their ids; posts; groups, by their
//! ids; chats; and what hangs on them last. So nobody waits for each other.

pub(crate) mod bulk;
mod deletion;
mod family;
mod messages;
mod read;
pub(crate) mod rows;
mod search;
mod send;

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::ConversationId::{Chat, Group};
use alumx_domain::conversation::{
    ConversationId, ConversationRepository, ConversationState, DeleteMessageError, MarkReadError,
    Members, MembershipVersion, Message, MessageId, MessageSearch, MessagesFrom, NewMessage,
    ReadPosition, SendError, Sent, Seq, UnreadTotals,
};
use alumx_domain::page::{Page, PageSize};
use alumx_domain::repository::RepositoryError;
use async_trait::async_trait;
use diesel::Connection;

use crate::db::Db;
use crate::db::together::Together;
use family::{Chats, Groups};
use messages::MessagePages;
use read::CountUnread;
use send::ToChat;

/// Stores messages and read positions in PostgreSQL.
pub struct PgConversationRepository {
    db: Db,
    to_chats: Together<ToChat>,
    of_chats: MessagePages<Chats>,
    of_groups: MessagePages<Groups>,
    unread: Together<CountUnread>,
}

impl PgConversationRepository {
    /// Stores them in this database.
    pub fn new(db: Db) -> Self {
        Self {
            to_chats: Together::new(db.clone()),
            of_chats: MessagePages::new(db.clone()),
            of_groups: MessagePages::new(db.clone()),
            unread: Together::new(db.clone()),
            db,
        }
    }
}

#[async_trait]
impl ConversationRepository for PgConversationRepository {
    async fn send(
        &self,
        conversation: ConversationId,
        sender: UserId,
        message: &NewMessage,
        now: Timestamp,
    ) -> Result<Sent, SendError> {
        let message = message.clone();
        match conversation {
            Chat(chat) => {
                let message = ToChat {
                    chat,
                    sender,
                    message,
                    now,
                };
                self.to_chats.run(message).await?
            }
            Group(id) => {
                self.db
                    .run(move |conn| send::send::<Groups>(conn, id.raw(), sender, &message, now))
                    .await?
            }
        }
    }

    async fn list_messages(
        &self,
        conversation: ConversationId,
        reader: UserId,
        from: MessagesFrom,
        search: Option<MessageSearch>,
        limit: PageSize,
    ) -> Result<Option<Page<Message, Seq>>, RepositoryError> {
        let Some(q) = search else {
            return match conversation {
                Chat(id) => self.of_chats.find(id.raw(), reader, from, limit).await,
                Group(id) => self.of_groups.find(id.raw(), reader, from, limit).await,
            };
        };
        self.db
            .run(move |conn| match conversation {
                Chat(id) => search::list::<Chats>(conn, id.raw(), reader, from, &q, limit),
                Group(id) => search::list::<Groups>(conn, id.raw(), reader, from, &q, limit),
            })
            .await
    }

    async fn delete_message(
        &self,
        conversation: ConversationId,
        actor: UserId,
        id: MessageId,
        now: Timestamp,
    ) -> Result<(Seq, MembershipVersion), DeleteMessageError> {
        self.db
            .run(move |conn| {
                conn.transaction(|conn| match conversation {
                    Chat(chat) => deletion::delete::<Chats>(conn, chat.raw(), actor, id, now),
                    Group(group) => deletion::delete::<Groups>(conn, group.raw(), actor, id, now),
                })
            })
            .await?
    }

    async fn mark_read(
        &self,
        conversation: ConversationId,
        reader: UserId,
        seq: Seq,
    ) -> Result<(ReadPosition, Option<MembershipVersion>), MarkReadError> {
        self.db
            .run(move |conn| match conversation {
                Chat(id) => read::mark::<Chats>(conn, id.raw(), reader, seq),
                Group(id) => read::mark::<Groups>(conn, id.raw(), reader, seq),
            })
            .await?
    }

    async fn unread_totals(&self, user: UserId) -> Result<UnreadTotals, RepositoryError> {
        self.unread.run(CountUnread(user)).await
    }

    async fn states(&self, user: UserId) -> Result<Vec<ConversationState>, RepositoryError> {
        self.db.run(move |conn| read::states(conn, user)).await
    }

    async fn members(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<Members>, RepositoryError> {
        self.db
            .run(move |conn| match conversation {
                Chat(id) => read::members::<Chats>(conn, id.raw()),
                Group(id) => read::members::<Groups>(conn, id.raw()),
            })
            .await
    }

    async fn messages_after(
        &self,
        conversation: ConversationId,
        after: Seq,
        limit: PageSize,
    ) -> Result<Vec<Message>, RepositoryError> {
        self.db
            .run(move |conn| match conversation {
                Chat(id) => messages::after::<Chats>(conn, id.raw(), after, limit),
                Group(id) => messages::after::<Groups>(conn, id.raw(), after, limit),
            })
            .await
    }
}
