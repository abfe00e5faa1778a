//! `alumx demo`.

use alumx_domain::clock::Clock;
use alumx_infrastructure::clock::SystemClock;
use alumx_infrastructure::demo::{self, DEMO_PASSWORD, DemoPlan, DemoSummary};
use clap::Args;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::database::{Database, Sharing};
use super::{Failure, files};
use crate::settings::{DatabaseSettings, FileSettings};

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
    files: FileSettings,

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
    let files = files::open(&command.files, database)?;
    let plan = DemoPlan {
        users: command.users,
        seed: command.seed,
    };
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {percent}% {msg}, {eta} left",
    )?);
    let now = SystemClock.now();
    let (url, store) = (database.url(), files.store());
    let summary = demo::fill(url, &plan, store, now, &mut |progress| {
        bar.set_length(progress.all);
        bar.set_position(progress.done);
        bar.set_message(progress.stage.to_string());
    })?;
    bar.finish_and_clear();
    report(&summary);
    Ok(())
}

fn report(summary: &DemoSummary) {
    println!("Added were:");
    for (count, what) in [
        (summary.users, "users"),
        (summary.list_items, "items in their lists"),
        (summary.resumes, "resumes"),
        (summary.posts, "job posts"),
        (summary.images, "images of these"),
        (summary.comments, "comments"),
        (summary.likes, "likes"),
        (summary.chats, "chats"),
        (summary.groups, "groups"),
        (summary.participants, "places in groups"),
        (summary.messages, "messages"),
    ] {
        println!("{:>12} {what}", HumanCount(count).to_string());
    }
    if let Some(example) = &summary.example {
        println!(
            "Sign in as {} with the password {DEMO_PASSWORD}.",
            &**example
        );
    }
    if let Some(author) = summary
        .author
        .as_ref()
        .filter(|_| summary.example != summary.author)
    {
        println!("To post jobs, sign in as {}.", &**author);
    }
}
