//! Who comes in: what a request must name, bring and not overdo before a handler gets it.

use std::rc::Rc;

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use alumx_application::authentication::Authenticator;
use alumx_domain::account::Caller;

use super::arriving::{Arrival, Arrivals};
use super::client_address::ClientAddress;
use super::extract::invalid_parameters;
use super::gate::Gate;
use super::in_flight::Permit;
use super::query::{NoParameters, Parameters};
use super::rate_limit::Key;
use super::route_table::{Access, Found};
use super::{Problem, ProblemCode};
use crate::openapi::BASE_PATH;

/// Checks whether there is room, then route, method, caller and how often one came, in this order,
/// and that a route without parameters gets none.
pub(super) async fn admit(
    gate: &Gate,
    found: &Found<'_>,
    request: &ServiceRequest,
) -> Result<Option<Rc<Permit>>, Problem> {
    let permit = match found {
        // Those who run the service must see how it is, above all when it is full.
        Found::Route(route) if !route.template.starts_with(BASE_PATH) => None,
        _ => Some(Rc::new(gate.in_flight.enter()?)),
    };
    let route = match found {
        Found::Route(route) => route,
        Found::Nothing => return Err(Problem::new(ProblemCode::NotFound)),
        // The docs page, which is only read, or nothing: the router knows.
        Found::Undocumented if is_docs(request) && request.method() != Method::GET => {
            return Err(Problem::method_not_allowed(vec![Method::GET, Method::HEAD]));
        }
        Found::Undocumented => return Ok(permit),
    };
    let Some(rules) = route.rules(request.method()) else {
        return Err(Problem::method_not_allowed(route.allowed()));
    };
    if rules.access == Access::Users {
        let caller = authenticate(&gate.authenticator, request).await?;
        request.extensions_mut().insert::<Caller>(caller);
    }
    if let Some(limit) = rules.limit {
        let mut known = request.extensions_mut();
        let (address, caller) = (known.get::<ClientAddress>().copied(), known.get::<Caller>());
        let standing = gate.limits.check_request(limit, address, caller)?;
        standing.map(|standing| known.insert(standing));
    }
    if !rules.reads_query && route.template.starts_with(BASE_PATH) {
        let read = Parameters::read_all::<NoParameters>(request.query_string());
        read.map_err(invalid_parameters)?;
    }
    if let Some(permit) = &permit {
        expect_body(&gate.arrivals, request, permit);
    }
    Ok(permit)
}

/// Lets the request wait for its body in a place that is bounded by who sends it.
fn expect_body(arrivals: &Arrivals, request: &ServiceRequest, permit: &Rc<Permit>) {
    let mut known = request.extensions_mut();
    let user = known.get::<Caller>().map(|caller| Key::User(caller.user));
    let address = || known.get::<ClientAddress>().copied().map(Key::address);
    if let Some(sender) = user.or_else(address) {
        known.insert::<Arrival>(arrivals.of(sender, permit));
    }
}

fn is_docs(request: &ServiceRequest) -> bool {
    matches!(request.match_info().as_str(), "/docs" | "/docs/")
}

async fn authenticate(
    authenticator: &Authenticator,
    request: &ServiceRequest,
) -> Result<Caller, Problem> {
    let token = bearer(request.headers())?;
    let token = token.ok_or_else(|| unauthenticated("no access token was sent"))?;
    Ok(authenticator.authenticate(token).await?)
}

/// The access token in the header `Authorization`; `None` if there is no such header.
///
/// # Errors
/// If there is something else in it.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut headers = headers.get_all(AUTHORIZATION);
    let Some(header) = headers.next() else {
        return Ok(None);
    };
    // Of two, a proxy before us may have checked the other one.
    if headers.next().is_some() {
        return Err(unauthenticated("the header Authorization was sent twice"));
    }
    let token = header.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let wrong = || unauthenticated("the header Authorization is not `Bearer` and an access token");
    token.map(Some).ok_or_else(wrong)
}

fn unauthenticated(detail: &str) -> Problem {
    Problem::new(ProblemCode::Unauthenticated).detail(detail)
}
