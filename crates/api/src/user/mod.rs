//! Routes of profiles and the directory.

mod bodies;
mod directory;
mod document;
mod etag;
mod lists;
mod patch;
mod profile;
mod reference;

use alumx_application::user::UserError;
pub use bodies::ProfileResponse;
pub use document::FORMAT;
pub use etag::etag;
pub use lists::path_name;
pub use reference::UserRefResponse;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::{Problem, ProblemCode};

/// The routes, below the base path. Those with more fixed segments come first: the router takes
/// the first that fits.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(directory::list)
        .service(profile::find_by_username)
        .service(profile::find)
        .service(profile::update)
        .service(crate::job_post::feed::list_of_user)
        .configure(crate::resume::routes)
        .service(lists::find)
        .service(lists::replace);
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        let code = match error {
            UserError::UsernameTaken => return Self::taken(["username"]),
            UserError::Repository(error) => return error.into(),
            UserError::Format(_) => return Self::internal(error),
            UserError::NotFound => ProblemCode::NotFound,
            UserError::NotAllowed => ProblemCode::Forbidden,
            UserError::RevisionMismatch => ProblemCode::PreconditionFailed,
        };
        Self::new(code).detail(error.to_string())
    }
}
