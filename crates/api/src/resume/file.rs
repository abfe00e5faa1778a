//! The bytes of a resume.

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use alumx_application::resume::ResumeService;
use alumx_domain::account::UserId;
use alumx_domain::resume::Resume;

use crate::http::conditional::client_has;
use crate::http::file::{Wanted, attachment, wanted};
use crate::http::{CurrentUser, Path, Problem, ProblemCode};

/// How often a resume that is replaced again and again is looked up for one answer.
const TRIES: usize = 3;

/// The file of a user's resume
///
/// `Range` with one range of bytes is answered with that part.
#[utoipa::path(
    operation_id = "downloadResume",
    tag = "resumes",
    params(
        ("id" = i64, Path, minimum = 1),
        ("If-None-Match" = Option<String>, Header, description = "Entity tags that the client has"),
        ("Range" = Option<String>, Header, description = "The bytes that are wanted"),
        ("If-Range" = Option<String>, Header, description = "The entity tag that `Range` is about"),
    ),
    responses(
        (status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream",
         headers(("ETag" = String, description = "Of these bytes"),
                 ("Content-Disposition" = String, description = "Under which name to save it"))),
        (status = 206, description = "A part of it", body = Vec<u8>, content_type = "application/octet-stream",
         headers(("Content-Range" = String, description = "Which"))),
        (status = 304, description = "The client has it"),
        (status = 404, description = "There is no such user, or no resume"),
        (status = 416, description = "The file has no such part"),
    )
)]
#[get("/users/{id}/resume/file")]
pub async fn download(
    _caller: CurrentUser,
    Path(id): Path<UserId>,
    request: HttpRequest,
    resumes: Data<ResumeService>,
) -> Result<HttpResponse, Problem> {
    for _ in 0..TRIES {
        let resume = resumes.resume(id).await?;
        if let Some(response) = answer(&request, &resume, &resumes).await? {
            return Ok(response);
        }
    }
    Err(Problem::new(ProblemCode::Unavailable))
}

/// The answer, `None` if the resume was replaced in the meantime.
async fn answer(
    request: &HttpRequest,
    resume: &Resume,
    resumes: &ResumeService,
) -> Result<Option<HttpResponse>, Problem> {
    let etag = format!("\"{}\"", resume.sha256);
    if client_has(request, &etag) {
        let mut response = HttpResponse::NotModified();
        return Ok(Some(response.insert_header((ETAG, etag)).finish()));
    }
    let part = match wanted(request, &etag, resume.size) {
        Wanted::Whole => None,
        Wanted::Part(part) => Some(part),
        Wanted::Nothing => return Err(Problem::range_not_satisfiable(resume.size)),
    };
    let Some(stream) = resumes.open(resume, part.clone()).await? else {
        return Ok(None);
    };
    let mut response = HttpResponse::build(StatusCode::OK);
    response
        .insert_header((CONTENT_TYPE, resume.kind.media_type()))
        .insert_header((CONTENT_DISPOSITION, attachment(&resume.file_name)))
        .insert_header((ETAG, etag))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    let length = match part {
        None => resume.size,
        Some(part) => {
            let range = format!("bytes {}-{}/{}", part.start, part.end - 1, resume.size);
            response.status(StatusCode::PARTIAL_CONTENT);
            response.insert_header((CONTENT_RANGE, range));
            part.end - part.start
        }
    };
    Ok(Some(response.body(SizedStream::new(length, stream))))
}
