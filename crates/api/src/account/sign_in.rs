//! Registering, signing in and out.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, post};
use alumx_application::account::AccountService;
use alumx_domain::account::Password;
use secrecy::ExposeSecret;

use super::bodies::{LoginBody, RefreshBody, RegisterBody, SignedInResponse};
use crate::http::extract::RequestClient;
use crate::http::{Body, CurrentUser, Problem};

/// Make an account and sign in
#[utoipa::path(
    operation_id = "register",
    tag = "accounts",
    request_body = RegisterBody,
    responses(
        (status = 201, description = "The account is made", body = SignedInResponse),
        (status = 409, description = "`taken`: username or email address"),
    ),
    security(())
)]
#[post("/auth/register")]
pub async fn register(
    RequestClient(client): RequestClient,
    Body(body): Body<RegisterBody>,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    let signed_in = accounts.register(body.into(), client).await?;
    Ok(HttpResponse::Created().json(SignedInResponse::from(signed_in)))
}

/// Sign in
#[utoipa::path(
    operation_id = "login",
    tag = "accounts",
    request_body = LoginBody,
    responses(
        (status = 200, description = "Signed in", body = SignedInResponse),
        (status = 401, description = "`invalid_credentials`"),
        (status = 403, description = "`account_suspended`"),
    ),
    security(())
)]
#[post("/auth/login")]
pub async fn login(
    RequestClient(client): RequestClient,
    Body(body): Body<LoginBody>,
    accounts: Data<AccountService>,
) -> Result<Json<SignedInResponse>, Problem> {
    let password = Password::claimed(body.password.expose_secret().to_owned());
    let signed_in = accounts
        .login(body.identifier.expose_secret(), password, client)
        .await?;
    Ok(Json(signed_in.into()))
}

/// Exchange a refresh token for the next pair of tokens
///
/// The token is spent then. Shown again later than ten seconds after, it ends the session.
#[utoipa::path(
    operation_id = "refreshTokens",
    tag = "accounts",
    request_body = RefreshBody,
    responses(
        (status = 200, description = "The next pair", body = SignedInResponse),
        (status = 401, description = "`invalid_refresh_token`"),
    ),
    security(())
)]
#[post("/auth/refresh")]
pub async fn refresh(
    Body(body): Body<RefreshBody>,
    accounts: Data<AccountService>,
) -> Result<Json<SignedInResponse>, Problem> {
    Ok(Json(accounts.refresh(&body.refresh_token).await?.into()))
}

/// End this session
#[utoipa::path(
    operation_id = "logout",
    tag = "accounts",
    responses((status = 204, description = "Signed out"))
)]
#[post("/auth/logout")]
pub async fn logout(
    CurrentUser(caller): CurrentUser,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    accounts.logout(caller).await?;
    Ok(HttpResponse::NoContent().finish())
}
