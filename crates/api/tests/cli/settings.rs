//! Flags over environment over file over defaults.

use std::fs;

use crate::support::{alumx, folder, run, stderr, stdout};

/// Which address a start reads, told by the refusal of one that is none.
fn address_read(flag: Option<&str>, variable: Option<&str>, file: &str) -> String {
    let folder = folder();
    let path = folder.path().join("alumx.toml");
    fs::write(&path, file).unwrap();
    let mut command = alumx(&["serve", "--config", path.to_str().unwrap()]);
    flag.map(|flag| command.args(["--listen", flag]));
    variable.map(|variable| command.env("ALUMX_LISTEN", variable));
    let said = stderr(&command.output().unwrap());
    said.split("invalid value '")
        .nth(1)
        .unwrap_or(&said)
        .split('\'')
        .next()
        .unwrap()
        .to_owned()
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let (flag, variable, file) = (Some("flag"), Some("variable"), "listen = \"file\"");

    assert_eq!(address_read(flag, variable, file), "flag");
    assert_eq!(address_read(None, variable, file), "variable");
    assert_eq!(address_read(None, None, file), "file");
}

#[test]
fn a_wrong_setting_is_named_with_what_is_expected() {
    let folder = folder();
    let path = folder.path().join("alumx.toml");
    let refused = |text: &str| {
        fs::write(&path, text).unwrap();
        let output = run(&["serve", "--config", path.to_str().unwrap()]);
        assert!(!output.status.success(), "{text}");
        stderr(&output)
    };

    assert!(refused("lisen = \"127.0.0.1:1\"").contains("setting `lisen`"));
    assert!(refused("json_limit = { a = 1 }").contains("setting `json_limit`"));
    assert!(refused("listen = ").contains("not valid TOML"));
    let limit = refused("json_limit = 12");
    assert!(
        limit.contains("--json-limit") && limit.contains("12"),
        "{limit}"
    );
    let lifetime = refused("access_token_lifetime = \"soon\"");
    assert!(
        lifetime.contains("--access-token-lifetime") && lifetime.contains("15m"),
        "{lifetime}"
    );
    for (setting, flag, expected) in [
        (
            "trusted_proxies = [\"10.0.0.0/33\"]",
            "--trusted-proxies",
            "10.0.0.0/8",
        ),
        ("proxy_headers = \"via\"", "--proxy-headers", "x-forwarded"),
        (
            "cors_origins = [\"https://a.example\", \"b.example\"]",
            "--cors-origins",
            "https://app.example.org",
        ),
        ("limit_login = \"often\"", "--limit-login", "300/1m"),
        ("rate_limits = \"maybe\"", "--rate-limits", "maybe"),
        ("max_in_flight = 0", "--max-in-flight", "1..="),
        ("handler_timeout = \"0s\"", "--handler-timeout", "100ms"),
    ] {
        let said = refused(setting);
        assert!(said.contains(flag) && said.contains(expected), "{said}");
    }
    let missing = run(&["serve", "--config", "/nowhere/alumx.toml"]);
    assert!(stderr(&missing).contains("can't read the settings in /nowhere/alumx.toml"));
}

#[test]
fn help_lists_every_setting_with_its_default_and_no_secret() {
    let output = alumx(&["serve", "--help"])
        .env("ALUMX_TOKEN_SECRET", "s3cr3t")
        .env("DATABASE_URL", "postgres://u:s3cr3t@h/d")
        .output()
        .unwrap();

    let help = stdout(&output);
    for setting in [
        "--listen",
        "127.0.0.1:8080",
        "--database-url",
        "ALUMX_DATA_DIR",
        "15m",
        "30d",
    ] {
        assert!(help.contains(setting), "{setting}");
    }
    assert!(!help.contains("s3cr3t"));
}

#[test]
fn help_shows_no_secret_of_the_file_either() {
    let folder = folder();
    let path = folder.path().join("alumx.toml");
    let secrets = "token_secret = \"s3cr3t\"\ndatabase_url = \"postgres://u:s3cr3t@h/d\"\n\
                   previous_token_secrets = [\"s3cr3t\"]\nlisten = \"127.0.0.1:1234\"";
    fs::write(&path, secrets).unwrap();

    let output = run(&["serve", "--config", path.to_str().unwrap(), "--help"]);

    let help = stdout(&output);
    assert!(help.contains("[default: 127.0.0.1:1234]"), "{help}");
    assert!(!help.contains("s3cr3t"), "{help}");
}

#[test]
fn settings_of_all_commands_may_stand_before_the_command() {
    let output = run(&["--log", "error", "openapi"]);

    assert!(output.status.success(), "{}", stderr(&output));
}
