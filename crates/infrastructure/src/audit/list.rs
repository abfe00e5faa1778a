//! Pages of the audit log.

use std::net::IpAddr;

use alumx_domain::account::{Role, UserId};
use alumx_domain::audit::{AuditEntry, AuditFilter, AuditKey, Occasion};
use alumx_domain::clock::Timestamp;
use alumx_domain::page::{Page, PageRequest};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz};

use crate::db::invalid_value;
use crate::schema::audit_log;
use crate::user::optional;

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_log)]
struct EntryRow {
    id: i64,
    event: String,
    actor_id: Option<i64>,
    target_id: Option<i64>,
    role: Option<String>,
    ip_address: Option<String>,
    request_id: Option<String>,
    created_at: Timestamp,
}

impl EntryRow {
    fn into_entry(self) -> QueryResult<AuditEntry> {
        let user = |id: Option<i64>| id.map(UserId::try_from).transpose().map_err(invalid_value);
        let ip_address = self.ip_address.map(|address| address.parse::<IpAddr>());
        Ok(AuditEntry {
            id: self.id.try_into().map_err(invalid_value)?,
            event: self.event.try_into().map_err(invalid_value)?,
            occasion: Occasion {
                actor: user(self.actor_id)?,
                at: self.created_at,
                ip_address: ip_address.transpose().map_err(invalid_value)?,
                request_id: optional(self.request_id)?,
            },
            target: user(self.target_id)?,
            role: optional::<Role>(self.role)?,
        })
    }
}

pub(super) fn list(
    conn: &mut PgConnection,
    filter: &AuditFilter,
    page: &PageRequest<AuditKey>,
) -> QueryResult<Page<AuditEntry, AuditKey>> {
    let mut entries = audit_log::table
        .select(EntryRow::as_select())
        .order((audit_log::created_at.desc(), audit_log::id.desc()))
        .limit(page.limit.overfetch())
        .into_boxed();
    if let Some(event) = filter.event {
        let event: &str = event.into();
        entries = entries.filter(audit_log::event.eq(event));
    }
    if let Some(actor) = filter.actor {
        entries = entries.filter(audit_log::actor_id.eq(actor.raw()));
    }
    if let Some(target) = filter.target {
        entries = entries.filter(audit_log::target_id.eq(target.raw()));
    }
    if let Some(from) = filter.from {
        entries = entries.filter(audit_log::created_at.ge(from));
    }
    if let Some(to) = filter.to {
        entries = entries.filter(audit_log::created_at.lt(to));
    }
    if let Some(AuditKey { at, id }) = page.after {
        // Compared as a pair, which an index of the pair finds at once.
        let earlier = diesel::dsl::sql::<Bool>("(audit_log.created_at, audit_log.id) < (")
            .bind::<Timestamptz, _>(at)
            .sql(", ")
            .bind::<BigInt, _>(id.raw())
            .sql(")");
        entries = entries.filter(earlier);
    }
    let rows: Vec<EntryRow> = entries.load(conn)?;
    let entries: QueryResult<Vec<_>> = rows.into_iter().map(EntryRow::into_entry).collect();
    Ok(Page::cut(entries?, page.limit, AuditEntry::key))
}
