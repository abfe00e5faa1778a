//! Where settings come from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::ValueParser;
use clap::error::{Error, ErrorKind};
use clap::{Arg, Command, CommandFactory, FromArgMatches, Parser};

use super::wrong;
use crate::cli::Cli;

/// Reads the command line, the environment and the TOML file.
///
/// # Errors
/// A message for the user that names all that is wrong, up to what is no setting at all.
pub fn parse(mut arguments: Vec<OsString>) -> Result<Cli, Error> {
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
    let file = config_file(&arguments);
    let (mut wrong, mut known) = (Vec::new(), Vec::new());
    let mut command = match &file {
        Some(path) => with_file(command, path, &mut wrong)?,
        None => command,
    };
    loop {
        let parsed = command.clone().try_get_matches_from(arguments.clone());
        let error = match parsed {
            Ok(matches) if wrong.is_empty() => return Cli::from_arg_matches(&matches),
            Ok(_) => break,
            Err(error) => error,
        };
        match wrong::setting(&error, &arguments, file.as_deref()) {
            Some((key, message)) if !known.contains(&key) => {
                wrong.push(message);
                // Any value is right for it now, so that the next wrong one is found.
                let any = |arg: Arg| arg.value_parser(ValueParser::os_string());
                command = with_argument(command.clone(), &key, any).unwrap_or(command);
                known.push(key);
            }
            // A flag without a value is wrong whatever values are right.
            Some(_) => break,
            None if wrong.is_empty() || !error.use_stderr() => return Err(wrong::explained(error)),
            None => {
                let said = wrong::explained(error).to_string();
                let said = said.split("\n\n").next().unwrap_or_default();
                wrong.push(said.strip_prefix("error: ").unwrap_or(said).to_owned());
                break;
            }
        }
    }
    Err(failure(&wrong.join("\n")))
}

fn failure(message: &str) -> Error {
    Cli::command().error(ErrorKind::Io, message)
}

/// With the values of a file for defaults; what is `wrong` there is added to what is told.
fn with_file(mut command: Command, path: &Path, wrong: &mut Vec<String>) -> Result<Command, Error> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| failure(&format!("can't read the settings in {shown}: {error}")))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // Not the line itself, as the error would show it: a secret may stand there.
        let until = error.span().map_or(0, |span| span.start);
        let line = 1 + text.bytes().take(until).filter(|b| *b == b'\n').count();
        failure(&format!(
            "the settings in {shown} are not valid TOML: line {line}: {}",
            error.message()
        ))
    })?;
    for (key, value) in table {
        let mut tell = |why: &str| wrong.push(format!("setting `{key}` in {shown}: {why}"));
        let Some(text) = as_text(&value) else {
            tell("expected a string, a number, true, false or a list of strings");
            continue;
        };
        // It lives as long as the process, as all settings do.
        let text: &'static str = Box::leak(text.into_boxed_str());
        match with_argument(command.clone(), &key, |arg| arg.default_value(text)) {
            Some(changed) => command = changed,
            None => tell("there is no such setting; see `alumx serve --help`"),
        }
    }
    Ok(command)
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

/// With every command's argument of this name changed; `None` if no command has one.
fn with_argument(command: Command, key: &str, change: impl Fn(Arg) -> Arg) -> Option<Command> {
    let has = |command: &Command| {
        let mut arguments = command.get_arguments();
        key != "config" && arguments.any(|argument| argument.get_id() == key)
    };
    let subcommands = command.get_subcommands().filter(|command| has(command));
    let names: Vec<String> = subcommands.map(|of| of.get_name().to_owned()).collect();
    let own = has(&command);
    if names.is_empty() && !own {
        return None;
    }
    let key: &'static str = Box::leak(key.to_owned().into_boxed_str());
    let set = |command: Command| command.mut_arg(key, &change);
    let command = if own { set(command) } else { command };
    let set_in = |command: Command, name| command.mut_subcommand(name, set);
    Some(names.into_iter().fold(command, set_in))
}
