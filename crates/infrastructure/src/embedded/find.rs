//! Finds a PostgreSQL that is installed already.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::account::Account;

/// The oldest major version that still gets fixes and that the migrations are written for.
const OLDEST: u32 = 14;

/// A PostgreSQL that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    /// Its major version.
    pub major: u32,
}

impl Binaries {
    /// The program of this name.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Tries the programs in `folder`, or says what is wrong with them in a few words.
    pub fn probe(folder: &Path, wanted: Option<u32>, account: &Account) -> Result<Self, String> {
        for program in ["postgres", "initdb"] {
            if !folder.join(program).is_file() {
                return Err(format!("no {program} in it"));
            }
        }
        let output = account
            .command(folder.join("postgres"))
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("its postgres does not run: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        match (major(&text), wanted) {
            (None, _) => Err(String::from("its postgres does not tell its version")),
            (Some(major), Some(wanted)) if major != wanted => {
                Err(format!("version {major} instead of {wanted}"))
            }
            (Some(major), _) if major < OLDEST => {
                Err(format!("version {major}, older than {OLDEST}"))
            }
            (Some(major), _) => Ok(Self {
                folder: folder.to_owned(),
                major,
            }),
        }
    }
}

/// The first of `folders` that works, or what is wrong with each of them.
pub fn choose(
    folders: &[PathBuf],
    wanted: Option<u32>,
    account: &Account,
) -> Result<Binaries, String> {
    let mut looked = Vec::new();
    for folder in folders {
        match Binaries::probe(folder, wanted, account) {
            Ok(binaries) => return Ok(binaries),
            Err(reason) => looked.push(format!("{} – {reason}", folder.display())),
        }
    }
    looked.push(String::from(
        "pg_config, PATH and the usual folders of this system",
    ));
    Err(looked.join("; "))
}

/// Every folder of this machine that may hold a PostgreSQL, the likeliest first.
pub fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = pg_config().into_iter().collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Where PATH holds a link, initdb and the shared files lie next to what it points to.
    let linked = std::env::split_paths(&path)
        .filter_map(|folder| folder.join("postgres").canonicalize().ok())
        .filter_map(|program| program.parent().map(Path::to_owned));
    folders.extend(linked);
    folders.extend(installed());
    folders.push(PathBuf::from("/usr/local/pgsql/bin"));
    let mut seen = std::collections::HashSet::new();
    folders.retain(|folder| folder.is_dir() && seen.insert(folder.clone()));
    folders
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config")
        .arg("--bindir")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| PathBuf::from(text.trim()))
}

/// Where packages put it: parent folder, what the name begins with before the version, and what
/// follows.
const PLACES: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),          // Debian
    ("/usr", "pgsql-", "bin"),                   // the packages of postgresql.org for Fedora
    ("/usr/libexec", "postgresql", ""),          // Alpine
    ("/usr/lib", "postgresql", "bin"),           // SUSE
    ("/opt/homebrew/opt", "postgresql@", "bin"), // Homebrew
    ("/usr/local/opt", "postgresql@", "bin"),    // Homebrew on Intel
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ("/opt/local/lib", "postgresql", "bin"), // MacPorts
    ("/Library/PostgreSQL", "", "bin"),      // EDB
    ("/opt/PostgreSQL", "", "bin"),          // EDB
];

fn installed() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = PLACES
        .iter()
        .flat_map(|(parent, prefix, rest)| expand(Path::new(parent), prefix, rest))
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, folder)| folder).collect()
}

fn expand(parent: &Path, prefix: &str, rest: &str) -> Vec<(u32, PathBuf)> {
    let version = |name: &OsStr| leading_number(name.to_str()?.strip_prefix(prefix)?);
    fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((version(&entry.file_name())?, entry.path().join(rest))))
        .collect()
}

/// `postgres (PostgreSQL) 17.2 (Debian 17.2-1)` is 17; so is `17beta1`.
fn major(version: &str) -> Option<u32> {
    leading_number(version.split_once("(PostgreSQL) ")?.1)
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}

/// What a person can do when none is found.
pub fn ways_out() -> String {
    let system = if cfg!(target_os = "macos") {
        String::from("ID=macos")
    } else {
        fs::read_to_string("/etc/os-release").unwrap_or_default()
    };
    format!(
        "Install it ({}), or name the folder that holds initdb and postgres with \
         --postgres-bin-dir or ALUMX_POSTGRES_BIN_DIR, or set DATABASE_URL to a server of your own",
        package(&system)
    )
}

fn package(os_release: &str) -> &'static str {
    let ids: Vec<&str> = os_release
        .lines()
        .filter_map(|line| {
            line.strip_prefix("ID=")
                .or_else(|| line.strip_prefix("ID_LIKE="))
        })
        .flat_map(|value| value.trim_matches('"').split(' '))
        .collect();
    let like = |names: &[&str]| names.iter().any(|name| ids.contains(name));
    match () {
        () if like(&["macos"]) => "brew install postgresql@18",
        () if like(&["debian", "ubuntu"]) => "apt-get install postgresql",
        () if like(&["fedora", "rhel"]) => "dnf install postgresql-server postgresql-contrib",
        () if like(&["suse", "opensuse"]) => "zypper install postgresql-server postgresql-contrib",
        () if like(&["arch"]) => "pacman -S postgresql",
        () if like(&["alpine"]) => "apk add postgresql postgresql-contrib",
        () => {
            "the packages `postgresql` and `postgresql-contrib`, or whatever this system calls them"
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn pretend(parent: &Path, name: &str, version: &str) -> PathBuf {
        let folder = parent.join(name);
        fs::create_dir_all(&folder).unwrap();
        for program in ["postgres", "initdb"] {
            let script = format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n");
            fs::write(folder.join(program), script).unwrap();
            fs::set_permissions(folder.join(program), fs::Permissions::from_mode(0o755)).unwrap();
        }
        folder
    }

    fn home() -> (tempfile::TempDir, Account) {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        (folder, Account::choose(Path::new("/nonexistent")).unwrap())
    }

    #[test]
    fn the_first_version_that_fits_is_taken() {
        let (home, account) = home();
        let old = pretend(home.path(), "old", "13.9");
        let current = pretend(home.path(), "current", "17.2 (Debian 17.2-1)");
        let beta = pretend(home.path(), "beta", "19beta1");
        let folders = [home.path().join("none"), old, current.clone(), beta.clone()];

        let newest = choose(&folders, None, &account).unwrap();
        let wanted = choose(&folders, Some(19), &account).unwrap();

        assert_eq!(
            newest,
            Binaries {
                folder: current,
                major: 17
            }
        );
        assert_eq!(
            wanted,
            Binaries {
                folder: beta,
                major: 19
            }
        );
    }

    #[test]
    fn what_was_wrong_with_each_place_is_told() {
        let (home, account) = home();
        let old = pretend(home.path(), "old", "13.9");
        let mute = pretend(home.path(), "mute", "");
        let empty = home.path().join("empty");
        fs::create_dir(&empty).unwrap();

        let looked = choose(&[old, mute, empty], None, &account).unwrap_err();

        assert!(
            looked.contains("old – version 13, older than 14"),
            "{looked}"
        );
        assert!(
            looked.contains("mute – its postgres does not tell its version"),
            "{looked}"
        );
        assert!(looked.contains("empty – no postgres in it"), "{looked}");
    }

    #[test]
    fn versioned_folders_are_expanded() {
        let (home, _) = home();
        for name in ["pgsql-16", "pgsql-9.6", "pgsql-tools", "other-17"] {
            fs::create_dir(home.path().join(name)).unwrap();
        }

        let mut found = expand(home.path(), "pgsql-", "bin");
        found.sort();

        let folder = |name: &str| home.path().join(name).join("bin");
        assert_eq!(found, [(9, folder("pgsql-9.6")), (16, folder("pgsql-16"))]);
    }

    #[test]
    fn each_system_is_told_its_own_package() {
        assert!(package("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n").starts_with("apt-get"));
        assert!(package("NAME=Rocky\nID_LIKE=\"rhel centos fedora\"").starts_with("dnf"));
        assert!(package("ID=alpine").starts_with("apk"));
        assert!(package("").contains("postgresql-contrib"));
    }
}
