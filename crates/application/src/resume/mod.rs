//! Resumes: uploaded ones here, those that profiles make in [`generated`].
//!
//! A file is stored before its row says so, and deleted after no row says so any more: whenever
//! the service is cut off, a row has its file, and a file without a row is swept later.

pub mod generated;

use std::ops::Range;
use std::sync::Arc;

use alumx_domain::account::{AccountRepository, Caller, UserId};
use alumx_domain::clock::Clock;
use alumx_domain::file::Folder;
use alumx_domain::repository::RepositoryError;
use alumx_domain::resume::{
    FileName, NewResume, Replaced, Resume, ResumeRepository, ResumeWriteError,
};

use crate::file::discard;
use crate::ports::{FileStore, FileStoreError, FileStream, ResumeInspector, Upload};

/// Why a use case of resumes failed.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// The caller's account was deleted a moment ago.
    #[error("the account is deleted")]
    CallerGone,
    /// There is no such user, or the user has no resume (any more).
    #[error("there is no such resume")]
    NotFound,
    /// Only the user uploads and deletes a resume.
    #[error("only the user may change a resume")]
    NotAllowed,
    /// The file is neither PDF nor DOCX.
    #[error("a resume must be a PDF or DOCX")]
    UnknownKind,
    /// The file store failed.
    #[error(transparent)]
    Files(#[from] FileStoreError),
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// What users do with resumes. Any signed-in user may read them.
pub struct ResumeService {
    resumes: Arc<dyn ResumeRepository>,
    accounts: Arc<dyn AccountRepository>,
    files: Arc<dyn FileStore>,
    inspector: Arc<dyn ResumeInspector>,
    clock: Arc<dyn Clock>,
}

impl ResumeService {
    /// A service over these ports.
    pub fn new(
        resumes: Arc<dyn ResumeRepository>,
        accounts: Arc<dyn AccountRepository>,
        files: Arc<dyn FileStore>,
        inspector: Arc<dyn ResumeInspector>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            resumes,
            accounts,
            files,
            inspector,
            clock,
        }
    }

    /// Refuses who may not change the resume of `user`, before anything of a file is read.
    pub async fn check_right(&self, caller: Caller, user: UserId) -> Result<(), ResumeError> {
        if Resume::may_be_changed_by(&caller, user) {
            return Ok(());
        }
        // Any user may know who exists.
        match self.accounts.find(user).await? {
            Some(_) => Err(ResumeError::NotAllowed),
            None => Err(ResumeError::NotFound),
        }
    }

    /// Makes an upload the caller's resume; `file_name` is what the caller calls it.
    pub async fn upload(
        &self,
        caller: Caller,
        user: UserId,
        upload: Upload,
        file_name: &str,
    ) -> Result<Resume, ResumeError> {
        self.check_right(caller, user).await?;
        let kind = self.inspector.kind(&upload).await?;
        let kind = kind.ok_or(ResumeError::UnknownKind)?;
        let (size, sha256) = (upload.size, upload.sha256);
        let extension = kind.extension();
        let key = self.files.put(Folder::Resumes, extension, upload).await?;
        let new = NewResume {
            file_name: FileName::new(file_name, kind),
            kind,
            key: key.clone(),
            size,
            sha256,
        };
        match self.resumes.replace(user, &new, self.clock.now()).await {
            Ok(Replaced { resume, old }) => {
                discard(&*self.files, old).await;
                Ok(resume)
            }
            Err(ResumeWriteError::OwnerGone) => {
                discard(&*self.files, [key]).await;
                Err(ResumeError::CallerGone)
            }
            // The answer may have been lost after the row was changed, which then needs the file.
            Err(ResumeWriteError::Repository(error)) => Err(error.into()),
        }
    }

    /// What is known of a user's resume.
    pub async fn resume(&self, user: UserId) -> Result<Resume, ResumeError> {
        let found = self.resumes.find(user).await?;
        found.ok_or(ResumeError::NotFound)
    }

    /// The bytes of a resume's file, or those in `range`; `None` if another file has replaced it
    /// since it was looked up.
    pub async fn open(
        &self,
        resume: &Resume,
        range: Option<Range<u64>>,
    ) -> Result<Option<FileStream>, ResumeError> {
        match self.files.open(&resume.key, range).await {
            Ok(stream) => Ok(Some(stream)),
            Err(FileStoreError::NotFound) if self.resume(resume.user).await?.key != resume.key => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes the caller's resume.
    pub async fn delete(&self, caller: Caller, user: UserId) -> Result<(), ResumeError> {
        self.check_right(caller, user).await?;
        let deleted = self.resumes.delete(user).await?;
        discard(&*self.files, [deleted.ok_or(ResumeError::NotFound)?]).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
