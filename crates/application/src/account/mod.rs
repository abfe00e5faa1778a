//! Signing up and in, sessions, passwords, and what admins do with accounts.

mod administration;
mod claim;
mod live;
mod refused;
mod service;
mod sessions;
#[cfg(test)]
mod tests;

use alumx_domain::account::{
    Account, AccountChangeError, AccountRepository, EmailAddress, MemberRole, Password, PersonName,
    SessionRepository, UserAgent, UserId, Username,
};
use alumx_domain::audit::{Occasion, RequestId};
use alumx_domain::clock::{Clock, Timestamp};
use alumx_domain::repository::RepositoryError;
use chrono::TimeDelta;
use secrecy::SecretString;
pub use service::AccountService;
use std::net::IpAddr;
use std::sync::Arc;

use crate::authentication::Authenticator;
use crate::ports::{FileStore, HasherError, PasswordHasher, Realtime, SigningError, TokenIssuer};

/// What [`AccountService`] stands on.
pub struct AccountPorts {
    /// Stored accounts.
    pub accounts: Arc<dyn AccountRepository>,
    /// Stored sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Makes tokens.
    pub tokens: Arc<dyn TokenIssuer>,
    /// Is told what it must look at again.
    pub authenticator: Arc<Authenticator>,
    /// Is told whose sockets close, and who left which group.
    pub realtime: Arc<dyn Realtime>,
    /// Loses the files of deleted accounts.
    pub files: Arc<dyn FileStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What somebody says to register.
#[derive(Debug)]
pub struct Registration {
    /// Unique whatever its letter case.
    pub username: Username,
    /// The person's name.
    pub name: PersonName,
    /// Unique.
    pub email: EmailAddress,
    /// What will open the account.
    pub password: Password,
    /// Any role but admin.
    pub role: MemberRole,
}

/// Where a request comes from.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// What the client calls itself.
    pub user_agent: Option<UserAgent>,
    /// Its address.
    pub ip_address: Option<IpAddr>,
    /// Which of its requests this is.
    pub request_id: Option<RequestId>,
}

impl Client {
    /// That `actor` does something from here at this time.
    pub(crate) fn occasion(&self, actor: Option<UserId>, at: Timestamp) -> Occasion {
        Occasion {
            actor,
            at,
            ip_address: self.ip_address,
            request_id: self.request_id.clone(),
        }
    }
}

/// A user signed in: the account with a pair of tokens.
#[derive(Debug)]
pub struct SignedIn {
    /// The user's account.
    pub account: Account,
    /// Opens every route, for a short time.
    pub access_token: SecretString,
    /// Exchanged once for the next pair.
    pub refresh_token: SecretString,
    /// How long the access token lives.
    pub expires_in: TimeDelta,
}

/// How long tokens live.
#[derive(Debug, Clone, Copy)]
pub struct TokenLifetimes {
    /// An access token.
    pub access: TimeDelta,
    /// A refresh token, and so a session that isn't used.
    pub refresh: TimeDelta,
}

/// Why a use case of accounts failed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The username, the email address or both belong to another account.
    #[error("the username or email address is taken")]
    Taken {
        /// The username is.
        username: bool,
        /// The email address is.
        email: bool,
    },
    /// No account has this identifier and password.
    #[error("the identifier or password is wrong")]
    InvalidCredentials,
    /// The password is right, but an admin suspended the account.
    #[error("the account is suspended")]
    Suspended,
    /// The refresh token can't be exchanged.
    #[error("the refresh token is invalid, spent or expired")]
    InvalidRefreshToken,
    /// No account can be claimed with this.
    #[error("the invitation is invalid, spent or expired")]
    InvalidInvitation,
    /// The caller's own password, asked for again, is wrong.
    #[error("the password is incorrect")]
    IncorrectPassword,
    /// There is no such session.
    #[error("there is no such session")]
    SessionNotFound,
    /// There is no such user (any more).
    #[error("there is no such user")]
    UserNotFound,
    /// The caller's own account was deleted; the token outlived it by moments.
    #[error("the account of this access token was deleted")]
    CallerGone,
    /// Only admins may do this.
    #[error("only admins may do this")]
    NotAdmin,
    /// The service would be left without an admin.
    #[error("the last admin can be neither demoted, suspended nor deleted")]
    LastAdmin,
    /// Passwords can't be hashed now.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// A token couldn't be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl From<AccountChangeError> for AccountError {
    fn from(error: AccountChangeError) -> Self {
        match error {
            AccountChangeError::NotFound => Self::UserNotFound,
            AccountChangeError::LastAdmin => Self::LastAdmin,
            AccountChangeError::Repository(error) => Self::Repository(error),
        }
    }
}
