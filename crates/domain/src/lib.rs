//! What is true in an alumni network, whoever asks and wherever it is stored: entities, value
//! types, rules, and the ports behind which everything else lives.
//!
//! No I/O and no framework, so that any Rust service can depend on it alone. Every port has a
//! mockall mock behind the feature `mocks`.
#![warn(missing_docs)]

pub mod account;
pub mod audit;
pub mod chat;
pub mod clock;
pub mod conversation;
pub mod file;
pub mod group_chat;
pub mod id;
pub mod job_post;
pub mod page;
pub mod repository;
pub mod resume;
pub mod text;
pub mod user;
