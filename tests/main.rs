//! AlumX end to end: real HTTP, a real PostgreSQL, a schema per test.

mod access_matrix;
mod account;
mod audit;
mod chat;
mod conversation;
mod group_chat;
mod hardening;
mod http;
mod job_post;
mod openapi;
mod realtime;
mod resume;
mod user;
