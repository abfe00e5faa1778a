//! Routes of accounts: signing up and in, sessions, the own account, and administration.

mod administration;
mod attempts;
mod bodies;
mod own;
mod sign_in;

use std::sync::Arc;

use alumx_application::account::AccountError;
use alumx_application::ports::HasherError;
pub use bodies::{AccountResponse, RoleName, SessionResponse};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::{Problem, ProblemCode};

/// The routes, below the base path.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(sign_in::register)
        .service(sign_in::login)
        .service(sign_in::refresh)
        .service(sign_in::claim)
        .service(sign_in::logout)
        .service(own::account)
        .service(own::delete)
        .service(own::change_password)
        .service(own::sessions)
        .service(own::end_session)
        .service(own::end_other_sessions)
        .service(administration::set_role)
        .service(administration::suspend)
        .service(administration::lift_suspension)
        .service(administration::delete_user);
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let code = match error {
            AccountError::Taken { username, email } => {
                let fields = [("username", username), ("email", email)];
                return Self::taken(
                    fields
                        .into_iter()
                        .filter(|(_, taken)| *taken)
                        .map(|(name, _)| name),
                );
            }
            AccountError::Hasher(HasherError::Busy) => return Self::unavailable(Arc::new(error)),
            AccountError::Hasher(HasherError::Unexpected(_)) | AccountError::Signing(_) => {
                return Self::internal(error);
            }
            AccountError::Repository(error) => return error.into(),
            AccountError::IncorrectPassword => {
                return Self::new(ProblemCode::InvalidFields);
            }
            AccountError::CallerGone => ProblemCode::Unauthenticated,
            AccountError::InvalidCredentials => ProblemCode::InvalidCredentials,
            AccountError::Suspended => ProblemCode::AccountSuspended,
            AccountError::InvalidRefreshToken => ProblemCode::InvalidRefreshToken,
            AccountError::InvalidInvitation => ProblemCode::InvalidInvitation,
            AccountError::SessionNotFound | AccountError::UserNotFound => ProblemCode::NotFound,
            AccountError::NotAdmin => ProblemCode::Forbidden,
            AccountError::LastAdmin => ProblemCode::LastAdmin,
        };
        Self::new(code).detail(error.to_string())
    }
}
