//! Which refused sign-ins are noted in the audit log.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use alumx_domain::account::UserId;
use moka::sync::Cache;

use super::{AccountError, AccountService, Client};

/// Counts what was refused lately, so that who guesses passwords doesn't fill the audit log: of
/// one address and one identifier, ten in a minute are noted, and no more.
///
/// By what was typed and not by the account it names: else the time that a refusal takes would
/// tell whether there is such an account. Distinct identifiers can't come faster than passwords
/// are compared.
pub struct RefusedSignIns {
    lately: Cache<(Option<IpAddr>, u64), Arc<AtomicU32>>,
    hashes: RandomState,
}

impl Default for RefusedSignIns {
    fn default() -> Self {
        let lately = Cache::builder()
            .max_capacity(10_000)
            .time_to_live(Duration::from_mins(1))
            .build();
        Self {
            lately,
            hashes: RandomState::new(),
        }
    }
}

impl RefusedSignIns {
    const NOTED_PER_MINUTE: u32 = 10;

    /// Counts one, and tells whether to note it.
    fn is_to_be_noted(&self, address: Option<IpAddr>, typed: &str) -> bool {
        let typed = self.hashes.hash_one(typed.to_lowercase());
        let count = self.lately.get_with((address, typed), Arc::default);
        count.fetch_add(1, Ordering::Relaxed) < Self::NOTED_PER_MINUTE
    }
}

impl AccountService {
    /// Notes a refused sign-in, if that is what `error` says; returns what to answer.
    pub(super) async fn note(
        &self,
        error: AccountError,
        typed: &str,
        user: Option<UserId>,
        client: &Client,
    ) -> AccountError {
        let refused = matches!(
            error,
            AccountError::InvalidCredentials | AccountError::Suspended
        );
        if !refused || !self.refused.is_to_be_noted(client.ip_address, typed) {
            return error;
        }
        let by = client.occasion(None, self.clock.now());
        match self.sessions.note_refused(user, &by).await {
            Ok(()) => error,
            // An attempt that can't be noted isn't answered either.
            Err(failure) => failure.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_address_and_identifier_ten_in_a_minute_are_noted() {
        let refused = RefusedSignIns::default();
        let noted = |address: &str, typed: &str| {
            let address = Some(address.parse().unwrap());
            (0..15)
                .filter(|_| refused.is_to_be_noted(address, typed))
                .count()
        };

        assert_eq!(noted("203.0.113.7", "ada"), 10);
        assert_eq!(noted("203.0.113.7", "ADA"), 0);
        assert_eq!(noted("203.0.113.7", "bob"), 10);
        assert_eq!(noted("203.0.113.8", "ada"), 10);
    }
}
