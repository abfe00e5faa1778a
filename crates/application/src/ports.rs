//! Ports to what use cases need besides stored data.

mod file;

use alumx_domain::account::{Password, PasswordHash, RefreshTokenHash, Role, SessionId, UserId};
use alumx_domain::clock::Timestamp;
use async_trait::async_trait;
use secrecy::SecretString;

pub use file::{
    CleanImage, FileListing, FileStore, FileStoreError, FileStream, ImageCleaner, ImageError,
    ResumeInspector, StoredFile, Upload,
};
#[cfg(any(test, feature = "mocks"))]
pub use file::{MockFileStore, MockImageCleaner, MockResumeInspector};

/// What comparing a password with a hash says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is another password, or there is no hash to compare with.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, but the hash was made with older parameters: hash it anew.
    Outdated,
}

/// Why a password couldn't be hashed.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// Too many passwords are waiting to be hashed.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// Something that should not happen.
    #[error("unexpected failure of the password hasher: {0}")]
    Unexpected(String),
}

/// Hashes passwords, slowly on purpose and only a few at a time.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// A salted hash of a new password.
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError>;

    /// Compares a password with a stored hash. Takes as long where there is none, so that the
    /// time doesn't tell who has an account.
    async fn verify(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<Verdict, HasherError>;
}

/// What an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    /// The user.
    pub user: UserId,
    /// The user's role when the token was issued.
    pub role: Role,
    /// The session that it was issued to.
    pub session: SessionId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// The failure to sign a token.
#[derive(Debug, thiserror::Error)]
#[error("a token could not be signed: {0}")]
pub struct SigningError(pub String);

/// Makes and checks tokens.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
pub trait TokenIssuer: Send + Sync {
    /// A signed access token.
    fn issue_access(&self, claims: &AccessClaims) -> Result<SecretString, SigningError>;

    /// What a token says, if it was issued by this service and has not expired at `now`.
    fn verify_access(&self, token: &str, now: Timestamp) -> Option<AccessClaims>;

    /// A new refresh token: 256 random bits.
    fn new_refresh(&self) -> SecretString;

    /// The hash under which a refresh token is stored.
    fn hash_refresh(&self, token: &str) -> RefreshTokenHash;
}
