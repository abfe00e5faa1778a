//! What all routes share: problem documents, extractors, JSON bodies, pages, and the gate that
//! every request passes.

pub mod body;
pub mod conditional;
pub mod extract;
pub mod file;
pub mod gate;
pub mod multipart;
pub mod page;
pub mod problem;
pub mod query;
pub mod route_table;
pub mod upload;

pub use body::{Fields, FromJson, JsonBody};
pub use extract::{Body, CurrentUser, OptionalBody, Path, Query};
pub use problem::{FieldError, Problem, ProblemCode};
