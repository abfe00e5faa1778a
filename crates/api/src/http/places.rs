//! Places for what is on its way, shared out fairly: whoever holds most gives way to who holds few,
//! so that nobody is kept out by a few who hold all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::rate_limit::Key;

/// So many places, and so many of them for one.
#[derive(Debug)]
pub struct Places {
    most: usize,
    most_of_one: usize,
    taken: Mutex<Taken>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPlace {
    /// Who asks holds as many as one may.
    OfOne,
    /// All are taken, and nobody holds more than who asks would.
    AtAll,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: HashMap<Key, Vec<Seat>>,
}

/// What is known of a place that is taken.
#[derive(Debug)]
struct Seat {
    lost: Arc<Notify>,
    /// Not to be taken away any more.
    kept: bool,
}

impl Places {
    /// All free: `most`, of which one holds `most_of_one` at most.
    pub fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            most_of_one,
            taken: Mutex::default(),
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place. If none is free, the oldest of whoever holds most is taken away for it, if that one
    /// still holds as many then as who asks.
    ///
    /// # Errors
    /// If there is none.
    pub fn take(self: &Arc<Self>, holder: Key) -> Result<Place, NoPlace> {
        let mut taken = self.taken();
        let own = taken.by.get(&holder).map_or(0, Vec::len);
        if own >= self.most_of_one {
            return Err(NoPlace::OfOne);
        }
        if taken.all >= self.most && !taken.take_from_other(own) {
            return Err(NoPlace::AtAll);
        }
        let lost = Arc::new(Notify::new());
        let seat = Seat {
            lost: lost.clone(),
            kept: false,
        };
        taken.by.entry(holder).or_default().push(seat);
        taken.all += 1;
        drop(taken);
        Ok(Place {
            places: self.clone(),
            holder,
            lost,
        })
    }
}

#[cfg(test)]
impl Places {
    /// How many are taken.
    pub fn held(&self) -> usize {
        self.taken().all
    }
}

impl Taken {
    /// Takes a place from who holds most, if that is at least two more than `own`.
    fn take_from_other(&mut self, own: usize) -> bool {
        let away = |seats: &[Seat]| seats.iter().position(|seat| !seat.kept);
        let others = self.by.iter_mut();
        let others = others.filter(|(_, seats)| seats.len() >= own + 2);
        let others = others.filter_map(|(_, seats)| Some((away(seats)?, seats)));
        let Some((oldest, seats)) = others.max_by_key(|(_, seats)| seats.len()) else {
            return false;
        };
        seats.remove(oldest).lost.notify_one();
        self.all -= 1;
        true
    }

    fn seat(&mut self, place: &Place) -> Option<(usize, &mut Vec<Seat>)> {
        let seats = self.by.get_mut(&place.holder)?;
        let same = |seat: &Seat| Arc::ptr_eq(&seat.lost, &place.lost);
        Some((seats.iter().position(same)?, seats))
    }
}

/// A place, until this is dropped or it is taken away.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    holder: Key,
    lost: Arc<Notify>,
}

impl Place {
    /// Returns when the place is taken away.
    pub async fn lost(&self) {
        self.lost.notified().await;
    }

    /// Keeps the place from being taken away, as what it was for has come; `None` if that happened
    /// already.
    pub fn keep(self) -> Option<Self> {
        let mut taken = self.places.taken();
        let (at, seats) = taken.seat(&self)?;
        seats[at].kept = true;
        drop(taken);
        Some(self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some((at, seats)) = taken.seat(self) {
            seats.remove(at);
            let none = seats.is_empty();
            taken.all -= 1;
            if none {
                taken.by.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn user(id: i64) -> Key {
        Key::User(id.try_into().unwrap())
    }

    fn is_lost(place: &Place) -> bool {
        let lost = pin!(place.lost());
        lost.poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
    }

    #[test]
    fn one_holds_a_few() {
        let places = Places::new(3, 2);
        let take = |id| places.take(user(id));

        let first = [take(1), take(1)].map(Result::unwrap);
        assert_eq!(take(1).unwrap_err(), NoPlace::OfOne);
        let second = take(2).unwrap();
        assert_eq!(take(2).unwrap_err(), NoPlace::AtAll);
        drop(first);
        let third = [take(2), take(1)].map(Result::unwrap);
        drop((second, third));
        assert!(places.taken().by.is_empty());
        assert_eq!(places.held(), 0);
    }

    #[test]
    fn who_holds_most_gives_way_to_who_holds_few() {
        let places = Places::new(5, 3);
        let take = |id| places.take(user(id));
        let first = [take(1), take(1), take(1)].map(Result::unwrap);
        let second = [take(2), take(2)].map(Result::unwrap);

        let third = take(3).unwrap();

        assert_eq!(first.each_ref().map(is_lost), [true, false, false]);
        assert_eq!(second.each_ref().map(is_lost), [false, false]);
        // Another holds two, as three would then.
        assert_eq!(take(3).unwrap_err(), NoPlace::AtAll);
        let fourth = take(4).unwrap();
        assert_eq!(places.held(), 5);
        drop((first, second, third, fourth));
        assert!(places.taken().by.is_empty());
        assert_eq!(places.held(), 0);
    }

    #[test]
    fn what_is_kept_is_not_taken_away() {
        let places = Places::new(2, 2);
        let take = |id| places.take(user(id));
        let [first, second] = [take(1), take(1)].map(Result::unwrap);

        let first = first.keep().unwrap();
        let third = take(2).unwrap();

        assert!(second.keep().is_none());
        assert_eq!(take(3).unwrap_err(), NoPlace::AtAll);
        assert_eq!(places.held(), 2);
        drop((first, third));
        assert_eq!(places.held(), 0);
    }
}
