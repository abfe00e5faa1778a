//! File stores that nothing goes into.

use std::io::{Error, ErrorKind};
use std::ops::Range;

use alumx_application::ports::{FileListing, FileStore, FileStoreError, FileStream, Upload};
use alumx_domain::clock::Timestamp;
use alumx_domain::file::{DeploymentId, FileKey, Folder};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

/// What files are stored in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// A folder.
    Folder,
    /// Something with no room.
    Full,
    /// Something that takes forever.
    Stuck,
}

/// Empty, and nothing goes in.
pub(crate) struct ClosedStore(pub StoreKind);

#[async_trait]
impl FileStore for ClosedStore {
    async fn put(&self, _: Folder, _: &'static str, _: Upload) -> Result<FileKey, FileStoreError> {
        if self.0 == StoreKind::Stuck {
            std::future::pending::<()>().await;
        }
        let full = Error::from(ErrorKind::StorageFull);
        Err(FileStoreError::Full(Box::new(full)))
    }

    async fn open(&self, _: &FileKey, _: Option<Range<u64>>) -> Result<FileStream, FileStoreError> {
        Err(FileStoreError::NotFound)
    }

    async fn size(&self, _: &FileKey) -> Result<u64, FileStoreError> {
        Err(FileStoreError::NotFound)
    }

    async fn delete(&self, _: &FileKey) -> Result<(), FileStoreError> {
        Ok(())
    }

    fn list(&self) -> FileListing {
        stream::empty().boxed()
    }

    async fn remove_unfinished(&self, _: Timestamp) -> Result<usize, FileStoreError> {
        Ok(0)
    }

    async fn owner(&self) -> Result<Option<DeploymentId>, FileStoreError> {
        Ok(None)
    }

    async fn set_owner(&self, _: DeploymentId) -> Result<(), FileStoreError> {
        Ok(())
    }
}
