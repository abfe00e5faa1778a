//! What admins do with accounts.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, put};
use alumx_application::account::AccountService;
use alumx_domain::account::UserId;

use super::bodies::{AccountResponse, RoleBody, SuspensionBody};
use crate::http::extract::RequestClient;
use crate::http::{Body, CurrentUser, OptionalBody, Path, Problem};

/// Give a user a role
#[utoipa::path(
    operation_id = "setRole",
    tag = "administration",
    params(("id" = i64, Path, minimum = 1)),
    request_body = RoleBody,
    responses(
        (status = 200, description = "The account with its new role", body = AccountResponse),
        (status = 403, description = "The caller is no admin"),
        (status = 404, description = "There is no such user"),
        (status = 409, description = "`last_admin`"),
    )
)]
#[put("/users/{id}/role")]
pub async fn set_role(
    CurrentUser(caller): CurrentUser,
    RequestClient(client): RequestClient,
    Path(id): Path<UserId>,
    Body(body): Body<RoleBody>,
    accounts: Data<AccountService>,
) -> Result<Json<AccountResponse>, Problem> {
    let account = accounts.set_role(caller, id, body.role, &client).await?;
    Ok(Json(account.into()))
}

/// Keep a user from signing in
///
/// All of the user's sessions end.
#[utoipa::path(
    operation_id = "suspendUser",
    tag = "administration",
    params(("id" = i64, Path, minimum = 1)),
    request_body(content = Option<SuspensionBody>, content_type = "application/json"),
    responses(
        (status = 204, description = "Suspended"),
        (status = 403, description = "The caller is no admin"),
        (status = 404, description = "There is no such user"),
        (status = 409, description = "`last_admin`"),
    )
)]
#[put("/users/{id}/suspension")]
pub async fn suspend(
    CurrentUser(caller): CurrentUser,
    RequestClient(client): RequestClient,
    Path(id): Path<UserId>,
    OptionalBody(body): OptionalBody<SuspensionBody>,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    accounts
        .suspend(caller, id, body.and_then(|body| body.reason), &client)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Let a suspended user sign in again
#[utoipa::path(
    operation_id = "liftSuspension",
    tag = "administration",
    params(("id" = i64, Path, minimum = 1)),
    responses(
        (status = 204, description = "Not suspended any more"),
        (status = 403, description = "The caller is no admin"),
        (status = 404, description = "There is no such user"),
    )
)]
#[delete("/users/{id}/suspension")]
pub async fn lift_suspension(
    CurrentUser(caller): CurrentUser,
    RequestClient(client): RequestClient,
    Path(id): Path<UserId>,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    accounts.lift_suspension(caller, id, &client).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Delete a user's account
#[utoipa::path(
    operation_id = "deleteUser",
    tag = "administration",
    params(("id" = i64, Path, minimum = 1)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "The caller is no admin"),
        (status = 404, description = "There is no such user"),
        (status = 409, description = "`last_admin`"),
    )
)]
#[delete("/users/{id}")]
pub async fn delete_user(
    CurrentUser(caller): CurrentUser,
    RequestClient(client): RequestClient,
    Path(id): Path<UserId>,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    accounts.delete_user(caller, id, &client).await?;
    Ok(HttpResponse::NoContent().finish())
}
