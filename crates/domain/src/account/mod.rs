//! Accounts: who may sign in, as what, and the sessions they signed in with.

mod credentials;
mod repository;
mod role;
mod session;

pub use credentials::{EmailAddress, Identifier, Password, PasswordHash, PersonName, Username};
pub use repository::{
    AccountChangeError, AccountRepository, NewAccount, Remains, SessionRepository, SuspensionReason,
};
#[cfg(feature = "mocks")]
pub use repository::{MockAccountRepository, MockSessionRepository};
pub use role::{MemberRole, Role};
pub use session::{
    Caller, Claim, InvitationHash, NewRefreshToken, NewSession, Presented, RefreshTokenHash,
    RefreshTokenState, Rotation, Session, SessionId, UserAgent,
};

use crate::clock::Timestamp;
use crate::id::Id;

/// The id of a user: of the account, the profile and everything that the user owns.
pub type UserId = Id<Account>;

/// A person's account. A deleted account is not one any more: repositories don't return it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user's id.
    pub id: UserId,
    /// Unique whatever its letter case.
    pub username: Username,
    /// The person's name as shown to others.
    pub name: PersonName,
    /// Unique; shown only to the user and to admins.
    pub email: EmailAddress,
    /// What the user is at the school.
    pub role: Role,
    /// When an admin suspended the account, if it is suspended.
    pub suspended_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// An account with what proves that one is its user.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Whose they are.
    pub account: Account,
    /// `None` for an account that was never claimed: no password opens it.
    pub password_hash: Option<PasswordHash>,
}
