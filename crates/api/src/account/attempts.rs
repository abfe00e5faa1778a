//! Guesses at passwords, which are counted by account.

use alumx_application::account::AccountError;

use crate::http::Problem;
use crate::http::rate_limit::{Key, Limit, RateLimits};

/// Lets somebody try a password. Each try is counted before its outcome is known, so that many at
/// once don't pass, and taken back if the password was not wrong. A client that goes away before
/// the answer has guessed.
///
/// # Errors
/// 429 after too many wrong ones, for the right one as well: else it would go on being guessed.
pub async fn attempt<T>(
    limits: &RateLimits,
    account: Key,
    outcome: impl Future<Output = Result<T, AccountError>>,
) -> Result<Result<T, AccountError>, Problem> {
    limits.check(Limit::FailedLogin, account)?;
    let outcome = outcome.await;
    let wrong = matches!(
        outcome,
        Err(AccountError::InvalidCredentials | AccountError::IncorrectPassword)
    );
    if !wrong {
        limits.give_back(Limit::FailedLogin, account);
    }
    Ok(outcome)
}
