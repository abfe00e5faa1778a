//! Whose texts are being kept at the moment.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use alumx_domain::account::UserId;

/// Sees to it that of each user one text is kept at a time, however many readers made one.
#[derive(Default)]
pub(super) struct Keeping(Mutex<HashSet<UserId>>);

impl Keeping {
    fn users(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That a text of this user is being kept, until the value is dropped; `None` if one is already.
    pub fn begin(&self, user: UserId) -> Option<Kept<'_>> {
        let is_first = self.users().insert(user);
        // Not made otherwise: dropped, it would end what the first has begun.
        is_first.then(|| Kept {
            keeping: self,
            user,
        })
    }
}

/// A text that is being kept.
pub(super) struct Kept<'a> {
    keeping: &'a Keeping,
    user: UserId,
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        self.keeping.users().remove(&self.user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::user;

    #[test]
    fn of_each_user_one_is_kept_at_a_time() {
        let keeping = Keeping::default();

        let first = keeping.begin(user(1));
        assert!(first.is_some());
        for _ in 0..2 {
            assert!(keeping.begin(user(1)).is_none());
        }
        assert!(keeping.begin(user(2)).is_some());
        drop(first);
        assert!(keeping.begin(user(1)).is_some());
    }
}
