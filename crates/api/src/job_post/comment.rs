//! Comments.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use alumx_application::job_post::JobPostService;
use alumx_domain::job_post::{Comment, CommentId, CommentText, JobPostId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::body::json_body;
use crate::http::page::{PageQuery, PageResponse};
use crate::http::time::rfc3339;
use crate::http::{Body, CurrentUser, Path, Problem, Query};
use crate::user::UserRefResponse;

/// A comment on a post.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Comment, example = json!({
    "id": 3,
    "postId": 7,
    "author": {
        "id": 2, "username": "charles", "name": "Charles Babbage", "role": "PROFESSOR",
        "deleted": false
    },
    "content": "The mill is running.",
    "createdAt": "2026-01-31T09:30:00.123456Z",
    "updatedAt": "2026-01-31T09:30:00.123456Z"
}))]
pub struct CommentResponse {
    #[schema(value_type = i64, minimum = 1)]
    id: CommentId,
    #[schema(value_type = i64, minimum = 1)]
    post_id: JobPostId,
    author: UserRefResponse,
    #[schema(value_type = String)]
    content: CommentText,
    #[serde(serialize_with = "rfc3339")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "rfc3339")]
    updated_at: DateTime<Utc>,
}

impl From<Comment> for CommentResponse {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            post_id: comment.post,
            author: comment.author.into(),
            content: comment.content,
            created_at: comment.created_at,
            updated_at: comment.updated_at,
        }
    }
}

json_body! {
    /// What a comment says.
    #[schema(as = CommentContent, example = json!({"content": "The mill is running."}))]
    pub struct CommentBody {
        /// Line breaks are kept.
        #[schema(value_type = String, min_length = 1, max_length = 500)]
        content as "content": CommentText,
    }
}

/// The comments on a post, oldest first
#[utoipa::path(
    operation_id = "listComments",
    tag = "job posts",
    params(("postId" = i64, Path, minimum = 1), crate::openapi::PageParameters),
    responses(
        (status = 200, description = "A page of the comments", body = PageResponse<CommentResponse>),
        (status = 404, description = "There is no such post"),
    )
)]
#[get("/job-posts/{postId}/comments")]
pub async fn list(
    _caller: CurrentUser,
    Path(post): Path<JobPostId>,
    Query(PageQuery(page)): Query<PageQuery<CommentId>>,
    posts: Data<JobPostService>,
) -> Result<Json<PageResponse<CommentResponse>>, Problem> {
    let page = posts.comments(post, page).await?;
    Ok(Json(PageResponse::new(page, CommentResponse::from)))
}

/// Comment on a post
#[utoipa::path(
    operation_id = "createComment",
    tag = "job posts",
    params(("postId" = i64, Path, minimum = 1)),
    request_body = CommentBody,
    responses(
        (status = 201, description = "The new comment", body = CommentResponse),
        (status = 404, description = "There is no such post"),
    )
)]
#[post("/job-posts/{postId}/comments")]
pub async fn create(
    CurrentUser(caller): CurrentUser,
    Path(post): Path<JobPostId>,
    Body(body): Body<CommentBody>,
    posts: Data<JobPostService>,
) -> Result<HttpResponse, Problem> {
    let comment = posts.comment(caller, post, &body.content).await?;
    // No Location: a comment has no GET of its own.
    Ok(HttpResponse::Created().json(CommentResponse::from(comment)))
}

/// Change a comment
///
/// For its author.
#[utoipa::path(
    operation_id = "updateComment",
    tag = "job posts",
    params(("postId" = i64, Path, minimum = 1), ("id" = i64, Path, minimum = 1)),
    request_body(content(
        (CommentBody = "application/json"),
        (CommentBody = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The comment as it is now", body = CommentResponse),
        (status = 403, description = "Not the author"),
        (status = 404, description = "There is no such comment on this post"),
    )
)]
#[patch("/job-posts/{postId}/comments/{id}")]
pub async fn update(
    CurrentUser(caller): CurrentUser,
    Path((post, id)): Path<(JobPostId, CommentId)>,
    Body(body): Body<CommentBody>,
    posts: Data<JobPostService>,
) -> Result<Json<CommentResponse>, Problem> {
    let comment = posts
        .update_comment(caller, post, id, &body.content)
        .await?;
    Ok(Json(comment.into()))
}

/// Delete a comment
///
/// For its author, the post's author and admins.
#[utoipa::path(
    operation_id = "deleteComment",
    tag = "job posts",
    params(("postId" = i64, Path, minimum = 1), ("id" = i64, Path, minimum = 1)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "Neither its author nor the post's, nor an admin"),
        (status = 404, description = "There is no such comment on this post"),
    )
)]
#[delete("/job-posts/{postId}/comments/{id}")]
pub async fn delete(
    CurrentUser(caller): CurrentUser,
    Path((post, id)): Path<(JobPostId, CommentId)>,
    posts: Data<JobPostService>,
) -> Result<HttpResponse, Problem> {
    posts.delete_comment(caller, post, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
