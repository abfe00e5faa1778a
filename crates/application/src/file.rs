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
    /// The store says that its files are another database's.
    #[error("the files belong to another database")]
    Foreign,
    /// The store says nothing, and holds files that this database doesn't name.
    #[error("the files may belong to another database: nothing says whose they are")]
    Unclaimed,
}

/// When files count as this database's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// When the store says so. One that doesn't say whose files it holds is made to say so if this
    /// database names them all, such as an empty one.
    Careful,
    /// Also when the store doesn't say whose they are: it is known to be used by nobody else.
    Unowned,
    /// Whatever the store says.
    TakeOver,
}

/// What to sweep.
#[derive(Debug, Clone, Copy)]
pub struct SweepPlan {
    /// How old a file must be: one that was stored a moment ago may be about to be used.
    pub grace: TimeDelta,
    /// Whether to delete what is found.
    pub delete: bool,
    /// What is deleted must count as this database's.
    pub claim: Claim,
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
    /// so and they are this database's. One that can't be deleted is left to the next sweep.
    pub async fn sweep(
        &self,
        plan: SweepPlan,
        found: &mut (dyn FnMut(&FileKey) + Send),
    ) -> Result<Swept, SweepError> {
        let before = self.clock.now() - plan.grace;
        let mut swept = Swept::default();
        if plan.delete {
            self.claim(plan.claim).await?;
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

    /// Has the store say that its files are this database's, unless they may be another's.
    pub async fn claim(&self, claim: Claim) -> Result<(), SweepError> {
        let ours = self.references.deployment().await?;
        match self.store.owner().await? {
            Some(owner) if owner == ours => return Ok(()),
            Some(_) if claim != Claim::TakeOver => return Err(SweepError::Foreign),
            None if claim == Claim::Careful && !self.names_all().await? => {
                return Err(SweepError::Unclaimed);
            }
            _ => self.store.set_owner(ours).await?,
        }
        // Another one may have done the same in this moment.
        match self.store.owner().await? {
            Some(owner) if owner == ours => Ok(()),
            _ => Err(SweepError::Foreign),
        }
    }

    /// Whether this database names all files that there are.
    async fn names_all(&self) -> Result<bool, SweepError> {
        let keys = self.store.list().map_ok(|file| file.key);
        let mut batches = keys.try_chunks(Self::BATCH);
        while let Some(batch) = batches.try_next().await.map_err(|error| error.1)? {
            if self.references.referenced(&batch).await?.len() < batch.len() {
                return Ok(false);
            }
        }
        Ok(true)
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
mod tests;
