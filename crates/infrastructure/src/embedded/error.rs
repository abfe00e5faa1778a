//! Why the service's own PostgreSQL did not start, in words for the person who has to mend it.

use std::io;
use std::path::{Path, PathBuf};

/// Why the service's own PostgreSQL did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process owns the data folder.
    #[error(
        "another AlumX service is already running on the data folder {0}: stop it, or choose \
         another data folder"
    )]
    InUse(PathBuf),

    /// There is no usable PostgreSQL on this machine, and none could be fetched.
    #[error("no usable PostgreSQL was found (looked at: {looked}), and {download}. {ways}")]
    NotFound {
        /// The places that were tried, and what was wrong with each.
        looked: String,
        /// Why it was not downloaded.
        download: String,
        /// What a person can do about it.
        ways: String,
    },

    /// The data folder was written by a major version that is not installed.
    #[error(
        "the data in {data} were written by PostgreSQL {major}, and no PostgreSQL {major} was \
         found (looked at: {looked}), and {download}. {ways}"
    )]
    OtherVersion {
        /// The cluster's folder.
        data: PathBuf,
        /// The major version that it needs.
        major: u32,
        /// The places that were tried, and what was wrong with each.
        looked: String,
        /// Why it was not downloaded.
        download: String,
        /// What a person can do about it.
        ways: String,
    },

    /// The folder that was named explicitly does not hold a usable PostgreSQL.
    #[error("the PostgreSQL folder {folder} cannot be used: {reason}")]
    BinDir {
        /// The folder that was named.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// PostgreSQL refuses root, and there is nobody else to run it as.
    #[error(
        "PostgreSQL refuses to run as root, and this system has neither a user `postgres` nor a \
         user `nobody`: create one, or run the service as an ordinary user"
    )]
    NoAccount,

    /// The user that runs PostgreSQL cannot reach a folder.
    #[error(
        "PostgreSQL refuses to run as root, and the user `{account}` that runs it instead cannot \
         enter {folder}: choose a folder that everybody can reach, such as /var/lib/alumx, or run \
         the service as an ordinary user"
    )]
    Unreachable {
        /// The user that runs PostgreSQL.
        account: String,
        /// The folder that is closed to it.
        folder: PathBuf,
    },

    /// `initdb` failed.
    #[error("the database cluster could not be created: {0}")]
    Initdb(String),

    /// The server ended, or was not ready in time.
    #[error("PostgreSQL did not start: {reason}; its log {log} ends: {tail}")]
    NotReady {
        /// What happened.
        reason: String,
        /// The server's log.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },

    /// The service's role or database could not be created.
    #[error("the service's database could not be prepared: {0}")]
    Prepare(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// The operating system refused something.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Says what was tried, and on what, when the operating system refuses it.
pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StartError {
    let path = path.to_owned();
    move |source| StartError::Io {
        action,
        path,
        source,
    }
}
