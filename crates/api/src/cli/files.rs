//! `alumx files`, and where files lie.

use std::sync::Arc;
use std::time::Duration;

use alumx_application::file::{Claim, FileService, SweepError, SweepPlan};
use alumx_infrastructure::clock::SystemClock;
use alumx_infrastructure::files::S3Options;
use chrono::TimeDelta;
use clap::{Args, Subcommand};

use super::database::{Database, Sharing};
use super::{Failure, block_on};
use crate::services;
use crate::settings::{DatabaseSettings, FileSettings, duration};

/// How old a file must be to be swept by the service itself.
const GRACE: TimeDelta = TimeDelta::hours(24);

/// Look after uploaded files.
#[derive(Debug, Args)]
pub struct Files {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Find files that nothing refers to, which a crash may leave behind; those of its own folder
    /// the service deletes by itself
    Sweep(Box<Sweep>),
}

#[derive(Debug, Args)]
struct Sweep {
    /// Delete them, if their place is this database's
    #[arg(long)]
    delete: bool,

    /// Make their place this database's, even if it says that it is another one's or doesn't say
    /// whose it is
    #[arg(long, requires = "delete")]
    take_over: bool,

    /// How old a file must be: a younger one may be about to be used
    #[arg(long, default_value = "24h", value_parser = duration)]
    grace: Duration,

    #[command(flatten)]
    files: FileSettings,

    #[command(flatten)]
    database: DatabaseSettings,
}

/// Looks after files.
pub fn files(command: &Files) -> Result<(), Failure> {
    let Action::Sweep(sweep) = &command.action;
    let database = Database::open(&sweep.database, Sharing::AttachToExisting)?;
    let done = sweep_once(sweep, &database);
    database.close();
    done
}

fn sweep_once(command: &Sweep, database: &Database) -> Result<(), Failure> {
    database.migrate()?;
    let files = open(&command.files, database)?;
    let db = database.connect(&command.database)?;
    let service = files.service(db, Arc::new(SystemClock));
    let own_database = command.database.database_url.is_none();
    let claim = if command.take_over {
        Claim::TakeOver
    } else {
        claim(own_database, &command.files)
    };
    let plan = SweepPlan {
        grace: TimeDelta::from_std(command.grace)?,
        delete: command.delete,
        claim,
    };
    let swept = match block_on(service.sweep(plan, &mut |key| println!("{key}")))? {
        Err(refused @ (SweepError::Foreign | SweepError::Unclaimed)) => {
            let message = format!("{refused}; if they are this one's, say so with --take-over");
            return Err(message.into());
        }
        swept => swept?,
    };
    println!(
        "{} files, {} of them without use, {} deleted.",
        swept.files, swept.orphans, swept.deleted
    );
    if !command.delete && swept.orphans > 0 {
        println!("Nothing was deleted: that takes --delete.");
    }
    Ok(())
}

/// When files count as this database's: those beside its own PostgreSQL are nobody else's.
pub fn claim(own_database: bool, files: &FileSettings) -> Claim {
    if own_database && files.files_dir.is_none() && files.s3_bucket.is_none() {
        Claim::Unowned
    } else {
        Claim::Careful
    }
}

/// Whether the service sweeps by itself. Elsewhere than in its own folder somebody has to say so:
/// a copy of the database, such as one restored for a test, would count as the same one.
pub fn sweeps_itself(chosen: Option<bool>, claim: Claim) -> bool {
    chosen.unwrap_or(claim == Claim::Unowned)
}

/// Has the place of the files say that it is this database's, as long as it holds no others.
pub async fn take(files: &FileService, claim: Claim) {
    if let Err(error) = files.claim(claim).await {
        tracing::warn!("files are not swept: {error}");
    }
}

/// Sweeps as the service does it by itself.
pub async fn sweep(files: &FileService, claim: Claim) {
    let plan = SweepPlan {
        grace: GRACE,
        delete: true,
        claim,
    };
    match files.sweep(plan, &mut |_| {}).await {
        Ok(swept) if swept.orphans + swept.unfinished > 0 => {
            tracing::info!(?swept, "swept files without use");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!("files could not be swept: {error}"),
    }
}

/// The files that these settings name.
pub fn open(settings: &FileSettings, database: &Database) -> Result<services::Files, Failure> {
    if let Some(bucket) = bucket(settings)? {
        return Ok(services::Files::s3(&bucket)?);
    }
    let default = || database.data_dir().join("files");
    let folder = settings.files_dir.clone().unwrap_or_else(default);
    services::Files::local(&folder).map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let cause = cause.unwrap_or_default();
        format!("can't keep files in {}: {cause}", folder.display()).into()
    })
}

/// The bucket that these settings name, if they name one.
pub fn bucket(settings: &FileSettings) -> Result<Option<S3Options>, Failure> {
    let Some(bucket) = &settings.s3_bucket else {
        return Ok(None);
    };
    let (Some(access_key), Some(secret_key)) = (&settings.s3_access_key, &settings.s3_secret_key)
    else {
        return Err("with `s3_bucket`, `s3_access_key` and `s3_secret_key` are needed".into());
    };
    Ok(Some(S3Options {
        bucket: bucket.clone(),
        endpoint: settings.s3_endpoint.clone(),
        region: settings.s3_region.clone(),
        access_key: access_key.clone(),
        secret_key: secret_key.clone(),
        prefix: settings.s3_prefix.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: Option<&str>, bucket: Option<&str>) -> FileSettings {
        FileSettings {
            files_dir: folder.map(Into::into),
            s3_bucket: bucket.map(Into::into),
            s3_endpoint: None,
            s3_region: String::new(),
            s3_access_key: None,
            s3_secret_key: None,
            s3_prefix: None,
        }
    }

    #[test]
    fn files_that_may_be_anothers_are_not_swept_unless_somebody_says_so() {
        let (own, folder) = (files(None, None), files(Some("/srv/files"), None));
        let bucket = files(None, Some("resumes"));

        assert!(sweeps_itself(None, claim(true, &own)));
        for (own_database, files) in [(false, &own), (true, &folder), (true, &bucket)] {
            let claim = claim(own_database, files);
            assert!(!sweeps_itself(None, claim));
            assert!(sweeps_itself(Some(true), claim));
        }
        assert!(!sweeps_itself(Some(false), claim(true, &own)));
    }
}
