//! Starts that can't be: one clear sentence each, and a failure for whoever started it.

use std::net::TcpListener;
use std::process::Output;

use crate::support::{Service, alumx, folder, run, stderr};

#[track_caller]
fn assert_refused(output: &Output, sentence: &str) {
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    let said = stderr(output);
    assert!(said.contains(sentence), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = run(&["--listen", &address]);

    assert_refused(
        &output,
        &format!("another program listens on {address} already"),
    );
}

#[tokio::test]
async fn a_data_folder_that_is_in_use() {
    let folder = folder();
    let service = Service::start(folder.path());

    let data = folder.path().to_str().unwrap();
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data]);

    assert_refused(&output, "another data folder");
    assert_eq!(service.get("/readyz").await.status(), 200);
}

#[test]
fn no_postgresql_to_be_had() {
    let folder = folder();
    let data = folder.path().join("data");

    let bin = folder.path().to_str().unwrap();
    let data = data.to_str().unwrap();
    let listen = ["--listen", "127.0.0.1:0", "--data-dir", data];
    let output = run(&[&listen[..], &["--postgres-bin-dir", bin]].concat());

    assert_refused(&output, bin);
}

#[test]
fn a_database_elsewhere_without_a_good_secret() {
    let url = "postgres://alumx:hunter2@127.0.0.1:1/alumx";
    let serve = |secret: Option<&str>| {
        let mut command = alumx(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("DATABASE_URL", url);
        secret.map(|secret| command.env("ALUMX_TOKEN_SECRET", secret));
        command.output().unwrap()
    };

    assert_refused(&serve(None), "ALUMX_TOKEN_SECRET");
    let weak = serve(Some("a-weak-secret"));
    assert_refused(&weak, "at least 32 bytes");
    assert!(!stderr(&weak).contains("a-weak-secret"));
}

#[test]
fn a_mistyped_url_is_not_shown_with_its_password() {
    let mut command = alumx(&["serve", "--listen", "127.0.0.1:0"]);
    command.env(
        "DATABASE_URL",
        "postgress://alumx:hunter2@127.0.0.1/alumx?x=1",
    );
    command.env("ALUMX_TOKEN_SECRET", "x".repeat(32));

    let output = command.output().unwrap();

    assert_refused(&output, "expected postgres://");
    assert!(!stderr(&output).contains("hunter2"));
}

#[test]
fn access_tokens_that_outlive_their_sessions() {
    let lifetimes = [
        "--access-token-lifetime",
        "2d",
        "--refresh-token-lifetime",
        "1d",
    ];

    let output = run(&[&["serve", "--listen", "127.0.0.1:0"], &lifetimes[..]].concat());

    assert_refused(&output, "access_token_lifetime");
}

#[test]
fn a_database_that_does_not_answer() {
    let mut command = alumx(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("DATABASE_URL", "postgres://alumx:hunter2@127.0.0.1:1/alumx");
    command.env("ALUMX_TOKEN_SECRET", "x".repeat(32));

    let output = command.output().unwrap();

    assert_refused(&output, "could not be reached");
    assert!(!stderr(&output).contains("hunter2"));
}

#[test]
fn a_public_url_that_is_none() {
    for wrong in [
        "alumni.example.org",
        "ftp://alumni.example.org",
        "https://",
        "https://alumni.example.org/alumx",
        "https://ada@alumni.example.org",
        "https://alumni.example.org?x",
    ] {
        let output = run(&["serve", "--public-url", wrong]);

        assert_refused(&output, "--public-url");
        assert!(stderr(&output).contains("expected http"), "{wrong}");
    }
}

#[test]
fn a_bucket_that_is_not_to_be_opened() {
    let serve = |arguments: &[&str]| {
        let mut command = alumx(&["serve", "--listen", "127.0.0.1:0", "--s3-bucket=alumx"]);
        // Is told before a database is touched: there is none.
        command.env("DATABASE_URL", "postgres://127.0.0.1:1/alumx");
        command.env("ALUMX_TOKEN_SECRET", "x".repeat(32));
        command.env("ALUMX_S3_SECRET_KEY", "hunter2");
        command.args(arguments).output().unwrap()
    };

    let keyless = serve(&[]);
    assert_refused(&keyless, "`s3_access_key` and `s3_secret_key` are needed");
    assert!(!stderr(&keyless).contains("hunter2"));
    let both = serve(&["--files-dir=/nowhere", "--s3-access-key=key"]);
    assert_refused(&both, "--s3-bucket");
}
