//! Read positions, and what follows from them.

use std::borrow::Cow;
use std::marker::PhantomData;

use alumx_domain::account::UserId;
use alumx_domain::conversation::{
    ConversationState, MarkReadError, Members, MembershipVersion, ReadPosition, Seq, UnreadTotals,
};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool};

use super::family::{Chats, Family, Groups};
use super::rows::{position, seq};
use crate::db::invalid_value;
use crate::db::lookup::Lookup;
use crate::db::prepared::Value::{self, Number};
use crate::db::prepared::{Sql, prepared};

/// Moves the position of reader `$2` of conversation `$1` to `$3`; no row if it doesn't move.
struct Move<F>(PhantomData<F>);

impl<F: Family> Sql for Move<F> {
    type Answer = (BigInt, BigInt);

    fn text() -> Cow<'static, str> {
        F::MARK_READ.into()
    }
}

/// How far user `$2` has read conversation `$1`, and how far it goes; no row for a stranger.
pub(super) struct Position<F>(PhantomData<F>);

impl<F: Family> Sql for Position<F> {
    type Answer = (BigInt, BigInt);

    fn text() -> Cow<'static, str> {
        F::POSITION.into()
    }
}

type Marked = (ReadPosition, Option<MembershipVersion>);

pub(super) fn mark<F: Family>(
    conn: &mut PgConnection,
    id: i64,
    reader: UserId,
    to: Seq,
) -> QueryResult<Result<Marked, MarkReadError>> {
    loop {
        let values = [id, reader.raw(), to.get()].map(Number);
        let moved = prepared::<Move<F>>(values).get_result(conn).optional()?;
        if let Some((last_seq, version)) = moved {
            let position = position(to.get(), last_seq)?;
            return Ok(Ok((position, Some(MembershipVersion(version)))));
        }
        let values = [id, reader.raw()].map(Number);
        let found = prepared::<Position<F>>(values).get_result(conn);
        let Some((last_read_seq, last_seq)) = found.optional()? else {
            return Ok(Err(MarkReadError::NotFound));
        };
        let position = position(last_read_seq, last_seq)?;
        if to > position.last_seq {
            return Ok(Err(MarkReadError::BeyondLast));
        }
        if to <= position.last_read_seq {
            return Ok(Ok((position, None)));
        }
        // The message came between the two statements: now the position can move.
    }
}

/// Unread messages of user `$1` in chats and in groups.
pub(super) struct Totals;

impl Sql for Totals {
    type Answer = (BigInt, BigInt);

    fn text() -> Cow<'static, str> {
        "SELECT (SELECT COALESCE(sum(unread), 0)::bigint FROM (
             SELECT last_seq - user1_last_read_seq AS unread FROM chats
             WHERE user1_id = $1 AND last_seq > user1_last_read_seq
             UNION ALL
             SELECT last_seq - user2_last_read_seq FROM chats
             WHERE user2_id = $1 AND last_seq > user2_last_read_seq
         ) chats), (SELECT COALESCE(sum(g.last_seq - p.last_read_seq), 0)::bigint
             FROM group_chat_participants p JOIN group_chats g ON g.group_id = p.group_id
             WHERE p.user_id = $1)"
            .into()
    }
}

/// Counts what a user has not read.
pub(super) struct CountUnread(pub UserId);

impl Lookup for CountUnread {
    const NAME: &'static str = "PgConversationRepository::unread_totals";

    type Statement = Totals;
    type Row = (i64, i64);
    type Answer = UnreadTotals;

    fn values(&self) -> Vec<Value> {
        vec![Number(self.0.raw())]
    }

    fn answer(&self, rows: Vec<(i64, i64)>) -> QueryResult<UnreadTotals> {
        let row = rows.into_iter().next();
        let (chat_messages, group_messages) = row.ok_or(diesel::NotFound)?;
        Ok(UnreadTotals {
            chat_messages,
            group_messages,
        })
    }
}

/// Where user `$1` stands in all conversations.
struct States;

impl Sql for States {
    type Answer = (Bool, BigInt, BigInt, BigInt, BigInt);

    fn text() -> Cow<'static, str> {
        "SELECT is_group, id, last_read_seq, last_seq, version FROM (
             SELECT FALSE AS is_group, chat_id AS id, user1_last_read_seq AS last_read_seq, last_seq,
                 0::bigint AS version, last_activity_at
             FROM chats WHERE user1_id = $1
             UNION ALL
             SELECT FALSE, chat_id, user2_last_read_seq, last_seq, 0, last_activity_at
             FROM chats WHERE user2_id = $1
             UNION ALL
             SELECT TRUE, g.group_id, p.last_read_seq, g.last_seq, g.membership_version, g.last_activity_at
             FROM group_chat_participants p JOIN group_chats g ON g.group_id = p.group_id
             WHERE p.user_id = $1
         ) conversations ORDER BY last_activity_at DESC, is_group, id DESC"
            .into()
    }
}

pub(super) fn states(conn: &mut PgConnection, user: UserId) -> QueryResult<Vec<ConversationState>> {
    let rows: Vec<(bool, i64, i64, i64, i64)> =
        prepared::<States>([Number(user.raw())]).load(conn)?;
    rows.into_iter()
        .map(|(is_group, id, last_read_seq, last_seq, version)| {
            Ok(ConversationState {
                conversation: if is_group {
                    Groups::conversation(id)?
                } else {
                    Chats::conversation(id)?
                },
                position: position(last_read_seq, last_seq)?,
                membership: MembershipVersion(version),
            })
        })
        .collect()
}

struct MembersOf<F>(PhantomData<F>);

impl<F: Family> Sql for MembersOf<F> {
    type Answer = (Array<BigInt>, BigInt, BigInt);

    fn text() -> Cow<'static, str> {
        F::MEMBERS.into()
    }
}

pub(super) fn members<F: Family>(conn: &mut PgConnection, id: i64) -> QueryResult<Option<Members>> {
    let row = prepared::<MembersOf<F>>([Number(id)]).get_result(conn);
    let Some((users, version, last_seq)): Option<(Vec<i64>, i64, i64)> = row.optional()? else {
        return Ok(None);
    };
    let users: Result<Vec<UserId>, _> = users.into_iter().map(UserId::try_from).collect();
    Ok(Some(Members {
        users: users.map_err(invalid_value)?,
        version: MembershipVersion(version),
        last_seq: seq(last_seq)?,
    }))
}
