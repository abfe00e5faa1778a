//! Problem documents in place of what went wrong.

use actix_web::body::{BoxBody, EitherBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::{HttpResponse, ResponseError};

use crate::http::Problem;

/// Answers the request with a problem, before any handler has it.
pub(super) fn refuse<B>(
    request: ServiceRequest,
    problem: &Problem,
    id: &HeaderValue,
) -> ServiceResponse<EitherBody<B>> {
    request
        .into_response(answer(problem, id))
        .map_into_right_body()
}

/// The response, or in place of any error the problem document for it.
pub(super) fn as_problem<B>(
    response: ServiceResponse<B>,
    id: &HeaderValue,
) -> ServiceResponse<EitherBody<B>> {
    let status = response.status();
    let problem = match response.response().error() {
        Some(error) => error
            .as_error::<Problem>()
            .cloned()
            .unwrap_or_else(|| Problem::of_status(status)),
        None if status.is_client_error() || status.is_server_error() => Problem::of_status(status),
        None => return response.map_into_left_body(),
    };
    response
        .into_response(answer(&problem, id))
        .map_into_right_body()
}

/// A problem document; what caused it is logged.
pub(super) fn answer(problem: &Problem, id: &HeaderValue) -> HttpResponse<BoxBody> {
    if let Some(cause) = problem.cause() {
        let cause: &dyn std::error::Error = cause;
        let mut causes = vec![cause.to_string()];
        let mut source = cause.source();
        while let Some(next) = source {
            causes.push(next.to_string());
            source = next.source();
        }
        let causes = causes.join(": ");
        // A flood that is turned away must not become a flood of errors.
        if problem.status_code() == StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(problem = %problem, "{causes}");
        } else {
            tracing::error!(problem = %problem, "{causes}");
        }
    }
    problem.respond(id.to_str().unwrap_or_default())
}
