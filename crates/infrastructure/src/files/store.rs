//! Files in an object store: a folder, or a bucket.

use std::fs::{self, DirBuilder, File};
use std::io::{Read, Seek};
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use alumx_application::ports::{
    FileListing, FileStore, FileStoreError, FileStream, StoredFile, Upload,
};
use alumx_domain::clock::Timestamp;
use alumx_domain::file::{DeploymentId, FileKey, Folder};
use alumx_domain::text::InvalidValue;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, GetOptions, ObjectStore, ObjectStoreExt, RetryConfig};
use secrecy::{ExposeSecret, SecretString};

use super::{blocking, io_error, is_full};

/// A bucket of a store that speaks S3.
#[derive(Debug, Clone)]
pub struct S3Options {
    /// Its name.
    pub bucket: String,
    /// Where the store is; Amazon's own if not said.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: String,
    /// Who asks.
    pub access_key: SecretString,
    /// What proves it.
    pub secret_key: SecretString,
    /// What all keys begin with, if anything.
    pub prefix: Option<String>,
}

/// Where it stands whose files these are.
const OWNER: &str = ".alumx-owner";

/// Stores files as objects.
pub struct ObjectFileStore {
    objects: Arc<dyn ObjectStore>,
    /// The folder, if they lie in one.
    root: Option<PathBuf>,
    /// How much is written at once. Parts in a bucket have at least 5 MiB.
    part: usize,
}

impl ObjectFileStore {
    /// Files in a folder. If it isn't there, it is made so that nobody else on the machine may look
    /// into it.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn local(root: &FsPath) -> Result<Self, FileStoreError> {
        let mut folder = DirBuilder::new();
        folder.recursive(true).mode(0o700);
        folder.create(root).map_err(io_error)?;
        // Without it, a file would be there after a crash of the machine, but empty.
        let objects = LocalFileSystem::new_with_prefix(root).map_err(file_error)?;
        Ok(Self {
            objects: Arc::new(objects.with_fsync(true)),
            root: Some(root.to_owned()),
            part: 256 * 1024,
        })
    }

    /// Files in a bucket, which must be there.
    ///
    /// # Errors
    /// If the options contradict each other.
    pub fn s3(options: &S3Options) -> Result<Self, FileStoreError> {
        let client = ClientOptions::new()
            .with_connect_timeout(Duration::from_secs(5))
            .with_timeout(Duration::from_secs(30));
        // Somebody waits for each request: better to fail soon than to try for minutes.
        let retry = RetryConfig {
            max_retries: 2,
            retry_timeout: Duration::from_secs(10),
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_retry(retry)
            .with_conditional_put(S3ConditionalPut::Disabled)
            // Files go one by one, and not every store knows the request for many.
            .with_disable_bulk_delete(true)
            .with_bucket_name(&options.bucket)
            .with_region(&options.region)
            .with_access_key_id(options.access_key.expose_secret())
            .with_secret_access_key(options.secret_key.expose_secret());
        if let Some(endpoint) = &options.endpoint {
            let plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(plain);
        }
        let bucket = builder.build().map_err(file_error)?;
        let objects: Arc<dyn ObjectStore> = match &options.prefix {
            Some(prefix) => {
                let prefix = Path::parse(prefix).map_err(|e| file_error(e.into()))?;
                Arc::new(PrefixStore::new(bucket, prefix))
            }
            None => Arc::new(bucket),
        };
        Ok(Self {
            objects,
            root: None,
            part: 8 * 1024 * 1024,
        })
    }

    async fn write(&self, path: &Path, upload: Upload) -> object_store::Result<()> {
        let mut file = upload.file;
        let read = |mut file: File, length: usize| {
            blocking(move || {
                let mut bytes = Vec::new();
                let limit = u64::try_from(length).unwrap_or(u64::MAX);
                (&mut file)
                    .take(limit)
                    .read_to_end(&mut bytes)
                    .map_err(io_error)?;
                Ok::<_, FileStoreError>((file, Bytes::from(bytes)))
            })
        };
        file.rewind().map_err(generic)?;
        if usize::try_from(upload.size).is_ok_and(|size| size <= self.part) {
            let (_, bytes) = read(file, self.part).await.map_err(generic)?;
            return self.objects.put(path, bytes.into()).await.map(drop);
        }
        let mut parts = self.objects.put_multipart(path).await?;
        loop {
            let (rest, bytes) = read(file, self.part).await.map_err(generic)?;
            if bytes.is_empty() {
                break;
            }
            file = rest;
            if let Err(error) = parts.put_part(bytes.into()).await {
                // What can't be taken back now is swept later.
                drop(parts.abort().await);
                return Err(error);
            }
        }
        parts.complete().await.map(drop)
    }
}

fn path(key: &FileKey) -> Path {
    Path::from(key.to_string())
}

fn generic(error: impl std::error::Error + Send + Sync + 'static) -> object_store::Error {
    object_store::Error::Generic {
        store: "upload",
        source: Box::new(error),
    }
}

/// What a failure of the object store means.
fn file_error(error: object_store::Error) -> FileStoreError {
    if is_full(&error) {
        return FileStoreError::Full(Box::new(error));
    }
    match error {
        object_store::Error::NotFound { .. } => FileStoreError::NotFound,
        // Over the network, what is none of the named failures is one of the network.
        object_store::Error::Generic { store: "S3", .. } => {
            FileStoreError::Unavailable(Box::new(error))
        }
        error => FileStoreError::Unexpected(Box::new(error)),
    }
}

#[async_trait]
impl FileStore for ObjectFileStore {
    async fn put(
        &self,
        folder: Folder,
        extension: &'static str,
        upload: Upload,
    ) -> Result<FileKey, FileStoreError> {
        let key = FileKey::new(folder, rand::random(), extension);
        self.write(&path(&key), upload).await.map_err(file_error)?;
        Ok(key)
    }

    async fn open(
        &self,
        key: &FileKey,
        range: Option<Range<u64>>,
    ) -> Result<FileStream, FileStoreError> {
        let options = GetOptions::new().with_range(range);
        let found = self.objects.get_opts(&path(key), options).await;
        Ok(found
            .map_err(file_error)?
            .into_stream()
            .map_err(file_error)
            .boxed())
    }

    async fn size(&self, key: &FileKey) -> Result<u64, FileStoreError> {
        let found = self.objects.head(&path(key)).await.map_err(file_error)?;
        Ok(found.size)
    }

    async fn delete(&self, key: &FileKey) -> Result<(), FileStoreError> {
        match self.objects.delete(&path(key)).await.map_err(file_error) {
            Err(FileStoreError::NotFound) => Ok(()),
            done => done,
        }
    }

    fn list(&self) -> FileListing {
        let stored = |object: object_store::ObjectMeta| async move {
            let key = FileKey::try_from(object.location.to_string()).ok()?;
            let stored_at = object.last_modified;
            Some(Ok(StoredFile { key, stored_at }))
        };
        let listed = self
            .objects
            .list(None)
            .filter_map(move |object| async move {
                match object {
                    Ok(object) => stored(object).await,
                    Err(object_store::Error::NotFound { .. }) => None,
                    Err(error) => Some(Err(file_error(error))),
                }
            });
        listed.boxed()
    }

    async fn remove_unfinished(&self, before: Timestamp) -> Result<usize, FileStoreError> {
        // Into a bucket, what is uploaded here goes in one piece: it is there, or not at all.
        let Some(root) = self.root.clone() else {
            return Ok(0);
        };
        blocking(move || remove_staged(&root, before).map_err(io_error)).await
    }

    async fn owner(&self) -> Result<Option<DeploymentId>, FileStoreError> {
        let found = match self.objects.get(&Path::from(OWNER)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(file_error(error)),
        };
        let bytes = found.bytes().await.map_err(file_error)?;
        // Whatever else stands there, it isn't nobody's.
        let id = std::str::from_utf8(&bytes).unwrap_or_default().try_into();
        let id = id.map_err(|wrong: InvalidValue| generic(std::io::Error::other(wrong.message)));
        id.map(Some).map_err(file_error)
    }

    async fn set_owner(&self, owner: DeploymentId) -> Result<(), FileStoreError> {
        let text = format!("{owner}\n");
        let path = Path::from(OWNER);
        let set = self.objects.put(&path, text.into()).await;
        set.map(drop).map_err(file_error)
    }
}

/// Removes what `LocalFileSystem` wrote under the name of a file, `#` and a number, and had no
/// time to rename.
fn remove_staged(root: &FsPath, before: Timestamp) -> std::io::Result<usize> {
    let mut removed = 0;
    for folder in [Folder::Resumes, Folder::Images] {
        let entries = match fs::read_dir(root.join(<&str>::from(folder))) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let staged = name.to_str().and_then(|name| name.split_once('#'));
            let ours = staged.is_some_and(|(_, n)| n.bytes().all(|b| b.is_ascii_digit()));
            if ours && Timestamp::from(entry.metadata()?.modified()?) < before {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}
