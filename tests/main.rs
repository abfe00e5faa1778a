//! AlumX end to end: real HTTP, a real PostgreSQL, a schema per test.

mod account;
mod http;
mod openapi;
mod user;
