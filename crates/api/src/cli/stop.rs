//! Stopping so that nobody notices who can go elsewhere.

use std::io;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::services::Services;

/// The signals that ask for a stop.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

/// Who asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// A person at a terminal, who waits.
    Interrupt,
    /// A supervisor.
    Terminate,
}

impl Signals {
    /// From now on they are heard.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.interrupt.recv() => Told::Interrupt,
            _ = self.terminate.recv() => Told::Terminate,
        }
    }
}

/// Waits for a signal; then the service says that it isn't ready and, after `delay`, stops to
/// listen and lets requests in flight end. Each further signal skips what is waited for.
pub async fn stop_when_told(
    mut signals: Signals,
    services: Services,
    server: ServerHandle,
    delay: Duration,
) {
    let told = signals.next().await;
    services.draining().begin();
    if told == Told::Terminate && !delay.is_zero() {
        tracing::info!("not ready any more, stopping in {delay:?}");
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            _ = signals.next() => {}
        }
    }
    for graceful in [true, false] {
        tracing::info!(graceful, "stopping");
        // Open sockets would hold the server up.
        services.live().stop().await;
        // Not awaited: the next signal must still be heard.
        drop(actix_web::rt::spawn(server.stop(graceful)));
        signals.next().await;
    }
}
