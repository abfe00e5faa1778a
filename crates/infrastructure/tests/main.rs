//! The adapters against the real things, in one binary.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod embedded;
