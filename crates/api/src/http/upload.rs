//! Files that clients send: multipart bodies with one field, received on disk piece by piece.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::CONTENT_ENCODING;
use actix_web::web::Payload;
use actix_web::{HttpMessage, HttpRequest};
use alumx_application::ports::Upload;
use alumx_domain::account::UserId;
use alumx_domain::text::InvalidValue;
use alumx_infrastructure::files::Spool;
use tokio::time::sleep;
use utoipa::ToSchema;

use super::multipart::{Multipart, MultipartError};
use super::places::{NoPlace, Place, Places};
use super::rate_limit::Key;
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
    /// For those that arrive or wait to be stored.
    pub places: Arc<Places>,
    /// How long nothing of one may arrive.
    pub patience: Duration,
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
    /// Its place, to be kept until it is stored or refused.
    pub place: Place,
}

impl Uploads {
    /// Files that are received or wait to be stored at the same time, and those of one user.
    const PLACES: (usize, usize) = (32, 4);

    /// Places for uploads.
    pub fn places() -> Arc<Places> {
        let (most, most_of_one) = Self::PLACES;
        Places::new(most, most_of_one)
    }

    /// The file in the body, which `user` sends.
    ///
    /// # Errors
    /// 413 as soon as it has more than `limit` bytes; 429 if the user uploads too many at once, 503
    /// if all do; 400, 408, 415 or 422 for what else is wrong.
    pub async fn receive(
        &self,
        user: UserId,
        request: &HttpRequest,
        payload: Payload,
        limit: u64,
    ) -> Result<Received, Problem> {
        let running = self.metrics.begin();
        let received = self.admit(request, user, payload, limit).await;
        running.end(received.as_ref().map(|received| received.upload.size));
        received
    }

    async fn admit(
        &self,
        request: &HttpRequest,
        user: UserId,
        payload: Payload,
        limit: u64,
    ) -> Result<Received, Problem> {
        let boundary = boundary(request)?;
        let place = self.places.take(Key::User(user)).map_err(no_place)?;
        let fields = Multipart::new(&boundary, payload, self.patience);
        let (upload, file_name) = tokio::select! {
            received = self.read(fields, limit) => received?,
            () = place.lost() => return Err(gave_way()),
            () = sleep(self.timeout) => return Err(too_slow()),
        };
        Ok(Received {
            upload,
            file_name,
            place: place.keep().ok_or_else(gave_way)?,
        })
    }

    async fn read(
        &self,
        mut fields: Multipart<Payload>,
        limit: u64,
    ) -> Result<(Upload, String), Problem> {
        let mut received = None;
        while let Some(head) = fields.next_part().await? {
            match &*head.name {
                FIELD if received.is_none() => {
                    let upload = self.read_file(&mut fields, limit).await?;
                    received = Some((upload, head.file_name));
                }
                FIELD => return Err(wrong("duplicate", "must be sent once")),
                name => {
                    let unknown = InvalidValue::new("unknown_field", "is not a known field");
                    let name: String = name.chars().take(64).collect();
                    let fields = vec![FieldError::new(name, unknown)];
                    return Err(Problem::new(ProblemCode::InvalidFields).fields(fields));
                }
            }
        }
        match received {
            Some((upload, name)) if upload.size > 0 => Ok((upload, name)),
            Some(_) => Err(wrong("required", "must not be empty")),
            None => Err(wrong("required", "must be sent")),
        }
    }

    async fn read_file(
        &self,
        fields: &mut Multipart<Payload>,
        limit: u64,
    ) -> Result<Upload, Problem> {
        let mut file = self.spool.start().await?;
        while let Some(bytes) = fields.chunk().await? {
            if file.size() + bytes.len() as u64 > limit {
                let detail = format!("a file may have at most {limit} bytes");
                return Err(Problem::new(ProblemCode::PayloadTooLarge).detail(detail));
            }
            file = file.write(&bytes).await?;
        }
        Ok(file.finish().await?)
    }
}

/// The boundary of a body that is multipart/form-data.
fn boundary(request: &HttpRequest) -> Result<String, Problem> {
    let plain = |coding| coding == "identity";
    let plain = request.headers().get(CONTENT_ENCODING).is_none_or(plain);
    let form = request
        .content_type()
        .eq_ignore_ascii_case("multipart/form-data");
    if !plain || !form {
        let problem = Problem::new(ProblemCode::UnsupportedMediaType);
        return Err(problem.detail("the body must be multipart/form-data, not encoded"));
    }
    let media_type = request.mime_type().ok().flatten();
    let boundary = media_type
        .as_ref()
        .and_then(|media_type| media_type.get_param("boundary"));
    let boundary = boundary.filter(|boundary| !boundary.as_str().is_empty());
    boundary
        .map(|boundary| boundary.to_string())
        .ok_or_else(|| {
            Problem::new(ProblemCode::MalformedBody).detail("the content type names no boundary")
        })
}

/// What is wrong with the field, as a problem.
pub fn wrong(code: &'static str, message: &'static str) -> Problem {
    let errors = vec![FieldError::new(FIELD, InvalidValue::new(code, message))];
    Problem::new(ProblemCode::InvalidFields).fields(errors)
}

fn too_slow() -> Problem {
    Problem::new(ProblemCode::RequestTimeout).detail("the file took too long to arrive")
}

fn gave_way() -> Problem {
    let problem = Problem::new(ProblemCode::Unavailable);
    problem.detail("others needed the place of a file that came slowly")
}

fn no_place(none: NoPlace) -> Problem {
    match none {
        NoPlace::OfOne => Problem::new(ProblemCode::RateLimited)
            .detail("you are uploading as many files as a user may at the same time"),
        NoPlace::AtAll => {
            Problem::new(ProblemCode::Unavailable).detail("too many files are being uploaded")
        }
    }
}

impl From<MultipartError> for Problem {
    fn from(error: MultipartError) -> Self {
        let detail = match error {
            MultipartError::Stalled => return too_slow(),
            MultipartError::Incomplete => "the body could not be read to its end",
            MultipartError::Malformed => {
                "the body is not multipart/form-data with the boundary of the content type"
            }
        };
        Self::new(ProblemCode::MalformedBody).detail(detail)
    }
}
