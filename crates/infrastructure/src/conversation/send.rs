//! Sending: one statement, which either stores the message with all that goes with it or nothing.
//!
//! The row of the conversation is locked first; so messages, and changes of who is in a group,
//! come one after the other, and numbers are in the order of commits.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use alumx_domain::account::UserId;
use alumx_domain::chat::ChatId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::{
    MembershipVersion, Message, MessageBody, NewMessage, SendError, Sent,
};
use alumx_domain::repository::RepositoryError;
use alumx_domain::text::lower_case;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{BigInt, Bool, Nullable, Timestamptz};

use super::family::{Chats, Family, SEND_IF_FREE, SEND_TOGETHER};
use super::rows::{MESSAGE, MessageColumns, MessageRow, seq};
use crate::db::prepared::Value::{self, Number, Numbers, Text, Texts, Time, Times, Uuid, Uuids};
use crate::db::prepared::{Sql, prepared};
use crate::db::together::Shared;
use crate::db::{attempt, invalid_value};
use crate::user::reference::{UserRefColumns, UserRefRow};

/// How often a send is tried whose sender comes and goes meanwhile.
const TRIES: usize = 3;

/// Stores a message if all is well: no row if something is in its way.
struct Store<F>(PhantomData<F>);

impl<F: Family> Sql for Store<F> {
    type Answer = (BigInt, BigInt, Timestamptz, BigInt, UserRefColumns);

    fn text() -> Cow<'static, str> {
        F::SEND.into()
    }
}

type StoredRow = (i64, i64, Timestamp, i64, UserRefRow);

/// A message on its way to a chat.
pub(super) struct ToChat {
    pub chat: ChatId,
    pub sender: UserId,
    pub message: NewMessage,
    pub now: Timestamp,
}

/// Stores a message of a chat that nobody else has locked.
struct StoreIfFree;

impl Sql for StoreIfFree {
    type Answer = <Store<Chats> as Sql>::Answer;

    fn text() -> Cow<'static, str> {
        SEND_IF_FREE.into()
    }
}

impl ToChat {
    fn values(&self) -> [Value; 6] {
        values(self.chat.raw(), self.sender, &self.message, self.now)
    }
}

/// The values of a statement that stores one message.
fn values(id: i64, sender: UserId, message: &NewMessage, now: Timestamp) -> [Value; 6] {
    [
        Number(id),
        Number(sender.raw()),
        Time(now),
        Text(message.content.to_string()),
        Text(lower_case(&message.content)),
        Uuid(message.client_message_id.map(|id| id.0)),
    ]
}

/// Stores messages of different chats. A row for each that was stored, with its place among them.
struct StoreTogether;

impl Sql for StoreTogether {
    type Answer = (BigInt, <Store<Chats> as Sql>::Answer);

    fn text() -> Cow<'static, str> {
        SEND_TOGETHER.into()
    }
}

impl Shared for ToChat {
    type Answer = Result<Sent, SendError>;

    const NAME: &'static str = "PgConversationRepository::send";
    const LANES: usize = 1;
    const MOST: usize = 64;
    const MAY_REPEAT: bool = false;

    fn goes_with(&self, others: &[Self]) -> bool {
        others.iter().all(|other| other.chat != self.chat)
    }

    fn alone(&self, conn: &mut PgConnection) -> QueryResult<Self::Answer> {
        send::<Chats>(conn, self.chat.raw(), self.sender, &self.message, self.now)
    }

    fn together(conn: &mut PgConnection, these: &[Self]) -> QueryResult<Vec<Option<Self::Answer>>> {
        if let [one] = these {
            let store = prepared::<StoreIfFree>(one.values());
            let row: Option<StoredRow> = store.get_result(conn).optional()?;
            let sent = row.map(|row| sent::<Chats>(one.chat.raw(), row, &one.message));
            return Ok(vec![sent.transpose()?.map(Ok)]);
        }
        let messages = || these.iter().map(|one| &one.message);
        let values = [
            Numbers(these.iter().map(|one| one.chat.raw()).collect()),
            Numbers(these.iter().map(|one| one.sender.raw()).collect()),
            Times(these.iter().map(|one| one.now).collect()),
            Texts(messages().map(|new| new.content.to_string()).collect()),
            Texts(messages().map(|new| lower_case(&new.content)).collect()),
            Uuids(
                messages()
                    .map(|new| new.client_message_id.map(|id| id.0))
                    .collect(),
            ),
        ];
        let rows: Vec<(i64, StoredRow)> = prepared::<StoreTogether>(values).load(conn)?;
        let mut stored: BTreeMap<i64, StoredRow> = rows.into_iter().collect();
        let answer = |(n, one): (i64, &Self)| {
            let row = stored.remove(&n);
            row.map(|row| sent::<Chats>(one.chat.raw(), row, &one.message).map(Ok))
                .transpose()
        };
        (1..).zip(these).map(answer).collect()
    }
}

/// What was in the way: whether the sender is there, in the conversation (with its version), the
/// conversation closed, and the message sent already.
struct Obstacle<F>(PhantomData<F>);

impl<F: Family> Sql for Obstacle<F> {
    type Answer = (
        Bool,
        Nullable<BigInt>,
        Nullable<Bool>,
        Nullable<MessageColumns>,
    );

    fn text() -> Cow<'static, str> {
        let (messages, key, member) = (F::MESSAGES, F::KEY, F::MEMBER);
        format!(
            "SELECT u.deleted_at IS NULL, member.version, member.closed, {MESSAGE}
             FROM users u LEFT JOIN ({member}) member ON TRUE
             LEFT JOIN {messages} m
                 ON m.{key} = $1 AND m.sender_id = $2 AND m.client_message_id = $3
             WHERE u.id = $2"
        )
        .into()
    }
}

type ObstacleRow = (bool, Option<i64>, Option<bool>, Option<MessageRow>);

pub(super) fn send<F: Family>(
    conn: &mut PgConnection,
    id: i64,
    sender: UserId,
    message: &NewMessage,
    now: Timestamp,
) -> QueryResult<Result<Sent, SendError>> {
    for _ in 0..TRIES {
        let values = values(id, sender, message, now);
        let store = |conn: &mut PgConnection| {
            let store = prepared::<Store<F>>(values);
            store.get_result(conn).optional()
        };
        let stored = attempt(conn, store);
        match stored {
            Ok(Some(row)) => return sent::<F>(id, row, message).map(Ok),
            Err(error) if !is_repeat::<F>(&error) => return Err(error),
            Ok(None) | Err(_) => {}
        }
        if let Some(answer) = refused::<F>(conn, id, sender, message)? {
            return Ok(answer);
        }
    }
    let reason = "the group keeps changing".to_owned();
    Ok(Err(RepositoryError::Unavailable(reason).into()))
}

fn is_repeat<F: Family>(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info)
        if info.constraint_name() == Some(F::SENT_ONCE))
}

fn sent<F: Family>(id: i64, row: StoredRow, message: &NewMessage) -> QueryResult<Sent> {
    let (message_id, number, created_at, version, sender) = row;
    let message = Message {
        id: message_id.try_into().map_err(invalid_value)?,
        conversation: F::conversation(id)?,
        seq: seq(number)?,
        sender: sender.into_ref()?,
        body: MessageBody::Text(message.content.clone()),
        client_message_id: message.client_message_id,
        created_at,
    };
    Ok(Sent {
        message,
        is_new: true,
        membership: MembershipVersion(version),
    })
}

/// What to answer instead; `None` if nothing is in the way any more.
fn refused<F: Family>(
    conn: &mut PgConnection,
    id: i64,
    sender: UserId,
    message: &NewMessage,
) -> QueryResult<Option<Result<Sent, SendError>>> {
    let values = [
        Number(id),
        Number(sender.raw()),
        Uuid(message.client_message_id.map(|id| id.0)),
    ];
    let obstacle = prepared::<Obstacle<F>>(values)
        .get_result(conn)
        .optional()?;
    let Some((true, version, closed, first)): Option<ObstacleRow> = obstacle else {
        return Ok(Some(Err(SendError::SenderGone)));
    };
    let Some(version) = version else {
        return Ok(Some(Err(SendError::NotFound)));
    };
    let Some(first) = first else {
        return Ok((closed == Some(true)).then_some(Err(SendError::RecipientDeleted)));
    };
    let first = first.into_message(F::conversation(id)?)?;
    if !message.repeats(&first) {
        return Ok(Some(Err(SendError::ClientMessageIdReused)));
    }
    Ok(Some(Ok(Sent {
        message: first,
        is_new: false,
        membership: MembershipVersion(version),
    })))
}
