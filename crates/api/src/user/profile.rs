//! Profiles.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, patch};
use alumx_application::user::UserService;
use alumx_domain::account::{UserId, Username};
use alumx_domain::user::Whose;

use super::bodies::ProfileResponse;
use super::document::{self, conditionally, whole};
use super::etag::revisions;
use super::patch::ProfilePatchBody;
use crate::http::{Body, CurrentUser, Path, Problem, conditional};

/// A user's profile
///
/// With `If-None-Match`, 304 if the client has it already.
#[utoipa::path(
    operation_id = "getProfile",
    tag = "users",
    params(
        ("id" = i64, Path, minimum = 1),
        ("If-None-Match" = Option<String>, Header, description = "Entity tags that the client has"),
    ),
    responses(
        (status = 200, description = "The profile", body = ProfileResponse, headers(("ETag" = String, description = "Names this state of the profile, as this viewer sees it"))),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "There is no such user"),
    )
)]
#[get("/users/{id}")]
pub async fn find(
    request: HttpRequest,
    CurrentUser(caller): CurrentUser,
    Path(id): Path<UserId>,
    users: Data<UserService>,
) -> Result<HttpResponse, Problem> {
    let document = document::find(users, Whose::Id(id)).await?;
    conditionally(&request, &document, &caller)
}

/// The profile of the user with this name, in any letter case
#[utoipa::path(
    operation_id = "getProfileByUsername",
    tag = "users",
    params(
        ("username" = String, Path, min_length = 3, max_length = 30,
         pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$"),
        ("If-None-Match" = Option<String>, Header, description = "Entity tags that the client has"),
    ),
    responses(
        (status = 200, description = "The profile", body = ProfileResponse, headers(("ETag" = String, description = "Names this state of the profile, as this viewer sees it"))),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "There is no such user"),
    )
)]
#[get("/users/by-username/{username}")]
pub async fn find_by_username(
    request: HttpRequest,
    CurrentUser(caller): CurrentUser,
    Path(username): Path<Username>,
    users: Data<UserService>,
) -> Result<HttpResponse, Problem> {
    let document = document::find(users, Whose::Username(username)).await?;
    conditionally(&request, &document, &caller)
}

/// Change a profile
///
/// For the user and admins. With `If-Match`, only if the profile is still the one named.
#[utoipa::path(
    operation_id = "updateProfile",
    tag = "users",
    params(
        ("id" = i64, Path, minimum = 1),
        ("If-Match" = Option<String>, Header, description = "Entity tags, one of which must be the profile's"),
    ),
    request_body(content(
        (ProfilePatchBody = "application/json"),
        (ProfilePatchBody = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The profile as it is now", body = ProfileResponse, headers(("ETag" = String, description = "Names this state of the profile, as this viewer sees it"))),
        (status = 403, description = "Neither the user nor an admin"),
        (status = 404, description = "There is no such user"),
        (status = 409, description = "`taken`: the username"),
        (status = 412, description = "The profile has changed"),
    )
)]
#[patch("/users/{id}")]
pub async fn update(
    request: HttpRequest,
    CurrentUser(caller): CurrentUser,
    Path(id): Path<UserId>,
    Body(ProfilePatchBody(patch)): Body<ProfilePatchBody>,
    users: Data<UserService>,
) -> Result<HttpResponse, Problem> {
    let expected = conditional::wanted(&request).map(|tags| revisions(id, &tags));
    let profile = users.update_profile(caller, id, patch, expected).await?;
    whole(&profile, &caller)
}
