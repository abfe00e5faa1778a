//! What routes of chats and of groups share, and the route that counts over both.

mod bodies;
mod page;
mod query;
mod shared;
mod unread;

use alumx_application::conversation::ConversationError;
use alumx_domain::text::InvalidValue;
use utoipa_actix_web::service_config::ServiceConfig;

pub use bodies::{MessageResponse, NewMessageBody, ReadBody, ReadPositionResponse};
pub use query::{MessageParameters, MessagesQuery};
pub use shared::{delete, list, mark_read, send};

use crate::http::{FieldError, Problem, ProblemCode};

/// The routes, below the base path.
pub fn routes(config: &mut ServiceConfig) {
    config.service(unread::totals);
}

/// A problem with one field, under a code for the whole.
pub fn wrong_field(code: ProblemCode, field: &str, wrong: InvalidValue) -> Problem {
    Problem::new(code).fields(vec![FieldError::new(field, wrong)])
}

/// Wrong is that the field names a user who isn't there.
pub fn unknown_user() -> InvalidValue {
    InvalidValue::new("unknown_user", "is no user")
}

impl From<ConversationError> for Problem {
    fn from(error: ConversationError) -> Self {
        let told = error.to_string();
        let code = match error {
            ConversationError::Repository(error) => return error.into(),
            ConversationError::ClientMessageIdReused => {
                let wrong = InvalidValue::new("reused", "belongs to another message");
                let code = ProblemCode::ClientMessageIdReused;
                return wrong_field(code, "clientMessageId", wrong).detail(told);
            }
            ConversationError::BeyondLast => {
                let wrong = InvalidValue::new("out_of_range", "must be the number of a message");
                return wrong_field(ProblemCode::InvalidFields, "seq", wrong);
            }
            ConversationError::CallerGone => ProblemCode::Unauthenticated,
            ConversationError::NotFound | ConversationError::MessageNotFound => {
                ProblemCode::NotFound
            }
            ConversationError::NotSender => ProblemCode::NotMessageSender,
            ConversationError::RecipientDeleted => ProblemCode::RecipientDeleted,
        };
        Self::new(code).detail(told)
    }
}
