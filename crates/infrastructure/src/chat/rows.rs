//! Whole chats, however they are chosen, in one round trip.

use std::borrow::Cow;

use alumx_domain::account::UserId;
use alumx_domain::chat::{Chat, ChatId, ChatKey};
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::ConversationId;
use alumx_domain::page::{Page, PageRequest};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Timestamptz};

use crate::conversation::rows::{MESSAGE, MessageColumns, MessageRow, inbox, position, seq};
use crate::db::invalid_value;
use crate::db::lookup::Lookup;
use crate::db::prepared::Value::{self, Number};
use crate::db::prepared::{Sql, prepared};
use crate::user::reference::{UserRefColumns, UserRefRow};

type ChatColumns = (
    BigInt,
    UserRefColumns,
    Nullable<MessageColumns>,
    BigInt,
    BigInt,
    BigInt,
    Timestamptz,
    Timestamptz,
);

/// The chats that `choice` chooses by their `chat_id`, as user `$1` sees them, the last active
/// first. The choice reads an index only; everything else is joined to the few chats it chose.
fn whole(choice: &str) -> String {
    format!(
        "WITH choice AS MATERIALIZED ({choice})
         SELECT c.chat_id, o.id, o.username, o.name, o.role, {MESSAGE},
             CASE c.user1_id WHEN $1 THEN c.user1_last_read_seq ELSE c.user2_last_read_seq END,
             CASE c.user1_id WHEN $1 THEN c.user2_last_read_seq ELSE c.user1_last_read_seq END,
             c.last_seq, c.created_at, c.last_activity_at
         FROM choice JOIN chats c ON c.chat_id = choice.chat_id
         JOIN users o ON o.id = CASE c.user1_id WHEN $1 THEN c.user2_id ELSE c.user1_id END
         LEFT JOIN messages m ON m.chat_id = c.chat_id AND m.seq = c.last_seq
         LEFT JOIN users u ON u.id = m.sender_id
         ORDER BY c.last_activity_at DESC, c.chat_id DESC"
    )
}

/// Chat `$2`.
struct One;

impl Sql for One {
    type Answer = ChatColumns;

    fn text() -> Cow<'static, str> {
        whole("SELECT chat_id FROM chats WHERE chat_id = $2 AND $1 IN (user1_id, user2_id)").into()
    }
}

/// `$4` chats after the one last active at `$2` whose id is `$3`: of each of the two indexes one
/// range, and the first of both together.
pub(super) struct Inbox;

impl Sql for Inbox {
    type Answer = ChatColumns;

    fn text() -> Cow<'static, str> {
        let of = |user: &str| {
            format!(
                "(SELECT chat_id, last_activity_at FROM chats
                  WHERE {user} = $1 AND (last_activity_at, chat_id) < ($2, $3)
                  ORDER BY last_activity_at DESC, chat_id DESC LIMIT $4)"
            )
        };
        let (first, second) = (of("user1_id"), of("user2_id"));
        whole(&format!(
            "{first} UNION ALL {second} ORDER BY last_activity_at DESC, chat_id DESC LIMIT $4"
        ))
        .into()
    }
}

#[derive(Queryable)]
pub(super) struct ChatRow {
    id: i64,
    other_user: UserRefRow,
    last_message: Option<MessageRow>,
    last_read_seq: i64,
    other_last_read_seq: i64,
    last_seq: i64,
    created_at: Timestamp,
    last_activity_at: Timestamp,
}

impl ChatRow {
    fn into_chat(self) -> QueryResult<Chat> {
        let id: ChatId = self.id.try_into().map_err(invalid_value)?;
        let last_message = self
            .last_message
            .map(|message| message.into_message(ConversationId::Chat(id)));
        Ok(Chat {
            id,
            other_user: self.other_user.into_ref()?,
            last_message: last_message.transpose()?,
            position: position(self.last_read_seq, self.last_seq)?,
            other_last_read_seq: seq(self.other_last_read_seq)?,
            created_at: self.created_at,
            last_activity_at: self.last_activity_at,
        })
    }
}

pub(super) fn find(
    conn: &mut PgConnection,
    id: ChatId,
    viewer: UserId,
) -> QueryResult<Option<Chat>> {
    known(conn, id.raw(), viewer).optional()
}

/// A chat that the viewer is known to be in.
pub(super) fn known(conn: &mut PgConnection, id: i64, viewer: UserId) -> QueryResult<Chat> {
    let values = [viewer.raw(), id].map(Number);
    let row: ChatRow = prepared::<One>(values).get_result(conn)?;
    row.into_chat()
}

/// Looks for a page of the chats of a viewer.
pub(super) struct InboxPage {
    pub viewer: UserId,
    pub page: PageRequest<ChatKey>,
}

impl Lookup for InboxPage {
    const NAME: &'static str = "PgChatRepository::list";

    type Statement = Inbox;
    type Row = ChatRow;
    type Answer = Page<Chat, ChatKey>;

    fn values(&self) -> Vec<Value> {
        inbox(self.viewer, &self.page).into()
    }

    fn answer(&self, rows: Vec<ChatRow>) -> QueryResult<Page<Chat, ChatKey>> {
        let chats: QueryResult<Vec<Chat>> = rows.into_iter().map(ChatRow::into_chat).collect();
        Ok(Page::cut(chats?, self.page.limit, Chat::key))
    }
}
