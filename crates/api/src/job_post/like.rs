//! Likes.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, put};
use alumx_application::job_post::JobPostService;
use alumx_domain::job_post::{JobPostId, Like, LikeId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::page::{PageQuery, PageResponse};
use crate::http::time::rfc3339;
use crate::http::{CurrentUser, Path, Problem, Query};
use crate::user::UserRefResponse;

/// That a user likes a post.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Like, example = json!({
    "user": {
        "id": 2, "username": "charles", "name": "Charles Babbage", "role": "PROFESSOR",
        "deleted": false
    },
    "likedAt": "2026-01-31T09:30:00.123456Z"
}))]
pub struct LikeResponse {
    user: UserRefResponse,
    #[serde(serialize_with = "rfc3339")]
    liked_at: DateTime<Utc>,
}

impl From<Like> for LikeResponse {
    fn from(Like { user, liked_at, .. }: Like) -> Self {
        Self {
            user: user.into(),
            liked_at,
        }
    }
}

/// Like a post
#[utoipa::path(
    operation_id = "likeJobPost",
    tag = "job posts",
    params(("postId" = i64, Path, minimum = 1)),
    responses(
        (status = 204, description = "The caller likes it"),
        (status = 404, description = "There is no such post"),
    )
)]
#[put("/job-posts/{postId}/like")]
pub async fn like(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<JobPostId>,
    posts: Data<JobPostService>,
) -> Result<HttpResponse, Problem> {
    posts.like(caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take a like back
#[utoipa::path(
    operation_id = "unlikeJobPost",
    tag = "job posts",
    params(("postId" = i64, Path, minimum = 1)),
    responses(
        (status = 204, description = "The caller doesn't like it, or not any more"),
        (status = 404, description = "There is no such post"),
    )
)]
#[delete("/job-posts/{postId}/like")]
pub async fn unlike(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<JobPostId>,
    posts: Data<JobPostService>,
) -> Result<HttpResponse, Problem> {
    posts.unlike(caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who likes a post, newest like first
#[utoipa::path(
    operation_id = "listLikes",
    tag = "job posts",
    params(("postId" = i64, Path, minimum = 1), crate::openapi::PageParameters),
    responses(
        (status = 200, description = "A page of the likes", body = PageResponse<LikeResponse>),
        (status = 404, description = "There is no such post"),
    )
)]
#[get("/job-posts/{postId}/likes")]
pub async fn list(
    _caller: CurrentUser,
    Path(id): Path<JobPostId>,
    Query(PageQuery(page)): Query<PageQuery<LikeId>>,
    posts: Data<JobPostService>,
) -> Result<Json<PageResponse<LikeResponse>>, Problem> {
    let page = posts.likes(id, page).await?;
    Ok(Json(PageResponse::new(page, LikeResponse::from)))
}
