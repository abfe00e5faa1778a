//! Routes of the job board.

mod bodies;
mod comment;
pub mod feed;
mod image;
mod image_urls;
mod like;
pub mod links;
mod post;

use std::sync::Arc;

use alumx_application::job_post::JobPostError;
use alumx_application::ports::ImageError;
use alumx_domain::text::InvalidValue;
pub use bodies::JobPostResponse;
pub use comment::CommentResponse;
use utoipa_actix_web::service_config::ServiceConfig;

use self::links::unknown_image;
use crate::http::{FieldError, Problem, ProblemCode};

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

impl From<JobPostError> for Problem {
    fn from(error: JobPostError) -> Self {
        let code = match error {
            JobPostError::Repository(error) => return error.into(),
            JobPostError::Image(error) => return error.into(),
            JobPostError::Files(error) => return error.into(),
            JobPostError::UnnamableImage => return Self::internal(error),
            JobPostError::UnknownImages(positions) => {
                let wrong = positions.into_iter().map(unknown_image).collect();
                return Self::new(ProblemCode::InvalidFields).fields(wrong);
            }
            JobPostError::TooManyImages => ProblemCode::TooManyImages,
            JobPostError::CallerGone => ProblemCode::Unauthenticated,
            JobPostError::NotFound
            | JobPostError::CommentNotFound
            | JobPostError::ImageNotFound
            | JobPostError::UserNotFound => ProblemCode::NotFound,
            JobPostError::StudentsDontPost | JobPostError::NotAllowed(_) => ProblemCode::Forbidden,
        };
        Self::new(code).detail(error.to_string())
    }
}

impl From<ImageError> for Problem {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::File(error) => error.into(),
            ImageError::UnknownFormat => {
                Self::new(ProblemCode::UnsupportedMediaType).detail(error.to_string())
            }
            ImageError::TooLarge => wrong_file("image_too_large", &error),
            ImageError::Invalid => wrong_file("invalid_image", &error),
            ImageError::Busy => {
                let detail = error.to_string();
                Self::unavailable(Arc::new(error)).detail(detail)
            }
        }
    }
}

fn wrong_file(code: &'static str, error: &ImageError) -> Problem {
    let wrong = InvalidValue::new(code, error.to_string());
    Problem::new(ProblemCode::InvalidFields).fields(vec![FieldError::new("file", wrong)])
}
