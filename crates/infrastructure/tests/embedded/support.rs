//! Data folders, queries, and processes that get killed.

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use alumx_infrastructure::embedded::{Durability, Options};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, RunQueryDsl};
use rustix::process::{Pid, Signal, kill_process};

/// A data folder that others may pass through, as PostgreSQL's user must where root runs the tests.
pub struct Folder(pub tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("postgres/data")
    }

    pub fn options(&self) -> Options {
        options(self.path())
    }
}

/// Quick, and without the network unless nothing is installed.
pub fn options(data_dir: &Path) -> Options {
    let bin_dir = std::env::var_os("ALUMX_POSTGRES_BIN_DIR").map(PathBuf::from);
    Options {
        bin_dir,
        durability: Durability::Disposable,
        ..Options::new(data_dir)
    }
}

pub fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap()
}

pub fn execute(url: &str, statements: &str) {
    connect(url).batch_execute(statements).unwrap();
}

pub fn number(url: &str, query: &str) -> i64 {
    diesel::select(sql::<BigInt>(&format!("({query})")))
        .get_result(&mut connect(url))
        .unwrap()
}

/// The same server, as the role that may do everything.
pub fn as_superuser(url: &str) -> String {
    url.replace("alumx@", "postgres@")
        .replace("/alumx", "/postgres")
}

pub fn socket_folder(url: &str) -> PathBuf {
    let host = url.split_once('@').unwrap().1.split_once(':').unwrap().0;
    PathBuf::from(host.replace("%2F", "/"))
}

/// Waits for something that happens in another process.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not happen in time");
        thread::sleep(Duration::from_millis(10));
    }
}

pub fn postmaster(data: &Path) -> Pid {
    let text = fs::read_to_string(data.join("postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
}

pub fn kill(pid: Pid, signal: Signal) {
    kill_process(pid, signal).unwrap();
}

/// Whether it runs; one that has ended and waits to be collected does not.
pub fn runs(pid: Pid) -> bool {
    let output = Command::new("ps")
        .args(["-o", "stat=", "-p", &pid.as_raw_pid().to_string()])
        .output()
        .unwrap();
    let state = String::from_utf8(output.stdout).unwrap();
    !state.trim().is_empty() && !state.trim().starts_with('Z')
}

/// The processes whose parent is this one and whose command line holds `text`.
pub fn children(parent: Pid, text: &str) -> Vec<Pid> {
    let output = Command::new("ps")
        .args(["-A", "-o", "ppid=,pid=,args="])
        .output()
        .unwrap();
    let parent = parent.as_raw_pid().to_string();
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| line.split_whitespace().next() == Some(&parent) && line.contains(text))
        .filter_map(|line| Pid::from_raw(line.split_whitespace().nth(1)?.parse().ok()?))
        .collect()
}

/// This test binary once more, as a service that can be killed; it runs one test only.
pub struct Service {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Service {
    pub fn start(test: &str, variable: &str, value: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture", "--test-threads=1"])
            .env(variable, value)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The rest of the next line that begins so.
    pub fn said(&mut self, prefix: &str) -> String {
        self.lines
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| line.strip_prefix(prefix).map(str::to_owned))
            .unwrap_or_else(|| panic!("the service ended without saying {prefix}"))
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap()).unwrap()
    }

    /// Ends it as if by a power cut, and tells the number in the last line that begins so.
    pub fn kill(mut self, prefix: &str) -> Option<i64> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let last = self.lines.by_ref().map_while(Result::ok).last();
        last.and_then(|line| line.strip_prefix(prefix)?.parse().ok())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
