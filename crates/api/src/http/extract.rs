//! What handlers take: who calls, and what was sent, already checked.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, USER_AGENT,
};
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use alumx_application::account::Client;
use alumx_domain::account::{Caller, UserAgent, Username};
use alumx_domain::audit::RequestId;
use alumx_domain::clock::{Clock, Timestamp};
use alumx_domain::id::Id;
use alumx_domain::job_post::ImageFile;
use alumx_domain::text::InvalidValue;
use futures_util::StreamExt;
use serde_json::Value;

use super::arriving::Arrival;
use super::client_address::ClientAddress;
use super::query::{FromQuery, Parameters};
use super::{FieldError, Fields, JsonBody, Problem, ProblemCode};

/// Limits of what a request may bring.
#[derive(Debug, Clone, Copy)]
pub struct RequestLimits {
    /// The largest JSON body, in bytes.
    pub json_body: usize,
    /// How long a JSON body may take to arrive, and an upload pause.
    pub body_timeout: Duration,
    /// How long an upload may take to arrive.
    pub upload_timeout: Duration,
}

/// The user who makes the request. A handler that takes it is closed to everybody else.
pub struct CurrentUser(pub Caller);

impl FromRequest for CurrentUser {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // The gate found out who calls before the request came here.
        let caller = request.extensions().get::<Caller>().copied();
        ready(
            caller
                .map(Self)
                .ok_or_else(|| Problem::new(ProblemCode::Unauthenticated)),
        )
    }
}

/// Where the request comes from.
pub struct RequestClient(pub Client);

impl FromRequest for RequestClient {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user_agent = request.headers().get(USER_AGENT).map(HeaderValue::as_bytes);
        let user_agent = user_agent.and_then(|v| UserAgent::new(&String::from_utf8_lossy(v)));
        // The gate found it out.
        let address = request.extensions().get::<ClientAddress>().copied();
        let ip_address = address.map(ClientAddress::ip);
        ready(Ok(Self(Client {
            user_agent,
            ip_address,
            request_id: request.extensions().get::<RequestId>().cloned(),
        })))
    }
}

/// Values of the path.
pub struct Path<T>(pub T);

impl<T: FromPath + 'static> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let values: Vec<(&str, &str)> = request.match_info().iter().collect();
        ready(T::from_path(&values).map(Self))
    }
}

/// One or more values of a path, in its order.
pub trait FromPath: Sized {
    /// Reads `(name, text)` pairs.
    ///
    /// # Errors
    /// A 400 that names the value, or a 404 where the value is part of the path's name.
    fn from_path(values: &[(&str, &str)]) -> Result<Self, Problem>;
}

impl<T> FromPath for Id<T> {
    fn from_path(values: &[(&str, &str)]) -> Result<Self, Problem> {
        let (name, text) = values.first().copied().unwrap_or_default();
        text.parse()
            .map_err(|wrong| invalid_parameters(vec![FieldError::new(name, wrong)]))
    }
}

impl FromPath for Username {
    fn from_path(values: &[(&str, &str)]) -> Result<Self, Problem> {
        let (name, text) = values.first().copied().unwrap_or_default();
        let username = Self::try_from(text.to_owned());
        username.map_err(|wrong| invalid_parameters(vec![FieldError::new(name, wrong)]))
    }
}

/// Which item of a list, from 0.
pub struct Position(pub u16);

impl FromPath for Position {
    fn from_path(values: &[(&str, &str)]) -> Result<Self, Problem> {
        let (name, text) = values.first().copied().unwrap_or_default();
        // `+1` is a number to Rust and no position.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let position = text.parse().ok().filter(|_| digits);
        position.map(Self).ok_or_else(|| {
            let wrong = InvalidValue::new("invalid_position", "must be a position in a list");
            invalid_parameters(vec![FieldError::new(name, wrong)])
        })
    }
}

/// The name of an uploaded image; whatever can't be one is not there.
pub struct ImageName(pub ImageFile);

impl FromPath for ImageName {
    fn from_path(values: &[(&str, &str)]) -> Result<Self, Problem> {
        let (_, text) = values.first().copied().unwrap_or_default();
        let file = ImageFile::named(text).map_err(|_| Problem::new(ProblemCode::NotFound));
        file.map(Self)
    }
}

impl<A: FromPath, B: FromPath> FromPath for (A, B) {
    fn from_path(values: &[(&str, &str)]) -> Result<Self, Problem> {
        let (first, rest) = values.split_at(values.len().min(1));
        Ok((A::from_path(first)?, B::from_path(rest)?))
    }
}

/// Parameters of the query.
pub struct Query<T>(pub T);

impl<T: FromQuery + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = Parameters::read_all(request.query_string());
        ready(read.map(Self).map_err(invalid_parameters))
    }
}

pub(super) fn invalid_parameters(errors: Vec<FieldError>) -> Problem {
    Problem::new(ProblemCode::InvalidParameter).fields(errors)
}

/// A JSON object as the body.
pub struct Body<T>(pub T);

impl<T: JsonBody + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (now, read) = (now(request), read_json(request.clone(), payload.take()));
        Box::pin(async move { object(read.await?, now?).map(Self) })
    }
}

/// A JSON object as the body, or no body at all.
pub struct OptionalBody<T>(pub Option<T>);

impl<T: JsonBody + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = read_bytes(&request, payload).await?;
            // Some clients name a type even where there is nothing of it.
            if bytes.is_empty() {
                return Ok(Self(None));
            }
            check_json(&request)?;
            object(parse_json(&bytes)?, now(&request)?).map(|body| Self(Some(body)))
        })
    }
}

/// Any JSON value as the body.
pub struct JsonValue(pub Value);

impl FromRequest for JsonValue {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read_json(request.clone(), payload.take());
        Box::pin(async move { read.await.map(Self) })
    }
}

fn object<T: JsonBody>(value: Value, now: Timestamp) -> Result<T, Problem> {
    let Value::Object(object) = value else {
        return Err(Problem::new(ProblemCode::InvalidFields).detail("the body must be an object"));
    };
    Fields::read_all(object, now).map_err(|e| Problem::new(ProblemCode::InvalidFields).fields(e))
}

fn now(request: &HttpRequest) -> Result<Timestamp, Problem> {
    let clock = request.app_data::<Data<dyn Clock>>();
    let clock = clock.ok_or_else(|| Problem::new(ProblemCode::Internal))?;
    Ok(clock.now())
}

async fn read_json(request: HttpRequest, payload: Payload) -> Result<Value, Problem> {
    check_json(&request)?;
    parse_json(&read_bytes(&request, payload).await?)
}

fn check_json(request: &HttpRequest) -> Result<(), Problem> {
    if is_json(request) {
        return Ok(());
    }
    let problem = Problem::new(ProblemCode::UnsupportedMediaType);
    Err(problem.detail("the body must be application/json, not encoded"))
}

fn parse_json(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        Problem::new(ProblemCode::MalformedBody).detail(format!("not valid JSON at {at}"))
    })
}

fn is_json(request: &HttpRequest) -> bool {
    let headers = request.headers();
    let identity = headers
        .get(CONTENT_ENCODING)
        .is_none_or(|coding| coding == "identity");
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let mut parts = media_type.unwrap_or_default().split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let patch = request.method() == actix_web::http::Method::PATCH;
    // RFC 8259 knows no charset but UTF-8.
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    let json = essence == "application/json" || patch && essence == "application/merge-patch+json";
    identity && utf8 && json
}

async fn read_bytes(request: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    let limits = request.app_data::<Data<RequestLimits>>();
    let Some(limits) = limits else {
        return Err(Problem::new(ProblemCode::Internal));
    };
    let length = request.headers().get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    // Told before it is sent: nobody has to read it.
    if length.is_some_and(|length: u64| length > limits.json_body as u64) {
        return Err(too_large(limits.json_body));
    }
    let read = collect(payload, limits.json_body);
    let read = tokio::time::timeout(limits.body_timeout, read);
    let arrival = request.extensions().get::<Arrival>().cloned();
    let read = match arrival {
        Some(arrival) => arrival.wait(read).await?,
        None => read.await,
    };
    match read {
        Ok(bytes) => bytes,
        Err(_) => Err(Problem::new(ProblemCode::RequestTimeout)),
    }
}

async fn collect(mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            Problem::new(ProblemCode::BadRequest).detail("the body could not be read to its end")
        })?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn too_large(limit: usize) -> Problem {
    let detail = format!("the body may have at most {limit} bytes");
    Problem::new(ProblemCode::PayloadTooLarge).detail(detail)
}
