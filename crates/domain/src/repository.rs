//! What can go wrong behind any repository port.

use std::error::Error;

use strum::{EnumIter, EnumString, IntoStaticStr};

/// A rule that only the database can check without a race. Its `snake_case` name is the name of
/// the constraint that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Violation {
    /// Another user has the username, in whatever letter case.
    UsernameTaken,
    /// Another user has the email address, in whatever letter case.
    EmailTaken,
}

/// Why a repository couldn't do its step; nothing of the step was kept.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The step would break a rule.
    #[error("a rule of the database was violated: {0:?}")]
    Violation(Violation),
    /// The store is away or has too much to do: the same call may work in a moment.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Something that should not happen.
    #[error("unexpected database failure")]
    Unexpected(#[source] Box<dyn Error + Send + Sync>),
}

impl RepositoryError {
    /// The rule that was violated, if that is what went wrong.
    pub fn violation(&self) -> Option<Violation> {
        match self {
            Self::Violation(violation) => Some(*violation),
            _ => None,
        }
    }
}
