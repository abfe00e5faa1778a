//! Those who wait to be served together.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use alumx_domain::repository::RepositoryError;
use tokio::sync::oneshot;
use tracing::Span;

use super::{Done, Shared};
use crate::db::workers::{Turn, too_many};

/// After how long those who wait get another lane: what is under way may hang.
pub(super) const LONG: Duration = Duration::from_millis(20);

/// One who waits.
pub(super) struct Caller<S: Shared> {
    pub(super) turn: Turn,
    pub(super) span: Span,
    pub(super) answer: oneshot::Sender<Result<Done<S>, RepositoryError>>,
}

impl<S: Shared> Caller<S> {
    pub(super) fn tell(self, done: Result<Done<S>, RepositoryError>) {
        // Nobody listens any more if the request was dropped meanwhile.
        let _ = self.answer.send(done);
    }
}

/// Those who wait, and how many lanes take them.
pub(super) struct Line<S: Shared> {
    /// The most callers that one statement does it for.
    at_once: usize,
    waiting: VecDeque<(S, Caller<S>)>,
    lanes: usize,
    /// How many of the lanes wait for a connection.
    queued: usize,
    /// When a lane was opened or took callers last.
    moved: Instant,
}

impl<S: Shared> Line<S> {
    pub(super) fn new(at_once: usize) -> Self {
        Self {
            at_once,
            waiting: VecDeque::new(),
            lanes: 0,
            queued: 0,
            moved: Instant::now(),
        }
    }

    /// Lets somebody wait, if fewer do than may; whether one of the lanes is to be opened for it.
    pub(super) fn enter(
        &mut self,
        wanted: S,
        caller: Caller<S>,
        (most, threads): (usize, usize),
        in_line: &AtomicUsize,
    ) -> Result<bool, RepositoryError> {
        if in_line.load(Ordering::Relaxed) >= most {
            return Err(too_many());
        }
        self.waiting.push_back((wanted, caller));
        in_line.fetch_add(1, Ordering::Relaxed);
        // A crowd has up to half of the connections besides: others ask for something too.
        let crowds = ((self.waiting.len() - 1) / self.at_once).min(threads / 2);
        let opens = self.lanes < (S::LANES + crowds).min(threads);
        if opens {
            self.open();
        }
        Ok(opens)
    }

    fn open(&mut self) {
        self.lanes += 1;
        self.queued += 1;
        self.moved = Instant::now();
    }

    /// A lane has got a connection.
    pub(super) fn begin(&mut self) {
        self.queued -= 1;
    }

    /// A lane leaves its connection to others, and waits for one behind them.
    pub(super) fn give_way(&mut self) {
        self.queued += 1;
    }

    /// Whether another lane is to be opened because those who wait have done so for long. One that
    /// waits for a connection itself takes them as soon as another would.
    pub(super) fn is_stuck(&mut self, threads: usize) -> bool {
        let is_stuck = !self.waiting.is_empty()
            && self.queued == 0
            && self.lanes < threads
            && self.moved.elapsed() >= LONG;
        if is_stuck {
            self.open();
        }
        is_stuck
    }

    /// Those who have waited longest and can be served together.
    pub(super) fn next(&mut self, in_line: &AtomicUsize) -> (Vec<S>, Vec<Caller<S>>) {
        self.moved = Instant::now();
        let before = self.waiting.len();
        let (mut wanted, mut callers) = (Vec::new(), Vec::new());
        let mut later = VecDeque::new();
        while wanted.len() < self.at_once
            && let Some((next, caller)) = self.waiting.pop_front()
        {
            if caller.answer.is_closed() {
                continue;
            }
            if !next.goes_with(&wanted) {
                later.push_back((next, caller));
            } else if caller.turn.take() {
                wanted.push(next);
                callers.push(caller);
            }
        }
        later.append(&mut self.waiting);
        self.waiting = later;
        in_line.fetch_sub(before - self.waiting.len(), Ordering::Relaxed);
        (wanted, callers)
    }

    /// Whether a lane has more to do; if not, it is closed.
    pub(super) fn goes_on(&mut self) -> bool {
        let goes_on = !self.waiting.is_empty();
        self.lanes -= usize::from(!goes_on);
        goes_on
    }

    pub(super) fn close_lane(&mut self, in_line: &AtomicUsize) -> Vec<Caller<S>> {
        self.lanes -= 1;
        if self.lanes > 0 {
            return Vec::new();
        }
        in_line.fetch_sub(self.waiting.len(), Ordering::Relaxed);
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().map(|(_, caller)| caller).collect()
    }
}

#[cfg(test)]
mod tests;
