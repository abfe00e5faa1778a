//! Routes of group chats.

mod bodies;
mod group;
mod message;
mod participant;

use alumx_application::group_chat::GroupChatError;
use alumx_domain::group_chat::GroupRefusal;
pub use bodies::{GroupChatResponse, ParticipantResponse, ParticipantRoleName};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conversation::wrong_field;
use crate::http::{Problem, ProblemCode};

/// The routes, below the base path.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(group::create)
        .service(group::list)
        .service(group::find)
        .service(group::rename)
        .service(group::delete)
        .service(group::hand_over)
        .service(participant::list)
        .service(participant::place)
        .service(participant::remove)
        .service(message::list)
        .service(message::send)
        .service(message::delete)
        .service(message::mark_read);
}

impl From<GroupChatError> for Problem {
    fn from(error: GroupChatError) -> Self {
        let code = match error {
            GroupChatError::Repository(error) => return error.into(),
            GroupChatError::InvalidMembers(wrong) => {
                return wrong_field(ProblemCode::InvalidFields, "participantIds", wrong);
            }
            // Which of them, the handler knows.
            GroupChatError::UnknownUsers(_) => ProblemCode::InvalidFields,
            GroupChatError::CallerGone => ProblemCode::Unauthenticated,
            GroupChatError::NotFound | GroupChatError::UnknownUser => ProblemCode::NotFound,
            GroupChatError::Refused(refusal) => match refusal {
                GroupRefusal::NotGroupAdmin => ProblemCode::NotGroupAdmin,
                GroupRefusal::NotGroupOwner => ProblemCode::NotGroupOwner,
                GroupRefusal::OwnerIsFixed => ProblemCode::OwnerIsFixed,
                GroupRefusal::OwnerMustHandOver => ProblemCode::OwnerMustHandOver,
                GroupRefusal::NotAParticipant => ProblemCode::NotFound,
            },
            GroupChatError::Full => ProblemCode::GroupFull,
        };
        Self::new(code).detail(error.to_string())
    }
}
