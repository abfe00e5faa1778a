//! Routes of direct chats.

mod bodies;
mod message;
mod open;

use alumx_application::chat::ChatError;
use alumx_domain::text::InvalidValue;
pub use bodies::ChatResponse;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conversation::{unknown_user, wrong_field};
use crate::http::{Problem, ProblemCode};

/// The routes, below the base path.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(open::open)
        .service(open::list)
        .service(open::find)
        .service(message::list)
        .service(message::send)
        .service(message::delete)
        .service(message::mark_read);
}

impl From<ChatError> for Problem {
    fn from(error: ChatError) -> Self {
        let code = match error {
            ChatError::Repository(error) => return error.into(),
            ChatError::WithOneself => {
                let wrong = InvalidValue::new("oneself", error.to_string());
                return wrong_field(ProblemCode::InvalidFields, "userId", wrong);
            }
            ChatError::UnknownUser => {
                return wrong_field(ProblemCode::InvalidFields, "userId", unknown_user());
            }
            ChatError::CallerGone => ProblemCode::Unauthenticated,
            ChatError::NotFound => ProblemCode::NotFound,
        };
        Self::new(code).detail(error.to_string())
    }
}
