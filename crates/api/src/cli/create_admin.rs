//! `alumx create-admin`.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use alumx_domain::account::{EmailAddress, Password, PersonName, Username};
use alumx_domain::text::InvalidValue;
use alumx_infrastructure::clock::SystemClock;
use alumx_infrastructure::event_bus::InProcessBus;
use alumx_infrastructure::token::JwtIssuer;
use clap::Args;

use super::database::{Database, Sharing};
use super::{Failure, block_on};
use crate::services::{Files, ServiceOptions, Services};
use crate::settings::DatabaseSettings;

/// Make an account that runs the service.
#[derive(Debug, Args)]
pub struct CreateAdmin {
    /// Username
    #[arg(long, value_parser = parsed::<Username>)]
    username: Username,

    /// The person's name
    #[arg(long, value_parser = parsed::<PersonName>)]
    name: PersonName,

    /// Email address
    #[arg(long, value_parser = parsed::<EmailAddress>)]
    email: EmailAddress,

    /// File that holds the password, `-` for standard input; asked for without it
    #[arg(long)]
    password_file: Option<PathBuf>,

    #[command(flatten)]
    database: DatabaseSettings,
}

fn parsed<T: TryFrom<String, Error = InvalidValue>>(text: &str) -> Result<T, InvalidValue> {
    text.to_owned().try_into()
}

/// Makes the account.
pub fn create_admin(command: &CreateAdmin) -> Result<(), Failure> {
    let password = read_password(command.password_file.as_deref())?;
    let database = Database::open(&command.database, Sharing::Attach)?;
    let done = insert(command, password, &database);
    database.close();
    done
}

fn insert(command: &CreateAdmin, password: Password, database: &Database) -> Result<(), Failure> {
    database.migrate()?;
    let db = database.connect(&command.database)?;
    // Nobody signs in here, so that any secret does.
    let tokens = JwtIssuer::new(&alumx_infrastructure::token::new_secret(), &[])?;
    let services = Services::new(
        db,
        tokens,
        Arc::new(InProcessBus::new()),
        Arc::new(SystemClock),
        // Which this doesn't touch.
        &Files::local(&std::env::temp_dir())?,
        &ServiceOptions::default(),
    )?;
    let CreateAdmin {
        username,
        name,
        email,
        ..
    } = command;
    let created =
        services
            .accounts()
            .create_admin(username.clone(), name.clone(), email.clone(), password);
    let account = block_on(created)??;
    println!("{} is an admin now.", String::from(account.username));
    Ok(())
}

fn read_password(file: Option<&Path>) -> Result<Password, Failure> {
    let text = match file {
        Some(path) if path != Path::new("-") => std::fs::read_to_string(path)
            .map_err(|error| format!("can't read the password in {}: {error}", path.display()))?,
        None if std::io::stdin().is_terminal() => ask()?,
        _ => {
            let mut text = String::new();
            std::io::stdin().take(4096).read_to_string(&mut text)?;
            text
        }
    };
    // The line break is the file's, not the password's.
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Password::try_from(line.to_owned()).map_err(|wrong| format!("the password {wrong}").into())
}

fn ask() -> Result<String, Failure> {
    let password = rpassword::prompt_password("Password: ")?;
    if rpassword::prompt_password("Once more: ")? != password {
        return Err("the two passwords differ".into());
    }
    Ok(password)
}
