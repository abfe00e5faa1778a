//! What every request passes: it gets an id, must name a route that exists, and must come from a
//! user where the route wants one. What goes wrong anywhere behind leaves as a problem document.

mod answer;

use std::time::{Duration, Instant};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ResponseHead, ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderName, HeaderValue, ORIGIN};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse};
use alumx_application::authentication::Authenticator;
use alumx_domain::account::Caller;
use alumx_domain::audit::RequestId;
use alumx_infrastructure::db::Freshness;
use tracing::{Instrument, Span};

use self::answer::{answer, as_problem, refuse};
use super::admission::admit;
use super::arriving::Arrivals;
use super::client_address::TrustedProxies;
use super::cors::Cors;
use super::draining::Draining;
use super::in_flight::{InFlight, within};
use super::rate_limit::{RateLimits, Standing};
use super::route_table::{Found, RouteTable, Takes};
use super::security_headers::{Content, secure};
use super::{Problem, ProblemCode};
use crate::metrics::Metrics;
use crate::telemetry;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the gate needs to know.
pub struct Gate {
    /// The routes.
    pub routes: RouteTable,
    /// Counts and times requests.
    pub metrics: Data<Metrics>,
    /// The proxies that say where requests come from.
    pub proxies: Data<TrustedProxies>,
    /// How often one may come.
    pub limits: Data<RateLimits>,
    /// How many requests are worked on at the same time.
    pub in_flight: InFlight,
    /// How many bodies may be on their way.
    pub arrivals: Arrivals,
    /// How long a handler may take.
    pub handler_timeout: Duration,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// Which pages may talk to the service.
    pub cors: Data<Cors>,
    /// Whether browsers shall come by HTTPS only.
    pub https_only: bool,
    /// Tells callers by their tokens.
    pub authenticator: std::sync::Arc<Authenticator>,
    /// What is told for whom the database works.
    pub freshness: Freshness,
    /// Whether the service is about to stop.
    pub draining: Data<Draining>,
}

impl Gate {
    /// How long a handler may take; `None` if as long as it takes.
    fn patience(&self, found: &Found<'_>, method: &Method) -> Option<Duration> {
        let Found::Route(route) = found else {
            return None;
        };
        match route.rules(method)?.takes {
            Takes::ItsTime => None,
            Takes::Body => Some(self.handler_timeout + self.body_timeout),
            Takes::Moments => Some(self.handler_timeout),
        }
    }
}

/// Lets a request through, as middleware around the whole application.
///
/// # Errors
/// None but the answer itself where a handler took too long: it still has the request, without
/// which there is no other way to answer.
pub async fn gate<B: MessageBody + 'static>(
    gate: Data<Gate>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let arrived = Arrived::note(&gate, &mut request);
    // The path as the router sees it: else an encoded letter would lead past the gate.
    let found = gate.routes.find(request.match_info().as_str());
    let passing = pass(&gate, &found, request, next, &arrived.id);
    let (known, mut passed) = passing.instrument(arrived.span.clone()).await?;
    let head = match &mut passed {
        Ok(response) => response.response_mut().head_mut(),
        Err(late) => late.head_mut(),
    };
    arrived.complete(&gate, head, known.standing);
    arrived.answered(&gate, &found, head.status, known.caller.as_ref());
    passed.map_err(|late| {
        InternalError::from_response(Problem::new(ProblemCode::TimedOut), late).into()
    })
}

/// What is needed of a request when it is answered: by then a handler has it.
struct Arrived {
    at: Instant,
    id: HeaderValue,
    method: Method,
    origin: Option<HeaderValue>,
    content: Content,
    span: Span,
}

impl Arrived {
    /// Notes it, and tells those behind the gate under which id and from where the request comes.
    fn note(gate: &Gate, request: &mut ServiceRequest) -> Self {
        let at = Instant::now();
        let id = request_id(request);
        let id_text = id.to_str().unwrap_or_default();
        if let Ok(id) = id_text.to_owned().try_into() {
            request.extensions_mut().insert::<RequestId>(id);
        }
        let method = request.method().clone();
        if method == Method::HEAD {
            // A GET whose body is not sent.
            request.head_mut().method = Method::GET;
        }
        let peer = request.peer_addr().map(|peer| peer.ip());
        if let Some(peer) = peer {
            let client = gate.proxies.client_address(peer, request.headers());
            request.extensions_mut().insert(client);
        }
        let content = match request.match_info().as_str().strip_prefix("/docs") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => Content::Docs,
            _ => Content::Data,
        };
        let from_proxy = peer.is_some_and(|peer| gate.proxies.trusts(peer));
        Self {
            at,
            span: telemetry::request_span(id_text, request.headers(), from_proxy),
            origin: request.headers().get(ORIGIN).cloned(),
            id,
            method,
            content,
        }
    }

    /// Gives the answer what all answers have.
    fn complete(&self, gate: &Gate, head: &mut ResponseHead, standing: Option<Standing>) {
        if gate.draining.has_begun() && head.status != StatusCode::SWITCHING_PROTOCOLS {
            // A client that sent its next request here might find the connection closed.
            head.set_connection_type(ConnectionType::Close);
        }
        let headers = head.headers_mut();
        headers.insert(REQUEST_ID, self.id.clone());
        if let Some(standing) = standing {
            standing.tell(headers);
        }
        gate.cors.tell(self.origin.as_ref(), headers);
        secure(headers, self.content, gate.https_only);
    }

    /// Counts, traces and logs the answer.
    fn answered(
        &self,
        gate: &Gate,
        found: &Found<'_>,
        status: StatusCode,
        caller: Option<&Caller>,
    ) {
        let _entered = self.span.enter();
        let (method, elapsed) = (&self.method, self.at.elapsed());
        let route = match found {
            Found::Route(route) => Some(route.template.as_str()),
            Found::Nothing | Found::Undocumented => None,
        };
        gate.metrics.answered(method, route, status, elapsed);
        log(status, method, route, caller, elapsed);
        telemetry::answered(&self.span, method, route, status);
    }
}

/// What was found out about a request before a handler got it.
struct Known {
    caller: Option<Caller>,
    standing: Option<Standing>,
}

/// An answer to a request, or an answer alone where a handler still has the request.
type Passed<B> = Result<ServiceResponse<EitherBody<B>>, HttpResponse>;

/// Answers the request here, or lets a handler do it in the time that it has.
async fn pass<B: MessageBody + 'static>(
    gate: &Gate,
    found: &Found<'_>,
    request: ServiceRequest,
    next: Next<B>,
    id: &HeaderValue,
) -> Result<(Known, Passed<B>), Error> {
    if let Some(permission) = gate.cors.preflight(found, request.head()) {
        let known = Known::of(&request);
        let response = request.into_response(permission).map_into_right_body();
        return Ok((known, Ok(response)));
    }
    let patience = gate.patience(found, request.method());
    let admitted = admit(gate, found, &request).await;
    let known = Known::of(&request);
    let permit = match admitted {
        Ok(permit) => permit,
        Err(problem) => return Ok((known, Ok(refuse(request, &problem, id)))),
    };
    let (user, reads) = (
        known.caller.map(|caller| caller.user),
        request.method() == Method::GET,
    );
    // What goes on after its time is up is a write of its user when it ends.
    let (freshness, work) = (gate.freshness.clone(), next.call(request));
    let work = Box::pin(async move { freshness.serve(user, reads, work).await });
    let passed = match within(patience, permit, work).await {
        Some(answered) => Ok(as_problem(answered?, id)),
        None => Err(answer(&Problem::new(ProblemCode::TimedOut), id)),
    };
    Ok((known, passed))
}

impl Known {
    fn of(request: &ServiceRequest) -> Self {
        let extensions = request.extensions();
        Self {
            caller: extensions.get::<Caller>().copied(),
            standing: extensions.get::<Standing>().copied(),
        }
    }
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

fn log(
    status: StatusCode,
    method: &Method,
    route: Option<&str>,
    caller: Option<&Caller>,
    elapsed: Duration,
) {
    // Not the path itself: it may hold what somebody searched for.
    let route = route.unwrap_or("-");
    let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    let user = caller.map(|caller| caller.user.raw());
    if status == StatusCode::OK && matches!(route, "/healthz" | "/readyz") {
        tracing::debug!(%method, route, status = status.as_u16(), elapsed_us, "answered");
    } else {
        tracing::info!(%method, route, status = status.as_u16(), elapsed_us, user.id = user, "answered");
    }
}
