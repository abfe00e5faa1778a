//! The port to stored resumes.

use async_trait::async_trait;

use super::{NewResume, Resume};
use crate::account::UserId;
use crate::clock::Timestamp;
use crate::file::FileKey;
use crate::repository::RepositoryError;

/// Why a resume couldn't be stored.
#[derive(Debug, thiserror::Error)]
pub enum ResumeWriteError {
    /// The user has deleted the account: nothing is added to a tombstone.
    #[error("the account is deleted")]
    OwnerGone,
    /// The store failed. Unless nothing was sent to it, the step may have been done all the same.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// A resume, and the file that it took the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// As it is now.
    pub resume: Resume,
    /// The file of the one before, which nothing refers to any more.
    pub old: Option<FileKey>,
}

/// Stores what is known of resumes; the files lie elsewhere.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ResumeRepository: Send + Sync {
    /// The user's resume, or `None`; there is none either if there is no such user.
    async fn find(&self, user: UserId) -> Result<Option<Resume>, RepositoryError>;

    /// Makes `new` the user's resume, its version one more than that of the one before. Of two
    /// at the same time, the later one replaces the other.
    async fn replace(
        &self,
        user: UserId,
        new: &NewResume,
        now: Timestamp,
    ) -> Result<Replaced, ResumeWriteError>;

    /// Deletes the user's resume and answers its file, which nothing refers to any more; `None`
    /// if there was none.
    async fn delete(&self, user: UserId) -> Result<Option<FileKey>, RepositoryError>;
}
