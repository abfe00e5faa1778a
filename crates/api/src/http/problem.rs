//! Problem documents (RFC 9457): the one shape of every error.

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

/// Writes the codes once: variant, name, status, what it means, and what to tell of a case of it
/// where nothing better is known.
macro_rules! problem_codes {
    ($($(#[doc = $title:literal])+ $variant:ident = $name:literal, $status:ident, $detail:literal;)+) => {
        /// What kinds of problems there are. Names are stable: clients may decide by them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemCode {
            $($(#[doc = $title])+ $variant,)+
        }

        impl ProblemCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name that clients see.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The HTTP status that always goes with it.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// What it means, for people.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => concat!($($title,)+).trim(),)+ }
            }

            /// What is wrong, where nothing more exact is told.
            pub const fn detail(self) -> &'static str {
                match self { $(Self::$variant => $detail,)+ }
            }
        }
    };
}

problem_codes! {
    /// The request is not valid HTTP for this service.
    BadRequest = "bad_request", BAD_REQUEST, "the request could not be understood";
    /// The body is not put together as its media type wants.
    MalformedBody = "malformed_body", BAD_REQUEST, "the body could not be parsed";
    /// A value in the path or query does not parse, is out of range or is unknown.
    InvalidParameter = "invalid_parameter", BAD_REQUEST, "see `errors` for what is wrong with which value";
    /// There is no valid access token.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "a valid access token is needed";
    /// No account has this identifier and password.
    InvalidCredentials = "invalid_credentials", UNAUTHORIZED, "the identifier or the password is wrong";
    /// The refresh token is invalid, spent or expired.
    InvalidRefreshToken = "invalid_refresh_token", UNAUTHORIZED, "sign in again to get a new one";
    /// No account can be claimed with this token: it is invalid, spent or expired.
    InvalidInvitation = "invalid_invitation", UNAUTHORIZED, "ask who runs the service for a new one";
    /// The caller may not do this.
    Forbidden = "forbidden", FORBIDDEN, "you lack the right to do this";
    /// The account is suspended.
    AccountSuspended = "account_suspended", FORBIDDEN, "ask who runs the service";
    /// Only its sender, and in a group its owner and admins, may delete a message.
    NotMessageSender = "not_message_sender", FORBIDDEN, "the message was sent by somebody else";
    /// Only the owner and the admins of the group may do this.
    NotGroupAdmin = "not_group_admin", FORBIDDEN, "you are neither the owner nor an admin of the group";
    /// Only the owner of the group may do this.
    NotGroupOwner = "not_group_owner", FORBIDDEN, "you are not the owner of the group";
    /// The owner of a group can be neither removed nor given another role.
    OwnerIsFixed = "owner_is_fixed", FORBIDDEN, "the group has to be handed over first";
    /// There is no such thing.
    NotFound = "not_found", NOT_FOUND, "nothing is there, or nothing that you may know of";
    /// This path has no such method.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "see the header `Allow` for the methods that there are";
    /// The request took too long to arrive.
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "send the body again, without pauses";
    /// Another user has this already.
    Taken = "taken", CONFLICT, "see `errors` for what is taken";
    /// The last admin can be neither demoted, suspended nor deleted.
    LastAdmin = "last_admin", CONFLICT, "make somebody else an admin first";
    /// Another message was sent under this clientMessageId.
    ClientMessageIdReused = "client_message_id_reused", CONFLICT, "send another message under another clientMessageId";
    /// The other user of the chat has deleted the account.
    RecipientDeleted = "recipient_deleted", CONFLICT, "nobody is there to read a message";
    /// The owner must hand the group over before leaving it.
    OwnerMustHandOver = "owner_must_hand_over", CONFLICT, "make another participant the owner first";
    /// The group has as many participants as a group may have.
    GroupFull = "group_full", CONFLICT, "nobody can be added before somebody leaves";
    /// A post has at most ten images.
    TooManyImages = "too_many_images", CONFLICT, "take an image off first";
    /// The thing has changed since it was read.
    PreconditionFailed = "precondition_failed", PRECONDITION_FAILED, "read it again before changing it";
    /// The body is too large.
    PayloadTooLarge = "payload_too_large", PAYLOAD_TOO_LARGE, "send less";
    /// The body is not of a media type that this route reads.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "see the API documents for the media types that are read";
    /// The file has no such part.
    RangeNotSatisfiable = "range_not_satisfiable", RANGE_NOT_SATISFIABLE, "see the header `Content-Range` for the size of the file";
    /// Fields of the body are missing, invalid or unknown.
    InvalidFields = "invalid_fields", UNPROCESSABLE_ENTITY, "see `errors` for what is wrong with which field";
    /// This path is for `WebSocket` connections.
    UpgradeRequired = "upgrade_required", UPGRADE_REQUIRED, "ask for an upgrade to websocket";
    /// Something went wrong in the service.
    Internal = "internal_error", INTERNAL_SERVER_ERROR, "it was logged under the requestId";
    /// The service can't do this right now.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "try again in a moment";
    /// There is no room for files left.
    InsufficientStorage = "insufficient_storage", INSUFFICIENT_STORAGE, "try again when whoever runs the service has made room";
}

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
            StatusCode::SERVICE_UNAVAILABLE => {
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            _ => {}
        }
        if let Some(size) = self.size {
            response.insert_header((header::CONTENT_RANGE, format!("bytes */{size}")));
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
        response
            .insert_header((header::CONTENT_TYPE, content_type))
            .body(
                // A struct of texts and numbers can't fail to become JSON.
                serde_json::to_vec(&document).unwrap_or_default(),
            )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_it_means_and_something_of_the_case() {
        for code in ProblemCode::ALL {
            assert!(code.title().ends_with('.'), "{code:?}");
            assert!(!code.detail().is_empty(), "{code:?}");
            assert_ne!(code.detail(), code.title());
        }
    }
}
