//! The audit log in PostgreSQL. Entries are written by the steps they tell of, with `insert`.

mod list;

use std::net::IpAddr;

use alumx_domain::account::{NewSession, Role, UserId};
use alumx_domain::audit::{
    AuditEntry, AuditEvent, AuditFilter, AuditKey, AuditRepository, Occasion, RequestId,
};
use alumx_domain::clock::Timestamp;
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::RepositoryError;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};

use crate::db::Db;
use crate::schema::audit_log;

/// Reads the audit log in PostgreSQL.
pub struct PgAuditRepository(pub Db);

#[async_trait]
impl AuditRepository for PgAuditRepository {
    async fn list(
        &self,
        filter: &AuditFilter,
        page: PageRequest<AuditKey>,
    ) -> Result<Page<AuditEntry, AuditKey>, RepositoryError> {
        let filter = filter.clone();
        self.0
            .run(move |conn| list::list(conn, &filter, &page))
            .await
    }

    async fn forget_some(&self, before: Timestamp) -> Result<usize, RepositoryError> {
        self.0
            .run(move |conn| conn.transaction(|conn| forget_some(conn, before)))
            .await
    }
}

/// How many entries are forgotten at once: few enough not to be in anybody's way.
const FORGOTTEN: i64 = 1000;

/// Deletes what the trigger lets pass only because the same transaction says so.
fn forget_some(conn: &mut PgConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::sql_query("SELECT set_config('alumx.audit_retention', $1::text, TRUE)")
        .bind::<Timestamptz, _>(before)
        .execute(conn)?;
    // Another instance may be at it too: each takes others.
    diesel::sql_query(
        "DELETE FROM audit_log WHERE id IN (
             SELECT id FROM audit_log
             WHERE created_at < LEAST($1, now() - INTERVAL '1 day')
             ORDER BY created_at, id LIMIT $2 FOR UPDATE SKIP LOCKED)",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(FORGOTTEN)
    .execute(conn)
}

/// An entry about to be written.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub event: AuditEvent,
    pub actor: Option<UserId>,
    pub target: Option<UserId>,
    pub role: Option<Role>,
    pub ip_address: Option<IpAddr>,
    pub request_id: Option<RequestId>,
    pub created_at: Timestamp,
}

impl Entry {
    /// That this was done to `target` by whom and when `by` says.
    pub fn new(event: AuditEvent, target: Option<UserId>, by: &Occasion) -> Self {
        Self {
            event,
            target,
            actor: by.actor,
            role: None,
            ip_address: by.ip_address,
            request_id: by.request_id.clone(),
            created_at: by.at,
        }
    }

    /// An account made on the command line, by nobody who is known.
    pub fn by_nobody(created_at: Timestamp) -> Self {
        Self {
            event: AuditEvent::AccountCreated,
            actor: None,
            target: None,
            role: None,
            ip_address: None,
            request_id: None,
            created_at,
        }
    }
}

/// Writes an entry; within the transaction of what it tells of.
pub(crate) fn insert(conn: &mut PgConnection, entry: &Entry) -> QueryResult<()> {
    let event: &str = entry.event.into();
    diesel::insert_into(audit_log::table)
        .values((
            audit_log::event.eq(event),
            audit_log::actor_id.eq(entry.actor.map(UserId::raw)),
            audit_log::target_id.eq(entry.target.map(UserId::raw)),
            audit_log::role.eq(entry.role.map(<&str>::from)),
            audit_log::ip_address.eq(entry.ip_address.map(|address| address.to_string())),
            audit_log::request_id.eq(entry.request_id.as_deref()),
            audit_log::created_at.eq(entry.created_at),
        ))
        .execute(conn)
        .map(drop)
}

/// Writes that the user did what opens this session.
pub(crate) fn insert_session(
    conn: &mut PgConnection,
    event: AuditEvent,
    user: UserId,
    session: &NewSession,
) -> QueryResult<()> {
    let entry = Entry {
        event,
        actor: Some(user),
        target: Some(user),
        ip_address: session.ip_address,
        request_id: session.request_id.clone(),
        ..Entry::by_nobody(session.created_at)
    };
    insert(conn, &entry)
}

/// Writes that an import made these accounts.
pub(crate) fn insert_imported(
    conn: &mut PgConnection,
    users: &[UserId],
    now: Timestamp,
) -> QueryResult<()> {
    let event: &str = AuditEvent::AccountImported.into();
    let rows: Vec<_> = users
        .iter()
        .map(|user| {
            (
                audit_log::event.eq(event),
                audit_log::target_id.eq(user.raw()),
                audit_log::created_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(audit_log::table)
        .values(rows)
        .execute(conn)
        .map(drop)
}
