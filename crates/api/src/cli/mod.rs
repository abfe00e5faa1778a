//! The command line.

mod bus;
mod create_admin;
mod database;
mod database_url;
mod demo;
mod export;
mod files;
mod import;
mod logging;
mod migrate;
mod serve;
mod stop;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::settings::{self, LogSettings, ServeSettings};

/// The backend of an alumni network.
#[derive(Debug, Parser)]
#[command(name = "alumx", version, about, max_term_width = 100)]
pub struct Cli {
    /// TOML file with settings, named as the flags are, with `_` for `-`
    #[arg(long, env = "ALUMX_CONFIG", global = true)]
    pub config: Option<PathBuf>,

    /// What is logged.
    #[command(flatten)]
    pub logs: LogSettings,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the service (what `alumx` alone does)
    Serve(Box<ServeSettings>),
    /// Look after the database's schema
    Migrate(migrate::Migrate),
    /// Make an account that runs the service
    CreateAdmin(create_admin::CreateAdmin),
    /// Print the OpenAPI document
    Openapi,
    /// Look after uploaded files
    Files(files::Files),
    /// Fill the database with an invented network
    Demo(Box<demo::Demo>),
    /// Bring in a list of people from a CSV file
    Import(import::Import),
    /// Write all users out
    Export(export::Export),
}

/// A failure told to the person at the terminal in one sentence.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Does what the command line says.
pub fn run() -> ExitCode {
    run_with(std::env::args_os().collect())
}

/// Does what this command line says, which begins with the program's name.
pub fn run_with(arguments: Vec<OsString>) -> ExitCode {
    let cli = match settings::parse(arguments) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let done = logging::start(&cli.logs).and_then(|telemetry| {
        let done = perform(cli.command);
        // What happened last, of a failure too.
        drop(telemetry);
        done
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("alumx: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(settings) => serve::serve(&settings),
        Command::Migrate(command) => migrate::migrate(&command),
        Command::CreateAdmin(command) => create_admin::create_admin(&command),
        Command::Openapi => openapi(),
        Command::Files(command) => files::files(&command),
        Command::Demo(command) => demo::demo(&command),
        Command::Import(command) => import::import(&command),
        Command::Export(command) => export::export(&command),
    }
}

fn openapi() -> Result<(), Failure> {
    let document = crate::openapi::document().to_pretty_json()?;
    Ok(writeln!(std::io::stdout(), "{document}")?)
}

/// A runtime for the async parts of a command.
fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(future))
}
