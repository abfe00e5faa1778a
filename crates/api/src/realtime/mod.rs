//! What happens, told live: the WebSocket, its frames, and the thread that tells them.

mod asyncapi;
mod bell;
mod budget;
mod client_frame;
mod close;
mod conversation_ref;
mod live;
mod questions;
mod route;
mod server_frame;
mod socket;
mod teller;
#[cfg(test)]
mod tests;

pub use asyncapi::document;
pub use client_frame::{ClientFrame, ErrorCode};
pub use close::CloseCode;
pub use live::{Live, LiveOptions, LivePorts};
pub use server_frame::ServerFrame;

/// All routes of this area, below the API's base path.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.service(route::open);
}

/// The page that shows the AsyncAPI document.
pub const PAGE: &str = include_str!("page.html");

/// What that page runs.
pub const SCRIPT: &str = include_str!("page.js");
