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
