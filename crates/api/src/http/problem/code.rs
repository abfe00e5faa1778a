//! What kinds of problems there are.

use actix_web::http::StatusCode;

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
    /// Pages of this origin may open no socket.
    OriginNotAllowed = "origin_not_allowed", FORBIDDEN, "ask who runs the service to allow the origin of the page";
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
    /// This came too often; `Retry-After` says when it may come again.
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "come again when the header `Retry-After` says";
    /// This path is for `WebSocket` connections.
    UpgradeRequired = "upgrade_required", UPGRADE_REQUIRED, "ask for an upgrade to websocket";
    /// Something went wrong in the service.
    Internal = "internal_error", INTERNAL_SERVER_ERROR, "it was logged under the requestId";
    /// The service can't do this right now.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "try again in a moment";
    /// The service works on as many requests as it may.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "try again in a moment";
    /// This took too long; it may be done in the end.
    TimedOut = "timed_out", SERVICE_UNAVAILABLE, "look whether it was done before you try again";
    /// There is no room for files left.
    InsufficientStorage = "insufficient_storage", INSUFFICIENT_STORAGE, "try again when whoever runs the service has made room";
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
