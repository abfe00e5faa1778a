//! Comments.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use alumx_application::job_post::JobPostService;
use alumx_domain::job_post::{CommentId, JobPostId};

use super::bodies::{CommentBody, CommentResponse};
use crate::http::page::{PageQuery, PageResponse};
use crate::http::{Body, CurrentUser, Path, Problem, Query};

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
