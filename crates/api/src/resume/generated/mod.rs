//! Resumes made from profiles.

mod json_resume;

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use alumx_application::ports::TypesetterError;
use alumx_application::resume::generated::{
    GeneratedResume, GeneratedResumeError, GeneratedResumeService,
};
use alumx_domain::account::{Caller, UserId};
use utoipa::ToSchema;

use crate::http::{CurrentUser, Path, Problem, ProblemCode, conditional};
use crate::user::etag;
use json_resume::JsonResume;

impl From<GeneratedResumeError> for Problem {
    fn from(error: GeneratedResumeError) -> Self {
        match error {
            GeneratedResumeError::NotFound => {
                Self::new(ProblemCode::NotFound).detail(error.to_string())
            }
            GeneratedResumeError::Typesetter(TypesetterError::Busy) => {
                Self::unavailable(Arc::new(error))
            }
            GeneratedResumeError::Typesetter(TypesetterError::Unexpected(_)) => {
                Self::internal(error)
            }
            GeneratedResumeError::Repository(error) => error.into(),
        }
    }
}

/// A PDF document.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "documents a body of bytes")]
struct PdfDocument(Vec<u8>);

/// The resume that a user's profile makes, as PDF
///
/// One or two pages of A4. Of a long profile each part is cut, and the document says so; it says as
/// well which characters it can't set: others than Latin, Greek and Cyrillic letters, and emoji.
#[utoipa::path(
    operation_id = "getGeneratedResumePdf",
    tag = "resumes",
    params(
        ("id" = i64, Path, minimum = 1),
        ("If-None-Match" = Option<String>, Header, description = "Entity tags that the client has"),
    ),
    responses(
        (status = 200, description = "The document", content_type = "application/pdf", body = inline(PdfDocument),
         headers(
            ("ETag" = String, description = "Names this state of the profile, as this viewer sees it"),
            ("Content-Disposition" = String, description = "Names the file after the user"),
         )),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "There is no such user"),
    )
)]
#[get("/users/{id}/resume/generated.pdf")]
pub async fn pdf(
    request: HttpRequest,
    CurrentUser(caller): CurrentUser,
    Path(id): Path<UserId>,
    resumes: Data<GeneratedResumeService>,
) -> Result<HttpResponse, Problem> {
    let resume = resumes.find(&caller, id).await?;
    let etag = resume_etag(&resume, &caller);
    if conditional::client_has(&request, &etag) {
        return Ok(not_modified(etag));
    }
    let disposition = disposition(&resume, "pdf");
    let document = resumes.typeset(resume).await?;
    Ok(answer(etag, disposition)
        .content_type("application/pdf")
        .body(document))
}

/// The resume that a user's profile makes, as JSON Resume
///
/// In the schema v1.0.0 of jsonresume.org. Items of a profile's lists are free text: they become
/// the field that may hold any text, such as `work[].summary`.
#[utoipa::path(
    operation_id = "getGeneratedResumeJson",
    tag = "resumes",
    params(
        ("id" = i64, Path, minimum = 1),
        ("If-None-Match" = Option<String>, Header, description = "Entity tags that the client has"),
    ),
    responses(
        (status = 200, description = "The resume", body = JsonResume,
         headers(
            ("ETag" = String, description = "Names this state of the profile, as this viewer sees it"),
            ("Content-Disposition" = String, description = "Names the file after the user"),
         )),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "There is no such user"),
    )
)]
#[get("/users/{id}/resume/generated.json")]
pub async fn json(
    request: HttpRequest,
    CurrentUser(caller): CurrentUser,
    Path(id): Path<UserId>,
    resumes: Data<GeneratedResumeService>,
) -> Result<HttpResponse, Problem> {
    let resume = resumes.find(&caller, id).await?;
    let etag = resume_etag(&resume, &caller);
    if conditional::client_has(&request, &etag) {
        return Ok(not_modified(etag));
    }
    Ok(answer(etag, disposition(&resume, "json")).json(JsonResume::from(&resume)))
}

/// The profile's tag and the version of what makes resumes, for the next one may make another.
fn resume_etag(resume: &GeneratedResume, viewer: &Caller) -> String {
    let profile = &resume.profile;
    let with_email = profile.shows_email_to(viewer);
    let of_profile = etag(profile.id, profile.revision, with_email);
    let version = env!("CARGO_PKG_VERSION");
    format!("{}-{version}\"", of_profile.trim_end_matches('"'))
}

/// Shown in place, and saved under the username, which is plain ASCII without quotes.
fn disposition(resume: &GeneratedResume, extension: &str) -> String {
    let username = &*resume.profile.username;
    format!("inline; filename=\"{username}-resume.{extension}\"")
}

fn not_modified(etag: String) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((header::ETAG, etag))
        .finish()
}

fn answer(etag: String, disposition: String) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, etag))
        // Each viewer's own, and asked for anew each time.
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_DISPOSITION, disposition));
    response
}
