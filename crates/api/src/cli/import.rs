//! `alumx import`.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use alumx_domain::clock::Clock;
use alumx_infrastructure::clock::SystemClock;
use alumx_infrastructure::import::{
    self, ImportPlan, ImportProgress, ImportSummary, RefusedRow, RefusedRows,
};
use chrono::TimeDelta;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use super::database::{Database, Sharing};
use super::export::private_file;
use crate::settings::{DatabaseSettings, duration};

/// Bring in a list of people from a CSV file.
///
/// Columns: name, email, role (STUDENT, ALUMNI or PROFESSOR), and as you like username,
/// `graduation_year`, department, company, location, `current_role`, and the twelve lists of a
/// profile with items separated by `;`.
#[derive(Debug, Args)]
pub struct Import {
    /// The list: CSV in UTF-8, separated by commas, with a header
    file: PathBuf,

    /// Check everything and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Give people who are there already what the list says; without it they stay as they are
    #[arg(long)]
    update: bool,

    /// New CSV file for the addresses and tokens of invitations, which only its owner can read;
    /// without it nobody is invited
    #[arg(long)]
    invitations: Option<PathBuf>,

    /// Also invite those again who have not claimed their accounts yet
    #[arg(long, requires = "invitations")]
    reinvite: bool,

    /// How long an invitation counts
    #[arg(long, default_value = "90d", value_parser = duration)]
    invitation_lifetime: Duration,

    /// New CSV file for the rows that are refused; without it the first are shown
    #[arg(long)]
    errors: Option<PathBuf>,

    #[command(flatten)]
    database: DatabaseSettings,
}

/// Brings the list in.
pub fn import(command: &Import) -> Result<(), Failure> {
    let database = Database::open(&command.database, Sharing::Attach)?;
    let done = fill(command, &database);
    database.close();
    done
}

fn fill(command: &Import, database: &Database) -> Result<(), Failure> {
    database.migrate()?;
    let plan = ImportPlan {
        file: command.file.clone(),
        dry_run: command.dry_run,
        update: command.update,
        reinvite: command.reinvite,
        invitations: command.invitations.clone(),
        invitation_lifetime: TimeDelta::from_std(command.invitation_lifetime)?,
    };
    let errors = command.errors.as_deref().map(private_file).transpose()?;
    let mut terminal = Terminal::new(errors.map(RefusedRows::new).transpose()?)?;
    let summary = import::import(database.url(), &plan, SystemClock.now(), &mut terminal)?;
    terminal.bar.finish_and_clear();
    tell(command, &summary)
}

/// Shows how it goes.
struct Terminal {
    bar: ProgressBar,
    errors: Option<RefusedRows<File>>,
    shown: u32,
}

impl Terminal {
    /// How many refused rows are shown where no file takes them.
    const SHOWN: u32 = 20;

    fn new(errors: Option<RefusedRows<File>>) -> Result<Self, Failure> {
        let bar = ProgressBar::new(0);
        bar.set_style(ProgressStyle::with_template(
            "{bar:40} {bytes}/{total_bytes}, {eta} left",
        )?);
        Ok(Self {
            bar,
            errors,
            shown: 0,
        })
    }
}

impl ImportProgress for Terminal {
    fn advanced(&mut self, done: u64, of: u64) {
        self.bar.set_length(of);
        self.bar.set_position(done);
    }

    fn refused(&mut self, row: &RefusedRow) -> io::Result<()> {
        if let Some(errors) = &mut self.errors {
            return errors.write(row);
        }
        self.shown += 1;
        if self.shown <= Self::SHOWN {
            self.bar
                .suspend(|| eprintln!("line {}: {}", row.line, row.reason));
        }
        Ok(())
    }
}

fn tell(command: &Import, summary: &ImportSummary) -> Result<(), Failure> {
    let ImportSummary {
        added,
        updated,
        unchanged,
        invited,
        refused,
    } = summary;
    let would = if command.dry_run { "Dry run: " } else { "" };
    println!("{would}{added} added, {updated} updated, {unchanged} unchanged, {invited} invited.");
    if *added > 0 && command.invitations.is_none() && !command.dry_run {
        println!("Nobody was invited: --reinvite --invitations FILE does it later.");
    }
    if *refused > 0 {
        let at = match &command.errors {
            Some(path) => format!("see {}", path.display()),
            None => "--errors FILE keeps them all".to_owned(),
        };
        return Err(format!("{refused} rows were refused: {at}").into());
    }
    Ok(())
}
