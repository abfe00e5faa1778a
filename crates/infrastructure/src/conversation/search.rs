//! Finding text in a conversation.

use std::borrow::Cow;
use std::marker::PhantomData;

use alumx_domain::account::UserId;
use alumx_domain::conversation::{Message, MessageSearch, MessagesFrom, Seq};
use alumx_domain::page::{Page, PageSize};
use alumx_domain::text::lower_case;
use diesel::prelude::*;

use super::family::Family;
use super::messages::{messages, numbered, order};
use super::read::Position;
use super::rows::{MESSAGE, MessageColumns, MessageRow, seq};
use crate::db::prepared::Value::{Number, Text};
use crate::db::prepared::{Sql, prepared};

/// That many messages are looked through for a page; where it contains too little, the next page
/// goes on. So a search without a hit takes no longer in a longer conversation.
const LOOKED_THROUGH: i64 = 20_000;

/// For reader `$2` of conversation `$1`, `$4` messages that contain `$5`, from the number `$3` to
/// the number `$6`: they are gone through until the page is full. `OFFSET 0` keeps the planner from
/// another way, such as to sort all that contain it.
struct FoundIn<F, const FORWARDS: bool>(PhantomData<F>);

impl<F: Family, const FORWARDS: bool> Sql for FoundIn<F, FORWARDS> {
    type Answer = MessageColumns;

    fn text() -> Cow<'static, str> {
        let member = F::MEMBER;
        let numbered = numbered::<F>(FORWARDS);
        let (_, direction) = order(FORWARDS);
        let until = if FORWARDS { "<=" } else { ">=" };
        format!(
            "SELECT {MESSAGE} FROM (SELECT * FROM (
                 {numbered} AND seq {until} $6 AND EXISTS ({member})
                 ORDER BY seq {direction} OFFSET 0
             ) some_of_it WHERE content_folded LIKE $5 LIMIT $4) m
             JOIN users u ON u.id = m.sender_id ORDER BY m.seq {direction}"
        )
        .into()
    }
}

pub(super) fn list<F: Family>(
    conn: &mut PgConnection,
    id: i64,
    reader: UserId,
    from: MessagesFrom,
    search: &MessageSearch,
    limit: PageSize,
) -> QueryResult<Option<Page<Message, Seq>>> {
    let values = [id, reader.raw()].map(Number);
    let position = prepared::<Position<F>>(values).get_result(conn);
    let Some((_, last)): Option<(i64, i64)> = position.optional()? else {
        return Ok(None);
    };
    let before = match from {
        MessagesFrom::After(seq) => Err(seq.get()),
        MessagesFrom::Before(seq) => Ok(seq.get().min(last + 1)),
        MessagesFrom::Newest => Ok(last + 1),
    };
    let (from, until) = match before {
        Ok(before) => (before, (before - LOOKED_THROUGH).max(1)),
        Err(after) => (after, after.saturating_add(LOOKED_THROUGH).min(last)),
    };
    let values = [
        Number(id),
        Number(reader.raw()),
        Number(from),
        Number(limit.overfetch()),
        Text(containing(search)),
        Number(until),
    ];
    let rows: Vec<MessageRow> = if before.is_ok() {
        prepared::<FoundIn<F, false>>(values).load(conn)?
    } else {
        prepared::<FoundIn<F, true>>(values).load(conn)?
    };
    let mut page = Page::cut(messages::<F>(id, rows)?, limit, |message| message.seq);
    let more = if before.is_ok() {
        until > 1
    } else {
        until < last
    };
    if page.next.is_none() && more {
        page.next = Some(seq(until)?);
    }
    Ok(Some(page))
}

/// The pattern of folded texts that contain this.
fn containing(part: &str) -> String {
    let escaped = lower_case(part)
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}
