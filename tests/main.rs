//! AlumX end to end: real HTTP, a real PostgreSQL, a schema per test.

mod account;
mod http;
mod job_post;
mod openapi;
mod resume;
mod user;
