//! A replica answers what may be a moment old, and may go at any time.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use alumx_infrastructure::embedded::{Options, Server};
use alumx_infrastructure::testing::{connect, execute, number};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::load::unlimited;
use crate::support::{SECRET, Service, folder};

/// A PostgreSQL that follows another one.
struct Standby {
    folder: PathBuf,
    programs: PathBuf,
    owner: (u32, u32),
    running: Option<Child>,
}

impl Standby {
    /// A copy of the server on this data folder; `None` if the program that copies is missing.
    fn of(server: &Server, data: &Path) -> Option<Self> {
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
            folder: data.parent().unwrap().join("standby"),
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

    fn url(&self) -> String {
        let host = self.folder.to_str().unwrap().replace('/', "%2F");
        format!("postgresql://alumx@{host}:5432/alumx")
    }

    fn start(&mut self) {
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

    fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = kill_process(Pid::from_child(&running), Signal::INT);
            let _ = running.wait();
        }
    }

    /// Lets nothing new in, from when this returns.
    fn pause(&self) {
        let mut conn = connect(&superuser(&self.url()));
        execute(&mut conn, "SELECT pg_wal_replay_pause()");
        let paused = "SELECT (pg_get_wal_replay_pause_state() = 'paused')::int::bigint";
        eventually("a pause", || number(&mut conn, paused) == 1);
    }

    fn resume(&self) {
        let mut conn = connect(&superuser(&self.url()));
        execute(&mut conn, "SELECT pg_wal_replay_resume()");
    }

    /// Whether more connections are here than these: a service has one to look how far it is, and
    /// one more once somebody reads.
    fn is_read(&self, connections: i64) -> bool {
        let count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'alumx'";
        number(&mut connect(&superuser(&self.url())), count) > connections
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        self.stop();
    }
}

fn superuser(url: &str) -> String {
    url.replace("alumx@", "postgres@")
}

async fn name(service: &Service, reader: &str, user: i64) -> String {
    let profile = service.get_as(reader, &format!("/users/{user}")).await;
    let profile: Value = profile.json().await.unwrap();
    profile["name"].as_str().unwrap().to_owned()
}

async fn rename(service: &Service, (user, token): &(i64, String), name: &str) {
    let request = service
        .http
        .patch(format!("{}/api/v1/users/{user}", service.root));
    let request = request
        .bearer_auth(token)
        .header("content-type", "application/merge-patch+json")
        .body(json!({ "name": name }).to_string());
    assert_eq!(request.send().await.unwrap().status(), 200);
}

fn eventually(what: &str, mut seen: impl FnMut() -> bool) {
    let given_up = Instant::now() + Duration::from_secs(30);
    while !seen() {
        assert!(Instant::now() < given_up, "{what}: not seen");
        std::thread::yield_now();
    }
}

/// Reads until the name is this one.
async fn until(service: &Service, reader: &str, user: i64, expected: &str) {
    let given_up = Instant::now() + Duration::from_secs(30);
    while name(service, reader, user).await != expected {
        assert!(Instant::now() < given_up, "{expected}: not seen");
    }
}

/// Reads until the standby answers.
async fn until_read(service: &Service, reader: &str, user: i64, standby: &Standby, open: i64) {
    let given_up = Instant::now() + Duration::from_secs(30);
    while !standby.is_read(open) {
        name(service, reader, user).await;
        assert!(Instant::now() < given_up, "the standby is not read");
    }
}

fn service(server: &Server, standby: &Standby, files: &Path, lag: &str) -> Service {
    let mut command = unlimited(&["--listen", "127.0.0.1:0", "--database-connections=1"]);
    command
        .arg(format!("--database-replica-lag={lag}"))
        .arg("--files-dir")
        .arg(files)
        .env("DATABASE_URL", server.database_url())
        .env("DATABASE_REPLICA_URL", standby.url())
        .env("ALUMX_TOKEN_SECRET", SECRET);
    Service::spawn(&mut command)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_replica_answers_strangers_and_never_hides_from_a_user_what_it_wrote() {
    let folder = folder();
    let data = folder.path().join("postgresql");
    let server = Server::start(&Options::new(&data)).unwrap();
    let Some(mut standby) = Standby::of(&server, &data) else {
        return;
    };
    standby.start();
    let files = folder.path().join("files");
    let patient = service(&server, &standby, &files, "1d");
    let writer = patient.member("writer").await;
    let (_, stranger) = patient.member("stranger").await;
    until_read(&patient, &stranger, writer.0, &standby, 1).await;
    let strict = service(&server, &standby, &files, "300ms");
    until_read(&strict, &stranger, writer.0, &standby, 3).await;

    standby.pause();
    rename(&patient, &writer, "Grace").await;

    assert_eq!(name(&patient, &stranger, writer.0).await, "Ada");
    assert_eq!(name(&patient, &writer.1, writer.0).await, "Grace");
    // Who comes new is not told that there is no such user, and too old an answer is none.
    let (newcomer, token) = patient.member("newcomer").await;
    assert_eq!(name(&patient, &token, newcomer).await, "Ada");
    until(&strict, &stranger, writer.0, "Grace").await;
    drop(strict);
    standby.resume();
    until(&patient, &stranger, writer.0, "Grace").await;

    for again in ["Joan", "Mary"] {
        standby.stop();
        rename(&patient, &writer, again).await;
        assert_eq!(name(&patient, &stranger, writer.0).await, again);
        standby.start();
        until_read(&patient, &stranger, writer.0, &standby, 1).await;
        assert_eq!(name(&patient, &stranger, writer.0).await, again);
    }
    let metrics = patient.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("alumx_database_connections{database=\"replica\"} 1\n"));
}
