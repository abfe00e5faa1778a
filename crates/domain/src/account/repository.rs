//! Ports to stored accounts and sessions.

use async_trait::async_trait;

use super::{
    Account, Caller, Claim, Credentials, EmailAddress, Identifier, InvitationHash, NewRefreshToken,
    NewSession, PasswordHash, PersonName, RefreshTokenHash, Role, Rotation, Session, SessionId,
    UserId, Username,
};
use crate::audit::Occasion;
use crate::clock::Timestamp;
use crate::file::FileKey;
use crate::group_chat::Departure;
use crate::page::{Page, PageRequest};
use crate::repository::RepositoryError;
use crate::text::Paragraphs;

/// Why an admin suspended an account.
pub type SuspensionReason = Paragraphs<1, 500>;

/// An account about to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Unique whatever its letter case.
    pub username: Username,
    /// The person's name.
    pub name: PersonName,
    /// Unique.
    pub email: EmailAddress,
    /// Any role; only the command line makes an admin.
    pub role: Role,
    /// What opens the account.
    pub password_hash: PasswordHash,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Why an account couldn't be changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountChangeError {
    /// There is no such account (any more).
    #[error("there is no such account")]
    NotFound,
    /// The change would leave the service without an admin who can sign in.
    #[error("the last admin must stay one")]
    LastAdmin,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// What a deleted account leaves to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remains {
    /// The groups that the user was in: to be told.
    pub departures: Vec<Departure>,
    /// The files that nothing refers to any more: to be deleted.
    pub unused_files: Vec<FileKey>,
}

/// Stores accounts. Each step that the audit log tells of writes its entry as a part of itself.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AccountRepository: Send + Sync {
    /// Adds an account and opens its first session, both or neither.
    /// `UsernameTaken` or `EmailTaken` if another account has them.
    async fn register(
        &self,
        account: &NewAccount,
        session: &NewSession,
    ) -> Result<(Account, SessionId), RepositoryError>;

    /// Adds an account that nobody is signed in to yet; violations as in
    /// [`register`](Self::register).
    async fn insert(&self, account: &NewAccount) -> Result<Account, RepositoryError>;

    /// The account, or `None`.
    async fn find(&self, id: UserId) -> Result<Option<Account>, RepositoryError>;

    /// The account that `identifier` names in any letter case, with its password hash.
    async fn find_credentials(
        &self,
        identifier: &Identifier,
    ) -> Result<Option<Credentials>, RepositoryError>;

    /// The account with its password hash, or `None`.
    async fn find_credentials_by_id(
        &self,
        id: UserId,
    ) -> Result<Option<Credentials>, RepositoryError>;

    /// Replaces the password and ends all sessions but `keep`, if the password is still `old`;
    /// `false` if it isn't, or if the account is gone.
    async fn change_password(
        &self,
        id: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
        keep: SessionId,
        by: &Occasion,
    ) -> Result<bool, RepositoryError>;

    /// Replaces the hash of an unchanged password (one made with older parameters), if it is
    /// still `old`; `false` if it isn't.
    async fn rehash_password(
        &self,
        id: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, RepositoryError>;

    /// Gives the account a role. Not the last admin.
    async fn set_role(
        &self,
        id: UserId,
        role: Role,
        by: &Occasion,
    ) -> Result<Account, AccountChangeError>;

    /// Suspends the account and ends its sessions; a repeat changes only the reason. Not the
    /// last admin.
    async fn suspend(
        &self,
        id: UserId,
        reason: Option<SuspensionReason>,
        by: &Occasion,
    ) -> Result<(), AccountChangeError>;

    /// Lifts a suspension, if there is one.
    async fn lift_suspension(&self, id: UserId, by: &Occasion) -> Result<(), AccountChangeError>;

    /// Deletes the account: an empty tombstone stays, so that conversations stay whole; the
    /// profile, resume, posts, comments, likes and sessions go. Groups owned pass to the ADMIN,
    /// else MEMBER, who joined first; a group with nobody left is deleted, and so is a chat
    /// whose two users are both gone. Not the last admin.
    async fn delete(&self, id: UserId, by: &Occasion) -> Result<Remains, AccountChangeError>;

    /// Whether somebody could claim an account with this invitation at `now`: a look before the
    /// costly hashing of a password, without promise.
    async fn is_invited(
        &self,
        invitation: InvitationHash,
        now: Timestamp,
    ) -> Result<bool, RepositoryError>;

    /// Spends the invitation: its account has this password from now on, and a session is opened.
    /// Of two claims at once, one is refused.
    async fn claim(
        &self,
        invitation: InvitationHash,
        password: &PasswordHash,
        session: &NewSession,
    ) -> Result<Claim, RepositoryError>;
}

/// Stores sessions and their refresh tokens. Each step that the audit log tells of writes its entry
/// as a part of itself.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Opens a session of a user who showed the password of `verified`; `None` if the user is
    /// gone or suspended, or has another password, by now.
    async fn open(
        &self,
        user: UserId,
        verified: &PasswordHash,
        session: &NewSession,
    ) -> Result<Option<SessionId>, RepositoryError>;

    /// Notes in the audit log that a sign-in was refused; `user` is whose account it was, if there
    /// is such an account.
    async fn note_refused(
        &self,
        user: Option<UserId>,
        by: &Occasion,
    ) -> Result<(), RepositoryError>;

    /// Exchanges the refresh token `shown` for `next`, see [`Rotation`].
    async fn rotate(
        &self,
        shown: RefreshTokenHash,
        next: &NewRefreshToken,
        by: &Occasion,
    ) -> Result<Rotation, RepositoryError>;

    /// Who the session belongs to; `None` if it was ended, or its user is suspended or gone.
    async fn find_caller(&self, session: SessionId) -> Result<Option<Caller>, RepositoryError>;

    /// The user's open sessions, newest first.
    async fn list(
        &self,
        user: UserId,
        page: PageRequest<SessionId>,
        now: Timestamp,
    ) -> Result<Page<Session, SessionId>, RepositoryError>;

    /// Ends one of the user's sessions; `false` if the user has no such session.
    async fn end(
        &self,
        user: UserId,
        session: SessionId,
        by: &Occasion,
    ) -> Result<bool, RepositoryError>;

    /// Ends all of the user's sessions but `keep`.
    async fn end_others(
        &self,
        user: UserId,
        keep: SessionId,
        by: &Occasion,
    ) -> Result<(), RepositoryError>;

    /// Forgets sessions and refresh tokens that expired before `now`.
    async fn purge_expired(&self, now: Timestamp) -> Result<(), RepositoryError>;
}
