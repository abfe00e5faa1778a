//! The audit log, for admins.

use std::sync::Arc;

use alumx_domain::account::Caller;
use alumx_domain::audit::{AuditEntry, AuditFilter, AuditKey, AuditRepository};
use alumx_domain::clock::Clock;
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::RepositoryError;
use chrono::TimeDelta;

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
    clock: Arc<dyn Clock>,
}

/// How often some old entries are forgotten in a row, so that it has an end: others go tomorrow.
const IN_A_ROW: usize = 1000;

impl AuditService {
    /// A service over these ports.
    pub fn new(log: Arc<dyn AuditRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { log, clock }
    }

    /// Forgets what is older than `kept`; how many entries. To be called once a day.
    pub async fn forget(&self, kept: TimeDelta) -> Result<usize, AuditError> {
        let before = self.clock.now() - kept;
        let mut forgotten = 0;
        for _ in 0..IN_A_ROW {
            match self.log.forget_some(before).await? {
                0 => break,
                more => forgotten += more,
            }
        }
        Ok(forgotten)
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
    use alumx_domain::account::Role;
    use alumx_domain::audit::MockAuditRepository;
    use alumx_domain::page::PageSize;

    use super::*;
    use crate::testing::{caller_as, clock};

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
        let service = AuditService::new(Arc::new(log), Arc::new(clock()));
        let filter = AuditFilter::default();

        for role in [Role::Student, Role::Alumni, Role::Professor] {
            let refused = service.list(caller_as(1, role), &filter, first()).await;
            assert!(matches!(refused, Err(AuditError::NotAdmin)));
        }
        let read = service
            .list(caller_as(1, Role::Admin), &filter, first())
            .await;
        assert!(read.is_ok());
    }

    #[tokio::test]
    async fn what_is_old_is_forgotten_until_nothing_is_left_of_it() {
        let mut log = MockAuditRepository::new();
        let mut left = vec![0, 7, 1000, 1000];
        log.expect_forget_some()
            .withf(|before| *before == clock().now() - TimeDelta::days(30))
            .times(4)
            .returning(move |_| Ok(left.pop().unwrap()));
        let service = AuditService::new(Arc::new(log), Arc::new(clock()));

        assert_eq!(service.forget(TimeDelta::days(30)).await.unwrap(), 2007);
    }

    #[tokio::test]
    async fn there_is_an_end_to_the_forgetting() {
        let mut log = MockAuditRepository::new();
        log.expect_forget_some()
            .times(IN_A_ROW)
            .returning(|_| Ok(1000));
        let service = AuditService::new(Arc::new(log), Arc::new(clock()));

        assert!(service.forget(TimeDelta::days(30)).await.is_ok());
    }
}
