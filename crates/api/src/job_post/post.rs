//! One post at a time.

use actix_web::http::header;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use alumx_application::job_post::JobPostService;
use alumx_domain::job_post::JobPostId;

use super::bodies::{JobPostPatchBody, JobPostResponse, NewJobPostBody};
use super::links::Links;
use crate::http::{Body, CurrentUser, Path, Problem};
use crate::openapi::BASE_PATH;

/// Post a job
///
/// For alumni, professors and admins.
#[utoipa::path(
    operation_id = "createJobPost",
    tag = "job posts",
    request_body = NewJobPostBody,
    responses(
        (status = 201, description = "The new post", body = JobPostResponse,
         headers(("Location" = String, description = "The post"))),
        (status = 403, description = "The caller is a student"),
    )
)]
#[post("/job-posts")]
pub async fn create(
    CurrentUser(caller): CurrentUser,
    Body(NewJobPostBody(mut post)): Body<NewJobPostBody>,
    links: Links,
    posts: Data<JobPostService>,
) -> Result<HttpResponse, Problem> {
    post.images = links.recognised(&post.images)?;
    let post = posts.create(caller, &post).await?;
    Ok(HttpResponse::Created()
        .insert_header((
            header::LOCATION,
            format!("{BASE_PATH}/job-posts/{}", post.id),
        ))
        .json(JobPostResponse::new(post, &links)))
}

/// A post, expired or not
#[utoipa::path(
    operation_id = "getJobPost",
    tag = "job posts",
    params(("postId" = i64, Path, minimum = 1)),
    responses(
        (status = 200, description = "The post", body = JobPostResponse),
        (status = 404, description = "There is no such post"),
    )
)]
#[get("/job-posts/{postId}")]
pub async fn find(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<JobPostId>,
    links: Links,
    posts: Data<JobPostService>,
) -> Result<Json<JobPostResponse>, Problem> {
    let post = posts.post(caller, id).await?;
    Ok(Json(JobPostResponse::new(post, &links)))
}

/// Change a post
///
/// For its author.
#[utoipa::path(
    operation_id = "updateJobPost",
    tag = "job posts",
    params(("postId" = i64, Path, minimum = 1)),
    request_body(content(
        (JobPostPatchBody = "application/json"),
        (JobPostPatchBody = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The post", body = JobPostResponse),
        (status = 403, description = "Not the author"),
        (status = 404, description = "There is no such post"),
    )
)]
#[patch("/job-posts/{postId}")]
pub async fn update(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<JobPostId>,
    Body(JobPostPatchBody(mut patch)): Body<JobPostPatchBody>,
    links: Links,
    posts: Data<JobPostService>,
) -> Result<Json<JobPostResponse>, Problem> {
    let images = patch.images.map(|images| links.recognised(&images));
    patch.images = images.transpose()?;
    let post = posts.update(caller, id, patch).await?;
    Ok(Json(JobPostResponse::new(post, &links)))
}

/// Delete a post with its likes and comments
///
/// For its author and admins.
#[utoipa::path(
    operation_id = "deleteJobPost",
    tag = "job posts",
    params(("postId" = i64, Path, minimum = 1)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "Neither the author nor an admin"),
        (status = 404, description = "There is no such post"),
    )
)]
#[delete("/job-posts/{postId}")]
pub async fn delete(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<JobPostId>,
    posts: Data<JobPostService>,
) -> Result<HttpResponse, Problem> {
    posts.delete(caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
