//! Port to the stored audit log.

use async_trait::async_trait;

use super::{AuditEntry, AuditFilter, AuditKey};
use crate::page::{Page, PageRequest};
use crate::repository::RepositoryError;

/// Reads the audit log, which only grows. Its entries are written by the steps of other
/// repositories.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// A page of the entries that `filter` lets through, newest first.
    async fn list(
        &self,
        filter: &AuditFilter,
        page: PageRequest<AuditKey>,
    ) -> Result<Page<AuditEntry, AuditKey>, RepositoryError>;
}
