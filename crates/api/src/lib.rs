//! How AlumX is reached: HTTP routes, their JSON, the OpenAPI document, and the command line.

pub mod account;
pub mod audit;
pub mod chat;
pub mod cli;
pub mod conversation;
mod docs;
pub mod export;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod group_chat;
pub mod hardening;
pub mod http;
pub mod job_post;
pub mod metrics;
pub mod openapi;
pub mod operations;
pub mod realtime;
pub mod resume;
pub mod server;
pub mod services;
pub mod settings;
mod stores;
pub mod telemetry;
pub mod user;
