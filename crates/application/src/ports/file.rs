//! Ports to stored files, and to what looks into uploads.

use std::error::Error;
use std::fs::File;
use std::ops::Range;

use alumx_domain::clock::Timestamp;
use alumx_domain::file::{DeploymentId, FileKey, Folder, Sha256};
use alumx_domain::job_post::ImageFormat;
use alumx_domain::resume::ResumeKind;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;

/// A file that was received whole. It has no name anywhere and so is gone with this value,
/// whatever happens.
#[derive(Debug)]
pub struct Upload {
    /// Its content.
    pub file: File,
    /// Its size in bytes.
    pub size: u64,
    /// Its hash.
    pub sha256: Sha256,
}

/// Why a file couldn't be stored, read or deleted.
#[derive(Debug, thiserror::Error)]
pub enum FileStoreError {
    /// There is no such file (any more).
    #[error("there is no such file")]
    NotFound,
    /// There is no room left.
    #[error("the file store is full")]
    Full(#[source] Box<dyn Error + Send + Sync>),
    /// The store is away or has too much to do: the same call may work in a moment.
    #[error("the file store is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Something that should not happen.
    #[error("unexpected failure of the file store")]
    Unexpected(#[source] Box<dyn Error + Send + Sync>),
}

/// The bytes of a file, in order.
pub type FileStream = BoxStream<'static, Result<Bytes, FileStoreError>>;

/// Stored files, in no order.
pub type FileListing = BoxStream<'static, Result<StoredFile, FileStoreError>>;

/// A file that lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Where.
    pub key: FileKey,
    /// Since when.
    pub stored_at: Timestamp,
}

/// Stores files.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Stores an upload under a new key that nobody guesses. It is there whole and for good when
    /// this returns, or not at all.
    async fn put(
        &self,
        folder: Folder,
        extension: &'static str,
        upload: Upload,
    ) -> Result<FileKey, FileStoreError>;

    /// The bytes of a file, or of the part of it in `range`, which must lie inside.
    async fn open(
        &self,
        key: &FileKey,
        range: Option<Range<u64>>,
    ) -> Result<FileStream, FileStoreError>;

    /// The size of a file in bytes.
    async fn size(&self, key: &FileKey) -> Result<u64, FileStoreError>;

    /// Deletes a file; one that isn't there is no error.
    async fn delete(&self, key: &FileKey) -> Result<(), FileStoreError>;

    /// All files; what isn't named by a key is passed over.
    fn list(&self) -> FileListing;

    /// Removes what writes that were cut off before this time left behind, and answers how much
    /// it was.
    async fn remove_unfinished(&self, before: Timestamp) -> Result<usize, FileStoreError>;

    /// Whose files these are, as the store itself says, if it does.
    async fn owner(&self) -> Result<Option<DeploymentId>, FileStoreError>;

    /// Has the store say whose files these are from now on.
    async fn set_owner(&self, owner: DeploymentId) -> Result<(), FileStoreError>;
}

/// Tells what kind of document an upload is.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait ResumeInspector: Send + Sync {
    /// What it is by its content; `None` if it is no document that may be a resume.
    async fn kind(&self, upload: &Upload) -> Result<Option<ResumeKind>, FileStoreError>;
}

/// Why an image isn't taken.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// It is none of the formats that are shown.
    #[error("an image must be a PNG, JPEG, WebP or GIF")]
    UnknownFormat,
    /// It has more pixels or frames than are worth their memory.
    #[error(
        "must have at most 12000 pixels a side and 40 million altogether, and of frames that move \
         1000, with 400 million pixels altogether (25 million each in a WebP)"
    )]
    TooLarge,
    /// It can't be read.
    #[error("must be an image that can be read to its end, no frame larger than it")]
    Invalid,
    /// Too many images are waiting to be looked at.
    #[error("too many images are waiting to be looked at")]
    Busy,
    /// The upload couldn't be read or written.
    #[error(transparent)]
    File(#[from] FileStoreError),
}

/// An image with nothing in it but what is shown.
#[derive(Debug)]
pub struct CleanImage {
    /// Its content.
    pub upload: Upload,
    /// What it is.
    pub format: ImageFormat,
}

/// Looks into images before anybody else has to.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait ImageCleaner: Send + Sync {
    /// The image without what isn't shown (where it was taken, by whom, with what); what is shown
    /// stays as it is, bit by bit.
    async fn clean(&self, upload: Upload) -> Result<CleanImage, ImageError>;
}
