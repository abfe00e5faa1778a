//! The caller's own account and sessions.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, put};
use alumx_application::account::{AccountError, AccountService};
use alumx_domain::account::{Password, SessionId};
use alumx_domain::text::InvalidValue;
use secrecy::{ExposeSecret, SecretString};

use super::attempts::attempt;
use super::bodies::{AccountResponse, ConfirmationBody, PasswordChangeBody, SessionResponse};
use crate::http::extract::RequestClient;
use crate::http::page::{PageQuery, PageResponse};
use crate::http::rate_limit::{Key, RateLimits};
use crate::http::{Body, CurrentUser, FieldError, Path, Problem, ProblemCode, Query};

/// The own account
#[utoipa::path(
    operation_id = "getOwnAccount",
    tag = "accounts",
    responses((status = 200, description = "The account", body = AccountResponse))
)]
#[get("/me")]
pub async fn account(
    CurrentUser(caller): CurrentUser,
    accounts: Data<AccountService>,
) -> Result<Json<AccountResponse>, Problem> {
    Ok(Json(accounts.account(caller).await?.into()))
}

/// Delete the own account
#[utoipa::path(
    operation_id = "deleteOwnAccount",
    tag = "accounts",
    request_body = ConfirmationBody,
    responses(
        (status = 204, description = "Deleted"),
        (status = 409, description = "`last_admin`"),
        (status = 422, description = "`incorrect` password"),
    )
)]
#[delete("/me")]
pub async fn delete(
    CurrentUser(caller): CurrentUser,
    RequestClient(client): RequestClient,
    Body(body): Body<ConfirmationBody>,
    limits: Data<RateLimits>,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    let delete = accounts.delete_own(caller, claimed(&body.password), &client);
    let deleted = attempt(&limits, Key::User(caller.user), delete).await?;
    deleted.map_err(|error| naming(error, "password"))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Change the own password
///
/// All other sessions end.
#[utoipa::path(
    operation_id = "changePassword",
    tag = "accounts",
    request_body = PasswordChangeBody,
    responses(
        (status = 204, description = "Changed"),
        (status = 422, description = "`incorrect` current password, or a new one that is no good"),
    )
)]
#[put("/me/password")]
pub async fn change_password(
    CurrentUser(caller): CurrentUser,
    RequestClient(client): RequestClient,
    Body(body): Body<PasswordChangeBody>,
    limits: Data<RateLimits>,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    let current = claimed(&body.current_password);
    let change = accounts.change_password(caller, current, body.new_password, &client);
    let changed = attempt(&limits, Key::User(caller.user), change).await?;
    changed.map_err(|error| naming(error, "currentPassword"))?;
    Ok(HttpResponse::NoContent().finish())
}

/// The own open sessions, newest first
#[utoipa::path(
    operation_id = "listSessions",
    tag = "accounts",
    params(crate::openapi::PageParameters),
    responses((status = 200, description = "A page of sessions", body = PageResponse<SessionResponse>))
)]
#[get("/me/sessions")]
pub async fn sessions(
    CurrentUser(caller): CurrentUser,
    Query(PageQuery(page)): Query<PageQuery<SessionId>>,
    accounts: Data<AccountService>,
) -> Result<Json<PageResponse<SessionResponse>>, Problem> {
    let page = accounts.sessions(caller, page).await?;
    Ok(Json(PageResponse::new(page, |session| {
        SessionResponse::new(session, caller.session)
    })))
}

/// End one of the own sessions
#[utoipa::path(
    operation_id = "endSession",
    tag = "accounts",
    params(("id" = i64, Path, minimum = 1)),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "The caller has no such session"),
    )
)]
#[delete("/me/sessions/{id}")]
pub async fn end_session(
    CurrentUser(caller): CurrentUser,
    RequestClient(client): RequestClient,
    Path(id): Path<SessionId>,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    accounts.end_session(caller, id, &client).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End all of the own sessions but this one
#[utoipa::path(
    operation_id = "endOtherSessions",
    tag = "accounts",
    responses((status = 204, description = "Ended"))
)]
#[delete("/me/sessions")]
pub async fn end_other_sessions(
    CurrentUser(caller): CurrentUser,
    RequestClient(client): RequestClient,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    accounts.end_other_sessions(caller, &client).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn claimed(password: &SecretString) -> Password {
    Password::claimed(password.expose_secret().to_owned())
}

/// The problem, with the field that held a wrong password.
fn naming(error: AccountError, field: &str) -> Problem {
    match error {
        AccountError::IncorrectPassword => {
            let incorrect = InvalidValue::new("incorrect", "is not the caller's password");
            Problem::new(ProblemCode::InvalidFields).fields(vec![FieldError::new(field, incorrect)])
        }
        error => error.into(),
    }
}
