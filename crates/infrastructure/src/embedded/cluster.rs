//! The cluster's folder: where things lie in it, how it is created, who may connect.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::account::Account;
use super::error::{StartError, io};
use super::find::Binaries;
use super::guard::Guard;
use super::process::tail;
use super::{Durability, prepare};

/// `sockaddr_un` holds 104 bytes on macOS, and the socket's own name and lock take 19.
const LONGEST_SOCKET_FOLDER: usize = 80;

/// The folder that holds the database cluster and what belongs to it, owned by PostgreSQL's user.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    account: Account,
}

/// What `PostgreSQL` calls the data directory of a cluster in this folder: there once it is whole.
pub fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

impl Cluster {
    /// The cluster in this folder, which is made if need be.
    pub fn open(folder: PathBuf, account: &Account) -> Result<Self, StartError> {
        make_private(&folder, account)?;
        Ok(Self {
            folder,
            account: account.clone(),
        })
    }

    /// What `PostgreSQL` calls the data directory.
    pub fn data(&self) -> PathBuf {
        data(&self.folder)
    }

    /// The server's log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// The major version that wrote the data, if there are any.
    pub fn major(&self) -> Option<u32> {
        fs::read_to_string(self.data().join("PG_VERSION"))
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    /// A folder for the socket, and whether it is a temporary one, because the path of this one is
    /// too long for a socket or needs quoting.
    pub fn socket(&self) -> Result<(PathBuf, bool), StartError> {
        let folder = self.folder.join("socket");
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        let usable = |path: &str| path.len() <= LONGEST_SOCKET_FOLDER && path.chars().all(plain);
        if folder.to_str().is_some_and(usable) {
            make_private(&folder, &self.account)?;
            return Ok((folder, false));
        }
        let place = Path::new("/tmp");
        let folder = tempfile::Builder::new()
            .prefix("alumx-")
            .tempdir_in(place)
            .map_err(io("create a folder for the socket in", place))?
            .keep();
        self.account
            .own(&folder)
            .map_err(io("hand over", &folder))?;
        Ok((folder, true))
    }

    /// Creates the data directory in one step: whatever happens meanwhile, it is there as a whole
    /// or not at all.
    pub fn create(
        &self,
        binaries: &Binaries,
        guard: &mut Guard,
        durability: Durability,
    ) -> Result<(), StartError> {
        if self.major().is_some() {
            return Ok(());
        }
        self.remove_parts()?;
        tracing::info!(
            postgres.version = binaries.major,
            "creating the database cluster"
        );
        let part = self
            .folder
            .join(format!("data.part-{}", std::process::id()));
        let mut last = String::new();
        for locale in locales(binaries.major) {
            match self.initdb(binaries, guard, &part, locale, durability)? {
                None => {
                    fs::rename(&part, self.data()).map_err(io("rename", &part))?;
                    // initdb has synchronised the files, but not this new name.
                    let folder = File::open(&self.folder).and_then(|folder| folder.sync_all());
                    return folder.map_err(io("synchronise", &self.folder));
                }
                Some(failure) => last = failure,
            }
            self.remove_parts()?;
        }
        Err(StartError::Initdb(last))
    }

    /// Runs initdb once; tells what it said if it failed.
    fn initdb(
        &self,
        binaries: &Binaries,
        guard: &mut Guard,
        part: &Path,
        locale: &[&str],
        durability: Durability,
    ) -> Result<Option<String>, StartError> {
        let (program, log) = (binaries.program("initdb"), self.folder.join("initdb.log"));
        let mut command = guard.command(&program, &log)?;
        command
            .arg("-D")
            .arg(part)
            .args([
                "-U",
                prepare::SUPERUSER,
                "-A",
                "peer",
                "-E",
                "UTF8",
                "--wal-segsize=1",
                "-k",
            ])
            .args(locale);
        if durability == Durability::Disposable {
            command.arg("-N");
        }
        let status = command.status().map_err(io("run", &program))?;
        guard.forget();
        Ok((!status.success()).then(|| format!("initdb ended with {status}: {}", tail(&log))))
    }

    fn remove_parts(&self) -> Result<(), StartError> {
        let entries = fs::read_dir(&self.folder).map_err(io("list", &self.folder))?;
        for entry in entries.flatten() {
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(b"data.part")
            {
                fs::remove_dir_all(entry.path()).map_err(io("remove", &entry.path()))?;
            }
        }
        Ok(())
    }

    /// The arguments of the server. They come before the files in the data directory, so that a
    /// newer service's settings reach an old cluster.
    pub fn arguments(
        &self,
        socket: &Path,
        durability: Durability,
    ) -> Result<Vec<OsString>, StartError> {
        let hba = format!(
            "# Written at every start.\nlocal all {} peer map=service\nlocal {} {} peer map=service\n",
            prepare::SUPERUSER,
            prepare::NAME,
            prepare::NAME,
        );
        let user = user_name()?;
        let ident = format!(
            "# Written at every start.\nservice \"{user}\" {}\nservice \"{user}\" {}\n",
            prepare::SUPERUSER,
            prepare::NAME,
        );
        let mut arguments = vec![OsString::from("-D"), self.data().into()];
        let mut set = |name: &str, value: &Path| {
            let mut setting = OsString::from(format!("{name}="));
            setting.push(value);
            arguments.extend([OsString::from("-c"), setting]);
        };
        set("hba_file", &self.write("pg_hba.conf", &hba)?);
        set("ident_file", &self.write("pg_ident.conf", &ident)?);
        set("unix_socket_directories", socket);
        let safe = if durability == Durability::Durable {
            "on"
        } else {
            "off"
        };
        for name in ["fsync", "full_page_writes", "synchronous_commit"] {
            set(name, Path::new(safe));
        }
        if durability == Durability::Disposable {
            // Some containers' /dev/shm is too small for many tests at once.
            set("dynamic_shared_memory_type", Path::new("mmap"));
        }
        for (name, value) in SETTINGS {
            set(name, Path::new(value));
        }
        Ok(arguments)
    }

    /// Replaced as a whole: the folder belongs to another user, who could have put a link there.
    fn write(&self, name: &str, content: &str) -> Result<PathBuf, StartError> {
        let path = self.folder.join(name);
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(content.as_bytes())?;
            self.account.own_open(file.as_file())?;
            file.persist(&path).map_err(|error| error.error)
        };
        write().map_err(io("write", &path))?;
        Ok(path)
    }
}

const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    // Only the socket's name comes from it.
    ("port", "5432"),
    ("unix_socket_permissions", "0700"),
    ("max_connections", "100"),
    ("shared_buffers", "128MB"),
    ("jit", "off"),
    ("password_encryption", "scram-sha-256"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("lc_messages", "C"),
    ("logging_collector", "off"),
    ("log_destination", "stderr"),
    ("log_line_prefix", "%m [%p] "),
    // Failed statements are the service's to report, and they may quote what people wrote.
    ("log_min_messages", "log"),
    ("log_min_error_statement", "panic"),
    ("log_checkpoints", "off"),
];

/// Unicode's letters and plain byte order, the same on every machine; `C` knows ASCII letters only.
fn locales(major: u32) -> Vec<&'static [&'static str]> {
    let mut locales: Vec<&[&str]> = vec![&["--locale=C.UTF-8"]];
    if major >= 17 {
        locales.push(&[
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]);
    }
    locales.push(&["--locale=C"]);
    locales
}

fn make_private(folder: &Path, account: &Account) -> Result<(), StartError> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new()
        .mode(0o700)
        .create(folder)
        .map_err(io("create", folder))?;
    account.own(folder).map_err(io("hand over", folder))
}

/// Whom the server will see at the other end of the socket.
fn user_name() -> Result<String, StartError> {
    let program = Path::new("id");
    let output = Command::new(program)
        .arg("-un")
        .stdin(Stdio::null())
        .output()
        .map_err(io("ask for the user's name with", program))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
