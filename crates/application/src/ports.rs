//! Ports to what use cases need besides stored data.

mod file;

use alumx_domain::account::{Password, PasswordHash, RefreshTokenHash, Role, SessionId, UserId};
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::ConversationEvent;
use async_trait::async_trait;
use secrecy::SecretString;

use crate::resume::generated::GeneratedResume;
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

/// Tells clients live what has happened, on every instance of the service.
///
/// Never waits and never fails: what has been committed counts, and a client that was not told
/// catches up by the numbers of messages.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
pub trait Realtime: Send + Sync {
    /// Tells the members of a conversation of an event, after its commit.
    fn publish(&self, event: ConversationEvent);

    /// A session was ended: its sockets close.
    fn session_ended(&self, session: SessionId);

    /// A user's role changed, or sessions of the user were ended: the sockets of those that don't
    /// count any more close.
    fn account_changed(&self, user: UserId);
}

/// Why a resume couldn't be typeset.
#[derive(Debug, thiserror::Error)]
pub enum TypesetterError {
    /// Too many resumes are waiting to be typeset.
    #[error("too many resumes are waiting to be typeset")]
    Busy,
    /// Something that should not happen.
    #[error("unexpected failure of the typesetter: {0}")]
    Unexpected(String),
}

/// Typesets resumes, only a few at a time.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait ResumeTypesetter: Send + Sync {
    /// A PDF document of one or two pages, the same for the same resume. What it leaves out, and
    /// the characters that it can't set, it says at its end.
    async fn typeset(&self, resume: GeneratedResume) -> Result<Vec<u8>, TypesetterError>;
}
