//! Where settings come from.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Command, CommandFactory, FromArgMatches, Parser};

use super::wrong;
use crate::cli::Cli;

/// Reads the command line, the environment and the TOML file.
///
/// # Errors
/// A message for the user that names what is wrong.
pub fn parse(mut arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    // `alumx` and `alumx --listen …` mean `alumx serve …`.
    let command = Cli::command();
    let said = arguments
        .iter()
        .skip(1)
        .filter_map(|argument| argument.to_str());
    let names_one = said
        .clone()
        .any(|word| command.find_subcommand(word).is_some());
    let first = said.clone().next().unwrap_or("--");
    let asks_help = matches!(first, "-h" | "--help" | "-V" | "--version");
    if first.starts_with('-') && !names_one && !asks_help {
        arguments.insert(1.min(arguments.len()), "serve".into());
    }
    let mut command = command;
    let file = config_file(&arguments);
    if let Some(path) = &file {
        let fail = |message: String| Cli::command().error(clap::error::ErrorKind::Io, message);
        let text = std::fs::read_to_string(path).map_err(|error| {
            fail(format!(
                "can't read the settings in {}: {error}",
                path.display()
            ))
        })?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            // Not the line itself, as the error would show it: a secret may stand there.
            let until = error.span().map_or(0, |span| span.start);
            let line = 1 + text.bytes().take(until).filter(|b| *b == b'\n').count();
            fail(format!(
                "the settings in {} are not valid TOML: line {line}: {}",
                path.display(),
                error.message()
            ))
        })?;
        for (key, value) in table {
            let wrong = |why: &str| fail(format!("setting `{key}` in {}: {why}", path.display()));
            let text = as_text(&value).ok_or_else(|| {
                wrong("expected a string, a number, true, false or a list of strings")
            })?;
            command = with_default(command, &key, text)
                .ok_or_else(|| wrong("there is no such setting; see `alumx serve --help`"))?;
        }
    }
    let matches = command
        .try_get_matches_from(arguments.clone())
        .map_err(|error| wrong::explained(error, &arguments, file.as_deref()))?;
    Cli::from_arg_matches(&matches)
}

/// Only `--config` and its variable, whatever else there is.
fn config_file(arguments: &[OsString]) -> Option<PathBuf> {
    #[derive(Parser)]
    #[command(ignore_errors = true, disable_help_flag = true)]
    struct ConfigFile {
        #[arg(long, env = "ALUMX_CONFIG")]
        config: Option<PathBuf>,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        _rest: Vec<OsString>,
    }
    let position = arguments.iter().position(|argument| argument == "--config");
    let flag = position
        .and_then(|at| arguments.get(at + 1))
        .map(PathBuf::from);
    let joined = arguments.iter().find_map(|argument| {
        argument
            .to_str()?
            .strip_prefix("--config=")
            .map(PathBuf::from)
    });
    flag.or(joined)
        .or_else(|| ConfigFile::try_parse_from(["alumx"]).ok()?.config)
}

fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        toml::Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            items.map(|items| items.join(","))
        }
        _ => None,
    }
}

/// Makes a value of the file the default of every command's argument of that name; `None` if no
/// command has one.
fn with_default(command: Command, key: &str, text: String) -> Option<Command> {
    let has = |command: &Command| {
        key != "config"
            && command
                .get_arguments()
                .any(|argument| argument.get_id() == key)
    };
    let names: Vec<String> = command
        .get_subcommands()
        .filter(|command| has(command))
        .map(|command| command.get_name().to_owned())
        .collect();
    let own = has(&command);
    if names.is_empty() && !own {
        return None;
    }
    let (key, text): (&'static str, &'static str) = (
        Box::leak(key.to_owned().into_boxed_str()),
        Box::leak(text.into_boxed_str()),
    );
    let set = |command: Command| command.mut_arg(key, |argument| argument.default_value(text));
    let command = if own { set(command) } else { command };
    Some(
        names
            .into_iter()
            .fold(command, |command, name| command.mut_subcommand(name, set)),
    )
}
