//! Statements as a server's log tells them, and scripts of `pgbench` made of them.

use std::fmt::Write as _;

/// A statement that was executed, with what its `$1`, `$2`, … stood for (`None`: NULL).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executed {
    /// The process that executed it.
    pub pid: u32,
    /// Its text.
    pub text: String,
    /// What it was given.
    pub values: Vec<Option<String>>,
}

/// What stands in a script in place of a value that was caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A number from one to the other, both possible.
    Range(i64, i64),
    /// One of these: all that are `OneOf` are chosen together, the nth of each.
    OneOf(Vec<i64>),
    /// A random UUID: of no function that yields another one where it is named again, and by
    /// which no index could be read.
    Uuid,
}

/// A value that was caught, and what varies in its place.
pub type Varied = (String, Place);

/// The statements in a piece of the log.
pub fn executed(log: &str) -> Vec<Executed> {
    let mut found: Vec<Executed> = Vec::new();
    for (pid, level, text) in entries(log) {
        if level == "LOG" {
            let text = match text.split_once(": ") {
                Some((kind, rest)) if kind == "statement" || kind.starts_with("execute ") => rest,
                _ => continue,
            };
            found.push(Executed {
                pid,
                text: without_comment(text).to_owned(),
                values: Vec::new(),
            });
        } else if level == "DETAIL"
            && let Some((_, given)) = text.split_once("arameters: ")
            && let Some(last) = found.iter_mut().rev().find(|last| last.pid == pid)
        {
            last.values = values(given);
        }
    }
    found
}

/// Process, level and text of each entry: what goes on over several lines is indented by a tab.
fn entries(log: &str) -> Vec<(u32, &str, String)> {
    let mut found: Vec<(u32, &str, String)> = Vec::new();
    for line in log.lines() {
        if let Some(more) = line.strip_prefix('\t') {
            if let Some((_, _, text)) = found.last_mut() {
                text.push('\n');
                text.push_str(more);
            }
            continue;
        }
        let entry = line.split_once(" [").and_then(|(_, rest)| {
            let (pid, rest) = rest.split_once("] ")?;
            let (level, text) = rest.split_once(":  ")?;
            Some((pid.parse().ok()?, level, text.to_owned()))
        });
        found.extend(entry);
    }
    found
}

/// A comment that only lists what is given is no part of what is asked.
fn without_comment(text: &str) -> &str {
    let text = text.trim_start();
    let comment = text
        .strip_prefix("/*")
        .and_then(|rest| rest.split_once("*/"));
    match comment {
        Some((listed, rest)) if listed.chars().all(|c| "$ 0123456789".contains(c)) => {
            rest.trim_start()
        }
        _ => text,
    }
}

/// `$1 = 'a', $2 = NULL`.
fn values(mut text: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    while let Some((_, rest)) = text.split_once(" = ") {
        let Some(mut quoted) = rest.strip_prefix('\'') else {
            found.push(None);
            text = rest.split_once(", ").map_or("", |(_, rest)| rest);
            continue;
        };
        let mut value = String::new();
        while let Some((part, rest)) = quoted.split_once('\'') {
            value.push_str(part);
            quoted = rest;
            match quoted.strip_prefix('\'') {
                Some(rest) => {
                    value.push('\'');
                    quoted = rest;
                }
                None => break,
            }
        }
        found.push(Some(value));
        text = quoted;
    }
    found
}

/// A script of `pgbench`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Begins the names of its variables, unlike those of other scripts.
    name: String,
    /// What it says.
    pub text: String,
    /// Variables with what they stand for: given as such, as the service gives values, and not
    /// written into the text, where a plan could make use of them.
    pub given: Vec<(String, String)>,
}

impl Script {
    /// One that is given nothing.
    pub fn new(text: String) -> Self {
        Self {
            name: String::new(),
            text,
            given: Vec::new(),
        }
    }
}

/// A script that executes these, with others in place of the values that vary.
pub fn script(name: &str, statements: &[Executed], varied: &[Varied]) -> Script {
    let mut script = Script {
        name: name.to_owned(),
        ..Script::new(String::new())
    };
    let mut body = String::new();
    let mut used = vec![false; varied.len()];
    for statement in statements {
        let text = filled(&statement.text, |number| {
            let Some(value) = statement.values.get(number - 1) else {
                return format!("${number}");
            };
            script.put(value.as_deref(), varied, &mut used)
        });
        // Writing to a text does not fail.
        let _ = writeln!(body, "{};", text.trim_end().trim_end_matches(';'));
    }
    script.text = variables(varied, &used) + &body;
    script
}

/// Throws the dice for those that are used: the nth is called `:vn`.
pub fn variables(varied: &[Varied], used: &[bool]) -> String {
    let used = || {
        let numbered = varied.iter().zip(used).enumerate();
        numbered.filter_map(|(n, ((_, place), used))| used.then_some((n, place)))
    };
    let mut text = String::new();
    let counts = used().filter_map(|(_, place)| match place {
        Place::OneOf(all) => Some(all.len()),
        _ => None,
    });
    if let Some(count) = counts.min() {
        let _ = writeln!(text, "\\set i random(0, {})", count.saturating_sub(1));
    }
    for (n, place) in used() {
        let expression = match place {
            Place::Range(low, high) => format!("random({low}, {high})"),
            Place::OneOf(all) => choice(all, 0),
            Place::Uuid => format!("random(1, {})", i64::MAX),
        };
        let _ = writeln!(text, "\\set v{n} {expression}");
    }
    text
}

/// Finds the nth by halves.
fn choice(all: &[i64], first: usize) -> String {
    match all {
        [] => "0".to_owned(),
        [one] => one.to_string(),
        _ => {
            let (left, right) = all.split_at(all.len() / 2);
            let middle = first + left.len();
            format!(
                "case when :i < {middle} then {} else {} end",
                choice(left, first),
                choice(right, middle)
            )
        }
    }
}

/// The text with something in place of each `$n` that isn't quoted.
fn filled(text: &str, mut put: impl FnMut(usize) -> String) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['$', '\'', '"']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let quote = &from[..1];
        let digits = from[1..].chars().take_while(char::is_ascii_digit).count();
        let end = if quote == "$" {
            1 + digits
        } else {
            from[1..].find(quote).map_or(from.len(), |end| end + 2)
        };
        match from[1..end].parse() {
            Ok(number) if quote == "$" && number > 0 => out.push_str(&put(number)),
            _ => out.push_str(&from[..end]),
        }
        rest = &from[end..];
    }
    out + rest
}

impl Script {
    /// What stands in the text for a value that was caught.
    fn put(&mut self, value: Option<&str>, varied: &[Varied], used: &mut [bool]) -> String {
        let Some(value) = value else {
            return "NULL".to_owned();
        };
        if let Some(varying) = varying(value, varied, used) {
            return varying;
        }
        let items = items(value);
        if items.iter().any(|item| is_varied(item, varied)) {
            let each = items.iter().map(|item| {
                varying(item, varied, used).unwrap_or_else(|| format!("({item})::bigint"))
            });
            return format!("ARRAY[{}]", each.collect::<Vec<_>>().join(", "));
        }
        let name = format!("{}_{}", self.name, self.given.len());
        let text = format!(":{name}::{}", sql_type(value));
        self.given.push((name, value.to_owned()));
        text
    }
}

fn is_varied(value: &str, varied: &[Varied]) -> bool {
    varied.iter().any(|(caught, _)| caught == value)
}

/// What varies in place of this value, if it does.
fn varying(value: &str, varied: &[Varied], used: &mut [bool]) -> Option<String> {
    let n = varied.iter().position(|(caught, _)| caught == value)?;
    used[n] = true;
    Some(match varied[n].1 {
        Place::Uuid => format!("lpad(to_hex(:v{n}::bigint), 32, '0')::uuid"),
        _ => format!(":v{n}::bigint"),
    })
}

/// The items of an array.
fn items(value: &str) -> Vec<&str> {
    let inside = value
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    inside
        .map(|inside| inside.split(',').collect())
        .unwrap_or_default()
}

/// The type that a value looks like.
fn sql_type(value: &str) -> &'static str {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let whole = |text: &str| digits(text.strip_prefix('-').unwrap_or(text));
    // The last time that there is has six digits of a year.
    let is_time = value.split_once(' ').is_some_and(|(date, time)| {
        let parts: Vec<&str> = date.split('-').collect();
        parts.len() == 3 && parts.into_iter().all(digits) && time.contains(':')
    });
    let is_real = value
        .split_once('.')
        .is_some_and(|(before, after)| whole(before) && digits(after));
    let items = items(value);
    if whole(value) {
        "bigint"
    } else if !items.is_empty() && items.into_iter().all(whole) {
        "bigint[]"
    } else if is_time {
        "timestamptz"
    } else if is_real {
        "real"
    } else {
        "text"
    }
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
