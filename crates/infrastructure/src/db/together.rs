//! Group commit: what many callers want at the same time is done by one statement, whose commit
//! they share.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use alumx_domain::repository::RepositoryError;
use diesel::result::DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
use diesel::result::Error;
use diesel::{PgConnection, QueryResult};
use tokio::sync::oneshot;
use tracing::Span;

use super::query_span::query_span;
use super::workers::{Connection, Turn, panicked};
use super::{Db, attempt};

mod line;

use line::{Caller, LONG, Line};

/// What one statement can do for many callers.
pub(crate) trait Shared: Sized + Send + 'static {
    /// What a caller is answered.
    type Answer: Send + 'static;

    /// What it is called in traces: the method of a repository, such as `PgThings::find`.
    const NAME: &'static str;

    /// How many statements are under way at once, unless more wait than the next one does for, or
    /// they have waited for long. While these are busy, others gather for the next one:
    /// with more of them there would be less to share.
    const LANES: usize;

    /// The most callers that one statement does it for.
    const MOST: usize;

    /// The same where they want [long pages](super::pages::Pages).
    const MOST_OF_LONG: usize = Self::MOST;

    /// Whether no harm is done if it is done once more, as with what only reads. Then a single
    /// caller is never served by [`together`](Self::together).
    const MAY_REPEAT: bool;

    /// Whether one statement can do it with what it does for these others.
    fn goes_with(&self, others: &[Self]) -> bool;

    /// Does it for one caller.
    fn alone(&self, conn: &mut PgConnection) -> QueryResult<Self::Answer>;

    /// Does it for these callers by one statement, as far as nothing is in the way. An answer for
    /// each of them, in their order; what has none was not done.
    fn together(conn: &mut PgConnection, these: &[Self]) -> QueryResult<Vec<Option<Self::Answer>>>;
}

/// Does what callers want, together where they come together. Nobody is kept waiting until others
/// come, and nobody for long by what others wanted before; what is in the way of one caller only
/// is left to whichever worker is free.
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
        Self::of(S::MOST, db)
    }

    /// Nobody waits yet, and one statement does it for `at_once` callers.
    pub(super) fn of(at_once: usize, db: Db) -> Self {
        let line = Arc::new(Mutex::new(Line::new(at_once)));
        Self { db, line }
    }

    /// Does it as soon as a connection is free, as [`Db::run`] does a query.
    pub(crate) async fn run(&self, wanted: S) -> Result<S::Answer, RepositoryError> {
        let (answer, mut answered) = oneshot::channel();
        let turn = Turn::default();
        let caller = Caller {
            turn: turn.clone(),
            span: Span::current(),
            answer,
        };
        let (workers, timeout) = (&self.db.workers, self.db.statement_timeout);
        let (most, in_line) = workers.line();
        let opens = self
            .line()
            .enter(wanted, caller, (most, workers.threads()), in_line)?;
        if opens {
            self.go_on();
        }
        let early = tokio::time::timeout(LONG, &mut answered).await;
        let done = if let Ok(done) = early {
            done.unwrap_or_else(|_| Err(panicked()))
        } else {
            tokio::select! {
                done = workers.wait(answered, &turn, timeout) => done,
                never = self.watch() => match never {},
            }
        };
        match done? {
            Done::Yes(answer) => Ok(answer),
            // What is in its way is in nobody else's.
            Done::No(wanted) => {
                let alone = move |conn: &mut PgConnection| wanted.alone(conn);
                workers.run(S::NAME, alone, timeout).await
            }
        }
    }

    /// As [`Db::read`] does: with a replica that may be asked, each is done alone.
    pub(crate) async fn read(&self, wanted: S) -> Result<S::Answer, RepositoryError>
    where
        S: Sync,
    {
        if self.db.replica.is_some() {
            let alone = move |conn: &mut PgConnection| wanted.alone(conn);
            return self.db.read_if(S::NAME, alone, |_| true).await;
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
            let alone = move |conn: &mut PgConnection| wanted.alone(conn);
            return self.db.read_if(S::NAME, alone, Option::is_some).await;
        }
        self.run(wanted).await
    }

    fn line(&self) -> MutexGuard<'_, Line<S>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens another lane where those who wait have done so for long. Looks after ever longer
    /// pauses: of many who wait, there is soon one who looks, and where hardly any connection answers,
    /// there is no haste.
    async fn watch(&self) -> Infallible {
        let mut pause = LONG;
        loop {
            if self.line().is_stuck(self.db.workers.threads()) {
                self.go_on();
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
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
        self.line().begin();
        loop {
            if let Err(reason) = connection.get() {
                return self.close_lane(&RepositoryError::Unavailable(reason));
            }
            self.step(connection);
            if !self.line().goes_on() {
                return;
            }
            if self.db.workers.somebody_waits() {
                self.line().give_way();
                return self.go_on();
            }
        }
    }

    fn step(&self, connection: &mut Connection) {
        let (_, in_line) = self.db.workers.line();
        let (wanted, callers) = self.line().next(in_line);
        let Some(first) = callers.first() else {
            return;
        };
        // It is a query in the traces of all of them.
        let queries = callers
            .iter()
            .map(|caller| caller.span.in_scope(|| query_span(S::NAME)));
        let queries: Vec<Span> = queries.collect();
        let span = first.span.clone();
        let _entered = span.enter();
        let query = queries.first().map(Span::enter);
        let started = Instant::now();
        let done = connection.run(|conn| do_all(conn, &wanted), self.db.statement_timeout);
        drop(query);
        drop(queries);
        let answers = match done {
            Ok(answers) => answers,
            // Maybe for a reason that only one of them has. One that took too long does so again.
            Err(error)
                if S::MAY_REPEAT
                    && wanted.len() > 1
                    && started.elapsed() < self.db.statement_timeout =>
            {
                let (name, callers) = (S::NAME, wanted.len());
                tracing::warn!(
                    name,
                    callers,
                    "what was asked together is done one by one: {error}"
                );
                Vec::new()
            }
            Err(error) => return tell_all(callers, &error),
        };
        let mut answers = answers.into_iter();
        for (wanted, caller) in wanted.into_iter().zip(callers) {
            let answer = answers.next().flatten();
            caller.tell(Ok(answer.map_or(Done::No(wanted), Done::Yes)));
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

/// Does what is wanted by one statement. Where it fails before anything is done, nothing was done
/// for anybody, and each is left to be done alone.
fn do_all<S: Shared>(conn: &mut PgConnection, wanted: &[S]) -> QueryResult<Vec<Option<S::Answer>>> {
    if let [one] = wanted
        && S::MAY_REPEAT
    {
        return Ok(vec![Some(one.alone(conn)?)]);
    }
    match attempt(conn, |conn| S::together(conn, wanted)) {
        Err(Error::DatabaseError(kind, _))
            if !S::MAY_REPEAT && !matches!(kind, ClosedConnection | UnableToSendCommand) =>
        {
            Ok(Vec::new())
        }
        answers => answers,
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
