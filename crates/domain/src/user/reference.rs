//! Users as they are named beside what they wrote.

use crate::account::{PersonName, Role, UserId, Username};

/// Who wrote, liked or owns something. The id outlives the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRef {
    /// The user.
    pub id: UserId,
    /// Who the user is; `None` once the account is deleted.
    pub identity: Option<UserIdentity>,
}

/// What is told of a living user everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIdentity {
    /// The username.
    pub username: Username,
    /// The person's name.
    pub name: PersonName,
    /// What the user is at the school.
    pub role: Role,
}
