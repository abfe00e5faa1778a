//! Port to stored profiles and the directory.

use async_trait::async_trait;

use super::{
    DirectoryFilter, DirectoryKey, DirectoryOrder, DocumentFormat, Profile, ProfileDocument,
    ProfileHead, ProfilePatch, Revision, UserSummary, Whose,
};
use crate::account::UserId;
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

    /// Of whom the profile is, and its text if one is kept that is of its revision and in this
    /// format; `None` for an unknown or deleted user.
    async fn find_document(
        &self,
        whose: &Whose,
        format: DocumentFormat,
    ) -> Result<Option<(ProfileHead, Option<String>)>, RepositoryError>;

    /// Keeps texts for [`Self::find_document`], but for those of profiles that have changed since,
    /// are deleted, or are just being changed.
    async fn keep_documents(
        &self,
        format: DocumentFormat,
        documents: Vec<ProfileDocument>,
    ) -> Result<(), RepositoryError>;

    /// The first so many profiles after this user, by id, of which no text is kept that is of
    /// their revision and in this format.
    async fn without_document(
        &self,
        format: DocumentFormat,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<Profile>, RepositoryError>;

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

    /// Keeps what misspelt names are compared with: adds what is missing of names, and forgets what
    /// is left of names that nobody has any more.
    async fn keep_words(&self) -> Result<(), RepositoryError>;

    /// A page of the users that `filter` lets through. A key of another order counts as none.
    async fn list(
        &self,
        filter: &DirectoryFilter,
        order: DirectoryOrder,
        page: PageRequest<DirectoryKey>,
    ) -> Result<Page<UserSummary, DirectoryKey>, RepositoryError>;
}
