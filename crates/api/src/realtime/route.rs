//! Opening a socket.

use actix_web::http::header::ORIGIN;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, rt};
use secrecy::SecretString;
use tracing::Instrument;

use super::Live;
use super::socket::Socket;
use crate::http::admission::bearer;
use crate::http::cors::Cors;
use crate::http::public_url::base;
use crate::http::rate_limit::{Key, Limit, RateLimits};
use crate::http::{Problem, ProblemCode};

/// Open a WebSocket that tells live what happens
///
/// The access token is in the header `Authorization`, or in the first frame, which then must come
/// within 5 seconds. What is said over the socket is described by `GET /asyncapi.json`.
#[utoipa::path(
    operation_id = "openSocket",
    tag = "real time",
    responses(
        (status = 101, description = "The socket is open"),
        (status = 400, description = "The handshake is not one of a WebSocket of version 13"),
        (status = 401, description = "The access token is invalid or has expired"),
        (status = 403, description = "`origin_not_allowed`: a page of another origin"),
        (status = 426, description = "The request is not the handshake of a WebSocket"),
        (status = 503, description = "The service can't do this right now; see `Retry-After`"),
    ),
    security(())
)]
#[get("/ws")]
pub async fn open(
    request: HttpRequest,
    payload: Payload,
    live: Data<Live>,
    limits: Data<RateLimits>,
    cors: Data<Cors>,
) -> Result<HttpResponse, Problem> {
    if !cors.opens_socket(request.headers().get(ORIGIN), &base(&request)?) {
        return Err(Problem::new(ProblemCode::OriginNotAllowed));
    }
    let token = bearer(request.headers())?.map(SecretString::from);
    let admitted = match token {
        Some(token) => Some(live.admit(token).await?),
        None => None,
    };
    if let Some(admitted) = &admitted {
        limits.check(Limit::UserSocket, Key::User(admitted.user()))?;
    }
    let (response, session, stream) = actix_ws::handle(&request, payload).map_err(|error| {
        // Missing headers are of somebody who came with a browser; wrong ones of a bad client.
        let code = match request.headers().get("upgrade") {
            None => ProblemCode::UpgradeRequired,
            Some(_) => ProblemCode::BadRequest,
        };
        Problem::new(code).detail(error.to_string())
    })?;
    let socket = Socket::new(live.as_ref().clone(), session, stream).run(admitted);
    rt::spawn(socket.in_current_span());
    Ok(response)
}
