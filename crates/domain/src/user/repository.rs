//! Port to stored profiles and the directory.

use async_trait::async_trait;

use super::{
    DirectoryFilter, DirectoryKey, DirectoryOrder, Profile, ProfilePatch, Revision, UserSummary,
};
use crate::account::{UserId, Username};
use crate::clock::Timestamp;
use crate::page::{Page, PageRequest};
use crate::repository::RepositoryError;

/// Why a profile couldn't be changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileUpdateError {
    /// There is no such user (any more).
    #[error("there is no such user")]
    NotFound,
    /// Somebody changed the profile since the caller read it.
    #[error("the profile has changed")]
    RevisionMismatch,
    /// The store failed; `UsernameTaken` if another user has the new username.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Stores profiles and finds users.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// The profile, or `None` for an unknown or deleted user.
    async fn find(&self, id: UserId) -> Result<Option<Profile>, RepositoryError>;

    /// The profile of the user with this name in any letter case.
    async fn find_by_username(
        &self,
        username: &Username,
    ) -> Result<Option<Profile>, RepositoryError>;

    /// Applies `patch` to the profile as it is then and returns the result; what
    /// [`Profile::is_completed`] says and what the directory finds change with it. With
    /// `expected`, only if one of these is the profile's revision.
    async fn update(
        &self,
        id: UserId,
        patch: ProfilePatch,
        expected: Option<Vec<Revision>>,
        now: Timestamp,
    ) -> Result<Profile, ProfileUpdateError>;

    /// Forgets what is kept of names that nobody has any more.
    async fn forget_unused_words(&self) -> Result<(), RepositoryError>;

    /// A page of the users that `filter` lets through. A key of another order counts as none.
    async fn list(
        &self,
        filter: &DirectoryFilter,
        order: DirectoryOrder,
        page: PageRequest<DirectoryKey>,
    ) -> Result<Page<UserSummary, DirectoryKey>, RepositoryError>;
}
