//! Who makes a request: the one question asked on every route.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use alumx_domain::account::{Caller, SessionId, SessionRepository, UserId};
use alumx_domain::clock::{Clock, Timestamp};
use alumx_domain::repository::RepositoryError;
use chrono::TimeDelta;
use moka::sync::Cache;

use crate::ports::TokenIssuer;

/// Why nobody knows who makes a request.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The token is not one of ours, has expired, or its session has ended.
    #[error("the access token is invalid or has expired")]
    InvalidToken,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Tells the caller of a request by its access token.
///
/// A token alone can't be taken back, so its session is looked up too, and the answer kept for
/// [`Authenticator::RECHECK_AFTER`]: a revoked session, a new role, a suspension or a deletion
/// counts at once on the instance that did it and within that time on all others.
pub struct Authenticator {
    tokens: Arc<dyn TokenIssuer>,
    sessions: Arc<dyn SessionRepository>,
    clock: Arc<dyn Clock>,
    /// Also remembers sessions that have ended: they never come back.
    known: Cache<SessionId, Known>,
    /// Counts what was forgotten, so that an answer can be told from an older one, also where the
    /// question was asked before something changed and answered after it.
    changes: AtomicU64,
    changed_sessions: Cache<SessionId, u64>,
    changed_users: Cache<UserId, u64>,
}

#[derive(Clone, Copy)]
struct Known {
    caller: Option<Caller>,
    checked_at: Timestamp,
    /// How many changes there had been when it was asked.
    changes: u64,
}

impl Authenticator {
    /// How long a session is trusted without another look.
    pub const RECHECK_AFTER: TimeDelta = TimeDelta::seconds(30);

    /// The most sessions remembered at once.
    const CAPACITY: u64 = 100_000;

    /// An authenticator that remembers nothing yet.
    pub fn new(
        tokens: Arc<dyn TokenIssuer>,
        sessions: Arc<dyn SessionRepository>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            tokens,
            sessions,
            clock,
            known: Cache::new(Self::CAPACITY),
            changes: AtomicU64::new(0),
            changed_sessions: Cache::new(Self::CAPACITY),
            changed_users: Cache::new(Self::CAPACITY),
        }
    }

    /// Who shows `token`.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, AuthenticationError> {
        Ok(self.admit(token).await?.0)
    }

    /// Who shows `token`, and until when that counts.
    pub async fn admit(&self, token: &str) -> Result<(Caller, Timestamp), AuthenticationError> {
        let now = self.clock.now();
        let claims = self
            .tokens
            .verify_access(token, now)
            .ok_or(AuthenticationError::InvalidToken)?;
        self.caller_of(claims.session, now)
            .await?
            .filter(|caller| caller.user == claims.user)
            .map(|caller| (caller, claims.expires_at))
            .ok_or(AuthenticationError::InvalidToken)
    }

    /// Whether what `caller` began may go on: the session is still open, even if the token that
    /// began it has expired meanwhile.
    pub async fn still_counts(&self, caller: Caller) -> Result<bool, RepositoryError> {
        let now = self.clock.now();
        let found = self.caller_of(caller.session, now).await?;
        Ok(found.is_some_and(|found| found.user == caller.user))
    }

    /// Looks at this session again at its next request.
    pub fn forget_session(&self, session: SessionId) {
        self.changed_sessions.insert(session, self.next_change());
    }

    /// Looks at all sessions of this user again at their next requests.
    pub fn forget_user(&self, user: UserId) {
        self.changed_users.insert(user, self.next_change());
    }

    async fn caller_of(
        &self,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<Caller>, RepositoryError> {
        let known = self.known.get(&session);
        match known.filter(|known| self.is_fresh(session, known, now)) {
            Some(known) => Ok(known.caller),
            None => self.look_up(session, now).await,
        }
    }

    async fn look_up(
        &self,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<Caller>, RepositoryError> {
        let changes = self.changes.load(Ordering::Acquire);
        let caller = self.sessions.find_caller(session).await?;
        let known = Known {
            caller,
            checked_at: now,
            changes,
        };
        self.known.insert(session, known);
        Ok(caller)
    }

    fn is_fresh(&self, session: SessionId, known: &Known, now: Timestamp) -> bool {
        // A clock that was set back must not lengthen the trust.
        let age = now - known.checked_at;
        let young = (TimeDelta::zero()..Self::RECHECK_AFTER).contains(&age);
        let user = known
            .caller
            .and_then(|caller| self.changed_users.get(&caller.user));
        let changed = user.max(self.changed_sessions.get(&session));
        young && changed.is_none_or(|change| known.changes >= change)
    }

    fn next_change(&self) -> u64 {
        self.changes.fetch_add(1, Ordering::AcqRel) + 1
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use alumx_domain::account::{MockSessionRepository, Role};

    use super::*;
    use crate::ports::{AccessClaims, MockTokenIssuer};

    struct ManualClock(Mutex<Timestamp>);

    impl Clock for ManualClock {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
    }

    impl ManualClock {
        fn advance(&self, by: TimeDelta) {
            *self.0.lock().unwrap() += by;
        }
    }

    fn caller() -> Caller {
        Caller {
            user: UserId::try_from(1).unwrap(),
            role: Role::Alumni,
            session: SessionId::try_from(2).unwrap(),
        }
    }

    /// An authenticator whose store is asked exactly as often as `answers` are given.
    fn authenticator(answers: Vec<Option<Caller>>) -> (Authenticator, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock(Mutex::new(Timestamp::UNIX_EPOCH)));
        let mut tokens = MockTokenIssuer::new();
        tokens.expect_verify_access().returning(|token, now| {
            let Caller {
                user,
                role,
                session,
            } = caller();
            let expires_at = now + TimeDelta::minutes(1);
            let claims = AccessClaims {
                user,
                role,
                session,
                issued_at: now,
                expires_at,
            };
            (token == "good").then_some(claims)
        });
        let mut sessions = MockSessionRepository::new();
        let mut answers = answers.into_iter();
        let times = answers.len();
        sessions
            .expect_find_caller()
            .times(times)
            .returning(move |_| Ok(answers.next().unwrap()));
        let authenticator = Authenticator::new(Arc::new(tokens), Arc::new(sessions), clock.clone());
        (authenticator, clock)
    }

    fn refused(result: &Result<Caller, AuthenticationError>) -> bool {
        matches!(result, Err(AuthenticationError::InvalidToken))
    }

    #[tokio::test]
    async fn a_session_is_looked_up_once_in_a_while_and_not_at_every_request() {
        let (authenticator, clock) = authenticator(vec![Some(caller()), None]);

        assert_eq!(authenticator.authenticate("good").await.unwrap(), caller());
        clock.advance(Authenticator::RECHECK_AFTER - TimeDelta::seconds(1));
        assert_eq!(authenticator.authenticate("good").await.unwrap(), caller());
        clock.advance(TimeDelta::seconds(1));
        assert!(refused(&authenticator.authenticate("good").await));
        assert!(refused(&authenticator.authenticate("good").await));
    }

    #[tokio::test]
    async fn a_token_that_is_not_ours_asks_no_store() {
        let (authenticator, _) = authenticator(vec![]);

        assert!(refused(&authenticator.authenticate("forged").await));
    }

    #[tokio::test]
    async fn what_is_forgotten_is_looked_up_again() {
        let demoted = Caller {
            role: Role::Student,
            ..caller()
        };
        let (authenticator, _) = authenticator(vec![Some(caller()), Some(demoted), None]);

        authenticator.authenticate("good").await.unwrap();
        authenticator.forget_user(caller().user);
        assert_eq!(authenticator.authenticate("good").await.unwrap(), demoted);
        authenticator.forget_session(caller().session);
        assert!(refused(&authenticator.authenticate("good").await));
    }

    #[tokio::test]
    async fn what_was_begun_goes_on_until_the_session_ends_and_not_the_token() {
        let demoted = Caller {
            role: Role::Student,
            ..caller()
        };
        let (authenticator, clock) = authenticator(vec![Some(caller()), Some(demoted), None]);

        assert!(authenticator.still_counts(caller()).await.unwrap());
        assert!(authenticator.still_counts(caller()).await.unwrap());
        clock.advance(TimeDelta::hours(1));
        assert!(authenticator.still_counts(caller()).await.unwrap());
        authenticator.forget_session(caller().session);
        assert!(!authenticator.still_counts(caller()).await.unwrap());
    }

    #[tokio::test]
    async fn an_answer_that_was_asked_for_before_a_change_is_not_kept() {
        let (authenticator, _) = authenticator(vec![None]);
        let before = authenticator.changes.load(Ordering::Acquire);
        authenticator.forget_session(caller().session);

        // A look-up that began before the session was ended, and ends after it.
        let checked_at = Timestamp::UNIX_EPOCH;
        let known = Known {
            caller: Some(caller()),
            checked_at,
            changes: before,
        };
        authenticator.known.insert(caller().session, known);

        assert!(refused(&authenticator.authenticate("good").await));
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_lengthens_no_trust() {
        let (authenticator, clock) = authenticator(vec![Some(caller()), None]);
        clock.advance(TimeDelta::hours(1));
        authenticator.authenticate("good").await.unwrap();

        clock.advance(TimeDelta::hours(-1));

        assert!(refused(&authenticator.authenticate("good").await));
    }
}
