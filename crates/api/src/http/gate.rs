//! What every request passes: it gets an id, must name a route that exists, and must come from a
//! user where the route wants one. What goes wrong anywhere behind leaves as a problem document.

use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, ResponseError};
use alumx_application::authentication::Authenticator;
use alumx_domain::account::Caller;
use alumx_domain::audit::RequestId;
use tracing::Instrument;

use super::extract::invalid_parameters;
use super::query::{NoParameters, Parameters};
use super::route_table::{Access, Found, RouteTable};
use super::{Problem, ProblemCode};
use crate::metrics::Metrics;
use crate::openapi::BASE_PATH;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the gate needs to know.
pub struct Gate {
    /// The routes.
    pub routes: RouteTable,
    /// Counts and times requests.
    pub metrics: Data<Metrics>,
    /// Tells callers by their tokens.
    pub authenticator: std::sync::Arc<Authenticator>,
}

/// Lets a request through, as middleware around the whole application.
///
/// # Errors
/// None: every failure is an answer.
pub async fn gate<B: MessageBody + 'static>(
    gate: Data<Gate>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let started = Instant::now();
    let id = request_id(&request);
    if let Some(id) = id
        .to_str()
        .ok()
        .and_then(|id| id.to_owned().try_into().ok())
    {
        request.extensions_mut().insert::<RequestId>(id);
    }
    let method = request.method().clone();
    if method == Method::HEAD {
        // A GET whose body is not sent.
        request.head_mut().method = Method::GET;
    }
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default());
    // The path as the router sees it: else an encoded letter would lead past the gate.
    let found = gate.routes.find(request.match_info().as_str());
    let answered = async {
        match admit(&gate.authenticator, &found, &request).await {
            Ok(()) => next
                .call(request)
                .await
                .map(|response| as_problem(response, &id)),
            Err(problem) => Ok(refuse(request, &problem, &id)),
        }
    };
    let mut response = answered.instrument(span.clone()).await?;
    response.headers_mut().insert(REQUEST_ID, id);
    let _entered = span.entered();
    let elapsed = started.elapsed();
    let route = match &found {
        Found::Route(route) => Some(route.template.as_str()),
        Found::Nothing | Found::Undocumented => None,
    };
    gate.metrics
        .answered(&method, route, response.status(), elapsed);
    log(&response, &method, route, elapsed);
    Ok(response)
}

/// The client's id if it is a good one, else a new one.
fn request_id(request: &ServiceRequest) -> HeaderValue {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    let given = request.headers().get(REQUEST_ID).filter(|id| {
        let id = id.as_bytes();
        (1..=128).contains(&id.len()) && id.iter().all(plain)
    });
    given.cloned().unwrap_or_else(|| {
        let id = uuid::Uuid::now_v7().to_string();
        HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("-"))
    })
}

/// Checks route, method and caller, in this order, and that a route without parameters gets none.
async fn admit(
    authenticator: &Authenticator,
    found: &Found<'_>,
    request: &ServiceRequest,
) -> Result<(), Problem> {
    let route = match found {
        Found::Route(route) => route,
        Found::Nothing => return Err(Problem::new(ProblemCode::NotFound)),
        // The docs page, which is only read, or nothing: the router knows.
        Found::Undocumented if is_docs(request) && request.method() != Method::GET => {
            return Err(Problem::method_not_allowed(vec![Method::GET, Method::HEAD]));
        }
        Found::Undocumented => return Ok(()),
    };
    let Some(rules) = route.rules(request.method()) else {
        return Err(Problem::method_not_allowed(route.allowed()));
    };
    if rules.access == Access::Users {
        let caller = authenticate(authenticator, request).await?;
        request.extensions_mut().insert::<Caller>(caller);
    }
    if !rules.reads_query && route.template.starts_with(BASE_PATH) {
        let read = Parameters::read_all::<NoParameters>(request.query_string());
        read.map_err(invalid_parameters)?;
    }
    Ok(())
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

fn refuse<B>(
    request: ServiceRequest,
    problem: &Problem,
    id: &HeaderValue,
) -> ServiceResponse<EitherBody<B>> {
    request
        .into_response(answer(problem, id))
        .map_into_right_body()
}

/// The response, or in place of any error the problem document for it.
fn as_problem<B>(response: ServiceResponse<B>, id: &HeaderValue) -> ServiceResponse<EitherBody<B>> {
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

fn answer(problem: &Problem, id: &HeaderValue) -> actix_web::HttpResponse<BoxBody> {
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

fn log<B>(response: &ServiceResponse<B>, method: &Method, route: Option<&str>, elapsed: Duration) {
    let status = response.status();
    // Not the path itself: it may hold what somebody searched for.
    let route = route.unwrap_or("-");
    let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    let user = response
        .request()
        .extensions()
        .get::<Caller>()
        .map(|caller| caller.user.raw());
    if status == StatusCode::OK && matches!(route, "/healthz" | "/readyz") {
        tracing::debug!(%method, route, status = status.as_u16(), elapsed_us, "answered");
    } else {
        tracing::info!(%method, route, status = status.as_u16(), elapsed_us, user.id = user, "answered");
    }
}
