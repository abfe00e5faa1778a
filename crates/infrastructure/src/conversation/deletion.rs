//! Taking a message's content away.
//!
//! The conversation is locked against changes of who is what there, and only then it is looked
//! who asks: whoever was removed or lost a role before does not get through.

use std::borrow::Cow;
use std::marker::PhantomData;

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::{
    DeleteMessageError, Membership, MembershipVersion, Message, MessageId, Seq,
};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::family::Family;
use super::rows::{MESSAGE, MessageColumns, MessageRow};
use crate::db::prepared::Value::{Number, Time};
use crate::db::prepared::{Sql, prepared};

/// The version of conversation `$1`, which holds until the transaction ends.
struct Version<F>(PhantomData<F>);

impl<F: Family> Sql for Version<F> {
    type Answer = BigInt;

    fn text() -> Cow<'static, str> {
        F::VERSION.into()
    }
}

/// Message `$3` for reader `$2` of conversation `$1`, and what the reader is there.
struct One<F>(PhantomData<F>);

impl<F: Family> Sql for One<F> {
    type Answer = (MessageColumns, Text);

    fn text() -> Cow<'static, str> {
        let (messages, key, member) = (F::MESSAGES, F::KEY, F::MEMBER);
        format!(
            "SELECT {MESSAGE}, member.role FROM {messages} m JOIN users u ON u.id = m.sender_id
             CROSS JOIN ({member}) member WHERE m.id = $3 AND m.{key} = $1"
        )
        .into()
    }
}

fn find<F: Family>(
    conn: &mut PgConnection,
    id: i64,
    reader: UserId,
    message: MessageId,
) -> QueryResult<Option<(Message, Membership)>> {
    let values = [id, reader.raw(), message.raw()].map(Number);
    let row: Option<(MessageRow, String)> =
        prepared::<One<F>>(values).get_result(conn).optional()?;
    row.map(|(row, role)| {
        Ok((
            row.into_message(F::conversation(id)?)?,
            F::membership(role)?,
        ))
    })
    .transpose()
}

/// Takes the content of message `$1` away.
struct Empty<F>(PhantomData<F>);

impl<F: Family> Sql for Empty<F> {
    type Answer = BigInt;

    fn text() -> Cow<'static, str> {
        format!(
            "UPDATE {} SET content = NULL, content_folded = NULL,
                 deleted_at = GREATEST(created_at, $2)
             WHERE id = $1 AND deleted_at IS NULL RETURNING id",
            F::MESSAGES
        )
        .into()
    }
}

/// Inside a transaction.
pub(super) fn delete<F: Family>(
    conn: &mut PgConnection,
    id: i64,
    actor: UserId,
    message: MessageId,
    now: Timestamp,
) -> QueryResult<Result<(Seq, MembershipVersion), DeleteMessageError>> {
    let missing = Ok(Err(DeleteMessageError::NotFound));
    let version = prepared::<Version<F>>([Number(id)]).get_result(conn);
    let Some(version) = version.optional()? else {
        return missing;
    };
    let Some((found, membership)) = find::<F>(conn, id, actor, message)? else {
        return missing;
    };
    if found.is_deleted() {
        return missing;
    }
    if !found.may_be_deleted_by(actor, membership) {
        return Ok(Err(DeleteMessageError::NotSender));
    }
    let values = [Number(message.raw()), Time(now)];
    let emptied: Option<i64> = prepared::<Empty<F>>(values).get_result(conn).optional()?;
    // Somebody else may have been quicker.
    Ok(emptied
        .map(|_| (found.seq, MembershipVersion(version)))
        .ok_or(DeleteMessageError::NotFound))
}
