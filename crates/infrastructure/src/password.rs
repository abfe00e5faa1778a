//! Passwords hashed by Argon2id.

use std::sync::Arc;

use alumx_application::ports::{HasherError, PasswordHasher, Verdict};
use alumx_domain::account::{Password, PasswordHash};
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use tokio::sync::{Semaphore, TryAcquireError};

/// Hashes by Argon2id with 19 MiB of memory, two passes and one lane: the minimum that the OWASP
/// Password Storage Cheat Sheet recommends. A hash takes about 13 ms of one core.
///
/// At most `parallel` hashes are computed at once, on threads of their own, and at most
/// [`Argon2Hasher::QUEUE`] more wait: a flood of sign-ins fails early and starves nothing else.
pub struct Argon2Hasher {
    parallel: usize,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

/// How busy a hasher is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HasherLoad {
    /// Passwords that are being hashed.
    pub running: usize,
    /// Passwords that wait for that.
    pub waiting: usize,
}

/// Compared with when there is no account, so that it takes as long. It is the hash of nothing.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$YWx1bXggZGVjb3kgc2FsdA$omI/PLtFiqEm32UXkOn7j6fSPIQlrabXyrNXxy0XPus";

impl Argon2Hasher {
    /// How many passwords may wait to be hashed: about a second's work for one core.
    pub const QUEUE: usize = 64;

    /// A hasher that computes up to `parallel` hashes at once.
    pub fn new(parallel: usize) -> Self {
        let parallel = parallel.max(1);
        Self {
            parallel,
            running: Arc::new(Semaphore::new(parallel)),
            admitted: Arc::new(Semaphore::new(parallel + Self::QUEUE)),
        }
    }

    /// How busy it is right now.
    pub fn load(&self) -> HasherLoad {
        let running = self.parallel - self.running.available_permits().min(self.parallel);
        let free = self.admitted.available_permits();
        let admitted = (self.parallel + Self::QUEUE).saturating_sub(free);
        HasherLoad {
            running,
            waiting: admitted.saturating_sub(running),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HasherError> + Send + 'static,
    ) -> Result<T, HasherError> {
        let _admitted = self
            .admitted
            .clone()
            .try_acquire_owned()
            .map_err(|error| match error {
                TryAcquireError::NoPermits => HasherError::Busy,
                TryAcquireError::Closed => unexpected(error),
            })?;
        let running = self
            .running
            .clone()
            .acquire_owned()
            .await
            .map_err(unexpected)?;
        tokio::task::spawn_blocking(move || {
            // Held by the work, not by the request: one that is dropped doesn't end the work.
            let _running = running;
            work()
        })
        .await
        .map_err(unexpected)?
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError> {
        self.run(move || hash(password.expose())).await
    }

    async fn verify(
        &self,
        password: Password,
        stored: Option<PasswordHash>,
    ) -> Result<Verdict, HasherError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| PasswordHash::from_phc(DECOY.to_owned()));
        let verdict = self.run(move || verify(password.expose(), &stored)).await?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

pub(crate) fn hash(password: &str) -> Result<PasswordHash, HasherError> {
    let phc = argon2()
        .hash_password(password.as_bytes())
        .map_err(unexpected)?;
    Ok(PasswordHash::from_phc(phc.to_string()))
}

fn verify(password: &str, stored: &str) -> Result<Verdict, HasherError> {
    let phc = Phc::new(stored).map_err(unexpected)?;
    if argon2().verify_password(password.as_bytes(), &phc).is_err() {
        return Ok(Verdict::Wrong);
    }
    let today = hash_parameters(&Params::DEFAULT);
    let current = phc.algorithm.as_str() == Algorithm::Argon2id.as_str()
        && Params::try_from(&phc).is_ok_and(|params| hash_parameters(&params) == today);
    Ok(if current {
        Verdict::Right
    } else {
        Verdict::Outdated
    })
}

fn hash_parameters(params: &Params) -> (u32, u32, u32) {
    (params.m_cost(), params.t_cost(), params.p_cost())
}

fn unexpected<E: std::fmt::Display>(error: E) -> HasherError {
    HasherError::Unexpected(format!("{error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::claimed(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_opens_its_own_hash_only() {
        let hasher = Argon2Hasher::new(2);

        let hash = hasher.hash(password("correct horse")).await.unwrap();

        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            &*hash
        );
        let verify = |text, hash| hasher.verify(password(text), hash);
        assert_eq!(
            verify("correct horse", Some(hash.clone())).await.unwrap(),
            Verdict::Right
        );
        assert_eq!(
            verify("correct horsf", Some(hash)).await.unwrap(),
            Verdict::Wrong
        );
        assert_eq!(verify("decoy", None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_hash_with_other_parameters_is_outdated() {
        let old = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8192, 1, 1, None).unwrap(),
        );
        let phc = old.hash_password(b"correct horse").unwrap().to_string();

        let verdict = Argon2Hasher::new(1)
            .verify(password("correct horse"), Some(PasswordHash::from_phc(phc)))
            .await;

        assert_eq!(verdict.unwrap(), Verdict::Outdated);
    }

    #[tokio::test]
    async fn a_flood_is_refused_early() {
        let hasher = Argon2Hasher::new(1);
        let _all = hasher.admitted.clone().try_acquire_many_owned(65).unwrap();

        let refused = hasher.hash(password("correct horse")).await;

        assert!(matches!(refused, Err(HasherError::Busy)));
    }
}
