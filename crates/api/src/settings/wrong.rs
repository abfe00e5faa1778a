//! What is said of a setting that is wrong: its key, where it was set, its value unless that is
//! secret, and what is expected.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Arg, Command, CommandFactory};

use crate::cli::Cli;

/// The error, without what is secret in it.
pub fn explained(error: Error) -> Error {
    let kind = error.kind();
    if matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return error;
    }
    let said = error.to_string();
    let masked = masked(&said);
    if masked == said {
        return error;
    }
    let masked = masked.strip_prefix("error: ").unwrap_or(&masked);
    Cli::command().error(kind, masked)
}

/// The key of the setting whose value is wrong, and a message that tells whoever set it what to
/// change; `None` if something else is wrong.
pub fn setting(
    error: &Error,
    arguments: &[OsString],
    file: Option<&Path>,
) -> Option<(String, String)> {
    if !matches!(
        error.kind(),
        ErrorKind::ValueValidation | ErrorKind::InvalidValue
    ) {
        return None;
    }
    let flag = text(error, ContextKind::InvalidArg)?;
    let flag = flag.split([' ', '=']).next()?.strip_prefix("--")?;
    let command = chosen(arguments);
    let own = |command: &Command| -> Option<Arg> {
        let mut all = command.get_arguments();
        all.find(|arg| arg.get_long() == Some(flag)).cloned()
    };
    let root = Cli::command();
    let arg = root
        .find_subcommand(&command)
        .and_then(own)
        .or_else(|| own(&root))?;
    let (key, place) = (arg.get_id().to_string(), place(flag, &arg, arguments, file));
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    let value = if arg.is_hide_env_values_set() {
        String::new()
    } else {
        // A URL may lack its scheme: no value has an @ for another reason.
        let shown = match value.rsplit_once('@') {
            Some((_, host)) => format!("***@{host}"),
            None => value,
        };
        format!("invalid value '{shown}', ")
    };
    let expected = expected(error, &command, flag);
    let message = format!("setting `{key}` ({place}): {value}{expected}");
    Some((key, message))
}

/// The subcommand that the arguments name.
fn chosen(arguments: &[OsString]) -> String {
    let root = Cli::command();
    let words = arguments.iter().filter_map(|argument| argument.to_str());
    let mut commands = words.filter(|word| root.find_subcommand(word).is_some());
    commands.next().unwrap_or("serve").to_owned()
}

/// Where the value came from.
fn place(flag: &str, arg: &Arg, arguments: &[OsString], file: Option<&Path>) -> String {
    let flag = format!("--{flag}");
    let given = |argument: &OsString| {
        let argument = argument.to_string_lossy();
        argument == flag.as_str() || argument.starts_with(&format!("{flag}="))
    };
    let variable = arg
        .get_env()
        .map(|name| name.to_string_lossy().into_owned());
    if arguments.iter().any(given) {
        return flag;
    }
    let variable = variable.unwrap_or_default();
    match file {
        Some(file) if std::env::var_os(&variable).is_none() => {
            format!("{flag}, {variable}, set in {}", file.display())
        }
        _ => variable,
    }
}

fn expected(error: &Error, command: &str, flag: &str) -> String {
    if let Some(ContextValue::Strings(all)) = error.get(ContextKind::ValidValue)
        && !all.is_empty()
    {
        return format!("expected {}", all.join(" or "));
    }
    let reason = |error: &Error| std::error::Error::source(error).map(ToString::to_string);
    let Some(reason_given) = reason(error) else {
        return "expected a value".to_owned();
    };
    if reason_given.starts_with("expected") {
        return reason_given;
    }
    if reason_given == "value was not a boolean" {
        return "expected on or off".to_owned();
    }
    // What is no number at all is not told which numbers may be: ask for one that may not.
    let probe = Cli::command().try_get_matches_from(["alumx", command, &format!("--{flag}=-1")]);
    let range = probe.err().as_ref().and_then(reason);
    let range = range
        .as_deref()
        .and_then(|reason| reason.rsplit_once(" is not in "));
    match range.and_then(|(_, range)| range.split_once("..=")) {
        Some((from, to)) => format!("expected a whole number from {from} to {to}"),
        None => reason_given,
    }
}

fn text(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// Without user and password in what looks like a URL.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let end = after.find([' ', '\'', '\n']).unwrap_or(after.len());
        let shown = after[..end].rfind('@').map_or(0, |at| at + 1);
        masked.push_str(before);
        masked.push_str("://");
        if shown > 0 {
            masked.push_str("***@");
        }
        masked.push_str(&after[shown..end]);
        rest = &after[end..];
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn urls_are_shown_without_user_and_password() {
        for (text, shown) in [
            ("no url", "no url"),
            ("http://h/p", "http://h/p"),
            (
                "'postgres://u:p@ss@h/d' found",
                "'postgres://***@h/d' found",
            ),
            ("a://b@c d://e:f@g", "a://***@c d://***@g"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }
}
