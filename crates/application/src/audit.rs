//! The audit log, for admins.

use std::sync::Arc;

use alumx_domain::account::Caller;
use alumx_domain::audit::{AuditEntry, AuditFilter, AuditKey, AuditRepository};
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::RepositoryError;

/// Why the audit log wasn't shown.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Only admins may read all of it.
    #[error("only admins may read the audit log")]
    NotAdmin,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Who reads what of the audit log.
pub struct AuditService {
    log: Arc<dyn AuditRepository>,
}

impl AuditService {
    /// A service over this port.
    pub fn new(log: Arc<dyn AuditRepository>) -> Self {
        Self { log }
    }

    /// A page of the log, newest first, for admins.
    pub async fn list(
        &self,
        caller: Caller,
        filter: &AuditFilter,
        page: PageRequest<AuditKey>,
    ) -> Result<Page<AuditEntry, AuditKey>, AuditError> {
        if !caller.is_admin() {
            return Err(AuditError::NotAdmin);
        }
        Ok(self.log.list(filter, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use alumx_domain::account::{Role, SessionId, UserId};
    use alumx_domain::audit::MockAuditRepository;
    use alumx_domain::page::PageSize;

    use super::*;

    fn caller(role: Role) -> Caller {
        Caller {
            user: UserId::try_from(7).unwrap(),
            role,
            session: SessionId::try_from(1).unwrap(),
        }
    }

    fn first() -> PageRequest<AuditKey> {
        PageRequest {
            after: None,
            limit: PageSize::default(),
        }
    }

    #[tokio::test]
    async fn only_admins_read_the_log() {
        let mut log = MockAuditRepository::new();
        log.expect_list().times(1).returning(|_, _| {
            Ok(Page {
                items: Vec::new(),
                next: None,
            })
        });
        let service = AuditService::new(Arc::new(log));
        let filter = AuditFilter::default();

        for role in [Role::Student, Role::Alumni, Role::Professor] {
            let refused = service.list(caller(role), &filter, first()).await;
            assert!(matches!(refused, Err(AuditError::NotAdmin)));
        }
        let read = service.list(caller(Role::Admin), &filter, first()).await;
        assert!(read.is_ok());
    }
}
