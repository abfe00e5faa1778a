//! Files that clients send: multipart bodies with one field, received on disk piece by piece.

use std::sync::Arc;
use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::web::Payload;
use alumx_application::ports::Upload;
use alumx_domain::text::InvalidValue;
use alumx_infrastructure::files::Spool;
use futures_util::StreamExt;
use utoipa::ToSchema;

use super::{FieldError, Problem, ProblemCode};
use crate::metrics::UploadMetrics;

/// The one field of an upload.
const FIELD: &str = "file";

/// A file to be uploaded.
#[derive(ToSchema)]
#[schema(as = FileUpload, example = json!({"file": "%PDF-1.7 …"}))]
#[expect(dead_code, reason = "documents what Uploads reads")]
pub struct UploadFields {
    /// At most 5 MiB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Receives files.
pub struct Uploads {
    /// Where they wait.
    pub spool: Arc<Spool>,
    /// How long one may take to arrive, from its first to its last byte.
    pub timeout: Duration,
    /// Counts them.
    pub metrics: UploadMetrics,
}

/// A file that was received.
pub struct Received {
    /// The file.
    pub upload: Upload,
    /// What the client calls it; anything.
    pub file_name: String,
}

impl Uploads {
    /// The file in the body.
    ///
    /// # Errors
    /// 413 as soon as it has more than `limit` bytes; 400, 408, 415 or 422 for what else is wrong.
    pub async fn receive(
        &self,
        request: &HttpRequest,
        payload: Payload,
        limit: u64,
    ) -> Result<Received, Problem> {
        let running = self.metrics.begin();
        let received = self.admit(request, payload, limit).await;
        running.end(received.as_ref().map(|received| received.upload.size));
        received
    }

    async fn admit(
        &self,
        request: &HttpRequest,
        payload: Payload,
        limit: u64,
    ) -> Result<Received, Problem> {
        if !is_multipart(request) {
            let problem = Problem::new(ProblemCode::UnsupportedMediaType);
            return Err(problem.detail("the body must be multipart/form-data, not encoded"));
        }
        let Some(_place) = self.spool.place() else {
            let problem = Problem::new(ProblemCode::Unavailable);
            return Err(problem.detail("too many files are being uploaded"));
        };
        let fields = Multipart::new(request.headers(), payload);
        match tokio::time::timeout(self.timeout, self.read(fields, limit)).await {
            Ok(received) => received,
            Err(_) => Err(Problem::new(ProblemCode::RequestTimeout)),
        }
    }

    async fn read(&self, mut fields: Multipart, limit: u64) -> Result<Received, Problem> {
        let mut received = None;
        while let Some(field) = fields.next().await {
            let field = field.map_err(|error| malformed(&error))?;
            match field.name() {
                Some(FIELD) if received.is_none() => {
                    received = Some(self.read_file(field, limit).await?);
                }
                Some(FIELD) => return Err(wrong("duplicate", "must be sent once")),
                _ => {
                    let unknown = InvalidValue::new("unknown_field", "is not a known field");
                    let name: String = field.name().unwrap_or_default().chars().take(64).collect();
                    let fields = vec![FieldError::new(name, unknown)];
                    return Err(Problem::new(ProblemCode::InvalidFields).fields(fields));
                }
            }
        }
        match received {
            Some(received) if received.upload.size > 0 => Ok(received),
            Some(_) => Err(wrong("required", "must not be empty")),
            None => Err(wrong("required", "must be sent")),
        }
    }

    async fn read_file(&self, mut field: Field, limit: u64) -> Result<Received, Problem> {
        let file_name = file_name(&field);
        let mut file = self.spool.start().await?;
        while let Some(bytes) = field.next().await {
            let bytes = bytes.map_err(|error| malformed(&error))?;
            if file.size() + bytes.len() as u64 > limit {
                let detail = format!("a file may have at most {limit} bytes");
                return Err(Problem::new(ProblemCode::PayloadTooLarge).detail(detail));
            }
            file = file.write(&bytes).await?;
        }
        let upload = file.finish().await?;
        Ok(Received { upload, file_name })
    }
}

fn is_multipart(request: &HttpRequest) -> bool {
    let headers = request.headers();
    let identity = headers
        .get(CONTENT_ENCODING)
        .is_none_or(|coding| coding == "identity");
    let media_type = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let essence = media_type.unwrap_or_default().split(';').next();
    let essence = essence.unwrap_or_default().trim();
    identity && essence.eq_ignore_ascii_case("multipart/form-data")
}

fn file_name(field: &Field) -> String {
    let Some(disposition) = field.content_disposition() else {
        return String::new();
    };
    // RFC 7578 forbids `filename*`, and some clients send it.
    match disposition.get_filename_ext() {
        Some(extended) => String::from_utf8_lossy(&extended.value).into_owned(),
        None => disposition.get_filename().unwrap_or_default().to_owned(),
    }
}

/// What is wrong with the field, as a problem.
pub fn wrong(code: &'static str, message: &'static str) -> Problem {
    let errors = vec![FieldError::new(FIELD, InvalidValue::new(code, message))];
    Problem::new(ProblemCode::InvalidFields).fields(errors)
}

fn malformed(error: &MultipartError) -> Problem {
    let detail = match error {
        MultipartError::Incomplete | MultipartError::Payload(_) => {
            "the body could not be read to its end"
        }
        MultipartError::BoundaryMissing => "the content type names no boundary",
        _ => "the body is not valid multipart/form-data",
    };
    Problem::new(ProblemCode::MalformedBody).detail(detail)
}
