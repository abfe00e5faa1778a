//! Profiles as texts that are kept beside their users.

use std::borrow::Cow;

use alumx_domain::account::{UserId, Username};
use alumx_domain::user::{DocumentFormat, Profile, ProfileDocument, ProfileHead, Revision};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text};

use super::profile;
use crate::account::parsed;
use crate::db::invalid_value;
use crate::db::lookup::Lookup;
use crate::db::prepared::{Sql, Value};
use crate::schema::{profile_documents as documents, users};

/// The text of user `$1`, in format `$2`, and what it has to be of, in one round trip.
///
/// A text of an older revision or another format is not joined. All that changes what a profile
/// shows counts its revision on in the same transaction; so what is joined is what the tables say.
pub(super) struct Document<const BY_NAME: bool>;

impl<const BY_NAME: bool> Sql for Document<BY_NAME> {
    type Answer = (BigInt, Nullable<Text>, BigInt, Nullable<Text>);

    fn text() -> Cow<'static, str> {
        let whose = if BY_NAME { "lower(u.username)" } else { "u.id" };
        format!(
            "SELECT u.id, u.email, u.revision, d.document FROM users u LEFT JOIN profile_documents d
                 ON d.user_id = u.id AND d.revision = u.revision AND d.format = $2
             WHERE {whose} = $1 AND u.deleted_at IS NULL"
        )
        .into()
    }
}

/// Id, address, revision, and the text that fits them.
type Row = (i64, Option<String>, i64, Option<String>);

/// Looks for the text of a user.
pub(super) struct Find<const BY_NAME: bool> {
    whose: Value,
    format: DocumentFormat,
}

impl Find<false> {
    pub fn by_id(id: UserId, format: DocumentFormat) -> Self {
        let whose = Value::Number(id.raw());
        Self { whose, format }
    }
}

impl Find<true> {
    /// In whatever case.
    pub fn by_name(name: &Username, format: DocumentFormat) -> Self {
        let whose = Value::Text(name.to_ascii_lowercase());
        Self { whose, format }
    }
}

impl<const BY_NAME: bool> Lookup for Find<BY_NAME> {
    const NAME: &'static str = "PgUserRepository::find_document";

    type Statement = Document<BY_NAME>;
    type Row = Row;
    type Answer = Option<(ProfileHead, Option<String>)>;

    fn values(&self) -> Vec<Value> {
        vec![self.whose.clone(), Value::Number(self.format.0.into())]
    }

    fn answer(&self, rows: Vec<Row>) -> QueryResult<Self::Answer> {
        let Some((id, email, revision, text)) = rows.into_iter().next() else {
            return Ok(None);
        };
        let head = ProfileHead {
            id: id.try_into().map_err(invalid_value)?,
            email: parsed(email)?,
            revision: Revision(revision),
        };
        Ok(Some((head, text)))
    }
}

/// Keeps the texts that still are what the tables say.
///
/// With the lock, a deletion that is under way is not missed: it would leave the text behind. A
/// user whose row is locked is passed over instead of waited for: who changes it makes the text
/// stale anyway, and readers must not wait for an import. In the order of the ids, so that two who
/// keep the same texts can't wait for each other.
pub(super) fn keep(
    conn: &mut PgConnection,
    format: DocumentFormat,
    kept: &[ProfileDocument],
) -> QueryResult<()> {
    let ids: Vec<i64> = kept.iter().map(|kept| kept.head.id.raw()).collect();
    let revisions: Vec<i64> = kept.iter().map(|kept| kept.head.revision.0).collect();
    let texts: Vec<&str> = kept.iter().map(|kept| kept.text.as_str()).collect();
    diesel::sql_query(
        "WITH fresh AS (
             SELECT users.id, users.revision, new.document
             FROM unnest($1, $2, $3) AS new (user_id, revision, document)
             JOIN users ON users.id = new.user_id AND users.revision = new.revision
             WHERE users.deleted_at IS NULL
             ORDER BY users.id FOR SHARE OF users SKIP LOCKED)
         INSERT INTO profile_documents AS old (user_id, revision, format, document)
         SELECT id, revision, $4, document FROM fresh ORDER BY id
         ON CONFLICT (user_id) DO UPDATE SET
             revision = excluded.revision, format = excluded.format, document = excluded.document
         WHERE (old.format, old.revision) < (excluded.format, excluded.revision)",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<BigInt>, _>(revisions)
    .bind::<Array<Text>, _>(texts)
    .bind::<Integer, _>(format.0)
    .execute(conn)
    .map(drop)
}

/// The profiles whose text is missing, stale or of an older format. One of a newer format is left
/// to the newer service that shares the database while it takes over.
pub(super) fn missing(
    conn: &mut PgConnection,
    format: DocumentFormat,
    after: Option<UserId>,
    limit: i64,
) -> QueryResult<Vec<Profile>> {
    let kept = documents::user_id
        .eq(users::id)
        .and(documents::revision.eq(users::revision))
        .and(documents::format.ge(format.0));
    let ids: Vec<i64> = users::table
        .left_join(documents::table.on(kept))
        .filter(users::deleted_at.is_null())
        .filter(documents::user_id.is_null())
        .filter(users::id.gt(after.map_or(0, UserId::raw)))
        .order(users::id)
        .limit(limit)
        .select(users::id)
        .load(conn)?;
    profile::find_all(conn, &ids)
}
