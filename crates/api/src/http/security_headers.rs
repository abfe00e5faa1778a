//! What every answer tells browsers not to do with it.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// Of answers of the API, nothing is to be run or shown as part of a page.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// The docs pages have scripts and styles of their own; Swagger UI sets styles while it runs.
const OWN: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// A year, as those advise who keep lists of such sites.
const HTTPS_ONLY: &str = "max-age=31536000";

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Data.
    Data,
    /// A page of the docs, or what it loads.
    Docs,
}

/// Adds to an answer what it doesn't say by itself.
pub fn secure(headers: &mut HeaderMap, content: Content, https_only: bool) {
    let policy = match content {
        Content::Data => NOTHING,
        Content::Docs => OWN,
    };
    let mut add = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    add(X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(REFERRER_POLICY, "no-referrer");
    add(X_FRAME_OPTIONS, "DENY");
    add(CONTENT_SECURITY_POLICY, policy);
    if content == Content::Data {
        // Tokens and what people wrote.
        add(CACHE_CONTROL, "no-store");
    }
    if https_only {
        add(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
}
