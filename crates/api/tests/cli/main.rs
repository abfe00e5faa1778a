//! The `alumx` binary, as a person at a terminal and a supervisor see it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod commands;
mod faults;
mod files;
mod import;
mod live;
mod logs;
mod pooler;
mod refuse;
mod serve;
mod settings;
mod support;
mod telemetry;
mod wrong;
