//! What happens to stored files besides being used: nobody needs them any more.

use std::collections::HashSet;
use std::sync::Arc;

use alumx_domain::clock::{Clock, Timestamp};
use alumx_domain::file::{FileKey, FileReferences};
use alumx_domain::job_post::ImageFile;
use alumx_domain::repository::RepositoryError;
use chrono::TimeDelta;
use futures_util::TryStreamExt;

use crate::ports::{FileStore, FileStoreError, FileStream};

/// Deletes files that nothing refers to any more, as well as it can: what is left is swept later.
pub async fn discard(store: &dyn FileStore, keys: impl IntoIterator<Item = FileKey>) {
    for key in keys {
        if let Err(error) = store.delete(&key).await {
            tracing::warn!(file.key = %key, "a file is left to be swept: {error}");
        }
    }
}

/// Why files couldn't be swept.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The file store failed.
    #[error(transparent)]
    Files(#[from] FileStoreError),
    /// The database failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// What to sweep.
#[derive(Debug, Clone, Copy)]
pub struct SweepPlan {
    /// How old a file must be: one that was stored a moment ago may be about to be used.
    pub grace: TimeDelta,
    /// Whether to delete what is found.
    pub delete: bool,
}

/// What a sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many files there are.
    pub files: usize,
    /// How many of them nothing refers to.
    pub orphans: usize,
    /// How many of those were deleted.
    pub deleted: usize,
    /// How many remains of writes that were cut off were removed.
    pub unfinished: usize,
}

/// Stored files by themselves.
pub struct FileService {
    store: Arc<dyn FileStore>,
    references: Arc<dyn FileReferences>,
    clock: Arc<dyn Clock>,
}

impl FileService {
    /// How many files are asked about at once.
    const BATCH: usize = 500;

    /// A service over these ports.
    pub fn new(
        store: Arc<dyn FileStore>,
        references: Arc<dyn FileReferences>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            references,
            clock,
        }
    }

    /// How many bytes an uploaded image has, if it is there. Who knows its name may see it.
    pub async fn image_size(&self, file: &ImageFile) -> Result<u64, FileStoreError> {
        self.store.size(file.key()).await
    }

    /// The bytes of an uploaded image.
    pub async fn image(&self, file: &ImageFile) -> Result<FileStream, FileStoreError> {
        self.store.open(file.key(), None).await
    }

    /// Finds files that nothing refers to, tells each to `found`, and deletes them if `plan` says
    /// so. One that can't be deleted is left to the next sweep.
    pub async fn sweep(
        &self,
        plan: SweepPlan,
        found: &mut (dyn FnMut(&FileKey) + Send),
    ) -> Result<Swept, SweepError> {
        let before = self.clock.now() - plan.grace;
        let mut swept = Swept::default();
        if plan.delete {
            swept.unfinished = self.store.remove_unfinished(before).await?;
        }
        let mut files = self.store.list();
        let mut batch = Vec::with_capacity(Self::BATCH);
        while let Some(file) = files.try_next().await? {
            swept.files += 1;
            if is_old(file.stored_at, before) {
                batch.push(file.key);
            }
            if batch.len() == Self::BATCH {
                self.sweep_batch(&mut batch, plan, &mut swept, found)
                    .await?;
            }
        }
        self.sweep_batch(&mut batch, plan, &mut swept, found)
            .await?;
        Ok(swept)
    }

    async fn sweep_batch(
        &self,
        batch: &mut Vec<FileKey>,
        plan: SweepPlan,
        swept: &mut Swept,
        found: &mut (dyn FnMut(&FileKey) + Send),
    ) -> Result<(), SweepError> {
        if batch.is_empty() {
            return Ok(());
        }
        // Asked after the files were listed, and no key comes into use again once it was not: what
        // nothing refers to now stays so.
        let used: HashSet<FileKey> = self.references.referenced(batch).await?;
        for key in batch.drain(..).filter(|key| !used.contains(key)) {
            swept.orphans += 1;
            found(&key);
            if plan.delete {
                match self.store.delete(&key).await {
                    Ok(()) => swept.deleted += 1,
                    Err(error) => {
                        tracing::warn!(file.key = %key, "a file could not be swept: {error}");
                    }
                }
            }
        }
        Ok(())
    }
}

fn is_old(stored_at: Timestamp, before: Timestamp) -> bool {
    stored_at < before
}

#[cfg(test)]
mod tests {
    use alumx_domain::clock::MockClock;
    use alumx_domain::file::{Folder, MockFileReferences};
    use futures_util::StreamExt;
    use futures_util::stream;

    use super::*;
    use crate::ports::{MockFileStore, StoredFile};

    fn at(hour: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn key(n: usize) -> FileKey {
        FileKey::new(Folder::Images, n as u128, "png")
    }

    /// A store of files that were stored at these hours.
    fn store(hours: Vec<i64>) -> MockFileStore {
        let mut store = MockFileStore::new();
        let files = hours.into_iter().enumerate().map(|(n, hour)| StoredFile {
            key: key(n),
            stored_at: at(hour),
        });
        let files: Vec<_> = files.collect();
        store
            .expect_list()
            .returning(move || stream::iter(files.clone().into_iter().map(Ok)).boxed());
        store
    }

    /// A service at hour 48 in whose database the keys with these numbers are used.
    fn service(store: MockFileStore, used: Vec<usize>) -> FileService {
        let mut clock = MockClock::new();
        clock.expect_now().return_const(at(48));
        let mut references = MockFileReferences::new();
        references.expect_referenced().returning(move |keys| {
            assert!(keys.len() <= FileService::BATCH);
            let used = used.iter().map(|n| key(*n));
            Ok(used.filter(|key| keys.contains(key)).collect())
        });
        FileService::new(Arc::new(store), Arc::new(references), Arc::new(clock))
    }

    fn plan(delete: bool) -> SweepPlan {
        SweepPlan {
            grace: TimeDelta::hours(24),
            delete,
        }
    }

    #[tokio::test]
    async fn only_old_files_without_use_are_found_and_nothing_is_deleted_unasked() {
        let service = service(store(vec![0, 23, 24, 47, 0]), vec![1]);
        let mut found = Vec::new();

        let swept = service
            .sweep(plan(false), &mut |key| found.push(key.clone()))
            .await
            .unwrap();

        assert_eq!(found, [key(0), key(4)]);
        let expected = Swept {
            files: 5,
            orphans: 2,
            ..Swept::default()
        };
        assert_eq!(swept, expected);
    }

    #[tokio::test]
    async fn what_is_found_is_deleted_and_a_failure_does_not_stop_the_rest() {
        let mut store = store(vec![0; 3]);
        store.expect_remove_unfinished().returning(|before| {
            assert_eq!(before, at(24));
            Ok(7)
        });
        store.expect_delete().times(3).returning(|deleted| {
            if *deleted == key(0) {
                return Err(FileStoreError::Unavailable("away".into()));
            }
            Ok(())
        });

        let swept = service(store, vec![]).sweep(plan(true), &mut |_| {}).await;

        let expected = Swept {
            files: 3,
            orphans: 3,
            deleted: 2,
            unfinished: 7,
        };
        assert_eq!(swept.unwrap(), expected);
    }

    #[tokio::test]
    async fn many_files_are_asked_about_in_batches() {
        let service = service(store(vec![0; 1100]), (0..1100).collect());

        let swept = service.sweep(plan(false), &mut |_| {}).await.unwrap();

        assert_eq!((swept.files, swept.orphans), (1100, 0));
    }

    #[tokio::test]
    async fn without_the_database_nothing_is_deleted() {
        let mut store = store(vec![0]);
        store.expect_remove_unfinished().returning(|_| Ok(0));
        let mut references = MockFileReferences::new();
        references
            .expect_referenced()
            .returning(|_| Err(RepositoryError::Unavailable("away".to_owned())));
        let mut clock = MockClock::new();
        clock.expect_now().return_const(at(48));
        let service = FileService::new(Arc::new(store), Arc::new(references), Arc::new(clock));

        let swept = service.sweep(plan(true), &mut |_| {}).await;

        assert!(matches!(swept, Err(SweepError::Repository(_))));
    }
}
