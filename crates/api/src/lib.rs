//! How AlumX is reached: HTTP routes, their JSON, the OpenAPI document, and the command line.

pub mod account;
pub mod cli;
pub mod http;
pub mod job_post;
pub mod openapi;
pub mod operations;
pub mod resume;
pub mod server;
pub mod settings;
pub mod user;
