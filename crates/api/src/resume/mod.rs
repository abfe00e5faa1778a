//! Routes of resumes.

mod generated;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes, below the base path.
pub fn routes(config: &mut ServiceConfig) {
    config.service(generated::pdf).service(generated::json);
}
