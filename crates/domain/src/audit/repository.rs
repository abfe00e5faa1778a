//! Port to the stored audit log.

use async_trait::async_trait;

use super::{AuditEntry, AuditFilter, AuditKey};
use crate::clock::Timestamp;
use crate::page::{Page, PageRequest};
use crate::repository::RepositoryError;

/// Reads the audit log, which only grows unless old entries are to be forgotten. Its entries are
/// written by the steps of other repositories.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// A page of the entries that `filter` lets through, newest first.
    async fn list(
        &self,
        filter: &AuditFilter,
        page: PageRequest<AuditKey>,
    ) -> Result<Page<AuditEntry, AuditKey>, RepositoryError>;

    /// Deletes some of the oldest entries from before this time, none of the last day; how many. The
    /// last time it is 0.
    async fn forget_some(&self, before: Timestamp) -> Result<usize, RepositoryError>;
}
