//! The commands beside `serve`.

use std::fs;
use std::process::Stdio;

use alumx_infrastructure::testing::TestDatabase;
use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Service, alumx, folder, run, run_with_input, stderr, stdout};

const ADMIN: [&str; 7] = [
    "create-admin",
    "--username",
    "root",
    "--name=Grace",
    "--email",
    "root@example.org",
    "--data-dir",
];

#[tokio::test]
async fn an_admin_is_made_beside_the_running_service() {
    let folder = folder();
    let service = Service::start(folder.path());
    let arguments = [&ADMIN[..], &[folder.path().to_str().unwrap()]].concat();

    let made = run_with_input(&arguments, "  a password with spaces \n");

    assert!(made.status.success(), "{}", stderr(&made));
    let login = service.login("root", "  a password with spaces ").await;
    assert_eq!(login.status(), 200);
    assert_eq!(
        login.json::<Value>().await.unwrap()["user"]["role"],
        "ADMIN"
    );
    let again = run_with_input(&arguments, "another password\n");
    assert!(!again.status.success());
    assert!(stderr(&again).contains("taken"), "{}", stderr(&again));
}

#[tokio::test]
async fn an_admin_is_made_before_the_service_first_runs() {
    let folder = folder();
    let data = folder.path().join("data");
    let password = folder.path().join("password");
    fs::write(&password, "admin-password\r\n").unwrap();
    let file = password.to_str().unwrap();
    let arguments = [
        &ADMIN[..],
        &[data.to_str().unwrap(), "--password-file", file],
    ]
    .concat();

    let made = run(&arguments);

    assert!(made.status.success(), "{}", stderr(&made));
    let service = Service::start(&data);
    assert_eq!(
        service
            .login("root@example.org", "admin-password")
            .await
            .status(),
        200
    );
    service.signal(Signal::TERM);
    assert!(service.wait());
}

#[test]
fn a_bad_password_or_name_makes_no_admin() {
    let short = run_with_input(&[&ADMIN[..], &["/nowhere"]].concat(), "short\n");
    assert!(stderr(&short).contains("the password must have at least 8 characters"));

    let name = run(&[
        "create-admin",
        "--username",
        "r t",
        "--name=G",
        "--email=g@example.org",
    ]);
    assert!(!name.status.success());
    assert!(stderr(&name).contains("--username"), "{}", stderr(&name));
}

#[test]
fn migrations_go_up_and_down() {
    let database = TestDatabase::empty();
    let migrate = |arguments: &[&str]| {
        let url = ["--database-url", database.url()];
        let output = run(&[&["migrate"], arguments, &url[..]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };

    let all = migrate(&["status"]).len();
    assert!(
        migrate(&["status"])
            .iter()
            .all(|line| line.starts_with("pending"))
    );
    assert_eq!(migrate(&["up"]).len(), all);
    assert_eq!(migrate(&["up"]).len(), 0);
    assert_eq!(migrate(&["down", "--steps", "2"]).len(), 2);
    let state = migrate(&["status"]);
    let pending = state
        .iter()
        .filter(|line| line.starts_with("pending"))
        .count();
    assert_eq!((pending, state.len()), (2, all));
}

#[test]
fn the_openapi_document_is_printed() {
    let output = run(&["openapi"]);

    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn who_reads_only_the_beginning_is_no_reason_to_panic() {
    let mut child = alumx(&["openapi"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());

    let output = child.wait_with_output().unwrap();

    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
}

#[test]
fn what_reads_data_makes_none_where_none_are() {
    let folder = folder();
    let (none, half_made) = (folder.path().join("none"), folder.path().join("half-made"));
    fs::create_dir_all(half_made.join("postgres/data.part-1")).unwrap();

    for data in [&none, &half_made] {
        let data = data.to_str().unwrap();
        for command in [&["export"][..], &["files", "sweep"]] {
            let output = run(&[command, &["--data-dir", data]].concat());

            assert!(!output.status.success(), "{command:?}");
            let said = stderr(&output);
            assert!(said.contains("no data of AlumX are in"), "{said}");
        }
    }
    assert!(!none.exists() && !half_made.join("postgres/data").exists());
}
