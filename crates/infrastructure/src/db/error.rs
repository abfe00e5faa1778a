//! What failures of the database mean.

use std::error::Error as StdError;

use alumx_domain::repository::{RepositoryError, Violation};
use diesel::result::{DatabaseErrorKind as Kind, Error};

/// The meaning of a failure. `out_of_time`: the statement had run into its time limit.
pub fn database_error(error: Error, out_of_time: bool) -> RepositoryError {
    if is_closed(&error) {
        return RepositoryError::Unavailable(error.to_string());
    }
    if let Error::DatabaseError(kind, info) = &error {
        let violated = info
            .constraint_name()
            .and_then(|name| name.parse::<Violation>().ok());
        if let Some(violation) = violated {
            return RepositoryError::Violation(violation);
        }
        let passing = matches!(kind, Kind::SerializationFailure | Kind::ReadOnlyTransaction)
            || matches!(kind, Kind::Unknown) && out_of_time
            || is_deadlock(&error);
        if passing {
            return RepositoryError::Unavailable(info.message().to_owned());
        }
    }
    RepositoryError::Unexpected(Box::new(error))
}

/// Whether PostgreSQL ended the transaction because it and another one waited for each other.
pub(crate) fn is_deadlock(error: &Error) -> bool {
    // Diesel tells no SQLSTATE: a deadlock is known by its message alone.
    matches!(error, Error::DatabaseError(Kind::Unknown, info) if info.message() == "deadlock detected")
}

/// Whether the connection is no good any more.
pub(super) fn is_closed(error: &Error) -> bool {
    matches!(
        error,
        Error::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _)
            | Error::BrokenTransactionManager
            | Error::RollbackErrorOnCommit { .. }
    )
}

/// A stored value that breaks the rules of the domain.
pub fn invalid_value(reason: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Error::DeserializationError(reason.into())
}
