//! Problem documents (RFC 9457): the one shape of every error.

mod code;

use std::fmt;
use std::sync::Arc;

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use alumx_application::authentication::AuthenticationError;
use alumx_application::ports::FileStoreError;
use alumx_domain::repository::RepositoryError;
use alumx_domain::text::InvalidValue;
use serde::Serialize;
use utoipa::ToSchema;

pub use self::code::ProblemCode;
use super::rate_limit::Standing;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "field": "email",
    "code": "invalid_email",
    "message": "must be an email address"
}))]
pub struct FieldError {
    /// The field as the client wrote it, such as `email` or `skills[2]`.
    pub field: String,
    /// Stable name of the rule.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// The rule, for people.
    pub message: String,
}

impl FieldError {
    /// A field and the rule that it breaks.
    pub fn new(field: impl Into<String>, invalid: InvalidValue) -> Self {
        Self {
            field: field.into(),
            code: invalid.code,
            message: invalid.message,
        }
    }
}

/// A problem on its way to the client.
#[derive(Debug, Clone)]
pub struct Problem {
    code: ProblemCode,
    detail: Option<String>,
    errors: Vec<FieldError>,
    allow: Vec<Method>,
    size: Option<u64>,
    limit: Option<Box<Standing>>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// A problem document (RFC 9457).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem, example = json!({
    "type": "/problems/taken",
    "title": "Another user has this already.",
    "status": 409,
    "detail": "see `errors` for what is taken",
    "code": "taken",
    "requestId": "0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b1e",
    "errors": [{
        "field": "username",
        "code": "taken",
        "message": "belongs to another user already"
    }]
}))]
pub struct ProblemDocument<'a> {
    /// URI reference of the kind of problem.
    #[schema(value_type = String)]
    r#type: String,
    /// The kind of problem, for people.
    #[schema(value_type = String)]
    title: &'a str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong here, for people.
    #[schema(value_type = String)]
    detail: &'a str,
    /// Stable name of the kind of problem, for machines.
    #[schema(value_type = String)]
    code: &'a str,
    /// The request's id, as in the header `X-Request-Id` and in the logs.
    #[schema(value_type = String)]
    request_id: &'a str,
    /// All fields that are wrong, where fields are.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<FieldError>, required = false)]
    errors: &'a [FieldError],
}

impl Problem {
    /// A problem of which its code says all.
    pub fn new(code: ProblemCode) -> Self {
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            allow: Vec::new(),
            size: None,
            limit: None,
            cause: None,
        }
    }

    /// What is wrong here, for people; no private content.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// The fields that are wrong.
    #[must_use]
    pub fn fields(self, errors: Vec<FieldError>) -> Self {
        Self { errors, ..self }
    }

    /// A wrong method; `allow` are the right ones.
    pub fn method_not_allowed(allow: Vec<Method>) -> Self {
        Self {
            allow,
            ..Self::new(ProblemCode::MethodNotAllowed)
        }
    }

    /// A part that a file of this many bytes doesn't have.
    pub fn range_not_satisfiable(size: u64) -> Self {
        Self {
            size: Some(size),
            ..Self::new(ProblemCode::RangeNotSatisfiable)
        }
    }

    /// What came too often.
    pub fn rate_limited(limit: Standing) -> Self {
        Self {
            limit: Some(Box::new(limit)),
            ..Self::new(ProblemCode::RateLimited)
        }
    }

    /// Values that other users have; these are their fields.
    pub fn taken(fields: impl IntoIterator<Item = &'static str>) -> Self {
        let taken = InvalidValue::new("taken", "belongs to another user already");
        let taken = |field| FieldError::new(field, taken.clone());
        Self::new(ProblemCode::Taken).fields(fields.into_iter().map(taken).collect())
    }

    /// A failure of the service; the cause is logged and not told.
    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            cause: Some(Arc::new(cause)),
            ..Self::new(ProblemCode::Internal)
        }
    }

    /// Too much to do right now; the cause is logged and not told.
    pub fn unavailable(cause: Arc<dyn std::error::Error + Send + Sync>) -> Self {
        Self {
            cause: Some(cause),
            ..Self::new(ProblemCode::Unavailable)
        }
    }

    /// What kind of problem it is.
    pub fn code(&self) -> ProblemCode {
        self.code
    }

    /// What the logs should know and the client should not.
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync)> {
        self.cause.as_deref()
    }

    /// The problem for a bare status, such as the framework answers.
    pub fn of_status(status: StatusCode) -> Self {
        let same_status = |code: &&ProblemCode| code.status() == status;
        let code = match status {
            StatusCode::UNAUTHORIZED => ProblemCode::Unauthenticated,
            _ if status.is_server_error() => ProblemCode::Internal,
            _ => ProblemCode::ALL
                .iter()
                .find(same_status)
                .copied()
                .unwrap_or(ProblemCode::BadRequest),
        };
        Self::new(code)
    }

    /// The answer to the request with this id.
    pub fn respond(&self, request_id: &str) -> HttpResponse {
        let status = self.code.status();
        let mut response = HttpResponseBuilder::new(status);
        match status {
            StatusCode::UNAUTHORIZED => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                let allow: Vec<&str> = self.allow.iter().map(Method::as_str).collect();
                response.insert_header((header::ALLOW, allow.join(", ")));
            }
            StatusCode::UPGRADE_REQUIRED => {
                response.insert_header((header::UPGRADE, "websocket"));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            _ => {}
        }
        if let Some(size) = self.size {
            response.insert_header((header::CONTENT_RANGE, format!("bytes */{size}")));
        }
        if let Some(limit) = &self.limit {
            response.insert_header((header::RETRY_AFTER, limit.more_in()));
        }
        let document = ProblemDocument {
            r#type: format!("/problems/{}", self.code.name()),
            title: self.code.title(),
            status: status.as_u16(),
            detail: self.detail.as_deref().unwrap_or(self.code.detail()),
            code: self.code.name(),
            request_id,
            errors: &self.errors,
        };
        let content_type = HeaderValue::from_static("application/problem+json");
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        response.insert_header((header::CONTENT_TYPE, content_type));
        // A struct of texts and numbers can't fail to become JSON.
        let mut response = response.body(serde_json::to_vec(&document).unwrap_or_default());
        if let Some(limit) = &self.limit {
            limit.tell(response.headers_mut());
        }
        response
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// The gate answers in its place, with the request's id.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<RepositoryError> for Problem {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Unavailable(_) => Self::unavailable(Arc::new(error)),
            RepositoryError::Violation(_) | RepositoryError::Unexpected(_) => Self::internal(error),
        }
    }
}

impl From<FileStoreError> for Problem {
    fn from(error: FileStoreError) -> Self {
        let code = match error {
            FileStoreError::NotFound => return Self::new(ProblemCode::NotFound),
            FileStoreError::Full(_) => ProblemCode::InsufficientStorage,
            FileStoreError::Unavailable(_) => ProblemCode::Unavailable,
            FileStoreError::Unexpected(_) => ProblemCode::Internal,
        };
        Self {
            cause: Some(Arc::new(error)),
            ..Self::new(code)
        }
    }
}

impl From<AuthenticationError> for Problem {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::InvalidToken => {
                Self::new(ProblemCode::Unauthenticated).detail(error.to_string())
            }
            AuthenticationError::Repository(error) => error.into(),
        }
    }
}
