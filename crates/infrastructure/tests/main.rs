//! The adapters against the real things, in one binary.
#![expect(
    clippy::unwrap_used,
    reason = "a test, or what prepares it, fails by panicking"
)]

mod account;
mod account_race;
mod audit;
mod chat;
mod claim;
mod constraint_table;
mod constraints;
mod conversation;
mod db;
mod delete_account;
mod delete_race;
mod demo;
mod directory;
mod embedded;
mod event_bus;
mod files;
mod group_chat;
mod import;
mod job_post;
mod lookup;
mod migrations;
mod session;
mod support;
mod user;
