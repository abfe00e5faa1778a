//! `PgBouncer` in transaction mode in front of PostgreSQL, where one is installed.

use std::cell::Cell;
use std::io::Write as _;
use std::net::{Shutdown, TcpListener};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use alumx_infrastructure::testing::TestDatabase;
use futures_util::future::join_all;
use percent_encoding::percent_decode_str;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::faults::load::{Ask, Door, unlimited, writers};
use crate::live;
use crate::support::{SECRET, Service, folder};

/// Connections of the pooler to PostgreSQL: fewer than the services have to the pooler.
const POOL: usize = 3;

/// A running `PgBouncer`, stopped when dropped.
struct PgBouncer {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl PgBouncer {
    /// `None` if there is none.
    fn start(database: &TestDatabase) -> Option<Self> {
        let folder = folder();
        let port = free_port();
        let path = folder.path().join("pgbouncer.ini");
        let mut file = std::fs::File::create(&path).unwrap();
        write!(file, "{}", configuration(database, port)).unwrap();
        let mut command = Command::new("pgbouncer");
        if rustix::process::geteuid().is_root() {
            // It doesn't run as root.
            command.args(["-u", "nobody"]);
        }
        let child = command
            .arg(&path)
            .stderr(Stdio::null())
            .stdin(Stdio::null())
            .spawn();
        let bouncer = Self {
            child: child.ok()?,
            port,
            _folder: folder,
        };
        bouncer.wait_until_it_listens(&path);
        Some(bouncer)
    }

    fn wait_until_it_listens(&self, path: &Path) {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let patient = std::time::Instant::now() < until;
            assert!(patient, "pgbouncer {} does not listen", path.display());
            std::thread::yield_now();
        }
    }

    fn url(&self) -> String {
        format!("postgres://anybody@127.0.0.1:{}/alumx", self.port)
    }
}

/// A port that leads to PostgreSQL's socket, which only lets in whoever runs the tests.
fn lead_to(socket: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), UnixStream::connect(&socket).unwrap());
            let (mut to_server, mut to_client) =
                (server.try_clone().unwrap(), client.try_clone().unwrap());
            let (mut from_client, mut from_server) = (client, server);
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from_client, &mut to_server);
                let _ = to_server.shutdown(Shutdown::Both);
            });
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from_server, &mut to_client);
                let _ = to_client.shutdown(Shutdown::Both);
            });
        }
    });
    port
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The schema of the test, as a database of the pooler.
fn configuration(database: &TestDatabase, port: u16) -> String {
    let (server, options) = database.url().split_once('?').unwrap();
    let (user, rest) = server.split_once("://").unwrap().1.split_once('@').unwrap();
    let (address, name) = rest.split_once('/').unwrap();
    let (host, server_port) = address.rsplit_once(':').unwrap();
    let host = decoded(host);
    let (host, server_port) = if host.starts_with('/') {
        let socket = Path::new(&host).join(format!(".s.PGSQL.{server_port}"));
        ("127.0.0.1".to_owned(), lead_to(socket).to_string())
    } else {
        (host, server_port.to_owned())
    };
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let path = decoded(options.split("search_path%3D").nth(1).unwrap());
    format!(
        "[databases]\n\
         alumx = host={host} port={server_port} dbname={name} user={user} password={password} \
         pool_size={POOL} connect_query='SET search_path TO {path}'\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
         pool_mode = transaction\nmax_client_conn = 100\n"
    )
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

fn instance(database: &TestDatabase, bouncer: &PgBouncer, files: &Path) -> Service {
    let mut command = unlimited(&["--listen=127.0.0.1:0", "--database-connections=6"]);
    command
        .arg("--files-dir")
        .arg(files)
        .env("DATABASE_URL", database.url())
        .env("ALUMX_DATABASE_POOLER_URL", bouncer.url())
        .env("ALUMX_TOKEN_SECRET", SECRET);
    Service::spawn(&mut command)
}

async fn ask(service: &Service, method: Method, token: &str, path: &str, body: Value) -> Value {
    let ask = Ask {
        method,
        path: path.to_owned(),
        token: token.to_owned(),
        body,
    };
    let (status, body) = service.ask(&ask).await.unwrap();
    assert!((200..300).contains(&status), "{path}: {status} {body}");
    body
}

#[tokio::test]
async fn through_a_pooler_everything_goes_on_as_without_it() {
    let database = TestDatabase::empty();
    let Some(bouncer) = PgBouncer::start(&database) else {
        eprintln!("no pgbouncer is installed: not tested");
        return;
    };
    // Both at once on an empty database.
    let files = folder();
    let start = || instance(&database, &bouncer, files.path());
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(start);
        (start(), other.join().unwrap())
    });
    let mut writers = writers(&one).await;
    let left = Cell::new(300);
    let goes_on = |status: Option<u16>| {
        assert!(matches!(status, Some(200..=299)), "{status:?}");
        left.set(left.get() - 1);
        left.get() > 0
    };
    let doors = [&one, &other].into_iter().cycle();
    let writing = writers
        .iter_mut()
        .zip(doors)
        .map(|(writer, door)| writer.run(door, goes_on));

    join_all(writing).await;

    for (writer, door) in writers.iter().zip([&other, &one].into_iter().cycle()) {
        writer.assert_nothing_lost(door).await;
    }
    let token = writers[0].token();
    let hits = one.read(token, "/users?q=cleo".to_owned()).await;
    assert_eq!(hits["items"][0]["username"], "cleo");
    for path in [
        "/job-posts?sort=top",
        "/chats",
        "/group-chats",
        "/me/unread",
    ] {
        other.read(token, path.to_owned()).await;
    }
    assert_eq!(one.register("ADA").await, 409);
    a_message_is_told_across_and_stored_once(&one, &other).await;
    // It was the pooler that all of it went through.
    drop(bouncer);
    assert_eq!(one.get("/readyz").await.status(), 503);
}

/// What several send at once under one id is one message, in a transaction of the pooler as well.
async fn a_message_is_told_across_and_stored_once(one: &Service, other: &Service) {
    let (_, token) = one.member("grace").await;
    let (user, reader) = other.member("hedy").await;
    let chat = ask(one, Method::POST, &token, "/chats", json!({"userId": user})).await;
    let path = format!("/chats/{}/messages", chat["id"]);
    let mut socket = live::connect(other, &reader).await.unwrap();
    assert_eq!(live::next(&mut socket).await.unwrap()["type"], "ready");
    let body = json!({
        "content": "Hi", "clientMessageId": "00000000-0000-4000-8000-000000000000"
    });
    let sends = (0..20).map(|n| {
        let service = [one, other][n % 2];
        ask(service, Method::POST, &token, &path, body.clone())
    });

    let sent = join_all(sends).await;

    assert!(sent.iter().all(|message| message["id"] == sent[0]["id"]));
    // That there is a chat may be told before it.
    let frame = loop {
        let frame = live::next(&mut socket).await.unwrap();
        if frame["type"] != "chat.created" {
            break frame;
        }
    };
    assert_eq!(frame["message"]["id"], sent[0]["id"], "{frame}");
}
