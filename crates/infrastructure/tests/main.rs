//! The adapters against the real things, in one binary.
#![expect(
    clippy::unwrap_used,
    reason = "a test, or what prepares it, fails by panicking"
)]

mod demo;
