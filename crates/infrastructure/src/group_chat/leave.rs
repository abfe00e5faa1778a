//! Leaving all groups, as who deletes the account does.

use alumx_domain::account::UserId;
use alumx_domain::conversation::MembershipVersion;
use alumx_domain::group_chat::{Departure, GroupId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable};

use crate::db::invalid_value;

/// In the order of their ids, so that two who leave can't wait for each other.
const LOCK: &str = "SELECT group_id FROM group_chats WHERE group_id IN (
        SELECT group_id FROM group_chat_participants WHERE user_id = $1
    ) ORDER BY group_id FOR UPDATE";

const LEAVE: &str = "DELETE FROM group_chat_participants WHERE user_id = $1 RETURNING group_id";

/// What is left of the groups `$2`: those with nobody in them go.
const DELETE: &str = "DELETE FROM group_chats g WHERE group_id = ANY($2) AND NOT EXISTS (
        SELECT FROM group_chat_participants p WHERE p.group_id = g.group_id
    ) RETURNING group_id, NULL::bigint AS heir, membership_version + 1 AS version";

/// Those that `$1` owned pass to the ADMIN, else MEMBER, who joined first.
const PASS_ON: &str = "WITH heirs AS (
        SELECT DISTINCT ON (p.group_id) p.id FROM group_chat_participants p
        JOIN group_chats g ON g.group_id = p.group_id AND g.owner_id = $1
        ORDER BY p.group_id, p.role = 'ADMIN' DESC, p.joined_at, p.id
    ), promoted AS (
        UPDATE group_chat_participants p SET role = 'OWNER' FROM heirs WHERE p.id = heirs.id
        RETURNING p.group_id, p.user_id
    )
    UPDATE group_chats g SET owner_id = COALESCE(promoted.user_id, g.owner_id),
        participant_count = g.participant_count - 1, membership_version = g.membership_version + 1
    FROM unnest($2) AS left_one (group_id) LEFT JOIN promoted ON promoted.group_id = left_one.group_id
    WHERE g.group_id = left_one.group_id
    RETURNING g.group_id, promoted.user_id AS heir, g.membership_version AS version";

/// Takes the user out of all groups.
pub(crate) fn leave_all(conn: &mut PgConnection, user: UserId) -> QueryResult<Vec<Departure>> {
    let of_user = |statement| diesel::sql_query(statement).bind::<BigInt, _>(user.raw());
    of_user(LOCK).execute(conn)?;
    let left: Vec<LeftRow> = of_user(LEAVE).load(conn)?;
    let left: Vec<i64> = left.into_iter().map(|row| row.group_id).collect();
    let mut departures = Vec::with_capacity(left.len());
    for statement in [DELETE, PASS_ON] {
        let of_left = of_user(statement).bind::<Array<BigInt>, _>(&left);
        let rows: Vec<DepartureRow> = of_left.load(conn)?;
        for row in rows {
            departures.push(row.into_departure()?);
        }
    }
    Ok(departures)
}

#[derive(QueryableByName)]
struct LeftRow {
    #[diesel(sql_type = BigInt)]
    group_id: i64,
}

#[derive(QueryableByName)]
struct DepartureRow {
    #[diesel(sql_type = BigInt)]
    group_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    heir: Option<i64>,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

impl DepartureRow {
    fn into_departure(self) -> QueryResult<Departure> {
        Ok(Departure {
            group: GroupId::try_from(self.group_id).map_err(invalid_value)?,
            heir: self
                .heir
                .map(UserId::try_from)
                .transpose()
                .map_err(invalid_value)?,
            membership: MembershipVersion(self.version),
        })
    }
}
