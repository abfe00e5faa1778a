//! What end-to-end tests share: a whole service on a port and a schema of its own, a clock that
//! the test turns, and users who talk to it over HTTP.

mod answer;
mod app;
mod clock;
mod failing;
mod raw;
mod setup;
mod signed_in;
mod start;
mod store;

pub use answer::Answer;
pub use app::App;
pub use clock::ManualClock;
pub use setup::{Setup, unlimited};
pub use signed_in::User;
pub use store::StoreKind;

/// What every user of [`App::user`] signs in with.
pub const PASSWORD: &str = "correct horse battery";

/// What access tokens of [`App`] are signed with.
pub const SECRET: &[u8] = b"a secret of the end-to-end tests alone";

/// What must not fail for a test to go on.
///
/// # Panics
/// If it failed.
#[track_caller]
pub fn or_panic<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}
