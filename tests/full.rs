//! A file store with no room.

use std::io::{Error, ErrorKind};
use std::ops::Range;

use alumx_application::ports::{FileListing, FileStore, FileStoreError, FileStream, Upload};
use alumx_domain::clock::Timestamp;
use alumx_domain::file::{FileKey, Folder};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

/// Empty, and nothing goes in.
pub struct FullStore;

#[async_trait]
impl FileStore for FullStore {
    async fn put(&self, _: Folder, _: &'static str, _: Upload) -> Result<FileKey, FileStoreError> {
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
}
