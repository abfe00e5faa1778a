//! Where files lie.

use std::path::Path;
use std::sync::Arc;

use alumx_application::file::FileService;
use alumx_application::ports::{FileStore, FileStoreError};
use alumx_domain::clock::Clock;
use alumx_infrastructure::db::Db;
use alumx_infrastructure::files::{ObjectFileStore, PgFileReferences, S3Options, Spool};

/// Where files lie and where uploads wait.
#[derive(Clone)]
pub struct Files {
    pub(super) store: Arc<dyn FileStore>,
    pub(super) spool: Arc<Spool>,
}

impl Files {
    /// Files in a folder, which is made if it isn't there.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn local(folder: &Path) -> Result<Self, FileStoreError> {
        let store = Arc::new(ObjectFileStore::local(folder)?);
        Ok(Self::new(store, folder))
    }

    /// Files in a bucket.
    ///
    /// # Errors
    /// If the options contradict each other.
    pub fn s3(options: &S3Options) -> Result<Self, FileStoreError> {
        let store = Arc::new(ObjectFileStore::s3(options)?);
        Ok(Self::new(store, &std::env::temp_dir()))
    }

    /// Files in this store; uploads wait in a folder.
    pub fn new(store: Arc<dyn FileStore>, spool: &Path) -> Self {
        let spool = Arc::new(Spool::new(spool.to_owned()));
        Self { store, spool }
    }

    /// Where they lie.
    pub fn store(&self) -> &dyn FileStore {
        &*self.store
    }

    /// What looks after the files.
    pub fn service(&self, db: Db, clock: Arc<dyn Clock>) -> FileService {
        let references = Arc::new(PgFileReferences(db));
        FileService::new(self.store.clone(), references, clock)
    }
}
