//! What an attacker must not find, and what somebody must find who only comes often.

mod bounds;
mod cors;
mod headers;
mod proxies;
mod rate_limit;

use alumx_api::hardening::Hardening;
use alumx_tests::{App, Setup};

/// A service that is kept safe like this.
fn hardened(hardening: Hardening) -> App {
    App::start_as(Setup {
        hardening,
        ..Setup::default()
    })
}
