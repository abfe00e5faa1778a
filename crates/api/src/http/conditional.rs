//! Conditional requests (RFC 9110, section 13) on entity tags.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};

/// Whether `If-None-Match` says that the client has what `etag` names: answer 304.
pub fn client_has(request: &HttpRequest, etag: &str) -> bool {
    match tags(request, &IF_NONE_MATCH) {
        None => false,
        Some(Tags::Any) => true,
        // Compared weakly: what a proxy compressed is still the same to read.
        Some(Tags::Some(tags)) => tags.iter().any(|tag| tag.trim_start_matches("W/") == etag),
    }
}

/// The entity tags that `If-Match` wants, `None` if it wants none in particular. Compared
/// strongly: a weak tag is listed, but equals no strong one.
pub fn wanted(request: &HttpRequest) -> Option<Vec<String>> {
    match tags(request, &IF_MATCH)? {
        Tags::Any => None,
        Tags::Some(tags) => Some(tags),
    }
}

enum Tags {
    Any,
    Some(Vec<String>),
}

fn tags(request: &HttpRequest, name: &HeaderName) -> Option<Tags> {
    let mut values = request.headers().get_all(name).peekable();
    values.peek()?;
    // Tags made here have no commas inside, so a split can't cut one of them.
    let tags: Vec<String> = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().to_owned())
        .collect();
    Some(if tags.iter().any(|tag| tag == "*") {
        Tags::Any
    } else {
        Tags::Some(tags)
    })
}
