//! Who may upload now: a few files of each user, and so many of all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use alumx_domain::account::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPlace {
    /// The user holds as many as a user may.
    OfUser,
    /// All are taken.
    AtAll,
}

/// How many places each user holds who holds any.
type Held = Mutex<HashMap<UserId, usize>>;

/// Places for uploads.
pub(super) struct Places {
    all: Arc<Semaphore>,
    held: Arc<Held>,
    per_user: usize,
}

impl Places {
    pub fn new(all: usize, per_user: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            held: Arc::default(),
            per_user,
        }
    }

    pub fn take(&self, user: UserId) -> Result<Place, NoPlace> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.get(&user).is_some_and(|held| *held >= self.per_user) {
            return Err(NoPlace::OfUser);
        }
        let one = self.all.clone().try_acquire_owned();
        let one = one.map_err(|_| NoPlace::AtAll)?;
        *held.entry(user).or_default() += 1;
        Ok(Place {
            _one: one,
            held: self.held.clone(),
            user,
        })
    }
}

/// A place for one upload, until the value is dropped.
pub struct Place {
    _one: OwnedSemaphorePermit,
    held: Arc<Held>,
    user: UserId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_holds_a_few_places_and_leaves_the_rest_to_others() {
        let places = Places::new(5, 2);
        let take = |id| places.take(UserId::try_from(id).unwrap());

        let ada = [take(1), take(1)].map(Result::unwrap);
        assert_eq!(take(1).err(), Some(NoPlace::OfUser));
        let others = [take(2), take(2), take(3)].map(Result::unwrap);
        assert_eq!(take(3).err(), Some(NoPlace::AtAll));
        drop(ada);
        assert!(take(3).is_ok() && take(1).is_ok());
        drop(others);
        assert!(places.held.lock().unwrap().is_empty());
    }
}
