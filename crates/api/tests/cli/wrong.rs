//! Every setting set wrongly, in every place where it can be.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use alumx_api::cli::Cli;
use clap::CommandFactory;

use crate::support::{alumx, folder, run, stderr, stdout};

/// In every secret of these tests.
const SECRET: &str = "hunter2";

/// Settings that any text is right for; paths that can't be used are named when they are.
const FREE: [&str; 9] = [
    "config",
    "data_dir",
    "postgres_bin_dir",
    "files_dir",
    "s3_bucket",
    "s3_prefix",
    "s3_region",
    "s3_access_key",
    "s3_secret_key",
];

/// Key, a wrong value, and what must be said to be expected.
const WRONG: [(&str, &str, &str); 56] = [
    (
        "database_url",
        "postgress://u:hunter2@h/d",
        "postgres://user",
    ),
    (
        "database_pooler_url",
        "postgress://u:hunter2@h/d",
        "postgres://user",
    ),
    (
        "database_replica_url",
        "postgres://u:hunter2@h@i/d",
        "postgres://user",
    ),
    ("database_replica_lag", "0s", "100ms to 3650d"),
    ("postgres_download", "maybe", "true or false"),
    ("postgres_registry", "//u:hunter2@h", "http:// or https://"),
    ("database_connections", "101", "from 1 to 100"),
    ("database_queue", "many", "from 1 to 100000"),
    ("database_wait", "1ms", "100ms to 3650d"),
    ("statement_timeout", "soon", "such as 500ms"),
    ("listen", "8080", "an address and a port"),
    ("http_workers", "-1", "from 1 to 512"),
    ("http_connections", "0", "from 1 to 1000000"),
    ("json_limit", "1e9", "from 1024 to 16777216"),
    ("body_timeout", "30", "such as 500ms"),
    ("upload_timeout", "5", "such as 500ms"),
    ("shutdown_timeout", "for ever", "such as 500ms"),
    ("shutdown_delay", "11m", "from 0s to 10m"),
    ("public_url", "https://u:hunter2@h", "http:// or https://"),
    ("sweep_files", "1", "true or false"),
    ("audit_retention", "-1", "from 0 to 36500"),
    ("s3_endpoint", "s3.example.org", "http:// or https://"),
    ("token_secret", "hunter2", "at least 32 bytes"),
    ("previous_token_secrets", "hunter2", "at least 32 bytes"),
    ("access_token_lifetime", "40d", "no more than"),
    ("refresh_token_lifetime", "4000d", "100ms to 3650d"),
    ("password_hashers", "257", "from 1 to 256"),
    ("sockets_per_user", "0", "from 1 to 1000"),
    ("event_bus", "pigeon", "in-process or postgres or nats"),
    ("nats_url", "nats://u:hunter2@h:port", "nats://user"),
    ("nats_subject", "a b", "letters, digits"),
    ("log", "alumx=loud", "a level"),
    ("log_format", "xml", "text or json"),
    ("otlp_endpoint", "http://u:hunter2@h", "http:// or https://"),
    ("trusted_proxies", "10.0.0.0/33", "10.0.0.0/8"),
    ("proxy_headers", "via", "forwarded"),
    ("cors_origins", "app.example.org", "https://app.example.org"),
    ("https_only", "always", "true or false"),
    ("max_in_flight", "0", "from 1 to 1000000"),
    ("max_arriving", "0", "from 1 to 1000000"),
    ("max_arriving_of_one", "1000001", "from 1 to 1000000"),
    ("handler_timeout", "0s", "100ms to 3650d"),
    ("header_timeout", "10", "such as 500ms"),
    ("rate_limits", "maybe", "on or off"),
    ("limit_register", "often", "300/1m"),
    ("limit_login", "1", "300/1m"),
    ("limit_refresh", "0/1m", "300/1m"),
    ("limit_failed_login", "1/0s", "300/1m"),
    ("limit_read", "1/2d", "300/1m"),
    ("limit_write", "-1/1m", "300/1m"),
    ("limit_upload", "1/1m/1m", "300/1m"),
    ("limit_image", "x/1m", "300/1m"),
    ("limit_socket", "1/x", "300/1m"),
    ("limit_user_socket", "/", "300/1m"),
    ("database_wait", "", "such as 500ms"),
    ("listen", "", "an address and a port"),
];

/// The service with secrets everywhere, but for this setting.
fn serve(key: &str) -> Command {
    let mut command = alumx(&["serve"]);
    for (other, variable, value) in [
        ("listen", "ALUMX_LISTEN", "127.0.0.1:0"),
        (
            "database_url",
            "DATABASE_URL",
            "postgres://u:hunter2@127.0.0.1:1/d",
        ),
        (
            "token_secret",
            "ALUMX_TOKEN_SECRET",
            "hunter2, and 32 bytes more than it",
        ),
        ("nats_url", "ALUMX_NATS_URL", "nats://u:hunter2@127.0.0.1:1"),
    ] {
        if other != key {
            command.env(variable, value);
        }
    }
    command.env_remove("OTEL_EXPORTER_OTLP_ENDPOINT");
    command
}

fn variable(key: &str) -> String {
    match key {
        "database_url" | "database_replica_url" => key.to_uppercase(),
        "otlp_endpoint" => "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(),
        _ => format!("ALUMX_{}", key.to_uppercase()),
    }
}

#[test]
fn every_wrong_setting_is_named_with_what_is_expected_and_no_secret() {
    let folder = folder();
    let file = folder.path().join("alumx.toml");
    for (key, value, expected) in WRONG {
        let flag = format!("--{}={value}", key.replace('_', "-"));
        fs::write(&file, format!("{key} = \"{value}\"")).unwrap();
        let (mut by_flag, mut by_variable, mut by_file) = (serve(key), serve(key), serve(key));
        by_flag.arg(flag);
        by_variable.env(variable(key), value);
        by_file.arg("--config").arg(&file);
        for mut command in [by_flag, by_variable, by_file] {
            let output = command.output().unwrap();

            let said = stderr(&output);
            assert!(!output.status.success(), "{key}");
            assert!(said.contains(&format!("`{key}`")), "{key}: {said}");
            assert!(said.contains(expected), "{key}: {said}");
            assert!(!said.contains(SECRET), "{key}: {said}");
            assert!(!said.contains("panicked"), "{key}: {said}");
        }
    }
}

#[test]
fn all_wrong_settings_are_named_at_once() {
    let folder = folder();
    let file = folder.path().join("alumx.toml");
    fs::write(
        &file,
        "lisen = \"[::1]:80\"\nhttp_workers = 0\nbody_timeout = {}",
    )
    .unwrap();
    let mut command = serve("json_limit");
    command.arg("--config").arg(&file);
    command.args(["--json-limit=hunter", "--token-secret=hunter2"]);
    command.env("ALUMX_LIMIT_LOGIN", "often");

    let said = stderr(&command.output().unwrap());

    for key in [
        "lisen",
        "http_workers",
        "body_timeout",
        "json_limit",
        "limit_login",
    ] {
        assert_eq!(
            said.matches(&format!("`{key}`")).count(),
            1,
            "{key}: {said}"
        );
    }
    assert!(!said.contains(SECRET), "{said}");
}

#[test]
fn what_is_no_setting_is_named_beside_what_is_wrong_before_it() {
    let said = run(&["serve", "--json-limit=1", "--nonsense"]);
    let said = stderr(&said);

    for named in ["`json_limit`", "'--nonsense'"] {
        assert_eq!(said.matches(named).count(), 1, "{named}: {said}");
    }
}

#[test]
fn whoever_asks_for_help_gets_it_whatever_is_wrong() {
    let folder = folder();
    let file = folder.path().join("alumx.toml");
    fs::write(&file, "lisen = 1").unwrap();
    let file = file.to_str().unwrap();

    for wrong in [&["--config", file][..], &["--json-limit=1"]] {
        let output = run(&[&["serve"], wrong, &["--help"]].concat());

        assert!(output.status.success(), "{wrong:?}");
        assert!(stdout(&output).contains("--json-limit"), "{wrong:?}");
    }
}

#[test]
fn no_setting_is_left_out() {
    let root = Cli::command();
    let serve = root.find_subcommand("serve").unwrap();
    let all: BTreeSet<&str> = root
        .get_arguments()
        .chain(serve.get_arguments())
        .map(|setting| setting.get_id().as_str())
        .filter(|id| !matches!(*id, "help" | "version"))
        .collect();

    let tried = WRONG.iter().map(|(key, ..)| *key);
    let tried: BTreeSet<&str> = tried.chain(FREE).collect();

    assert_eq!(tried, all);
}

#[test]
fn no_secret_is_shown_of_what_can_not_be_read_at_all() {
    let folder = folder();
    let file = folder.path().join("alumx.toml");
    fs::write(&file, "listen = \"127.0.0.1:0\"\ntoken_secret = \"hunter2").unwrap();
    let mut bad_file = serve("token_secret");
    bad_file.arg("--config").arg(&file);
    let mut stray = serve("database_url");
    stray.arg("postgres://u:hunter2@h/d");

    for (mut command, named) in [(bad_file, "line 2"), (stray, "postgres://***@h/d")] {
        let said = stderr(&command.output().unwrap());

        assert!(said.contains(named), "{said}");
        assert!(!said.contains(SECRET), "{said}");
    }
}

#[test]
fn a_flag_without_its_value_is_told_and_ends() {
    for flag in ["--listen", "--json-limit", "--token-secret"] {
        let output = alumx(&["serve", flag]).output().unwrap();

        assert!(!output.status.success(), "{flag}");
        let key = flag.trim_start_matches('-').replace('-', "_");
        let said = stderr(&output);
        assert_eq!(said.matches(&format!("`{key}`")).count(), 1, "{said}");
    }
}
