//! How many requests are worked on at the same time, and for how long.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::rt;
use tracing::Instrument;

use super::{Problem, ProblemCode};

/// Counts the requests that are worked on.
#[derive(Debug)]
pub struct InFlight(Arc<Places>);

#[derive(Debug)]
struct Places {
    most: usize,
    now: AtomicUsize,
}

impl Places {
    fn take(&self) -> Result<(), Problem> {
        if self.now.fetch_add(1, Ordering::AcqRel) < self.most {
            return Ok(());
        }
        self.give_back();
        Err(Problem::new(ProblemCode::Overloaded))
    }

    fn give_back(&self) {
        self.now.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A request that is worked on, until this is dropped.
#[derive(Debug)]
pub struct Permit {
    places: Arc<Places>,
    counts: Cell<bool>,
}

impl Permit {
    /// Gives the place to others, as long as there is nothing to do but to wait for the client.
    pub fn leave(&self) {
        if self.counts.replace(false) {
            self.places.give_back();
        }
    }

    /// Takes a place again.
    ///
    /// # Errors
    /// 503 if others have all of them.
    pub fn come_back(&self) -> Result<(), Problem> {
        if !self.counts.get() {
            self.places.take()?;
            self.counts.set(true);
        }
        Ok(())
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.leave();
    }
}

impl InFlight {
    /// None yet, and never more than `most`.
    pub fn new(most: usize) -> Self {
        let now = AtomicUsize::new(0);
        Self(Arc::new(Places { most, now }))
    }

    /// Begins one.
    ///
    /// # Errors
    /// 503 if there are as many as there may be: to wait would only take memory.
    pub fn enter(&self) -> Result<Permit, Problem> {
        self.0.take()?;
        Ok(Permit {
            places: self.0.clone(),
            counts: Cell::new(true),
        })
    }
}

/// What `work` answers; `None` if it takes longer than `limit`.
///
/// It is not broken off then: what it stored is still told to others. Until it ends, it counts.
pub async fn within<T: 'static>(
    limit: Option<Duration>,
    permit: Option<Rc<Permit>>,
    mut work: Pin<Box<dyn Future<Output = T>>>,
) -> Option<T> {
    let Some(limit) = limit else {
        return Some(work.await);
    };
    if let Ok(answer) = tokio::time::timeout(limit, &mut work).await {
        return Some(answer);
    }
    let rest = async move {
        drop(work.await);
        drop(permit);
    };
    rt::spawn(rest.in_current_span());
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_most_and_again_when_one_has_ended() {
        let in_flight = InFlight::new(2);

        let first = in_flight.enter().unwrap();
        let second = in_flight.enter().unwrap();
        for _ in 0..3 {
            let problem = in_flight.enter().unwrap_err();
            assert_eq!(problem.to_string(), "overloaded");
        }
        drop(first);
        let third = in_flight.enter().unwrap();
        assert!(in_flight.enter().is_err());
        drop((second, third));
        assert_eq!(in_flight.0.now.load(Ordering::Acquire), 0);
    }

    #[actix_web::test]
    async fn what_takes_too_long_goes_on_and_counts_until_it_ends() {
        let in_flight = InFlight::new(1);
        let (go, going) = tokio::sync::oneshot::channel::<()>();
        let (ended, end) = tokio::sync::oneshot::channel::<()>();
        let work = async move {
            going.await.unwrap();
            drop(ended);
        };

        let limit = Some(Duration::from_millis(1));
        let answer = within(
            limit,
            Some(Rc::new(in_flight.enter().unwrap())),
            Box::pin(work),
        )
        .await;

        assert_eq!(answer, None);
        assert!(in_flight.enter().is_err());
        go.send(()).unwrap();
        end.await.unwrap_err();
        rt::task::yield_now().await;
        assert!(in_flight.enter().is_ok());
    }
}
