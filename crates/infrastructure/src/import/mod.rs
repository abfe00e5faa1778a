//! A school's list of people, brought in from a CSV file.
//!
//! Batch by batch: each is one transaction, and the tokens of its invitations are on the disk
//! before it commits. So an import that was killed has added whole batches, lost no token of an
//! account that is there, and can be repeated.

pub(crate) mod columns;
mod invitations;
mod reader;
mod row;
mod store;
mod usernames;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use alumx_domain::clock::Timestamp;
use chrono::TimeDelta;
use diesel::prelude::*;

use invitations::Invitations;
use reader::Reader;
use row::{Person, Refused};

/// How many people are written together.
const BATCH: usize = 1000;

/// What is to be brought in, and how.
#[derive(Debug, Clone)]
pub struct ImportPlan {
    /// The list.
    pub file: PathBuf,
    /// Whether nothing is to be kept.
    pub dry_run: bool,
    /// Whether people who are there get what the list says of them.
    pub update: bool,
    /// Whether accounts that nobody claimed yet get new invitations.
    pub reinvite: bool,
    /// Where the tokens of invitations go; without it nobody is invited.
    pub invitations: Option<PathBuf>,
    /// How long an invitation counts.
    pub invitation_lifetime: TimeDelta,
}

/// What became of the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// New accounts.
    pub added: u64,
    /// Accounts that were there and changed.
    pub updated: u64,
    /// Accounts that were there and stayed as they are.
    pub unchanged: u64,
    /// Invitations written.
    pub invited: u64,
    /// Rows refused.
    pub refused: u64,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The address in it, as it stands there.
    pub email: String,
    /// All that is wrong with it.
    pub reason: String,
}

/// Is told how an import goes.
pub trait ImportProgress {
    /// So many bytes of the file are done, of so many.
    fn advanced(&mut self, done: u64, of: u64);

    /// A row was refused.
    ///
    /// # Errors
    /// If it can't be noted, which ends the import.
    fn refused(&mut self, row: &RefusedRow) -> std::io::Result<()>;
}

/// Why an import ended early. The batches before it are kept.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file can't be read as a list of people.
    #[error("{0}")]
    File(String),
    /// The tokens of the invitations, or what was refused, can't be written.
    #[error("can't write {0}")]
    Output(String),
    /// The database could not be reached.
    #[error("the database could not be reached: {0}")]
    Connection(#[from] ConnectionError),
    /// A statement failed, such as on a database that was not migrated.
    #[error("the database could not be filled: {0}")]
    Query(#[from] diesel::result::Error),
}

/// What was seen in the file so far.
#[derive(Default)]
struct Seen {
    /// Addresses, and on which lines.
    emails: HashMap<String, u64>,
    /// Usernames given to new accounts, in lower case.
    usernames: HashSet<String>,
}

/// Brings the list in.
///
/// # Errors
/// If the file can't be read to its end, or something can't be written. What single rows do wrong
/// is told to `progress` instead.
pub fn import(
    url: &str,
    plan: &ImportPlan,
    now: Timestamp,
    progress: &mut dyn ImportProgress,
) -> Result<ImportSummary, ImportError> {
    let size = reader::check_encoding(&plan.file)?;
    let mut rows = Reader::open(&plan.file)?;
    let mut conn = PgConnection::establish(url)?;
    let mut invitations = Invitations::open(plan, now)?;
    let (mut seen, mut summary) = (Seen::default(), ImportSummary::default());
    loop {
        let (mut batch, mut ended) = (Vec::new(), false);
        while batch.len() < BATCH && !ended {
            match rows.next()? {
                None => ended = true,
                Some(row) => match row.and_then(|person| seen.first(person)) {
                    Ok(person) => batch.push(person),
                    Err(refused) => refuse(&refused, &mut summary, progress)?,
                },
            }
        }
        let stored = store::batch(&mut conn, plan, &batch, &mut seen, &mut invitations, now)?;
        for refused in stored.refused {
            refuse(&refused, &mut summary, progress)?;
        }
        summary.added += stored.added;
        summary.updated += stored.updated;
        summary.unchanged += stored.unchanged;
        summary.invited += stored.invited;
        progress.advanced(rows.position(), size);
        if ended {
            break;
        }
    }
    if !plan.dry_run && summary.added > 0 {
        // The planner must know of so many new rows at once; autovacuum takes a while.
        for table in ["users", "user_profile_entries", "user_search"] {
            diesel::sql_query(format!("VACUUM (ANALYZE) {table}")).execute(&mut conn)?;
        }
    }
    Ok(summary)
}

impl Seen {
    /// The person, unless the file has named the address before.
    fn first(&mut self, person: Person) -> Result<Person, Refused> {
        let email = String::from(person.email.clone());
        if let Some(line) = self.emails.get(&email) {
            let reason = format!("the same address as in line {line}");
            return Err(person.refused(reason));
        }
        self.emails.insert(email, person.line);
        Ok(person)
    }
}

fn refuse(
    row: &Refused,
    summary: &mut ImportSummary,
    progress: &mut dyn ImportProgress,
) -> Result<(), ImportError> {
    summary.refused += 1;
    progress
        .refused(row)
        .map_err(|error| ImportError::Output(format!("what was refused: {error}")))
}

/// A CSV of refused rows, safe to be opened in a spreadsheet.
pub struct RefusedRows<W: std::io::Write>(csv::Writer<W>);

impl<W: std::io::Write> RefusedRows<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn new(output: W) -> std::io::Result<Self> {
        let mut csv = csv::Writer::from_writer(output);
        csv.write_record(["line", "email", "reason"])?;
        csv.flush()?;
        Ok(Self(csv))
    }

    /// Writes a row.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write(&mut self, row: &RefusedRow) -> std::io::Result<()> {
        let RefusedRow {
            line,
            email,
            reason,
        } = row;
        let [email, reason] = [email, reason].map(|cell| columns::without_formula(cell));
        self.0.write_record([&line.to_string(), &email, &reason])?;
        self.0.flush()
    }
}
