//! Registering, signing in and out.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, HttpResponseBuilder, post};
use alumx_application::account::{AccountService, SignedIn};
use alumx_domain::account::Password;
use secrecy::ExposeSecret;

use super::attempts::attempt;
use super::bodies::{ClaimBody, LoginBody, RefreshBody, RegisterBody, SignedInResponse};
use crate::http::extract::RequestClient;
use crate::http::rate_limit::RateLimits;
use crate::http::{Body, CurrentUser, Problem};
use crate::openapi::BASE_PATH;

/// Make an account and sign in
#[utoipa::path(
    operation_id = "register",
    tag = "accounts",
    request_body = RegisterBody,
    responses(
        (status = 201, description = "The account is made", body = SignedInResponse,
         headers(("Location" = String, description = "The user's profile"))),
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
    let location = format!("{BASE_PATH}/users/{}", signed_in.account.id);
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, location));
    Ok(tokens(&mut response, signed_in))
}

/// Sign in
///
/// After a number of wrong passwords for one account, `rate_limited` for a while.
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
    limits: Data<RateLimits>,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    let password = Password::claimed(body.password.expose_secret().to_owned());
    let identifier = body.identifier.0.expose_secret();
    let account = limits.account(identifier);
    let login = accounts.login(identifier, password, client);
    let signed_in = attempt(&limits, account, login).await??;
    Ok(tokens(&mut HttpResponse::Ok(), signed_in))
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
    RequestClient(client): RequestClient,
    Body(body): Body<RefreshBody>,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    Ok(tokens(
        &mut HttpResponse::Ok(),
        accounts.refresh(&body.refresh_token.0, &client).await?,
    ))
}

/// Claim an imported account and sign in
///
/// The token of an invitation gives the account its password, once.
#[utoipa::path(
    operation_id = "claimAccount",
    tag = "accounts",
    request_body = ClaimBody,
    responses(
        (status = 200, description = "Claimed and signed in", body = SignedInResponse),
        (status = 401, description = "`invalid_invitation`"),
        (status = 403, description = "`account_suspended`"),
    ),
    security(())
)]
#[post("/auth/claim")]
pub async fn claim(
    RequestClient(client): RequestClient,
    Body(body): Body<ClaimBody>,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    let signed_in = accounts.claim(&body.token.0, body.password, client).await?;
    Ok(tokens(&mut HttpResponse::Ok(), signed_in))
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
    RequestClient(client): RequestClient,
    accounts: Data<AccountService>,
) -> Result<HttpResponse, Problem> {
    accounts.logout(caller, &client).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An answer that holds tokens, which nobody on the way may keep (RFC 6749, 5.1).
fn tokens(response: &mut HttpResponseBuilder, signed_in: SignedIn) -> HttpResponse {
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(SignedInResponse::from(signed_in))
}
