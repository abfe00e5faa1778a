//! A bounded queue of jobs for threads, of whom the one that has been idle for the shortest time
//! gets the next: so few connections are busy and warm where few are enough, in place of all of
//! them in turn.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

/// How often a thread lets others run and looks again before it falls asleep.
const PATIENCE: usize = 8;

/// A way in. When the last one is dropped, the threads get what waits, and then nothing more.
pub(super) struct Entrance<J>(Arc<Jobs<J>>);

/// A way out.
pub(super) struct Exit<J>(Arc<Jobs<J>>);

struct Jobs<J> {
    most: usize,
    state: Mutex<State<J>>,
}

struct State<J> {
    waiting: VecDeque<J>,
    /// Threads without a job, the last one of them the last that had one.
    idle: Vec<Thread>,
    closed: bool,
}

/// A queue in which at most so many wait.
pub(super) fn queue<J>(most: usize) -> (Entrance<J>, Exit<J>) {
    let state = State {
        waiting: VecDeque::new(),
        idle: Vec::new(),
        closed: false,
    };
    let jobs = Arc::new(Jobs {
        most,
        state: Mutex::new(state),
    });
    (Entrance(jobs.clone()), Exit(jobs))
}

impl<J> Jobs<J> {
    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Entrance<J> {
    /// Puts a job in; gives it back if too many wait.
    pub(super) fn put(&self, job: J) -> Result<(), J> {
        if self.len() >= self.0.most {
            return Err(job);
        }
        self.put_on(job);
        Ok(())
    }

    /// Puts a job in, however many wait: for one that goes on with what was let in before.
    pub(super) fn put_on(&self, job: J) {
        let mut state = self.0.state();
        state.waiting.push_back(job);
        let idle = state.idle.pop();
        drop(state);
        idle.as_ref().map(Thread::unpark);
    }

    /// How many may wait.
    pub(super) fn most(&self) -> usize {
        self.0.most
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.0.state().waiting.len()
    }
}

impl<J> Drop for Entrance<J> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.closed = true;
        state.idle.drain(..).for_each(|thread| thread.unpark());
    }
}

impl<J> Clone for Exit<J> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<J> Exit<J> {
    /// The job that has waited longest, as soon as there is one; `None` if there will be none.
    pub(super) fn take(&self) -> Option<J> {
        let this = thread::current();
        let mut looked = 0;
        loop {
            let mut state = self.0.state();
            // It may have woken for no reason.
            state.idle.retain(|idle| idle.id() != this.id());
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            // Under load there is one at once: to fall asleep and be woken would take longer.
            if looked < PATIENCE {
                looked += 1;
                drop(state);
                thread::yield_now();
            } else {
                state.idle.push(this.clone());
                drop(state);
                thread::park();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn jobs_come_out_in_their_order_and_no_more_than_the_most_wait() {
        let (entrance, exit) = queue(2);

        assert_eq!(
            [1, 2, 3].map(|job| entrance.put(job)),
            [Ok(()), Ok(()), Err(3)]
        );
        assert_eq!((exit.take(), entrance.len()), (Some(1), 1));
        entrance.put(3).unwrap();
        drop(entrance);

        assert_eq!(
            [exit.take(), exit.take(), exit.take()],
            [Some(2), Some(3), None]
        );
    }

    #[test]
    fn every_job_is_done_once_and_the_threads_end() {
        let (entrance, exit) = queue(10_000);
        let (done, all) = mpsc::channel();
        let threads = [(); 4].map(|()| {
            let (exit, done) = (exit.clone(), done.clone());
            thread::spawn(move || {
                while let Some(job) = exit.take() {
                    done.send(job).unwrap();
                }
            })
        });
        drop(done);

        for job in 0..10_000 {
            entrance.put(job).unwrap();
        }
        drop(entrance);
        for thread in threads {
            thread.join().unwrap();
        }

        let mut all: Vec<i32> = all.into_iter().collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..10_000));
    }

    #[test]
    fn the_thread_that_had_the_last_job_gets_the_next() {
        let (entrance, exit) = queue::<mpsc::Sender<thread::ThreadId>>(1);
        for _ in 0..3 {
            let exit = exit.clone();
            thread::spawn(move || {
                while let Some(answer) = exit.take() {
                    answer.send(thread::current().id()).unwrap();
                }
            });
        }
        let all_idle = |count| {
            while entrance.0.state().idle.len() < count {
                thread::yield_now();
            }
        };
        let ask = || {
            all_idle(3);
            let (answer, answered) = mpsc::channel();
            entrance.put(answer).unwrap();
            answered.recv().unwrap()
        };

        let first = ask();

        assert!((0..20).all(|_| ask() == first));
    }
}
