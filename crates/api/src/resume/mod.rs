//! Routes of resumes.

mod file;
mod generated;

use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, put};
use alumx_application::ports::FileStoreError;
use alumx_application::resume::{ResumeError, ResumeService};
use alumx_domain::account::UserId;
use alumx_domain::resume::Resume;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::upload::{Received, UploadFields, Uploads};
use crate::http::{CurrentUser, Path, Problem, ProblemCode};

/// The routes, below the base path; they have to come before the lists of a profile.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(upload)
        .service(find)
        .service(delete)
        .service(file::download)
        .service(generated::pdf)
        .service(generated::json);
}

/// A resume that a user uploaded.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Resume, example = json!({
    "userId": 1,
    "fileName": "Ada Lovelace.pdf",
    "fileType": "application/pdf",
    "fileSize": 48213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "version": 1,
    "uploadedAt": "2026-01-31T09:30:00.123456Z"
}))]
pub struct ResumeResponse {
    #[schema(value_type = i64, minimum = 1)]
    user_id: UserId,
    /// What the user calls the file.
    #[schema(min_length = 1, max_length = 255)]
    file_name: String,
    /// The media type: PDF or DOCX.
    file_type: &'static str,
    /// In bytes.
    #[schema(minimum = 1, maximum = 5_242_880)]
    file_size: u64,
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
    /// Counts the uploads since there was no resume.
    #[schema(minimum = 1)]
    version: i32,
    uploaded_at: DateTime<Utc>,
}

impl From<Resume> for ResumeResponse {
    fn from(resume: Resume) -> Self {
        Self {
            user_id: resume.user,
            file_name: resume.file_name.to_string(),
            file_type: resume.kind.media_type(),
            file_size: resume.size,
            sha256: resume.sha256.to_string(),
            version: resume.version,
            uploaded_at: resume.uploaded_at,
        }
    }
}

impl From<ResumeError> for Problem {
    fn from(error: ResumeError) -> Self {
        let code = match error {
            ResumeError::Repository(error) => return error.into(),
            // A row whose file is lost.
            ResumeError::Files(FileStoreError::NotFound) => return Self::internal(error),
            ResumeError::Files(error) => return error.into(),
            ResumeError::CallerGone => ProblemCode::Unauthenticated,
            ResumeError::NotFound => ProblemCode::NotFound,
            ResumeError::NotAllowed => ProblemCode::Forbidden,
            ResumeError::UnknownKind => ProblemCode::UnsupportedMediaType,
        };
        Self::new(code).detail(error.to_string())
    }
}

/// Upload one's resume, or replace it
///
/// For the user. PDF or DOCX, told by the content, of at most 5 MiB.
#[utoipa::path(
    operation_id = "uploadResume",
    tag = "resumes",
    params(("id" = i64, Path, minimum = 1)),
    request_body(content = UploadFields, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The resume; it replaced another one", body = ResumeResponse),
        (status = 201, description = "The resume, the first one", body = ResumeResponse,
         headers(("Location" = String, description = "The resume"))),
        (status = 403, description = "Not the user"),
        (status = 404, description = "There is no such user"),
        (status = 415, description = "Not multipart/form-data, or neither PDF nor DOCX"),
        (status = 507, description = "There is no room for files left"),
    )
)]
#[put("/users/{id}/resume")]
async fn upload(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<UserId>,
    request: HttpRequest,
    payload: Payload,
    uploads: Data<Uploads>,
    resumes: Data<ResumeService>,
) -> Result<HttpResponse, Problem> {
    resumes.check_right(caller, id).await?;
    let Received {
        upload,
        file_name,
        place: _place,
    } = uploads
        .receive(caller.user, &request, payload, Resume::MAX_SIZE)
        .await?;
    let resume = resumes.upload(caller, id, upload, &file_name).await?;
    let mut response = match resume.version {
        1 => HttpResponse::Created(),
        _ => HttpResponse::Ok(),
    };
    if resume.version == 1 {
        response.insert_header(("Location", request.path().to_owned()));
    }
    Ok(response.json(ResumeResponse::from(resume)))
}

/// What is known of a user's resume
#[utoipa::path(
    operation_id = "getResume",
    tag = "resumes",
    params(("id" = i64, Path, minimum = 1)),
    responses(
        (status = 200, description = "The resume", body = ResumeResponse),
        (status = 404, description = "There is no such user, or no resume"),
    )
)]
#[get("/users/{id}/resume")]
async fn find(
    _caller: CurrentUser,
    Path(id): Path<UserId>,
    resumes: Data<ResumeService>,
) -> Result<Json<ResumeResponse>, Problem> {
    Ok(Json(resumes.resume(id).await?.into()))
}

/// Delete one's resume
///
/// For the user. The next upload is version 1.
#[utoipa::path(
    operation_id = "deleteResume",
    tag = "resumes",
    params(("id" = i64, Path, minimum = 1)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "Not the user"),
        (status = 404, description = "There is no such user, or no resume"),
    )
)]
#[delete("/users/{id}/resume")]
async fn delete(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<UserId>,
    resumes: Data<ResumeService>,
) -> Result<HttpResponse, Problem> {
    resumes.delete(caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
