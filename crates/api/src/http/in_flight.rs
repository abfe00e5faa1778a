//! How many requests are worked on at the same time, and for how long.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::rt;
use tracing::Instrument;

use super::{Problem, ProblemCode};

/// Counts the requests that are worked on.
#[derive(Debug)]
pub struct InFlight {
    most: usize,
    now: Arc<AtomicUsize>,
}

/// A request that is worked on, until this is dropped.
#[derive(Debug)]
pub struct Permit(Arc<AtomicUsize>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl InFlight {
    /// None yet, and never more than `most`.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            now: Arc::default(),
        }
    }

    /// Begins one.
    ///
    /// # Errors
    /// 503 if there are as many as there may be: to wait would only take memory.
    pub fn enter(&self) -> Result<Permit, Problem> {
        let before = self.now.fetch_add(1, Ordering::AcqRel);
        let permit = Permit(self.now.clone());
        if before >= self.most {
            return Err(Problem::new(ProblemCode::Overloaded));
        }
        Ok(permit)
    }
}

/// What `work` answers; `None` if it takes longer than `limit`.
///
/// It is not broken off then: what it stored is still told to others. Until it ends, it counts.
pub async fn within<T: 'static>(
    limit: Option<Duration>,
    permit: Option<Permit>,
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
        assert_eq!(in_flight.now.load(Ordering::Acquire), 0);
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
        let answer = within(limit, Some(in_flight.enter().unwrap()), Box::pin(work)).await;

        assert_eq!(answer, None);
        assert!(in_flight.enter().is_err());
        go.send(()).unwrap();
        end.await.unwrap_err();
        rt::task::yield_now().await;
        assert!(in_flight.enter().is_ok());
    }
}
