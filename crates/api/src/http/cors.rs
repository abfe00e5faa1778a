//! Which web pages of other origins may talk to the service.

use actix_web::HttpResponse;
use actix_web::dev::RequestHead;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};

use super::route_table::{Found, Route};

/// What pages may send besides what every request has.
const ALLOWED_HEADERS: &str = "Authorization, Content-Type, If-Match, If-None-Match, If-Range, \
    Range, X-Request-Id";

/// What pages may read besides what every answer has.
const EXPOSED_HEADERS: &str = "Accept-Ranges, Allow, Content-Disposition, Content-Range, ETag, \
    Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id";

/// For how many seconds a browser may remember what it was told before.
const MAX_AGE: &str = "3600";

/// An origin that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// Any.
    Any,
    /// This one, as browsers write it.
    This(String),
}

/// The origins that are allowed. Cookies are never: the service has none.
#[derive(Debug, Clone, Default)]
pub struct Cors(Vec<AllowedOrigin>);

impl Cors {
    /// These origins.
    pub fn new(origins: impl IntoIterator<Item = AllowedOrigin>) -> Self {
        Self(origins.into_iter().collect())
    }

    /// The answer to a browser that asks before a page's request; `None` if it is no such
    /// question of an allowed origin about a route that there is.
    pub fn preflight(&self, found: &Found<'_>, request: &RequestHead) -> Option<HttpResponse> {
        let headers = request.headers();
        let asks = request.method == Method::OPTIONS
            && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let Found::Route(route) = found else {
            return None;
        };
        let allowed = self.allows(headers.get(header::ORIGIN)?);
        (asks && allowed).then(|| permission(route))
    }

    /// Says on an answer whether a page of the asking origin may read it.
    pub fn tell(&self, origin: Option<&HeaderValue>, answer: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        let any = self.0.contains(&AllowedOrigin::Any);
        if !any {
            answer.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        let Some(origin) = origin.filter(|origin| self.allows(origin)) else {
            return;
        };
        let told = if any {
            HeaderValue::from_static("*")
        } else {
            origin.clone()
        };
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, told);
        let exposed = HeaderValue::from_static(EXPOSED_HEADERS);
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }

    /// Whether a page may open a socket: browsers ask for no permission to do that. One of the
    /// service's own host may, and so may whoever is no page and names no origin.
    pub fn opens_socket(&self, origin: Option<&HeaderValue>, own: &str) -> bool {
        let Some(origin) = origin else { return true };
        self.allows(origin) || host(origin.as_bytes()) == host(own.as_bytes())
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        self.0.iter().any(|allowed| match allowed {
            AllowedOrigin::Any => true,
            AllowedOrigin::This(this) => origin.as_bytes() == this.as_bytes(),
        })
    }
}

fn permission(route: &Route) -> HttpResponse {
    let methods = route.allowed();
    let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, methods.join(", ")))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .finish()
}

/// What follows the scheme, without a port that goes without saying, in lower case. Whether TLS
/// ends at a proxy is not always known here, so that the scheme doesn't count.
fn host(origin: &[u8]) -> Option<String> {
    let origin = std::str::from_utf8(origin).ok()?.to_ascii_lowercase();
    let (scheme, host) = origin.split_once("://")?;
    let host = match scheme {
        "https" => host.strip_suffix(":443").unwrap_or(host),
        _ => host.strip_suffix(":80").unwrap_or(host),
    };
    Some(host.to_owned())
}

/// An origin, or `*` for any.
///
/// # Errors
/// What was expected.
pub fn origin(text: &str) -> Result<AllowedOrigin, String> {
    let text = text.trim();
    if text == "*" {
        return Ok(AllowedOrigin::Any);
    }
    let wrong =
        || "expected * or an origin such as https://app.example.org, without a path".to_owned();
    let (scheme, host) = text.split_once("://").ok_or_else(wrong)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    let named = scheme
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if scheme.is_empty() || !named || host.is_empty() || !host.bytes().all(plain) {
        return Err(wrong());
    }
    // As browsers write it: in lower case, without the port that goes without saying.
    let text = text.to_ascii_lowercase();
    let text = match scheme.to_ascii_lowercase().as_str() {
        "http" => text.strip_suffix(":80"),
        "https" => text.strip_suffix(":443"),
        _ => None,
    }
    .map_or(text.clone(), str::to_owned);
    Ok(AllowedOrigin::This(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn these(origins: &[&str]) -> Cors {
        Cors::new(origins.iter().map(|text| origin(text).unwrap()))
    }

    fn opens(cors: &Cors, origin: &'static str) -> bool {
        let origin = HeaderValue::from_static(origin);
        cors.opens_socket(Some(&origin), "https://alumx.example.org")
    }

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        for (text, origin_) in [
            ("https://app.example.org", "https://app.example.org"),
            (" HTTPS://App.Example.Org:443 ", "https://app.example.org"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:80", "http://[::1]"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(
                origin(text),
                Ok(AllowedOrigin::This(origin_.to_owned())),
                "{text}"
            );
        }
        assert_eq!(origin("*"), Ok(AllowedOrigin::Any));
        for wrong in [
            "",
            "null",
            "app.example.org",
            "https://",
            "https://a/",
            "https://a/b",
            "://a",
            "https://*.example.org",
            "https://a b",
            "https://a@b",
            "**",
        ] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_whole_origins_are_equal() {
        let cors = these(&["https://app.example.org"]);

        assert!(cors.allows(&HeaderValue::from_static("https://app.example.org")));
        for other in [
            "http://app.example.org",
            "https://app.example.org:8443",
            "https://app.example.org.evil.example",
            "https://evil-app.example.org",
            "https://app.example.or",
            "null",
            "*",
            "",
        ] {
            assert!(
                !cors.allows(&HeaderValue::from_str(other).unwrap()),
                "{other}"
            );
        }
    }

    #[test]
    fn sockets_are_for_own_pages_and_allowed_ones() {
        let none = Cors::default();
        let some = these(&["https://app.example.org"]);

        for cors in [&none, &some] {
            assert!(cors.opens_socket(None, "https://alumx.example.org"));
            assert!(opens(cors, "https://alumx.example.org"));
            assert!(opens(cors, "http://alumx.example.org"));
            assert!(!opens(cors, "https://alumx.example.org:8443"));
            assert!(!opens(cors, "https://evil.example"));
            assert!(!opens(cors, "null"));
            assert!(!opens(cors, ""));
        }
        assert!(opens(&some, "https://app.example.org"));
        assert!(!opens(&none, "https://app.example.org"));
        assert!(opens(&these(&["*"]), "null"));
    }
}
