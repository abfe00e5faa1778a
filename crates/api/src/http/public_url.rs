//! Where clients reach the service.

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::client_address::TrustedProxies;
use super::{Problem, ProblemCode};

/// Where clients reach the service, such as `https://alumni.example.org`, if that was set.
#[derive(Debug, Clone, Default)]
pub struct PublicUrl(pub Option<String>);

/// How absolute URLs of the service begin: as was set, else as the client reached it.
///
/// # Errors
/// If the service is not put together right, which a test excludes.
pub fn base(request: &HttpRequest) -> Result<String, Problem> {
    let public = request.app_data::<Data<PublicUrl>>();
    if let Some(set) = public.and_then(|url| url.0.clone()) {
        return Ok(set);
    }
    let proxies = request.app_data::<Data<TrustedProxies>>();
    let proxies = proxies.ok_or_else(|| Problem::new(ProblemCode::Internal))?;
    Ok(proxies.origin(request.head(), request.app_config().host()))
}
