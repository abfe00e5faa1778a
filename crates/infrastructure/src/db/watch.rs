//! Who looks at a replica and its primary, to know which moment the replica has reached.

use std::collections::VecDeque;
use std::sync::Weak;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use super::replica::Replica;

/// How often both servers are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long after a failure they are looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The most moments waited for at once.
const MARKS: usize = 64;

/// Looks at both servers for as long as anybody has the replica.
pub(super) fn watch(replica: &Weak<Replica>, [primary, copy]: &[String; 2]) {
    let mut view = None;
    let mut told = None;
    while let Some(replica) = replica.upgrade() {
        let looked = match view.take() {
            Some(view) => Ok(view),
            None => View::open(primary, copy),
        };
        let looked = looked.and_then(|mut view| Ok((view.look()?, view)));
        let pause = match looked {
            Ok((reached, seen)) => {
                if reached.is_some() {
                    replica.note(reached);
                }
                tell(&mut told, None);
                view = Some(seen);
                LOOK_EVERY
            }
            Err(reason) => {
                replica.note(None);
                tell(&mut told, Some(reason));
                LOOK_AGAIN
            }
        };
        drop(replica);
        std::thread::sleep(pause);
    }
}

/// Logs what is new: that the replica is well, or why it is not.
#[expect(
    clippy::option_option,
    reason = "nothing told, and told that all is well"
)]
fn tell(told: &mut Option<Option<String>>, trouble: Option<String>) {
    if told.as_ref() == Some(&trouble) {
        return;
    }
    match &trouble {
        None => tracing::info!("the replica is there"),
        Some(reason) => tracing::warn!("the primary answers all: {reason}"),
    }
    *told = Some(trouble);
}

/// A connection to both, and the moments that the replica has yet to reach.
struct View {
    primary: PgConnection,
    replica: PgConnection,
    marks: VecDeque<(Instant, i64)>,
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Nullable<BigInt>)]
    position: Option<i64>,
    #[diesel(sql_type = BigInt)]
    system: i64,
    #[diesel(sql_type = BigInt)]
    timeline: i64,
}

/// How far the log was written, with what no server has told to be written yet.
const WRITTEN: &str = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint AS position,
                              ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))
                                  ::bit(32)::bigint AS timeline,
                              system_identifier AS system FROM pg_control_system()";

/// How far it was replayed. What was a replica and is none any more has its last answer still.
/// Which timeline it follows is told a while after it has changed to it.
const REPLAYED: &str = "SELECT CASE WHEN pg_is_in_recovery()
                                    THEN (pg_last_wal_replay_lsn() - '0/0')::bigint END AS position,
                               greatest(timeline_id, min_recovery_end_timeline)::bigint AS timeline,
                               system_identifier AS system
                        FROM pg_control_system(), pg_control_checkpoint(), pg_control_recovery()";

impl View {
    fn open(primary: &str, replica: &str) -> Result<Self, String> {
        let connect = |url: &str| {
            let mut conn = PgConnection::establish(url).map_err(|error| error.to_string())?;
            let settings = "SELECT set_config('application_name', 'alumx', false),
                                   set_config('statement_timeout', '1000', false)";
            let set = diesel::sql_query(settings).execute(&mut conn);
            set.map_err(|error| error.to_string())?;
            Ok::<_, String>(conn)
        };
        Ok(Self {
            primary: connect(primary)?,
            replica: connect(replica)?,
            marks: VecDeque::new(),
        })
    }

    /// The last moment that the replica has reached, if it is a new one.
    fn look(&mut self) -> Result<Option<Instant>, String> {
        let now = Instant::now();
        let written = position(&mut self.primary, WRITTEN)?;
        let replayed = position(&mut self.replica, REPLAYED)?;
        let followed = replayed.timeline;
        if written.system != replayed.system {
            return Err("the replica is one of another database".to_owned());
        }
        let (Some(mark), Some(replayed)) = (written.position, replayed.position) else {
            return Err("what should be a replica is none".to_owned());
        };
        // It may be one of what was the primary until another server took its place.
        if followed != written.timeline {
            return Err("the replica is on another timeline".to_owned());
        }
        // One that is far behind is told by the moments that are waited for already.
        if self.marks.len() < MARKS {
            self.marks.push_back((now, mark));
        }
        let mut reached = None;
        while let Some((at, _)) = self.marks.pop_front_if(|(_, mark)| *mark <= replayed) {
            reached = Some(at);
        }
        Ok(reached)
    }
}

fn position(conn: &mut PgConnection, query: &str) -> Result<Seen, String> {
    let answer = diesel::sql_query(query).get_result(conn);
    answer.map_err(|error| error.to_string())
}

/// That the replica is away is told once, by who looks at it.
#[derive(Debug)]
pub(super) struct Silent;

impl<E: std::fmt::Display> diesel::r2d2::HandleError<E> for Silent {
    fn handle_error(&self, error: E) {
        tracing::debug!("no connection to the replica: {error}");
    }
}
