//! Users as their accounts need them.

use std::borrow::Cow;

use alumx_domain::account::{Account, Credentials, PasswordHash, UserId};
use alumx_domain::clock::Timestamp;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};

use crate::db::invalid_value;
use crate::db::lookup::Lookup;
use crate::db::prepared::{Sql, Value};
use crate::db::together::Shared as _;
use crate::schema::users;

/// A living user's row. The columns are null in tombstones only, which no query here returns.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct AccountRow {
    id: i64,
    username: Option<String>,
    name: Option<String>,
    email: Option<String>,
    role: Option<String>,
    suspended_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl AccountRow {
    pub(crate) fn into_account(self) -> QueryResult<Account> {
        Ok(Account {
            id: self.id.try_into().map_err(invalid_value)?,
            username: parsed(self.username)?,
            name: parsed(self.name)?,
            email: parsed(self.email)?,
            role: parsed(self.role)?,
            suspended_at: self.suspended_at,
            created_at: self.created_at,
        })
    }
}

/// A column that is null in tombstones only.
pub(crate) fn parsed<T>(column: Option<String>) -> QueryResult<T>
where
    T: TryFrom<String, Error: std::error::Error + Send + Sync + 'static>,
{
    column
        .ok_or_else(|| invalid_value("a living user's row is empty"))?
        .try_into()
        .map_err(invalid_value)
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// In lower case, as the unique indexes of names have it.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

/// The row of this user, unless it is a tombstone.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn living(id: UserId) -> _ {
    let raw: i64 = id.raw();
    users::table
        .filter(users::id.eq(raw))
        .filter(users::deleted_at.is_null())
}

/// The account `$1`, unless it is a tombstone.
pub(super) struct Living;

impl Sql for Living {
    type Answer = (
        BigInt,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Timestamptz>,
        Timestamptz,
    );

    fn text() -> Cow<'static, str> {
        "SELECT id, username, name, email, role, suspended_at, created_at FROM users
         WHERE id = $1 AND deleted_at IS NULL"
            .into()
    }
}

/// Looks for the account of a living user.
pub(super) struct Find(pub UserId);

impl Lookup for Find {
    const NAME: &'static str = "PgAccountRepository::find";

    type Statement = Living;
    type Row = AccountRow;
    type Answer = Option<Account>;

    fn values(&self) -> Vec<Value> {
        vec![Value::Number(self.0.raw())]
    }

    fn answer(&self, rows: Vec<AccountRow>) -> QueryResult<Option<Account>> {
        let row = rows.into_iter().next();
        row.map(AccountRow::into_account).transpose()
    }
}

pub(super) fn find(conn: &mut PgConnection, id: UserId) -> QueryResult<Option<Account>> {
    Find(id).alone(conn)
}

pub(super) fn credentials((row, hash): (AccountRow, Option<String>)) -> QueryResult<Credentials> {
    let password_hash = hash.map(PasswordHash::from_phc);
    Ok(Credentials {
        account: row.into_account()?,
        password_hash,
    })
}
