//! Messages of a conversation, in pages.

use std::borrow::Cow;
use std::marker::PhantomData;

use alumx_domain::account::UserId;
use alumx_domain::conversation::{Message, MessagesFrom, Seq};
use alumx_domain::page::{Page, PageSize};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::family::Family;
use super::rows::{MESSAGE, MessageColumns, MessageRow};
use crate::db::prepared::Value::Number;
use crate::db::prepared::{Sql, prepared};

/// A page for reader `$2` of conversation `$1`: `$4` messages before or after the number `$3`.
struct PageOf<F, const FORWARDS: bool>(PhantomData<F>);

impl<F: Family, const FORWARDS: bool> Sql for PageOf<F, FORWARDS> {
    type Answer = MessageColumns;

    fn text() -> Cow<'static, str> {
        let member = F::MEMBER;
        let numbered = numbered::<F>(FORWARDS);
        let (_, direction) = order(FORWARDS);
        format!(
            "SELECT {MESSAGE} FROM ({numbered} AND EXISTS ({member})
             ORDER BY seq {direction} LIMIT $4) m
             JOIN users u ON u.id = m.sender_id ORDER BY m.seq {direction}"
        )
        .into()
    }
}

pub(super) fn numbered<F: Family>(forwards: bool) -> String {
    let (messages, key) = (F::MESSAGES, F::KEY);
    let (beyond, _) = order(forwards);
    format!("SELECT * FROM {messages} WHERE {key} = $1 AND seq {beyond} $3")
}

pub(super) const fn order(forwards: bool) -> (&'static str, &'static str) {
    if forwards {
        (">", "ASC")
    } else {
        ("<", "DESC")
    }
}

/// At most `$3` messages of conversation `$1` after the number `$2`, whoever asks.
struct After<F>(PhantomData<F>);

impl<F: Family> Sql for After<F> {
    type Answer = MessageColumns;

    fn text() -> Cow<'static, str> {
        let (messages, key) = (F::MESSAGES, F::KEY);
        format!(
            "SELECT {MESSAGE} FROM (
                 SELECT * FROM {messages} WHERE {key} = $1 AND seq > $2 ORDER BY seq LIMIT $3
             ) m JOIN users u ON u.id = m.sender_id ORDER BY m.seq"
        )
        .into()
    }
}

/// Whether user `$2` is in conversation `$1`.
struct IsMember<F>(PhantomData<F>);

impl<F: Family> Sql for IsMember<F> {
    type Answer = Bool;

    fn text() -> Cow<'static, str> {
        format!("SELECT EXISTS ({})", F::MEMBER).into()
    }
}

pub(super) fn list<F: Family>(
    conn: &mut PgConnection,
    id: i64,
    reader: UserId,
    from: MessagesFrom,
    limit: PageSize,
) -> QueryResult<Option<Page<Message, Seq>>> {
    let rows = match from {
        MessagesFrom::Newest => page::<F, false>(conn, id, reader, i64::MAX, limit),
        MessagesFrom::Before(seq) => page::<F, false>(conn, id, reader, seq.get(), limit),
        MessagesFrom::After(seq) => page::<F, true>(conn, id, reader, seq.get(), limit),
    }?;
    let messages = messages::<F>(id, rows)?;
    // Only an empty page may be a stranger's.
    let values = [Number(id), Number(reader.raw())];
    if messages.is_empty() && !prepared::<IsMember<F>, _>(values).get_result::<bool>(conn)? {
        return Ok(None);
    }
    Ok(Some(Page::cut(messages, limit, |message| message.seq)))
}

fn page<F: Family, const FORWARDS: bool>(
    conn: &mut PgConnection,
    id: i64,
    reader: UserId,
    from: i64,
    limit: PageSize,
) -> QueryResult<Vec<MessageRow>> {
    let values = [id, reader.raw(), from, limit.overfetch()].map(Number);
    prepared::<PageOf<F, FORWARDS>, _>(values).load(conn)
}

pub(super) fn messages<F: Family>(id: i64, rows: Vec<MessageRow>) -> QueryResult<Vec<Message>> {
    let conversation = F::conversation(id)?;
    rows.into_iter()
        .map(|row| row.into_message(conversation))
        .collect()
}

pub(super) fn after<F: Family>(
    conn: &mut PgConnection,
    id: i64,
    after: Seq,
    limit: PageSize,
) -> QueryResult<Vec<Message>> {
    let limit = i64::try_from(limit.get()).unwrap_or(i64::MAX);
    let values = [id, after.get(), limit].map(Number);
    messages::<F>(id, prepared::<After<F>, _>(values).load(conn)?)
}
