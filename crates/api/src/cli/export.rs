//! `alumx export`.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use alumx_infrastructure::export::{self, ExportFormat};
use clap::{Args, ValueEnum};

use super::Failure;
use super::database::{Database, Sharing};
use crate::settings::DatabaseSettings;

/// Write all users out.
#[derive(Debug, Args)]
pub struct Export {
    /// As what
    #[arg(long, default_value = "csv")]
    format: Format,

    /// File to write, which only its owner can read [default: standard output]
    #[arg(long)]
    output: Option<PathBuf>,

    #[command(flatten)]
    database: DatabaseSettings,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// The columns of an import; what a spreadsheet would take for a formula begins with `'`
    Csv,
    /// A JSON object in each line
    Jsonl,
}

/// Writes the users.
pub fn export(command: &Export) -> Result<(), Failure> {
    let database = Database::open(&command.database, Sharing::AttachToExisting)?;
    let done = write(command, &database);
    database.close();
    done
}

fn write(command: &Export, database: &Database) -> Result<(), Failure> {
    database.migrate()?;
    let format = match command.format {
        Format::Csv => ExportFormat::Csv,
        Format::Jsonl => ExportFormat::JsonLines,
    };
    let output: Box<dyn Write> = match &command.output {
        None => Box::new(io::stdout().lock()),
        Some(path) => Box::new(private_file(path)?),
    };
    let count = export::users(database.url(), format, output)?;
    eprintln!("{count} users were written.");
    Ok(())
}

/// A new file for its owner's eyes alone.
pub(super) fn private_file(path: &Path) -> Result<File, Failure> {
    alumx_infrastructure::private_file(path)
        .map_err(|error| format!("can't write a new file {}: {error}", path.display()).into())
}
