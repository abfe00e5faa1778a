//! That somebody is left who can do what admins do.

use alumx_domain::account::UserId;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::schema::users;

/// Key of the advisory lock of [`is_last_admin`].
const ADMINS_LOCK: i64 = 0x616c_756d_7802;

/// Whether `id` is the only admin who can sign in. Until the transaction ends, no other one can
/// ask: else two admins could each remove the other at the same time. Deletions, all of which ask,
/// so also come one after the other, and can't wait for each other's rows.
pub(super) fn is_last_admin(conn: &mut PgConnection, id: UserId) -> QueryResult<bool> {
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<BigInt, _>(ADMINS_LOCK)
        .execute(conn)?;
    let admins: Vec<i64> = users::table
        .filter(users::role.eq("ADMIN").and(users::suspended_at.is_null()))
        .select(users::id)
        .order(users::id)
        .limit(2)
        .load(conn)?;
    Ok(admins == [id.raw()])
}
