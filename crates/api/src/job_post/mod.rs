//! Routes of the job board.

mod bodies;
mod comment;
pub mod feed;
mod image;
mod image_urls;
mod like;
pub mod links;
mod post;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes, below the base path; but `/users/{id}/job-posts`, which has to come before the lists
/// of a profile.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(feed::list)
        .service(post::create)
        .service(post::find)
        .service(post::update)
        .service(post::delete)
        .service(image::add)
        .service(image::remove)
        .service(image::show)
        .service(like::like)
        .service(like::unlike)
        .service(like::list)
        .service(comment::list)
        .service(comment::create)
        .service(comment::update)
        .service(comment::delete);
}
