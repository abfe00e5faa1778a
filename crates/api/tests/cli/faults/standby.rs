//! A PostgreSQL that follows the one of a service.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use alumx_infrastructure::embedded::Server;
use alumx_infrastructure::testing::{connect, execute, number};
use rustix::process::{Pid, Signal, kill_process};

/// A PostgreSQL that follows another one.
pub struct Standby {
    folder: PathBuf,
    programs: PathBuf,
    owner: (u32, u32),
    running: Option<Child>,
}

impl Standby {
    /// A copy of the server on this data folder; `None` if the program that copies is missing.
    pub fn of(server: &Server, data: &Path, name: &str) -> Option<Self> {
        let cluster = data.join("postgres");
        let pid = fs::read_to_string(cluster.join("data/postmaster.pid")).unwrap();
        let program = format!("/proc/{}/exe", pid.lines().next().unwrap());
        let programs = fs::read_link(program).unwrap().parent()?.to_owned();
        if !programs.join("pg_basebackup").exists() {
            println!("no pg_basebackup: the replica is not tested");
            return None;
        }
        let hba = cluster.join("pg_hba.conf");
        let rules = fs::read_to_string(&hba).unwrap() + "local replication postgres trust\n";
        fs::write(&hba, rules).unwrap();
        execute(
            &mut connect(&superuser(server.database_url())),
            "SELECT pg_reload_conf()",
        );
        let owner = fs::metadata(&cluster).unwrap();
        let standby = Self {
            folder: data.parent().unwrap().join(name),
            programs,
            owner: (owner.uid(), owner.gid()),
            running: None,
        };
        fs::create_dir(&standby.folder).unwrap();
        chown(&standby.folder, Some(owner.uid()), Some(owner.gid())).unwrap();
        let host = server.database_url().split(['@', ':']).nth(2).unwrap();
        let copied = standby
            .command("pg_basebackup")
            .args(["-R", "-c", "fast", "-U", "postgres", "-p", "5432", "-h"])
            .arg(host.replace("%2F", "/"))
            .arg("-D")
            .arg(standby.folder.join("data"))
            .status();
        assert!(copied.unwrap().success());
        for name in ["pg_hba.conf", "pg_ident.conf"] {
            fs::copy(cluster.join(name), standby.folder.join(name)).unwrap();
            let path = standby.folder.join(name);
            chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        Some(standby)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder).stdin(Stdio::null());
        if rustix::process::geteuid().is_root() {
            command.uid(self.owner.0).gid(self.owner.1);
        }
        command
    }

    pub fn url(&self) -> String {
        let host = self.folder.to_str().unwrap().replace('/', "%2F");
        format!("postgresql://alumx@{host}:5432/alumx")
    }

    pub fn start(&mut self) {
        let log = fs::File::create(self.folder.join("log")).unwrap();
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.folder.join("data"));
        for (name, file) in [("hba_file", "pg_hba.conf"), ("ident_file", "pg_ident.conf")] {
            let path = self.folder.join(file);
            command.args(["-c", &format!("{name}={}", path.display())]);
        }
        let socket = format!("unix_socket_directories={}", self.folder.display());
        command.args(["-c", "listen_addresses=", "-c", &socket]);
        self.running = Some(command.stderr(log).spawn().unwrap());
        eventually("a standby", || {
            let log = fs::read_to_string(self.folder.join("log")).unwrap();
            log.contains("ready to accept read-only connections")
        });
    }

    pub fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = kill_process(Pid::from_child(&running), Signal::INT);
            let _ = running.wait();
        }
    }

    /// Lets nothing new in, from when this returns.
    pub fn pause(&self) {
        let mut conn = connect(&superuser(&self.url()));
        execute(&mut conn, "SELECT pg_wal_replay_pause()");
        let paused = "SELECT (pg_get_wal_replay_pause_state() = 'paused')::int::bigint";
        eventually("a pause", || number(&mut conn, paused) == 1);
    }

    /// Makes it a server of its own.
    pub fn promote(&self) {
        let mut conn = connect(&superuser(&self.url()));
        execute(&mut conn, "SELECT pg_promote()");
        let promoted = "SELECT (NOT pg_is_in_recovery())::int::bigint";
        eventually("a promotion", || number(&mut conn, promoted) == 1);
    }

    pub fn resume(&self) {
        let mut conn = connect(&superuser(&self.url()));
        execute(&mut conn, "SELECT pg_wal_replay_resume()");
    }

    /// Lets nobody read users here until it is resumed, while the server goes on.
    pub fn lock_users(&self, server: &Server) {
        let mut primary = connect(&superuser(server.database_url()));
        execute(&mut primary, "BEGIN");
        execute(&mut primary, "LOCK TABLE users IN ACCESS EXCLUSIVE MODE");
        let mut conn = connect(&superuser(&self.url()));
        let locks = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted
                            AND relation = 'users'::regclass";
        // Takes it along to the disk, and so here.
        execute(
            &mut connect(&superuser(server.database_url())),
            "SELECT pg_switch_wal()",
        );
        eventually("a lock", || number(&mut conn, locks) == 1);
        self.pause();
        execute(&mut primary, "COMMIT");
    }

    /// Stops what answers services here, until the answer is dropped.
    pub fn freeze(&self) -> Frozen {
        Frozen::of(&self.url())
    }

    /// Waits until all is here that the server has written.
    pub fn catch_up(&self, server: &Server) {
        let position = |from: &str| format!("SELECT ({from}() - '0/0')::bigint");
        let mut primary = connect(&superuser(server.database_url()));
        let written = number(&mut primary, &position("pg_current_wal_flush_lsn"));
        let mut conn = connect(&superuser(&self.url()));
        let replayed = position("pg_last_wal_replay_lsn");
        eventually("all", || number(&mut conn, &replayed) >= written);
    }
}

/// Processes that do nothing until this is dropped.
pub struct Frozen(Vec<Pid>);

impl Frozen {
    /// What answers services at the server that has this URL.
    pub fn of(url: &str) -> Self {
        Self::those(url, usize::MAX, "true ORDER BY pid")
    }

    /// So many of those that answered a query last.
    pub fn latest(url: &str, count: usize) -> Self {
        let condition = "query NOT SIMILAR TO '%(LISTEN|notify)%' ORDER BY state_change DESC";
        Self::those(url, count, condition)
    }

    fn those(url: &str, count: usize, condition: &str) -> Self {
        let mut conn = connect(&superuser(url));
        let pids = (0..count).map_while(|n| {
            let pid = format!(
                "SELECT coalesce((SELECT pid FROM pg_stat_activity
                                  WHERE application_name = 'alumx' AND {condition}
                                  OFFSET {n} LIMIT 1), 0)::bigint"
            );
            Pid::from_raw(number(&mut conn, &pid).try_into().unwrap())
        });
        let frozen = Self(pids.collect());
        frozen.signal(Signal::STOP);
        frozen
    }

    /// The same, and what would make connections anew.
    pub fn whole(url: &str) -> Self {
        let postmaster = "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::bigint";
        let postmaster = number(&mut connect(&superuser(url)), postmaster);
        let mut frozen = Self::of(url);
        let postmaster = Pid::from_raw(postmaster.try_into().unwrap()).unwrap();
        kill_process(postmaster, Signal::STOP).unwrap();
        frozen.0.push(postmaster);
        frozen
    }

    fn signal(&self, signal: Signal) {
        for pid in &self.0 {
            let _ = kill_process(*pid, signal);
        }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.signal(Signal::CONT);
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        self.stop();
    }
}

pub fn superuser(url: &str) -> String {
    url.replace("alumx@", "postgres@")
}

pub fn eventually(what: &str, mut seen: impl FnMut() -> bool) {
    let given_up = Instant::now() + Duration::from_secs(30);
    while !seen() {
        assert!(Instant::now() < given_up, "{what}: not seen");
        std::thread::yield_now();
    }
}
