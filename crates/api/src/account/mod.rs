//! Routes of accounts: signing up and in, sessions, the own account, and administration.

mod administration;
mod bodies;
mod own;
mod sign_in;

pub use bodies::RoleName;
use utoipa_actix_web::service_config::ServiceConfig;

/// The routes, below the base path.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(sign_in::register)
        .service(sign_in::login)
        .service(sign_in::refresh)
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
