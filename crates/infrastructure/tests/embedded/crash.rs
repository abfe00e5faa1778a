//! What remains when the service is killed.

use std::io::Read;
use std::path::{Path, PathBuf};

use alumx_infrastructure::embedded::{Durability, Options, Server};
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use rustix::process::Signal;

use super::support::{
    Folder, Service, children, connect, eventually, kill, number, options, postmaster, runs,
    socket_folder,
};

const WRITER: &str = "ALUMX_TEST_WRITE_IN";
const TEMPORARY: &str = "ALUMX_TEST_TEMPORARY";
const GUARD: &str = "alumx-postgres-guard";

/// Not a test by itself: the service that the other tests kill. It writes rows for ever, and says
/// the number of each that was committed.
#[test]
fn a_service_that_writes() {
    let Some(folder) = std::env::var_os(WRITER) else {
        return;
    };
    let options = options(Path::new(&folder));
    let server = Server::start(&Options {
        durability: Durability::Durable,
        ..options
    })
    .unwrap();
    let mut conn = connect(server.database_url());
    conn.batch_execute("CREATE TABLE rows (number bigint)")
        .unwrap();
    for number in 1_i64.. {
        let insert = diesel::sql_query("INSERT INTO rows VALUES ($1)");
        insert
            .bind::<diesel::sql_types::BigInt, _>(number)
            .execute(&mut conn)
            .unwrap();
        println!("row {number}");
    }
}

/// Not a test by itself either.
#[test]
fn a_service_with_a_temporary_server() {
    let Some(folder) = std::env::var_os(TEMPORARY) else {
        return;
    };
    let server = Server::temporary(&options(Path::new(&folder))).unwrap();
    // The test harness has begun a line already.
    println!("\nurl {}", server.database_url());
    // Until the test ends, or kills this.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

fn writer(folder: &Folder) -> Service {
    Service::start(
        "embedded::crash::a_service_that_writes",
        WRITER,
        folder.path(),
    )
}

#[test]
fn a_killed_service_takes_its_server_along_and_keeps_its_rows() {
    let folder = Folder::new();
    let mut service = writer(&folder);
    while service.said("row ") != "20" {}
    let pid = postmaster(&folder.data());

    let acknowledged = service.kill("row ").unwrap_or(20);

    eventually("the end of the postmaster", || (!runs(pid)).then_some(()));
    let server = Server::start(&folder.options()).unwrap();
    let kept = number(server.database_url(), "SELECT count(*) FROM rows");
    assert!(kept >= acknowledged.max(20), "{kept} of {acknowledged}");
}

#[test]
fn a_start_right_after_a_kill_takes_over() {
    let folder = Folder::new();
    let mut service = writer(&folder);
    while service.said("row ") != "20" {}
    service.kill("row ");

    // Its server may still be stopping.
    let server = Server::start(&folder.options()).unwrap();

    assert!(number(server.database_url(), "SELECT count(*) FROM rows") >= 20);
}

#[test]
fn an_orphan_without_a_guard_is_stopped() {
    let folder = Folder::new();
    let mut service = writer(&folder);
    while service.said("row ") != "20" {}
    let orphan = postmaster(&folder.data());
    // Held still, it cannot start another guard.
    kill(service.pid(), Signal::STOP);
    for guard in children(service.pid(), GUARD) {
        kill(guard, Signal::KILL);
    }
    service.kill("row ");
    assert!(runs(orphan));

    let server = Server::start(&folder.options()).unwrap();

    assert!(!runs(orphan));
    assert!(number(server.database_url(), "SELECT count(*) FROM rows") >= 20);
}

#[test]
fn everything_killed_at_once_recovers() {
    let folder = Folder::new();
    let mut service = writer(&folder);
    while service.said("row ") != "20" {}
    kill(service.pid(), Signal::STOP);
    for guard in children(service.pid(), GUARD) {
        kill(guard, Signal::KILL);
    }
    kill(postmaster(&folder.data()), Signal::KILL);
    service.kill("row ");

    let server = Server::start(&folder.options()).unwrap();

    assert!(number(server.database_url(), "SELECT count(*) FROM rows") >= 20);
}

#[test]
fn a_killed_service_leaves_no_temporary_folder() {
    let cache = Folder::new();
    let test = "embedded::crash::a_service_with_a_temporary_server";
    let mut service = Service::start(test, TEMPORARY, cache.path());
    let home: PathBuf = socket_folder(&service.said("url "))
        .join("../..")
        .canonicalize()
        .unwrap();
    let pid = postmaster(&home.join("postgres/data"));

    service.kill("");

    eventually("the end of the postmaster", || (!runs(pid)).then_some(()));
    eventually("the end of the folder", || (!home.exists()).then_some(()));
}

#[test]
fn a_killed_guard_is_replaced() {
    let cache = Folder::new();
    let test = "embedded::crash::a_service_with_a_temporary_server";
    let mut service = Service::start(test, TEMPORARY, cache.path());
    let home: PathBuf = socket_folder(&service.said("url "))
        .join("../..")
        .canonicalize()
        .unwrap();
    let pid = postmaster(&home.join("postgres/data"));
    let guards = children(service.pid(), GUARD);
    assert_eq!(guards.len(), 1);

    kill(guards[0], Signal::KILL);
    eventually("another guard", || {
        let now = children(service.pid(), GUARD);
        (!now.is_empty() && !now.contains(&guards[0])).then_some(())
    });
    service.kill("");

    eventually("the end of the postmaster", || (!runs(pid)).then_some(()));
    eventually("the end of the folder", || (!home.exists()).then_some(()));
}
