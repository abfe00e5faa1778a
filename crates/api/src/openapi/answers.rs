//! The answers that follow from what an operation takes.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder,
    SecurityRequirement, Type,
};

use super::BASE_PATH;
use crate::http::route_table::limit;

/// Adds the answers that follow from what an operation takes, and says that all errors are
/// problem documents.
pub fn complete(method: &str, path: &str, operation: &mut Operation) {
    let nobody = [SecurityRequirement::default()];
    let public = operation
        .security
        .as_deref()
        .is_some_and(|wanted| wanted == nobody);
    if public {
        // An empty list takes back what the whole document requires; `[{}]` would only relax it.
        operation.security = Some(Vec::new());
    }
    let limited = limit(method, path, operation).is_some();
    let has_body = operation.request_body.is_some();
    let shared = [
        // No route there takes a parameter that it doesn't know.
        (
            path.starts_with(BASE_PATH),
            "400",
            "A parameter or the body can't be read",
        ),
        (
            !public,
            "401",
            "No access token, or one that is invalid or has expired",
        ),
        (has_body, "408", "The body took too long to arrive"),
        (has_body, "413", "The body is too large"),
        (has_body, "415", "The body is of another media type"),
        (has_body, "422", "Fields are missing, invalid or unknown"),
        (
            limited,
            "429",
            "This came too often; see `Retry-After` and `RateLimit`",
        ),
        (true, "500", "Something went wrong in the service"),
        (
            path.starts_with(BASE_PATH),
            "503",
            "The service can't do this right now; see `Retry-After`",
        ),
    ];
    let responses = &mut operation.responses.responses;
    for (applies, status, description) in shared {
        if applies && !responses.contains_key(status) {
            let response = ResponseBuilder::new().description(description).build();
            responses.insert(status.to_owned(), RefOr::T(response));
        }
    }
    for (status, response) in responses.iter_mut() {
        if let (RefOr::T(response), true) = (response, status.as_str() >= "400") {
            complete_problem(status, response);
        }
    }
}

/// Says of an error's answer that it is a problem document, and which headers come with it.
fn complete_problem(status: &str, response: &mut Response) {
    let wait = ("Retry-After", Type::Integer, "Seconds to wait");
    let headers = match status {
        "401" => vec![("WWW-Authenticate", Type::String, "Always `Bearer`")],
        "429" => vec![
            wait,
            (
                "RateLimit",
                Type::String,
                "What is left, and when there is more",
            ),
            (
                "RateLimit-Policy",
                Type::String,
                "How much there is in which time",
            ),
        ],
        "503" => vec![wait],
        _ => Vec::new(),
    };
    for (name, schema_type, description) in headers {
        let schema = ObjectBuilder::new().schema_type(schema_type).build();
        let header = HeaderBuilder::new()
            .schema(Some(schema))
            .description(Some(description));
        let header = RefOr::T(header.build());
        response.headers.insert(name.to_owned(), header);
    }
    let problem = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(problem)).build();
    response
        .content
        .insert("application/problem+json".to_owned(), RefOr::T(content));
}
