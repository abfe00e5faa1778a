//! Groups themselves.

use actix_web::http::header;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use alumx_application::group_chat::{GroupChatError, GroupChatService};
use alumx_domain::account::UserId;
use alumx_domain::conversation::ActivityKey;
use alumx_domain::group_chat::{GroupChat, GroupId, GroupRefusal};
use alumx_domain::text::InvalidValue;

use super::bodies::{GroupChatResponse, GroupNameBody, NewGroupBody, OwnerBody};
use crate::conversation::{unknown_user, wrong_field};
use crate::http::page::{PageQuery, PageResponse};
use crate::http::{Body, CurrentUser, FieldError, Path, Problem, ProblemCode, Query};
use crate::openapi::BASE_PATH;

/// Make a group
///
/// The caller owns it.
#[utoipa::path(
    operation_id = "createGroupChat",
    tag = "group chats",
    request_body = NewGroupBody,
    responses(
        (status = 201, description = "The new group", body = GroupChatResponse,
         headers(("Location" = String, description = "The group"))),
    )
)]
#[post("/group-chats")]
pub async fn create(
    CurrentUser(caller): CurrentUser,
    Body(NewGroupBody {
        name,
        participant_ids,
    }): Body<NewGroupBody>,
    groups: Data<GroupChatService>,
) -> Result<HttpResponse, Problem> {
    let made = groups.create(caller, name, participant_ids.clone()).await;
    let group = made.map_err(|error| naming_users(error, &participant_ids))?;
    Ok(HttpResponse::Created()
        .insert_header((
            header::LOCATION,
            format!("{BASE_PATH}/group-chats/{}", group.id),
        ))
        .json(GroupChatResponse::from(group)))
}

/// The caller's groups, the last active first
#[utoipa::path(
    operation_id = "listGroupChats",
    tag = "group chats",
    params(crate::openapi::PageParameters),
    responses((status = 200, description = "A page of the groups", body = PageResponse<GroupChatResponse>))
)]
#[get("/group-chats")]
pub async fn list(
    CurrentUser(caller): CurrentUser,
    Query(PageQuery(page)): Query<PageQuery<ActivityKey<GroupChat>>>,
    groups: Data<GroupChatService>,
) -> Result<Json<PageResponse<GroupChatResponse>>, Problem> {
    let page = groups.groups(caller, page).await?;
    Ok(Json(PageResponse::new(page, GroupChatResponse::from)))
}

/// A group of the caller
#[utoipa::path(
    operation_id = "getGroupChat",
    tag = "group chats",
    params(("groupId" = i64, Path, minimum = 1)),
    responses(
        (status = 200, description = "The group", body = GroupChatResponse),
        (status = 404, description = "There is no such group, or the caller is not in it"),
    )
)]
#[get("/group-chats/{groupId}")]
pub async fn find(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<GroupId>,
    groups: Data<GroupChatService>,
) -> Result<Json<GroupChatResponse>, Problem> {
    Ok(Json(groups.group(caller, id).await?.into()))
}

/// Rename a group
///
/// For its owner and admins.
#[utoipa::path(
    operation_id = "renameGroupChat",
    tag = "group chats",
    params(("groupId" = i64, Path, minimum = 1)),
    request_body(content(
        (GroupNameBody = "application/json"),
        (GroupNameBody = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The group", body = GroupChatResponse),
        (status = 403, description = "`not_group_admin`"),
        (status = 404, description = "There is no such group, or the caller is not in it"),
    )
)]
#[patch("/group-chats/{groupId}")]
pub async fn rename(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<GroupId>,
    Body(body): Body<GroupNameBody>,
    groups: Data<GroupChatService>,
) -> Result<Json<GroupChatResponse>, Problem> {
    Ok(Json(groups.rename(caller, id, &body.name).await?.into()))
}

/// Delete a group with all that was written in it
///
/// For its owner.
#[utoipa::path(
    operation_id = "deleteGroupChat",
    tag = "group chats",
    params(("groupId" = i64, Path, minimum = 1)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "`not_group_owner`"),
        (status = 404, description = "There is no such group, or the caller is not in it"),
    )
)]
#[delete("/group-chats/{groupId}")]
pub async fn delete(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<GroupId>,
    groups: Data<GroupChatService>,
) -> Result<HttpResponse, Problem> {
    groups.delete(caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Hand a group over
///
/// For its owner, who is an admin of it then.
#[utoipa::path(
    operation_id = "handOverGroupChat",
    tag = "group chats",
    params(("groupId" = i64, Path, minimum = 1)),
    request_body = OwnerBody,
    responses(
        (status = 200, description = "The group", body = GroupChatResponse),
        (status = 403, description = "`not_group_owner`"),
        (status = 404, description = "There is no such group, or the caller is not in it"),
        (status = 422, description = "`not_a_participant`"),
    )
)]
#[put("/group-chats/{groupId}/owner")]
pub async fn hand_over(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<GroupId>,
    Body(body): Body<OwnerBody>,
    groups: Data<GroupChatService>,
) -> Result<Json<GroupChatResponse>, Problem> {
    let handed = groups.hand_over(caller, id, body.user_id).await;
    Ok(Json(handed.map_err(naming_heir)?.into()))
}

/// The problem, with every place in the body that names an unknown user.
fn naming_users(error: GroupChatError, named: &[UserId]) -> Problem {
    let GroupChatError::UnknownUsers(unknown) = error else {
        return error.into();
    };
    let places = named.iter().enumerate();
    let places = places.filter(|(_, id)| unknown.contains(id));
    let wrong = |(place, _)| FieldError::new(format!("participantIds[{place}]"), unknown_user());
    Problem::new(ProblemCode::InvalidFields).fields(places.map(wrong).collect())
}

/// The problem, with the field that names somebody who is not in the group.
fn naming_heir(error: GroupChatError) -> Problem {
    match error {
        GroupChatError::Refused(GroupRefusal::NotAParticipant) => {
            let wrong = InvalidValue::new("not_a_participant", "must be in the group");
            wrong_field(ProblemCode::InvalidFields, "userId", wrong)
        }
        error => error.into(),
    }
}
