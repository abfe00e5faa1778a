//! A network of invented people, to try the service with and to measure it.
//!
//! Everything follows from the seed: the same seed and size make the same people on an empty
//! database, but for the hash of their password (its salt is random) and for times and years,
//! which are told from `now`. Each kind of thing is made by a stage of its own, with dice of its
//! own; so later kinds leave the people as they are.

mod career;
mod chats;
mod crowd;
mod dice;
mod engagement;
mod fields;
mod groups;
pub(crate) mod handle;
mod items;
mod job_words;
mod jobs;
mod making;
mod names;
mod opening;
mod people;
mod person;
mod phrases;
mod places;
mod plan;
mod portions;
mod resumes;
mod talk;
mod talk_words;

use alumx_application::ports::{FileStore, FileStoreError, HasherError, TypesetterError};
use alumx_domain::clock::Timestamp;
use alumx_domain::text::InvalidValue;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::db;
use making::Making;
pub use plan::{DemoPlan, DemoProgress, DemoStage, DemoSummary};

/// What opens the account of everybody who was made here.
pub const DEMO_PASSWORD: &str = "demo-password";

/// Key of the advisory lock that lets only one process fill a database at a time.
const LOCK: i64 = 0x616c_756d_7803;

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The database could not be reached.
    #[error("the database could not be reached: {0}")]
    Connection(#[from] ConnectionError),
    /// A statement failed, such as on a database that was not migrated.
    #[error("the database could not be filled: {0}")]
    Query(#[from] diesel::result::Error),
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] HasherError),
    /// A resume could not be typeset.
    #[error(transparent)]
    Typesetter(#[from] TypesetterError),
    /// A file could not be stored.
    #[error("a file could not be stored: {0}")]
    Files(#[from] FileStoreError),
    /// A vocabulary has a word that breaks the rules of the domain.
    #[error("what was made is not valid: {0}")]
    Invalid(#[from] InvalidValue),
}

/// The tables whose indexes are filled in large batches.
const SEARCHED: [&str; 2] = ["user_search", "job_post_search"];

/// Adds the network of `plan` to a migrated database: all of it, or nothing if it fails or is
/// interrupted. Calls `progress` now and then with what there is so far. Files go to `store`; those of
/// a network that isn't finished are left to the sweep.
///
/// The people are added to the users that there are, and are numbered on from these: who was the
/// 300th user is `….…300`. If somebody else took such a name or address, `-2` is added to it (or
/// `-3`, …). What they do they do among themselves: nobody who was there before is drawn in.
pub fn fill(
    url: &str,
    plan: &DemoPlan,
    store: &dyn FileStore,
    now: Timestamp,
    progress: &mut dyn FnMut(DemoProgress),
) -> Result<DemoSummary, DemoError> {
    let mut conn = PgConnection::establish(url)?;
    let summary = conn.transaction(|conn| {
        diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
            .bind::<BigInt, _>(LOCK)
            .execute(conn)?;
        let mut making = Making::new(plan, now, progress);
        db::in_bulk(conn, &SEARCHED, |conn| {
            let crowd = people::add(conn, &mut making)?;
            resumes::add(conn, &mut making, &crowd, store)?;
            jobs::add(conn, &mut making, &crowd)?;
            chats::add(conn, &mut making, &crowd)?;
            groups::add(conn, &mut making, &crowd)
        })?;
        Ok::<_, DemoError>(making.summary)
    })?;
    // The planner must know of so many new rows at once; autovacuum takes a while.
    let tables = people::TABLES.iter().chain(&resumes::TABLES);
    let tables = tables.chain(&jobs::TABLES);
    for table in tables.chain(&chats::TABLES).chain(&groups::TABLES) {
        diesel::sql_query(format!("VACUUM (ANALYZE) {table}")).execute(&mut conn)?;
    }
    Ok(summary)
}
