//! Messages as they are stored.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::{
    ActivityKey, ClientMessageId, ConversationId, Message, MessageBody, MessageText, ReadPosition,
    Seq,
};
use alumx_domain::page::PageRequest;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::db::invalid_value;
use crate::db::prepared::Value::{self, Number, Time};
use crate::user::reference::{UserRefColumns, UserRefRow};

/// The columns of a [`MessageRow`], of a message `m` and its sender `u`.
pub(crate) const MESSAGE: &str = "m.id, m.seq, u.id, u.username, u.name, u.role, m.content, \
    m.client_message_id, m.created_at, m.deleted_at";

/// What SQL answers for [`MESSAGE`].
pub(crate) type MessageColumns = (
    BigInt,
    BigInt,
    UserRefColumns,
    Nullable<Text>,
    Nullable<SqlUuid>,
    Timestamptz,
    Nullable<Timestamptz>,
);

#[derive(Queryable)]
pub(crate) struct MessageRow {
    id: i64,
    pub seq: i64,
    sender: UserRefRow,
    content: Option<String>,
    client_message_id: Option<Uuid>,
    created_at: Timestamp,
    deleted_at: Option<Timestamp>,
}

impl MessageRow {
    pub(crate) fn into_message(self, conversation: ConversationId) -> QueryResult<Message> {
        let text = |content: String| MessageText::try_from(content).map_err(invalid_value);
        let body = match (self.content, self.deleted_at) {
            (Some(content), None) => MessageBody::Text(text(content)?),
            (_, Some(at)) => MessageBody::Deleted { at },
            (None, None) => return Err(invalid_value("a message is empty, yet not deleted")),
        };
        Ok(Message {
            id: self.id.try_into().map_err(invalid_value)?,
            conversation,
            seq: seq(self.seq)?,
            sender: self.sender.into_ref()?,
            body,
            client_message_id: self.client_message_id.map(ClientMessageId),
            created_at: self.created_at,
        })
    }
}

/// The parameters of a page of the conversations of `viewer`, the last active first: the user, where
/// the page before ended (time and id), and how many.
pub(crate) fn inbox<T>(viewer: UserId, page: &PageRequest<ActivityKey<T>>) -> [Value; 4] {
    let (time, id) = page.after.map_or((Timestamp::MAX_UTC, i64::MAX), |key| {
        (key.last_activity_at, key.id.raw())
    });
    let limit = page.limit.overfetch();
    [Number(viewer.raw()), Time(time), Number(id), Number(limit)]
}

pub(crate) fn seq(number: i64) -> QueryResult<Seq> {
    number.try_into().map_err(invalid_value)
}

pub(crate) fn position(last_read_seq: i64, last_seq: i64) -> QueryResult<ReadPosition> {
    Ok(ReadPosition {
        last_read_seq: seq(last_read_seq)?,
        last_seq: seq(last_seq)?,
    })
}
