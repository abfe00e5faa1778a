//! Making a group: all of it or nothing.

use std::borrow::Cow;

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::MembershipVersion;
use alumx_domain::group_chat::{CreateGroupError, GroupChange, GroupChat, GroupId, NewGroup};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::rows;
use crate::db::invalid_value;
use crate::db::prepared::Value::{Number, Numbers, Text, Time};
use crate::db::prepared::{Sql, prepared};
use crate::user::reference::lock_all_living;

/// Group `$1` of the users `$2`, whose first owns it, made at `$3`.
struct Create;

impl Sql for Create {
    type Answer = BigInt;

    fn text() -> Cow<'static, str> {
        "WITH made AS (
             INSERT INTO group_chats (group_name, owner_id, participant_count, created_at, last_activity_at)
             VALUES ($1, $4, cardinality($2), $3, $3) RETURNING group_id
         ), placed AS (
             INSERT INTO group_chat_participants (group_id, user_id, role, joined_at, last_read_seq)
             SELECT made.group_id, u.id, CASE u.id WHEN $4 THEN 'OWNER' ELSE 'MEMBER' END, $3, 0
             FROM made CROSS JOIN unnest($2) WITH ORDINALITY u (id, n) ORDER BY u.n
         )
         SELECT group_id FROM made"
            .into()
    }
}

pub(super) fn create(
    conn: &mut PgConnection,
    group: &NewGroup,
    now: Timestamp,
) -> QueryResult<Result<GroupChange<GroupChat>, CreateGroupError>> {
    let others = group.members.as_slice();
    let all: Vec<UserId> = [&[group.owner], others].concat();
    let living = lock_all_living(conn, &all)?;
    if !living.contains(&group.owner) {
        return Ok(Err(CreateGroupError::OwnerGone));
    }
    let unknown = others.iter().filter(|user| !living.contains(user));
    let unknown: Vec<UserId> = unknown.copied().collect();
    if !unknown.is_empty() {
        return Ok(Err(CreateGroupError::UnknownUsers(unknown)));
    }
    let values = [
        Text(group.name.to_string()),
        Numbers(all.iter().map(|user| user.raw()).collect()),
        Time(now),
        Number(group.owner.raw()),
    ];
    let id: i64 = prepared::<Create>(values).get_result(conn)?;
    let id = GroupId::try_from(id).map_err(invalid_value)?;
    Ok(Ok(GroupChange {
        result: rows::known(conn, id, group.owner)?,
        membership: MembershipVersion(1),
    }))
}
