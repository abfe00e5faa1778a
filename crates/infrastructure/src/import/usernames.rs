//! Usernames for new accounts.

use std::collections::HashSet;

use alumx_domain::account::Username;
use diesel::prelude::*;

use super::row::{Person, Refused};
use super::{ImportError, Seen};
use crate::account::lower;
use crate::db::invalid_value;
use crate::demo::handle::latin;
use crate::schema::users;

/// The most characters of a name in a username: with a number it stays within 30.
const NAME_CHARS: usize = 22;

/// How many numbers are tried in their order; then random ones.
const IN_ORDER: u32 = 5;

/// A username for each of these: the one that the list wants, unless somebody has it, else one
/// made of the name.
pub(super) fn choose<'a>(
    conn: &mut PgConnection,
    people: &[&'a Person],
    seen: &Seen,
    refused: &mut Vec<Refused>,
) -> Result<Vec<(&'a Person, Username)>, ImportError> {
    let mut used = HashSet::new();
    let mut chosen: Vec<(&Person, Username)> = Vec::with_capacity(people.len());
    let (wishing, others): (Vec<&Person>, Vec<&Person>) =
        people.iter().partition(|person| person.username.is_some());
    let wishes = wishing
        .iter()
        .filter_map(|person| person.username.as_deref());
    let taken = taken(conn, wishes.map(str::to_ascii_lowercase))?;
    for person in wishing {
        let Some(username) = person.username.clone() else {
            continue;
        };
        let plain = username.to_ascii_lowercase();
        let free = !taken.contains(&plain) && !seen.usernames.contains(&plain);
        if free && used.insert(plain) {
            chosen.push((person, username));
        } else {
            refused.push(person.refused("username belongs to another user already"));
        }
    }
    let mut left = others;
    for attempt in 1.. {
        if left.is_empty() {
            break;
        }
        let tried: Vec<(&Person, String)> = left
            .into_iter()
            .map(|person| (person, made(&person.name, attempt)))
            .collect();
        let taken = self::taken(conn, tried.iter().map(|(_, username)| username.clone()))?;
        left = Vec::new();
        for (person, username) in tried {
            let free = !taken.contains(&username) && !seen.usernames.contains(&username);
            if free && used.insert(username.clone()) {
                chosen.push((person, username.try_into().map_err(invalid_value)?));
            } else {
                left.push(person);
            }
        }
    }
    Ok(chosen)
}

/// `ada.lovelace` for Ada Lovelace, and with a number where others came before.
fn made(name: &str, attempt: u32) -> String {
    let words = name
        .split(|c: char| c.is_whitespace() || c == '-')
        .map(latin);
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    let plain: String = words.join(".").chars().take(NAME_CHARS).collect();
    let plain = plain.trim_end_matches('.');
    // Names of one or two letters, or in a script that can't be spelt here.
    let plain = if plain.len() < 3 { "member" } else { plain };
    match attempt {
        1 => plain.to_owned(),
        2..=IN_ORDER => format!("{plain}{attempt}"),
        _ => format!("{plain}{}", rand::random_range(100_000..1_000_000)),
    }
}

/// Those of these that somebody has.
fn taken(
    conn: &mut PgConnection,
    usernames: impl Iterator<Item = String>,
) -> QueryResult<HashSet<String>> {
    let usernames: Vec<Option<String>> = usernames.map(Some).collect();
    let username = lower(users::username);
    let taken: Vec<Option<String>> = users::table
        .filter(username.eq_any(usernames))
        .select(username)
        .load(conn)?;
    Ok(taken.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_makes_valid_usernames() {
        for (name, expected) in [
            ("Ada Lovelace", "ada.lovelace"),
            ("Đức Nguyễn", "duc.nguyen"),
            ("Al", "member"),
            ("王小明", "member"),
            ("Anna-Lena von der Heide-Großmann", "anna.lena.von.der.heid"),
        ] {
            assert_eq!(made(name, 1), expected);
            assert_eq!(made(name, 3), format!("{expected}3"));
            for attempt in [1, 5, 6, 100] {
                assert!(Username::try_from(made(name, attempt)).is_ok(), "{name}");
            }
        }
    }
}
