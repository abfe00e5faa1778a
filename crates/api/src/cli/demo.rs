//! `alumx demo`.

use alumx_domain::clock::Clock;
use alumx_infrastructure::clock::SystemClock;
use alumx_infrastructure::demo::{self, DEMO_PASSWORD, DemoPlan};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use super::database::{Database, Sharing};
use crate::settings::DatabaseSettings;

/// Fill the database with an invented network.
#[derive(Debug, Args)]
pub struct Demo {
    /// How many users
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    users: u32,

    /// The same seed and size give the same network
    #[arg(long, default_value_t = 1)]
    seed: u64,

    #[command(flatten)]
    database: DatabaseSettings,
}

/// Fills the database.
pub fn demo(command: &Demo) -> Result<(), Failure> {
    let database = Database::open(&command.database, Sharing::Attach)?;
    let done = fill(command, &database);
    database.close();
    done
}

fn fill(command: &Demo, database: &Database) -> Result<(), Failure> {
    database.migrate()?;
    let plan = DemoPlan {
        users: command.users,
        seed: command.seed,
    };
    let bar = ProgressBar::new(command.users.into());
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {human_pos}/{human_len} users, {eta} left",
    )?);
    let now = SystemClock.now();
    let summary = demo::fill(database.url(), &plan, now, &mut |done| {
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    println!(
        "{} users with {} items in their lists were added.",
        summary.users, summary.list_items
    );
    if let Some(example) = summary.example {
        println!(
            "Sign in as {} with the password {DEMO_PASSWORD}.",
            &*example
        );
    }
    Ok(())
}
