//! Users as they are named beside what they wrote.

use std::collections::HashSet;

use alumx_domain::account::UserId;
use alumx_domain::user::{UserIdentity, UserRef};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::account::parsed;
use crate::db::invalid_value;
use crate::schema::users;

/// What SQL answers for a [`UserRefRow`]: id, username, name, role.
pub(crate) type UserRefColumns = (BigInt, Nullable<Text>, Nullable<Text>, Nullable<Text>);

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct UserRefRow {
    id: i64,
    username: Option<String>,
    name: Option<String>,
    role: Option<String>,
}

impl UserRefRow {
    pub(crate) fn into_ref(self) -> QueryResult<UserRef> {
        let identity = match self.username {
            // A tombstone's columns are null together.
            None => None,
            username => Some(UserIdentity {
                username: parsed(username)?,
                name: parsed(self.name)?,
                role: parsed(self.role)?,
            }),
        };
        Ok(UserRef {
            id: self.id.try_into().map_err(invalid_value)?,
            identity,
        })
    }
}

/// Whether the user is there to write as. The row stays so until the transaction ends: an account
/// that is being deleted is waited for, and one that is to be deleted waits, and then takes what
/// was written with it.
pub(crate) fn lock_living(conn: &mut PgConnection, id: UserId) -> QueryResult<bool> {
    let living: Option<i64> = users::table
        .filter(users::id.eq(id.raw()).and(users::deleted_at.is_null()))
        .select(users::id)
        .for_share()
        .first(conn)
        .optional()?;
    Ok(living.is_some())
}

/// Those of the users who are there. Their rows stay so, as in [`lock_living`].
pub(crate) fn lock_all_living(
    conn: &mut PgConnection,
    ids: &[UserId],
) -> QueryResult<HashSet<UserId>> {
    let raw: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    let living: Vec<i64> = users::table
        .filter(users::id.eq_any(raw).and(users::deleted_at.is_null()))
        .select(users::id)
        .order(users::id)
        .for_share()
        .load(conn)?;
    let living: Result<HashSet<UserId>, _> = living.into_iter().map(UserId::try_from).collect();
    living.map_err(invalid_value)
}
