//! What users can do: one service per area of use, over ports only.
//!
//! A service checks rights, asks the domain for rules and repositories for whole steps. It knows
//! neither HTTP nor SQL. Ports beyond the domain's repositories are in [`ports`].
#![warn(missing_docs)]

pub mod account;
pub mod audit;
pub mod authentication;
pub mod chat;
pub mod conversation;
pub mod export;
pub mod file;
pub mod group_chat;
pub mod job_post;
pub mod ports;
pub mod realtime;
pub mod resume;
#[cfg(test)]
mod testing;
pub mod user;
