//! What a service does with it every day.

use std::fs;
use std::sync::LazyLock;

use alumx_infrastructure::embedded::{Durability, Options, Server};
use diesel::{Connection, PgConnection};
use rustix::process::Signal;

use super::support::{
    Folder, as_superuser, eventually, execute, kill, number, options, postmaster, runs,
    socket_folder,
};

/// For tests that only look; it goes with the test process.
fn shared() -> &'static str {
    static SERVER: LazyLock<Server> =
        LazyLock::new(|| Server::temporary(&options(&std::env::temp_dir())).unwrap());
    SERVER.database_url()
}

#[test]
fn data_are_there_after_a_stop_and_a_start() {
    let folder = Folder::new();
    let options = Options {
        durability: Durability::Durable,
        ..folder.options()
    };

    let server = Server::start(&options).unwrap();
    execute(
        server.database_url(),
        "CREATE TABLE words AS SELECT 'kept' AS word",
    );
    let pid = postmaster(&folder.data());
    server.stop();
    assert!(!runs(pid), "it has ended when stop returns");

    let server = Server::start(&options).unwrap();
    assert_eq!(
        number(server.database_url(), "SELECT count(*) FROM words"),
        1
    );
}

#[test]
fn the_service_owns_its_database_and_nothing_else() {
    let url = shared();

    execute(
        url,
        "CREATE SCHEMA one; CREATE EXTENSION pg_trgm SCHEMA one; \
         CREATE EXTENSION unaccent SCHEMA one; CREATE EXTENSION citext SCHEMA one",
    );

    let superusers = "SELECT count(*) FROM pg_roles WHERE rolname = current_user AND rolsuper";
    assert_eq!(number(url, superusers), 0);
    assert_eq!(
        number(url, "SELECT (lower('É') = 'é' AND 'B' < 'a')::int::bigint"),
        1
    );
    assert!(PgConnection::establish(&url.replace(":5432/alumx", ":5432/postgres")).is_err());
}

#[test]
fn parameters_may_follow_the_address() {
    let url = format!("{}?options=-csearch_path%3Delsewhere", shared());

    let here =
        "SELECT count(*) FROM pg_settings WHERE name = 'search_path' AND setting = 'elsewhere'";
    assert_eq!(number(&url, here), 1);
}

#[test]
fn two_services_run_side_by_side() {
    let (one, two) = (Folder::new(), Folder::new());

    let first = Server::start(&one.options()).unwrap();
    let second = Server::start(&two.options()).unwrap();
    execute(first.database_url(), "CREATE TABLE words (word text)");

    let tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'words'";
    assert_eq!(number(first.database_url(), tables), 1);
    assert_eq!(number(second.database_url(), tables), 0);
}

#[test]
fn a_long_path_gets_a_socket_elsewhere() {
    let folder = Folder::new();
    let long = folder
        .path()
        .join(format!("with a space/{}", "long".repeat(40)));

    let server = Server::start(&options(&long)).unwrap();
    let socket = socket_folder(server.database_url());
    assert_eq!(number(server.database_url(), "SELECT 1::bigint"), 1);
    server.stop();

    assert!(socket.starts_with("/tmp"), "{}", socket.display());
    assert!(!socket.exists(), "the temporary folder is gone");
}

#[test]
fn a_temporary_server_leaves_nothing() {
    let cache = Folder::new();

    let server = Server::temporary(&cache.options()).unwrap();
    let home = socket_folder(server.database_url())
        .join("../..")
        .canonicalize()
        .unwrap();
    let pid = postmaster(&home.join("postgres/data"));
    execute(server.database_url(), "CREATE TABLE words (word text)");
    drop(server);

    assert!(!runs(pid));
    assert!(!home.exists());
}

#[test]
fn a_first_start_that_was_cut_short_is_healed() {
    let folder = Folder::new();
    let server = Server::start(&folder.options()).unwrap();
    // What a crash right after initdb leaves: a cluster without the service's role and database.
    let superuser = as_superuser(server.database_url());
    execute(&superuser, "DROP DATABASE alumx");
    execute(&superuser, "DROP ROLE alumx");
    server.stop();

    let server = Server::start(&folder.options()).unwrap();

    execute(server.database_url(), "CREATE TABLE words (word text)");
}

#[test]
fn a_half_made_cluster_is_made_anew() {
    let folder = Folder::new();
    Server::start(&folder.options()).unwrap().stop();
    let half = folder.path().join("postgres/data.part-1");
    fs::rename(folder.data(), &half).unwrap();

    let server = Server::start(&folder.options()).unwrap();

    assert_eq!(number(server.database_url(), "SELECT 1::bigint"), 1);
    assert!(!half.exists());
}

#[test]
fn no_port_is_opened() {
    let url = shared();

    let addresses = "SELECT count(*) FROM pg_settings \
                     WHERE name = 'listen_addresses' AND setting <> ''";
    assert_eq!(number(url, addresses), 0);
    let socket = socket_folder(url);
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(socket).unwrap());
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_killed_server_comes_back() {
    let folder = Folder::new();
    let options = Options {
        durability: Durability::Durable,
        ..folder.options()
    };
    let server = Server::start(&options).unwrap();
    execute(
        server.database_url(),
        "CREATE TABLE words AS SELECT 'kept' AS word",
    );
    let killed = postmaster(&folder.data());

    kill(killed, Signal::KILL);

    eventually("another postmaster", || {
        let text = fs::read_to_string(folder.data().join("postmaster.pid")).ok()?;
        let id = killed.as_raw_pid().to_string();
        (text.contains("ready") && text.lines().next() != Some(id.as_str())).then_some(())
    });
    assert_eq!(
        number(server.database_url(), "SELECT count(*) FROM words"),
        1
    );
    assert!(!runs(killed));
}
