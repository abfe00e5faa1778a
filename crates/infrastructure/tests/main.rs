//! The adapters against the real things, in one binary.
#![expect(
    clippy::unwrap_used,
    reason = "a test, or what prepares it, fails by panicking"
)]

mod account;
mod constraints;
mod db;
mod delete_account;
mod demo;
mod directory;
mod embedded;
mod files;
mod job_post;
mod migrations;
mod session;
mod support;
mod user;
