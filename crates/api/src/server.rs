//! HTTP: the routes over the services, served on a listener.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::web;
use actix_web::{App, HttpServer};
use utoipa_actix_web::AppExt;

use crate::http::gate::gate;
use crate::http::{Problem, ProblemCode};
use crate::services::Services;
use crate::{docs, openapi};

/// How HTTP is served.
#[derive(Debug, Clone, Copy)]
pub struct HttpOptions {
    /// Threads that serve requests.
    pub workers: usize,
    /// Connections open at the same time, per thread; more wait to be accepted.
    pub connections: usize,
    /// How long the head of a request may take to arrive.
    pub header_timeout: Duration,
    /// How long requests in flight may take to end after a stop was asked for.
    pub shutdown_timeout: Duration,
    /// How long what was sent may wait for a client to take it.
    pub taken_within: Duration,
}

/// Serves on `listener` until the returned server's handle stops it.
///
/// # Errors
/// If the listener can't be used.
pub fn serve(
    services: Services,
    listener: TcpListener,
    options: HttpOptions,
) -> io::Result<actix_web::dev::Server> {
    let taken_within = options.taken_within;
    let server = HttpServer::new(move || {
        let services = services.clone();
        let (app, _) = App::new()
            .into_utoipa_app()
            .configure(openapi::routes)
            .split_for_parts();
        app.configure(|config| services.provide(config))
            .configure(docs::routes)
            .default_service(web::to(|| async {
                Err::<&str, _>(Problem::new(ProblemCode::NotFound))
            }))
            .wrap(from_fn(gate))
    });
    let server = server
        .workers(options.workers)
        .max_connections(options.connections)
        .client_request_timeout(options.header_timeout)
        .on_connect(move |connection, _| give_up_on_those_who_never_read(connection, taken_within))
        .shutdown_timeout(whole_seconds(options.shutdown_timeout))
        // The signals are for the command line, which has more to stop than this.
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

/// Has the kernel close a connection whose client takes nothing of what it is sent: nothing else
/// here would notice, and what was to be sent to it would stay in memory.
fn give_up_on_those_who_never_read(connection: &dyn std::any::Any, taken_within: Duration) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() {
        let timeout = u32::try_from(taken_within.as_millis()).unwrap_or(u32::MAX);
        // It fails only if the connection is gone already.
        rustix::net::sockopt::set_tcp_user_timeout(stream, timeout).ok();
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (connection, taken_within);
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
