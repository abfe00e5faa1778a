//! The machine's clock.

use alumx_domain::clock::{Clock, Timestamp};
use chrono::SubsecRound;

/// Tells the time of the machine.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that all others ask"
    )]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().trunc_subsecs(6)
    }
}
