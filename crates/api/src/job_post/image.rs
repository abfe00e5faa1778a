//! Uploaded images.

use actix_web::body::SizedStream;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use alumx_application::file::FileService;
use alumx_application::job_post::JobPostService;
use alumx_domain::job_post::{ImageFile, JobPostId};

use super::bodies::ImageResponse;
use super::links::Links;
use crate::http::conditional::client_has;
use crate::http::extract::{ImageName, Position};
use crate::http::upload::{Received, UploadFields, Uploads};
use crate::http::{CurrentUser, Path, Problem};

/// Add an image to a post
///
/// For its author. PNG, JPEG, WebP or GIF, told by the content, of at most 5 MiB, 12000 pixels a
/// side and 40 million altogether; if it moves, of at most 1000 frames with 400 million pixels
/// altogether. Where it was taken, by whom and with what is not kept.
#[utoipa::path(
    operation_id = "addJobPostImage",
    tag = "job posts",
    params(("postId" = i64, Path, minimum = 1)),
    request_body(content = UploadFields, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The image, the last one of the post", body = ImageResponse,
         headers(("Location" = String, description = "The image"))),
        (status = 403, description = "Not the author"),
        (status = 404, description = "There is no such post"),
        (status = 409, description = "`too_many_images`"),
        (status = 415, description = "Not multipart/form-data, or not such an image"),
        (status = 507, description = "There is no room for files left"),
    )
)]
#[post("/job-posts/{postId}/images")]
pub async fn add(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<JobPostId>,
    links: Links,
    request: HttpRequest,
    payload: Payload,
    uploads: Data<Uploads>,
    posts: Data<JobPostService>,
) -> Result<HttpResponse, Problem> {
    posts.check_image(caller, id).await?;
    let Received {
        upload,
        place: _place,
        ..
    } = uploads
        .receive(caller.user, &request, payload, ImageFile::MAX_SIZE)
        .await?;
    let (position, image) = posts.add_image(caller, id, upload).await?;
    let image = ImageResponse::new(position, &image, &links);
    Ok(HttpResponse::Created()
        .insert_header(("Location", image.url().to_owned()))
        .json(image))
}

/// Take an image off a post
///
/// For its author. The rest moves up.
#[utoipa::path(
    operation_id = "removeJobPostImage",
    tag = "job posts",
    params(
        ("postId" = i64, Path, minimum = 1),
        ("position" = i32, Path, minimum = 0, maximum = 65_535),
    ),
    responses(
        (status = 204, description = "Taken off"),
        (status = 403, description = "Not the author"),
        (status = 404, description = "There is no such post, or no image at this position"),
    )
)]
#[delete("/job-posts/{postId}/images/{position}")]
pub async fn remove(
    CurrentUser(caller): CurrentUser,
    path: Path<(JobPostId, Position)>,
    posts: Data<JobPostService>,
) -> Result<HttpResponse, Problem> {
    let Path((id, Position(position))) = path;
    posts.remove_image(caller, id, position.into()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An uploaded image
///
/// Nobody guesses its name; who knows it may see it.
#[utoipa::path(
    operation_id = "getImage",
    tag = "job posts",
    params(
        ("name" = String, Path),
        ("If-None-Match" = Option<String>, Header, description = "Entity tags that the client has"),
    ),
    responses(
        (status = 200, description = "The image", body = Vec<u8>, content_type = "image/*",
         headers(("ETag" = String, description = "Of these bytes"))),
        (status = 304, description = "The client has it"),
        (status = 404, description = "There is no such image"),
        (status = 503, description = "The file store is away; see `Retry-After`"),
    ),
    security(())
)]
#[get("/images/{name}")]
pub async fn show(
    Path(ImageName(file)): Path<ImageName>,
    request: HttpRequest,
    files: Data<FileService>,
) -> Result<HttpResponse, Problem> {
    // The bytes under a name never change.
    let etag = format!("\"{}\"", file.name());
    let size = files.image_size(&file).await?;
    let (mut response, found) = if client_has(&request, &etag) {
        (HttpResponse::NotModified(), None)
    } else {
        let stream = files.image(&file).await?;
        (HttpResponse::Ok(), Some(SizedStream::new(size, stream)))
    };
    response
        .insert_header((ETAG, etag))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
    Ok(match found {
        None => response.finish(),
        Some(bytes) => response
            .insert_header((CONTENT_TYPE, file.format().media_type()))
            .body(bytes),
    })
}
