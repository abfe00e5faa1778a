//! `alumx migrate`.

use clap::{Args, Subcommand};

use super::Failure;
use super::database::{Database, Sharing};
use crate::settings::DatabaseSettings;

/// Look after the database's schema.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Run all migrations that are pending
    Up(#[command(flatten)] Target),
    /// Take back the last migrations
    Down {
        /// How many
        #[arg(long, default_value_t = 1)]
        steps: usize,
        #[command(flatten)]
        target: Target,
    },
    /// List all migrations
    Status(#[command(flatten)] Target),
}

#[derive(Debug, Args)]
struct Target {
    #[command(flatten)]
    database: DatabaseSettings,
}

/// Does what the command says.
pub fn migrate(command: &Migrate) -> Result<(), Failure> {
    let (Action::Up(target) | Action::Down { target, .. } | Action::Status(target)) =
        &command.action;
    let database = Database::open(&target.database, Sharing::Attach)?;
    let done = act(&command.action, &database);
    database.close();
    done
}

fn act(action: &Action, database: &Database) -> Result<(), Failure> {
    let mut migrations = database.migrations()?;
    match action {
        Action::Up(_) => migrations
            .up()?
            .iter()
            .for_each(|name| println!("up    {name}")),
        Action::Down { steps, .. } => {
            migrations
                .down(*steps)?
                .iter()
                .for_each(|name| println!("down  {name}"));
        }
        Action::Status(_) => {
            for migration in migrations.state()? {
                let state = if migration.applied { "up" } else { "pending" };
                println!("{state:8}{}", migration.name);
            }
        }
    }
    Ok(())
}
