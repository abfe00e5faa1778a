//! What the directory searches: a row derived from the profile, written with it.

use std::collections::BTreeSet;

use alumx_domain::account::{Account, Role, UserId};
use alumx_domain::text::lower_case;
use alumx_domain::user::{GraduationYear, Profile, ProfileList};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text};

use super::fold::{add_terms, fold};
use super::name_words;

/// From how many bytes of terms on no further items are added, far above what a long profile has:
/// a tsvector holds 1 MiB, of which the whole items (200 of 1000 bytes at most) and the last item
/// (about 60 KiB at most) need their share.
const MAX_TERM_BYTES: usize = 700 * 1024;

/// The most bytes of one term; a tsvector allows 2046.
const MAX_LABEL_BYTES: usize = 1000;

/// The row of `user_search`.
pub(crate) struct SearchDocument {
    pub user: UserId,
    pub role: &'static str,
    pub graduation_year: Option<i16>,
    pub name: String,
    pub username: String,
    pub company: Option<String>,
    pub location: Option<String>,
    pub department: Option<String>,
    /// The terms of the name alone.
    pub name_words: BTreeSet<String>,
    /// Those and the username's.
    pub name_terms: BTreeSet<String>,
    pub terms: BTreeSet<String>,
}

/// The term that stands for a whole item of a list, for the filters `skill` and `tech`. No word
/// of a text looks like it, for words have no control characters.
pub(super) fn label(list: ProfileList, item: &str) -> String {
    let mut label = format!("{}\u{1}{}", list.key(), lower_case(item));
    let end = label.floor_char_boundary(MAX_LABEL_BYTES);
    label.truncate(end);
    label
}

impl SearchDocument {
    pub(crate) fn of_profile(profile: &Profile) -> Self {
        let folded = |text: Option<&str>| text.map(fold);
        let current_role = folded(profile.current_role.as_deref());
        let mut document = Self {
            graduation_year: profile.graduation_year.map(GraduationYear::get),
            company: folded(profile.current_company.as_deref()),
            location: folded(profile.location.as_deref()),
            department: folded(profile.department.as_deref()),
            ..Self::of_name(profile.id, profile.role, &profile.name, &profile.username)
        };
        let terms = &mut document.terms;
        let texts = [
            &document.company,
            &current_role,
            &document.location,
            &document.department,
        ];
        for text in texts.into_iter().flatten() {
            add_terms(terms, text);
        }
        for list in [ProfileList::Skills, ProfileList::TechStack] {
            terms.extend(profile.lists.get(list).iter().map(|item| label(list, item)));
        }
        let mut bytes: usize = terms.iter().map(String::len).sum();
        for item in profile.lists.iter().flat_map(|(_, items)| items) {
            if bytes > MAX_TERM_BYTES {
                break;
            }
            bytes += add_terms(terms, &fold(item));
        }
        document
    }

    fn of_name(user: UserId, role: Role, name: &str, username: &str) -> Self {
        let (name, username) = (fold(name), fold(username));
        let mut name_words = BTreeSet::new();
        add_terms(&mut name_words, &name);
        let mut name_terms = name_words.clone();
        add_terms(&mut name_terms, &username);
        Self {
            user,
            role: role.into(),
            graduation_year: None,
            name,
            username,
            company: None,
            location: None,
            department: None,
            terms: name_terms.clone(),
            name_words,
            name_terms,
        }
    }
}

/// Writes the rows; those of users who have one already replace it.
fn write(conn: &mut PgConnection, documents: &[SearchDocument]) -> QueryResult<()> {
    macro_rules! column {
        (|$document:ident| $value:expr) => {
            documents.iter().map(|$document| $value).collect::<Vec<_>>()
        };
    }
    // PostgreSQL has no arrays of arrays of different lengths: terms come as lines.
    diesel::sql_query(
        "INSERT INTO user_search (user_id, role, graduation_year, name, username, company,
             location, department, name_terms, terms)
         SELECT user_id, role, graduation_year, name, username, company, location, department,
                array_to_tsvector(string_to_array(name_terms, E'\\n')),
                array_to_tsvector(string_to_array(terms, E'\\n'))
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             AS new (user_id, role, graduation_year, name, username, company, location, department,
                     name_terms, terms)
         ON CONFLICT (user_id) DO UPDATE SET
             role = excluded.role, graduation_year = excluded.graduation_year,
             name = excluded.name, username = excluded.username, company = excluded.company,
             location = excluded.location, department = excluded.department,
             name_terms = excluded.name_terms, terms = excluded.terms",
    )
    .bind::<Array<BigInt>, _>(column!(|document| document.user.raw()))
    .bind::<Array<Text>, _>(column!(|document| document.role))
    .bind::<Array<Nullable<SmallInt>>, _>(column!(|document| document.graduation_year))
    .bind::<Array<Text>, _>(column!(|document| &document.name))
    .bind::<Array<Text>, _>(column!(|document| &document.username))
    .bind::<Array<Nullable<Text>>, _>(column!(|document| document.company.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column!(|document| document.location.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column!(|document| document.department.as_deref()))
    .bind::<Array<Text>, _>(column!(|document| lines(&document.name_terms)))
    .bind::<Array<Text>, _>(column!(|document| lines(&document.terms)))
    .execute(conn)
    .map(drop)
}

/// The terms, none of which has a line break.
fn lines(terms: &BTreeSet<String>) -> String {
    let terms: Vec<&str> = terms.iter().map(String::as_str).collect();
    terms.join("\n")
}

/// Adds a user who has an account and an empty profile.
pub(crate) fn insert_account(conn: &mut PgConnection, account: &Account) -> QueryResult<()> {
    let Account {
        id,
        role,
        name,
        username,
        ..
    } = account;
    let documents = [SearchDocument::of_name(*id, *role, name, username)];
    add_words(conn, &documents)?;
    write(conn, &documents)
}

/// Adds the words of names; before they are had by anybody.
fn add_words(conn: &mut PgConnection, documents: &[SearchDocument]) -> QueryResult<()> {
    let words = documents.iter().flat_map(|document| &document.name_words);
    name_words::add(conn, &words.map(String::as_str).collect())
}

/// Adds the words of these names, which are about to be given to users: in a transaction of its
/// own, so that nobody who has the same word waits until many are written.
pub(crate) fn prepare_names<'a>(
    conn: &mut PgConnection,
    names: impl Iterator<Item = &'a str>,
) -> QueryResult<()> {
    let mut words = BTreeSet::new();
    for name in names {
        add_terms(&mut words, &fold(name));
    }
    conn.transaction(|conn| name_words::add(conn, &words.iter().map(String::as_str).collect()))
}

/// Replaces what is found of a user.
pub(super) fn store(conn: &mut PgConnection, old: &Profile, new: &Profile) -> QueryResult<()> {
    let documents = [SearchDocument::of_profile(new)];
    if old.name != new.name {
        add_words(conn, &documents)?;
    }
    write(conn, &documents)
}

/// As [`store`], for many users at once.
pub(super) fn store_all(conn: &mut PgConnection, profiles: &[Profile]) -> QueryResult<()> {
    let documents: Vec<_> = profiles.iter().map(SearchDocument::of_profile).collect();
    add_words(conn, &documents)?;
    write(conn, &documents)
}

/// Changes the role by which a user is found.
pub(crate) fn set_role(conn: &mut PgConnection, user: UserId, role: &str) -> QueryResult<()> {
    diesel::sql_query("UPDATE user_search SET role = $2 WHERE user_id = $1 AND role <> $2")
        .bind::<BigInt, _>(user.raw())
        .bind::<Text, _>(role)
        .execute(conn)
        .map(drop)
}
