//! Routes of profiles and the directory.

mod bodies;
mod directory;
mod etag;
mod lists;
mod patch;
mod profile;
mod reference;

pub use etag::etag;
pub use lists::path_name;
pub use reference::UserRefResponse;
use utoipa_actix_web::service_config::ServiceConfig;

/// The routes, below the base path. Those with more fixed segments come first: the router takes
/// the first that fits.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(directory::list)
        .service(profile::find_by_username)
        .service(profile::find)
        .service(profile::update)
        .service(crate::job_post::feed::list_of_user)
        .service(lists::find)
        .service(lists::replace);
}
