//! Group commit: what many callers want at the same time is done by one statement, whose commit
//! they share.

use std::any::type_name;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alumx_domain::repository::RepositoryError;
use diesel::result::DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
use diesel::result::Error;
use diesel::{PgConnection, QueryResult};
use tokio::sync::oneshot;
use tracing::Span;

use super::query_span::query_span;
use super::workers::{Connection, Turn, too_many};
use super::{Db, attempt};

/// What one statement can do for many callers.
pub(crate) trait Shared: Sized + Send + 'static {
    /// What a caller is answered.
    type Answer: Send + 'static;

    /// How many statements are under way at once, unless more wait than the next one does for.
    /// While these are busy, others gather for the next one: with more of them there would be less
    /// to share.
    const LANES: usize;

    /// The most callers that one statement does it for.
    const MOST: usize;

    /// Whether no harm is done if it is done once more, as with what only reads.
    const MAY_REPEAT: bool;

    /// Whether one statement can do it with what it does for these others.
    fn goes_with(&self, others: &[Self]) -> bool;

    /// Does it for one caller.
    fn alone(&self, conn: &mut PgConnection) -> QueryResult<Self::Answer>;

    /// Does it for these callers by one statement, as far as nothing is in the way. An answer for
    /// each of them, in their order; what has none was not done.
    fn together(conn: &mut PgConnection, these: &[Self]) -> QueryResult<Vec<Option<Self::Answer>>>;
}

/// Does what callers want, together where they come together. Whoever comes alone is not kept
/// waiting for others; and a lane never waits for what one of them wants, which is then done by
/// whichever worker is free.
pub(crate) struct Together<S: Shared> {
    db: Db,
    line: Arc<Mutex<Line<S>>>,
}

impl<S: Shared> Clone for Together<S> {
    fn clone(&self) -> Self {
        Self {
            db: self.db.clone(),
            line: self.line.clone(),
        }
    }
}

impl<S: Shared> Together<S> {
    /// Nobody waits yet.
    pub(crate) fn new(db: Db) -> Self {
        Self {
            db,
            line: Arc::default(),
        }
    }

    /// Does it as soon as a connection is free, as [`Db::run`] does a query.
    pub(crate) async fn run(&self, wanted: S) -> Result<S::Answer, RepositoryError> {
        let (answer, answered) = oneshot::channel();
        let turn = Turn::default();
        let caller = Caller {
            turn: turn.clone(),
            span: Span::current(),
            answer,
        };
        let (most, in_line) = self.db.workers.line();
        let lanes = self.db.workers.threads() / 2;
        let opens = self.line().enter(wanted, caller, (most, lanes), in_line)?;
        if opens {
            self.go_on();
        }
        let timeout = self.db.statement_timeout;
        match self.db.workers.wait(answered, &turn, timeout).await? {
            Done::Yes(answer) => Ok(answer),
            // What is in its way is in nobody else's.
            Done::No(wanted) => self.db.run(move |conn| wanted.alone(conn)).await,
        }
    }

    /// As [`Db::read`] does: with a replica that may be asked, each is done alone.
    pub(crate) async fn read(&self, wanted: S) -> Result<S::Answer, RepositoryError>
    where
        S: Sync,
    {
        if self.db.replica.is_some() {
            return self.db.read(move |conn| wanted.alone(conn)).await;
        }
        self.run(wanted).await
    }

    /// As [`Db::read_one`] does, and else as [`read`](Self::read).
    pub(crate) async fn read_one<T>(&self, wanted: S) -> Result<Option<T>, RepositoryError>
    where
        S: Shared<Answer = Option<T>> + Sync,
        T: Send + 'static,
    {
        if self.db.replica.is_some() {
            return self.db.read_one(move |conn| wanted.alone(conn)).await;
        }
        self.run(wanted).await
    }

    fn line(&self) -> MutexGuard<'_, Line<S>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a lane go on, behind all queries that wait already.
    fn go_on(&self) {
        let this = self.clone();
        self.db
            .workers
            .go_on(move |connection| this.steps(connection));
    }

    /// Does steps of a lane until it ends or somebody else waits for the connection.
    fn steps(&self, connection: &mut Connection) {
        loop {
            if let Err(reason) = connection.get() {
                return self.close_lane(&RepositoryError::Unavailable(reason));
            }
            self.step(connection);
            if !self.line().goes_on() {
                return;
            }
            if self.db.workers.somebody_waits() {
                return self.go_on();
            }
        }
    }

    fn step(&self, connection: &mut Connection) {
        let (_, in_line) = self.db.workers.line();
        let (wanted, callers) = self.line().next(in_line);
        let span = callers.first().map(|first| first.span.clone());
        let _entered = span.as_ref().map(Span::enter);
        let query = query_span(type_name::<S>());
        let done = query
            .in_scope(|| connection.run(|conn| do_all(conn, wanted), self.db.statement_timeout));
        match done {
            Ok(done) => {
                for (caller, done) in callers.into_iter().zip(done) {
                    caller.tell(Ok(done));
                }
            }
            Err(error) => tell_all(callers, &error),
        }
    }

    /// Ends a lane that can't go on. If no other does, those who wait would wait for nothing.
    fn close_lane(&self, error: &RepositoryError) {
        let (_, in_line) = self.db.workers.line();
        let callers = self.line().close_lane(in_line);
        tell_all(callers, error);
    }
}

/// What became of it.
enum Done<S: Shared> {
    Yes(S::Answer),
    No(S),
}

/// Does what is wanted by one statement.
fn do_all<S: Shared>(conn: &mut PgConnection, wanted: Vec<S>) -> QueryResult<Vec<Done<S>>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut answers = match attempt(conn, |conn| S::together(conn, &wanted)) {
        // Nothing was done for anybody, maybe for a reason that only one of them has.
        Err(Error::DatabaseError(kind, _))
            if !matches!(kind, ClosedConnection | UnableToSendCommand) =>
        {
            Vec::new()
        }
        Err(Error::DeserializationError(_)) if S::MAY_REPEAT => Vec::new(),
        answers => answers?,
    }
    .into_iter();
    let done = wanted.into_iter().map(|wanted| {
        let answer = answers.next().flatten();
        answer.map_or(Done::No(wanted), Done::Yes)
    });
    Ok(done.collect())
}

/// One who waits.
struct Caller<S: Shared> {
    turn: Turn,
    span: Span,
    answer: oneshot::Sender<Result<Done<S>, RepositoryError>>,
}

impl<S: Shared> Caller<S> {
    fn tell(self, done: Result<Done<S>, RepositoryError>) {
        // Nobody listens any more if the request was dropped meanwhile.
        let _ = self.answer.send(done);
    }
}

/// Tells each of them the same.
fn tell_all<S: Shared>(callers: Vec<Caller<S>>, error: &RepositoryError) {
    for caller in callers {
        caller.tell(Err(match error {
            RepositoryError::Violation(violation) => RepositoryError::Violation(*violation),
            RepositoryError::Unavailable(reason) => RepositoryError::Unavailable(reason.clone()),
            RepositoryError::Unexpected(cause) => {
                RepositoryError::Unexpected(cause.to_string().into())
            }
        }));
    }
}

/// Those who wait, and how many lanes take them.
struct Line<S: Shared> {
    waiting: VecDeque<(S, Caller<S>)>,
    lanes: usize,
}

impl<S: Shared> Default for Line<S> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            lanes: 0,
        }
    }
}

impl<S: Shared> Line<S> {
    /// Lets somebody wait, if fewer do than may; whether one of the lanes is to be opened for it.
    fn enter(
        &mut self,
        wanted: S,
        caller: Caller<S>,
        (most, lanes): (usize, usize),
        in_line: &AtomicUsize,
    ) -> Result<bool, RepositoryError> {
        if self.waiting.len() >= most {
            return Err(too_many());
        }
        self.waiting.push_back((wanted, caller));
        in_line.fetch_add(1, Ordering::Relaxed);
        let crowds = (self.waiting.len() - 1) / S::MOST;
        let opens = self.lanes < (S::LANES + crowds).min(lanes.max(1));
        self.lanes += usize::from(opens);
        Ok(opens)
    }

    /// Those who have waited longest and can be served together.
    fn next(&mut self, in_line: &AtomicUsize) -> (Vec<S>, Vec<Caller<S>>) {
        let before = self.waiting.len();
        let (mut wanted, mut callers) = (Vec::new(), Vec::new());
        let mut later = VecDeque::new();
        while wanted.len() < S::MOST
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
    fn goes_on(&mut self) -> bool {
        let goes_on = !self.waiting.is_empty();
        self.lanes -= usize::from(!goes_on);
        goes_on
    }

    fn close_lane(&mut self, in_line: &AtomicUsize) -> Vec<Caller<S>> {
        self.lanes -= 1;
        if self.lanes > 0 {
            return Vec::new();
        }
        in_line.fetch_sub(self.waiting.len(), Ordering::Relaxed);
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().map(|(_, caller)| caller).collect()
    }
}
