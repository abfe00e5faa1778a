//! The audit log, for admins.

mod bodies;

use actix_web::get;
use actix_web::web::{Data, Json};
use alumx_application::audit::{AuditError, AuditService};
use alumx_domain::audit::{AuditEntryId, AuditFilter, AuditKey};
use alumx_domain::page::PageRequest;
pub use bodies::AuditEntryResponse;
use bodies::AuditEventName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::page::{CursorKey, PageResponse, take_page};
use crate::http::query::{FromQuery, Parameters};
use crate::http::{CurrentUser, Problem, ProblemCode, Query};

/// The routes, below the base path.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// Where a page ends; clients must not read it.
#[derive(Serialize, Deserialize)]
pub struct AuditCursor {
    /// Microseconds since 1970, the finest that is stored.
    t: i64,
    id: AuditEntryId,
}

impl CursorKey for AuditKey {
    const LIST: &'static str = "audit-log";
    type Written = AuditCursor;

    fn write(self) -> AuditCursor {
        AuditCursor {
            t: self.at.timestamp_micros(),
            id: self.id,
        }
    }

    /// Its time must be one that the store knows.
    fn read(written: AuditCursor) -> Option<Self> {
        let micros = Some(written.t).filter(|micros| *micros >= 0)?;
        Some(Self {
            at: DateTime::from_timestamp_micros(micros)?,
            id: written.id,
        })
    }
}

/// What a page of the log is asked for with.
pub struct AuditQuery {
    filter: AuditFilter,
    page: PageRequest<AuditKey>,
}

impl FromQuery for AuditQuery {
    fn read(parameters: &mut Parameters) -> Option<Self> {
        let event = parameters.take("event");
        let (actor, target) = (parameters.take("actorId"), parameters.take("targetId"));
        let (from, to) = (parameters.take("from"), parameters.take("to"));
        let page = take_page(parameters, |_| true);
        let filter = AuditFilter {
            event: event?,
            actor: actor?,
            target: target?,
            from: from?,
            to: to?,
        };
        Some(Self {
            filter,
            page: page?,
        })
    }
}

/// Which entries.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents what AuditQuery reads")]
struct AuditParameters {
    /// Exactly this event.
    #[param(value_type = Option<AuditEventName>)]
    event: Option<String>,
    /// Done by this user, deleted or not.
    #[param(minimum = 1)]
    actor_id: Option<i64>,
    /// About the account of this user, deleted or not.
    #[param(minimum = 1)]
    target_id: Option<i64>,
    /// At this time or later.
    from: Option<DateTime<Utc>>,
    /// Before this time.
    to: Option<DateTime<Utc>>,
}

/// The audit log, newest first
///
/// All filters must hold. The log only grows, and outlives the accounts that it tells of.
#[utoipa::path(
    operation_id = "listAuditLog",
    tag = "administration",
    params(AuditParameters, crate::openapi::PageParameters),
    responses(
        (status = 200, description = "A page of the log", body = PageResponse<AuditEntryResponse>),
        (status = 403, description = "The caller is no admin"),
    )
)]
#[get("/admin/audit-log")]
pub async fn list(
    CurrentUser(caller): CurrentUser,
    Query(query): Query<AuditQuery>,
    audit: Data<AuditService>,
) -> Result<Json<PageResponse<AuditEntryResponse>>, Problem> {
    let page = audit.list(caller, &query.filter, query.page).await?;
    Ok(Json(PageResponse::new(page, AuditEntryResponse::from)))
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Repository(error) => error.into(),
            AuditError::NotAdmin => Self::new(ProblemCode::Forbidden).detail(error.to_string()),
        }
    }
}
