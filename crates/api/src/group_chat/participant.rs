//! Who is in a group, and as what.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, put};
use alumx_application::group_chat::GroupChatService;
use alumx_domain::account::UserId;
use alumx_domain::group_chat::{GroupId, ParticipantId};

use super::bodies::{ParticipantResponse, RoleBody};
use crate::http::page::{PageQuery, PageResponse};
use crate::http::{Body, CurrentUser, Path, Problem, Query};

/// Who is in a group, those who joined first first
#[utoipa::path(
    operation_id = "listParticipants",
    tag = "group chats",
    params(("groupId" = i64, Path, minimum = 1), crate::openapi::PageParameters),
    responses(
        (status = 200, description = "A page of participants", body = PageResponse<ParticipantResponse>),
        (status = 404, description = "There is no such group, or the caller is not in it"),
    )
)]
#[get("/group-chats/{groupId}/participants")]
pub async fn list(
    CurrentUser(caller): CurrentUser,
    Path(group): Path<GroupId>,
    Query(PageQuery(page)): Query<PageQuery<ParticipantId>>,
    groups: Data<GroupChatService>,
) -> Result<Json<PageResponse<ParticipantResponse>>, Problem> {
    let page = groups.participants(caller, group, page).await?;
    Ok(Json(PageResponse::new(page, ParticipantResponse::from)))
}

/// Add a user to a group, or give a participant another role
///
/// For its owner and admins; only the owner makes and unmakes admins. Who comes in sees what was
/// written before and has nothing unread.
#[utoipa::path(
    operation_id = "placeParticipant",
    tag = "group chats",
    params(("groupId" = i64, Path, minimum = 1), ("userId" = i64, Path, minimum = 1)),
    request_body = RoleBody,
    responses(
        (status = 201, description = "The user is in the group now", body = ParticipantResponse),
        (status = 200, description = "The user was in the group already", body = ParticipantResponse),
        (status = 403, description = "`not_group_admin`, `not_group_owner` or `owner_is_fixed`"),
        (status = 404, description = "There is no such group or user, or the caller is not in the group"),
        (status = 409, description = "`group_full`"),
    )
)]
#[put("/group-chats/{groupId}/participants/{userId}")]
pub async fn place(
    CurrentUser(caller): CurrentUser,
    Path((group, user)): Path<(GroupId, UserId)>,
    Body(body): Body<RoleBody>,
    groups: Data<GroupChatService>,
) -> Result<HttpResponse, Problem> {
    let (participant, is_new) = groups.place(caller, group, user, body.role).await?;
    // No Location: a participant has no GET of its own.
    let mut response = if is_new {
        HttpResponse::Created()
    } else {
        HttpResponse::Ok()
    };
    Ok(response.json(ParticipantResponse::from(participant)))
}

/// Remove a participant, or leave a group
///
/// The owner and admins remove members, the owner also admins; everybody but the owner leaves.
#[utoipa::path(
    operation_id = "removeParticipant",
    tag = "group chats",
    params(("groupId" = i64, Path, minimum = 1), ("userId" = i64, Path, minimum = 1)),
    responses(
        (status = 204, description = "The user is not in the group any more"),
        (status = 403, description = "`not_group_admin`, `not_group_owner` or `owner_is_fixed`"),
        (status = 404, description = "There is no such group or participant, or the caller is not in the group"),
        (status = 409, description = "`owner_must_hand_over`"),
    )
)]
#[delete("/group-chats/{groupId}/participants/{userId}")]
pub async fn remove(
    CurrentUser(caller): CurrentUser,
    Path((group, user)): Path<(GroupId, UserId)>,
    groups: Data<GroupChatService>,
) -> Result<HttpResponse, Problem> {
    groups.remove(caller, group, user).await?;
    Ok(HttpResponse::NoContent().finish())
}
