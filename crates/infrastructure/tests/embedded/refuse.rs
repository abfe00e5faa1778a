//! What it says when it cannot run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use alumx_infrastructure::embedded::{Options, Server, StartError};

use super::support::{Folder, number};

#[test]
fn one_data_folder_has_one_service() {
    let folder = Folder::new();
    let server = Server::start(&folder.options()).unwrap();

    let error = Server::start(&folder.options()).unwrap_err();

    assert!(matches!(error, StartError::InUse(_)), "{error}");
    assert!(
        error
            .to_string()
            .contains(&folder.path().display().to_string()),
        "{error}"
    );
    assert_eq!(
        number(server.database_url(), "SELECT 1::bigint"),
        1,
        "the first is unharmed"
    );
    server.stop();
    Server::start(&folder.options()).unwrap();
}

#[test]
fn a_wrong_folder_of_programs_is_named() {
    let folder = Folder::new();
    let bin_dir = folder.path().join("nothing here");

    let error = Server::start(&Options {
        bin_dir: Some(bin_dir),
        ..folder.options()
    })
    .unwrap_err();

    assert!(matches!(error, StartError::BinDir { .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains("nothing here") && message.contains("no postgres in it"),
        "{message}"
    );
}

#[test]
fn data_of_a_version_that_is_not_there_are_left_alone() {
    let folder = Folder::new();
    Server::start(&folder.options()).unwrap().stop();
    fs::write(folder.data().join("PG_VERSION"), "98\n").unwrap();
    let options = Options {
        bin_dir: None,
        ..folder.options()
    };

    let error = Server::start(&options).unwrap_err();

    assert!(
        matches!(error, StartError::OtherVersion { major: 98, .. }),
        "{error}"
    );
    let message = error.to_string();
    for part in [
        "PostgreSQL 98",
        "instead of 98",
        "can be downloaded",
        "DATABASE_URL",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(
        fs::read_to_string(folder.data().join("PG_VERSION")).unwrap(),
        "98\n"
    );
}

#[test]
fn a_server_that_does_not_start_shows_its_log() {
    let folder = Folder::new();
    Server::start(&folder.options()).unwrap().stop();
    fs::write(
        folder.data().join("postgresql.conf"),
        "no_such_setting = 1\n",
    )
    .unwrap();

    let error = Server::start(&folder.options()).unwrap_err();

    assert!(matches!(error, StartError::NotReady { .. }), "{error}");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[test]
fn root_is_told_which_folder_is_closed() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = Folder::new();
    let closed: PathBuf = folder.path().canonicalize().unwrap().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();

    let error = Server::start(&Options::new(closed.join("data"))).unwrap_err();

    let StartError::Unreachable { folder, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(*folder, closed);
    assert!(error.to_string().contains("/var/lib/alumx"), "{error}");
    assert!(
        !closed.join("data").exists(),
        "nothing is left where it cannot be used"
    );
}
