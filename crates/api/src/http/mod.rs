//! What all routes share: problem documents, extractors, JSON bodies, pages, and the gate that
//! every request passes.

pub mod admission;
pub mod arriving;
pub mod body;
pub mod client_address;
pub mod conditional;
pub mod cors;
pub mod draining;
pub mod extract;
pub mod file;
mod forwarded;
pub mod gate;
pub mod in_flight;
pub mod multipart;
pub mod page;
pub mod places;
pub mod problem;
pub mod public_url;
pub mod query;
pub mod rate_limit;
pub mod route_table;
mod security_headers;
pub mod time;
pub mod upload;

pub use body::{Fields, FromJson, JsonBody};
pub use extract::{Body, CurrentUser, OptionalBody, Path, Query};
pub use problem::{FieldError, Problem, ProblemCode};
