//! Where files lie: a local folder, or a store that speaks S3.

mod references;
mod spool;
mod store;

use std::error::Error;
use std::io::{self, ErrorKind};

use alumx_application::ports::FileStoreError;
use alumx_domain::file::FileKey;
use diesel::QueryResult;

use crate::db::invalid_value;

pub use references::PgFileReferences;
pub use spool::{Spool, SpoolWriter};
pub use store::{ObjectFileStore, S3Options};

/// How the URL of an uploaded image begins, as it is stored; its name follows.
pub(crate) const UPLOADED: &str = "/api/v1/images/";

/// The key of a file, as a table names it.
pub(crate) fn stored_key(text: String) -> QueryResult<FileKey> {
    let text = match text.strip_prefix(UPLOADED) {
        Some(name) => format!("images/{name}"),
        None => text,
    };
    text.try_into().map_err(invalid_value)
}

/// Runs what waits for a disk off the async threads.
pub(crate) async fn blocking<T: Send + 'static, E: From<FileStoreError> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(done) => done,
        Err(error) => Err(FileStoreError::Unexpected(Box::new(error)).into()),
    }
}

/// What a failure of the disk means.
pub(crate) fn io_error(error: io::Error) -> FileStoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => FileStoreError::Full(Box::new(error)),
        _ => FileStoreError::Unexpected(Box::new(error)),
    }
}

/// Whether a full disk is at the bottom of a failure.
fn is_full(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(
            kind,
            Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
        ) {
            return true;
        }
        cause = error.source();
    }
    false
}
