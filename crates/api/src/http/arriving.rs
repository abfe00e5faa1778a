//! Bodies on their way. While one arrives, its request is not worked on and takes no place of those
//! that are: else whoever sends slowly would keep everybody out. They have places of their own.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::Poll;

use tokio::task::yield_now;

use super::in_flight::Permit;
use super::places::{NoPlace, Places};
use super::rate_limit::Key;
use super::{Problem, ProblemCode};

/// The bodies that are on their way: those of users apart from those of strangers, so that nobody
/// has to sign in to be heard beside a flood.
#[derive(Debug)]
pub struct Arrivals {
    strangers: Arc<Places>,
    users: Arc<Places>,
}

impl Arrivals {
    /// None yet; of users as of strangers never more than `most`, and of one of them never more
    /// than `most_of_one`.
    pub fn new(most: usize, most_of_one: usize) -> Self {
        Self {
            strangers: Places::new(most, most_of_one),
            users: Places::new(most, most_of_one),
        }
    }

    /// What the body of one request needs, which this user or address sends.
    pub fn of(&self, sender: Key, permit: &Rc<Permit>) -> Arrival {
        let places = match sender {
            Key::User(_) => &self.users,
            Key::Address(_) | Key::Account(_) => &self.strangers,
        };
        Arrival {
            places: places.clone(),
            sender,
            permit: Rc::downgrade(permit),
        }
    }
}

fn no_place(none: NoPlace) -> Problem {
    match none {
        NoPlace::OfOne => Problem::new(ProblemCode::RateLimited)
            .detail("too many bodies are on their way from you; send them faster"),
        NoPlace::AtAll => Problem::new(ProblemCode::Overloaded),
    }
}

/// How the body of a request is waited for.
#[derive(Debug, Clone)]
pub struct Arrival {
    places: Arc<Places>,
    sender: Key,
    /// Not kept from ending with the work on the request: this lives as long as its answer.
    permit: Weak<Permit>,
}

impl Arrival {
    /// The body, once it is there.
    ///
    /// # Errors
    /// 429 if too many of the same sender are on their way; 503 if too many are at all, or if there
    /// is no room to work on the request when its body has come.
    pub async fn wait<T>(&self, body: impl Future<Output = T>) -> Result<T, Problem> {
        let mut body = pin!(body);
        if let Poll::Ready(body) = poll_once(body.as_mut()).await {
            return Ok(body);
        }
        let permit = self.permit.upgrade();
        if let Some(permit) = &permit {
            permit.leave();
        }
        // Most bodies come along with their head, and the framework hands them over after it has
        // called us: they need no place.
        yield_now().await;
        let body = match poll_once(body.as_mut()).await {
            Poll::Ready(body) => body,
            Poll::Pending => {
                let place = self.places.take(self.sender).map_err(no_place)?;
                tokio::select! {
                    biased;
                    body = body => body,
                    () = place.lost() => {
                        let detail = "others needed the place of a body that came slowly";
                        return Err(Problem::new(ProblemCode::Overloaded).detail(detail));
                    }
                }
            }
        };
        if let Some(permit) = &permit {
            permit.come_back()?;
        }
        Ok(body)
    }
}

async fn poll_once<T>(mut future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use actix_web::rt;
    use actix_web::rt::task::JoinHandle;
    use futures_util::future::select_all;
    use tokio::sync::oneshot;

    use super::*;
    use crate::http::in_flight::InFlight;

    fn user(id: i64) -> Key {
        Key::User(id.try_into().unwrap())
    }

    /// A request of this user whose body never comes; how it ends.
    fn slow(id: i64, arrivals: &Arrivals, in_flight: &InFlight) -> JoinHandle<ProblemCode> {
        let permit = Rc::new(in_flight.enter().unwrap());
        let arrival = arrivals.of(user(id), &permit);
        rt::spawn(async move {
            let _permit = permit;
            arrival.wait(pending::<()>()).await.unwrap_err().code()
        })
    }

    #[actix_web::test]
    async fn a_slow_body_gives_way_to_that_of_another() {
        let in_flight = InFlight::new(3);
        let arrivals = Arrivals::new(2, 2);
        let of_one = [1, 1].map(|id| slow(id, &arrivals, &in_flight));
        while arrivals.users.held() < 2 {
            yield_now().await;
        }

        let of_other = slow(2, &arrivals, &in_flight);

        let (ended, _, others) = select_all(of_one).await;
        assert_eq!(ended.unwrap(), ProblemCode::Overloaded);
        let left = [&others[0], &of_other];
        assert!(left.iter().all(|slow| !slow.is_finished()));
        for slow in left {
            slow.abort();
        }
    }

    #[actix_web::test]
    async fn what_is_there_needs_no_place() {
        let in_flight = InFlight::new(1);
        let permit = Rc::new(in_flight.enter().unwrap());
        let arrival = Arrivals::new(0, 0).of(user(1), &permit);

        assert_eq!(arrival.wait(ready(1)).await.unwrap(), 1);
        let late = arrival.wait(pending::<()>()).await.unwrap_err();
        assert_eq!(late.code(), ProblemCode::RateLimited);
    }

    #[actix_web::test]
    async fn a_body_that_comes_at_once_takes_no_place() {
        let in_flight = InFlight::new(3);
        let arrivals = Arrivals::new(2, 1);
        let slow = slow(1, &arrivals, &in_flight);
        while arrivals.users.held() < 1 {
            yield_now().await;
        }
        let permit = Rc::new(in_flight.enter().unwrap());
        let of_same = arrivals.of(user(1), &permit);
        let soon = async {
            yield_now().await;
            7
        };

        assert_eq!(of_same.wait(soon).await.unwrap(), 7);
        assert!(!slow.is_finished());
        slow.abort();
    }

    #[actix_web::test]
    async fn a_request_takes_no_place_of_others_until_its_body_is_there() {
        for full in [false, true] {
            let in_flight = InFlight::new(1);
            let permit = Rc::new(in_flight.enter().unwrap());
            let arrival = Arrivals::new(1, 1).of(user(1), &permit);
            let (sender, body) = oneshot::channel();
            let waiting = rt::spawn(async move { arrival.wait(body).await });
            yield_now().await;

            let other = in_flight.enter().unwrap();
            let other = full.then_some(other);
            sender.send(7).unwrap();
            let body = waiting.await.unwrap();

            if full {
                assert_eq!(body.unwrap_err().code(), ProblemCode::Overloaded);
            } else {
                assert_eq!(body.unwrap().unwrap(), 7);
                in_flight.enter().unwrap_err();
            }
            drop((permit, other));
            in_flight.enter().unwrap();
        }
    }
}
