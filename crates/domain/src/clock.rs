//! The time as a port, so that rules about time can be tested without waiting.

use chrono::{DateTime, Utc};

/// An instant in UTC.
pub type Timestamp = DateTime<Utc>;

/// Tells the time.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Now, cut to whole microseconds: the finest that PostgreSQL stores, so that a time read
    /// back equals the one written.
    fn now(&self) -> Timestamp;
}
