//! Who has come how often, in bounded memory.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

use super::Key;

/// Parts that are locked one by one.
const SHARDS: usize = 16;

/// Keys that are remembered in each part. Beyond, one of them is forgotten for each new one: a
/// flood from very many addresses costs accuracy, never memory.
pub(super) const KEYS_PER_SHARD: usize = 4096;

/// When each key will have its whole quota again.
#[derive(Clone, Default)]
pub(super) struct Places(Arc<Shards>);

#[derive(Default)]
struct Shards {
    shards: [Mutex<HashMap<Key, Nanos>>; SHARDS],
    hasher: RandomState,
}

impl Places {
    /// Takes back one that was counted, for which this much time was to go by.
    pub(super) fn give_back(&self, key: &Key, interval: Duration) {
        if let Some(full_at) = self.shard(key).get_mut(key) {
            *full_at = full_at.saturating_sub(interval.into());
        }
    }

    fn shard(&self, key: &Key) -> MutexGuard<'_, HashMap<Key, Nanos>> {
        let hash = self.0.hasher.hash_one(key) % SHARDS as u64;
        let shard = usize::try_from(hash).unwrap_or_default();
        lock(&self.0.shards[shard])
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StateStore for Places {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut shard = self.shard(key);
        let known = shard.get(key).copied();
        let (outcome, full_at) = f(known)?;
        if known.is_none() && shard.len() >= KEYS_PER_SHARD {
            let other = shard.keys().next().copied();
            other.map(|other| shard.remove(&other));
        }
        shard.insert(*key, full_at);
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<Key> for Places {
    fn retain_recent(&self, drop_below: Nanos) {
        for shard in &self.0.shards {
            lock(shard).retain(|_, full_at| *full_at > drop_below);
        }
    }

    fn len(&self) -> usize {
        self.0.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
