//! What the directory searches: a row derived from the profile, written with it.

use std::collections::BTreeSet;

use alumx_domain::account::{Account, Role, UserId};
use alumx_domain::user::{GraduationYear, Profile, ProfileList};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text};

use super::fold::{add_terms, fold};

/// From how many terms on no further items are added, far above what a long profile has: each term
/// has up to 256 bytes, an item up to 500 terms, and a tsvector holds 1 MiB.
const MAX_TERMS: usize = 2500;

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
    pub name_terms: BTreeSet<String>,
    pub terms: BTreeSet<String>,
}

/// The term that stands for a whole item of a list, for the filters `skill` and `tech`. No word
/// of a text looks like it, for words have no control characters.
pub(super) fn label(list: ProfileList, item: &str) -> String {
    let mut label = format!("{}\u{1}{}", list.key(), item.to_lowercase());
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
        for item in profile.lists.iter().flat_map(|(_, items)| items) {
            if terms.len() > MAX_TERMS {
                break;
            }
            add_terms(terms, &fold(item));
        }
        document
    }

    fn of_name(user: UserId, role: Role, name: &str, username: &str) -> Self {
        let (name, username) = (fold(name), fold(username));
        let mut name_terms = BTreeSet::new();
        add_terms(&mut name_terms, &name);
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
            name_terms,
        }
    }

    fn write(self, conn: &mut PgConnection) -> QueryResult<()> {
        diesel::sql_query(
            "INSERT INTO user_search (user_id, role, graduation_year, name, username, company,
                 location, department, name_terms, terms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, array_to_tsvector($9), array_to_tsvector($10))
             ON CONFLICT (user_id) DO UPDATE SET
                 role = excluded.role, graduation_year = excluded.graduation_year,
                 name = excluded.name, username = excluded.username, company = excluded.company,
                 location = excluded.location, department = excluded.department,
                 name_terms = excluded.name_terms, terms = excluded.terms",
        )
        .bind::<BigInt, _>(self.user.raw())
        .bind::<Text, _>(self.role)
        .bind::<Nullable<SmallInt>, _>(self.graduation_year)
        .bind::<Text, _>(self.name)
        .bind::<Text, _>(self.username)
        .bind::<Nullable<Text>, _>(self.company)
        .bind::<Nullable<Text>, _>(self.location)
        .bind::<Nullable<Text>, _>(self.department)
        .bind::<Array<Text>, _>(Vec::from_iter(self.name_terms))
        .bind::<Array<Text>, _>(Vec::from_iter(self.terms))
        .execute(conn)
        .map(drop)
    }
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
    SearchDocument::of_name(*id, *role, name, username).write(conn)
}

/// Replaces what is found of a user.
pub(super) fn store(conn: &mut PgConnection, profile: &Profile) -> QueryResult<()> {
    SearchDocument::of_profile(profile).write(conn)
}

/// Changes the role by which a user is found.
pub(crate) fn set_role(conn: &mut PgConnection, user: UserId, role: &str) -> QueryResult<()> {
    diesel::sql_query("UPDATE user_search SET role = $2 WHERE user_id = $1 AND role <> $2")
        .bind::<BigInt, _>(user.raw())
        .bind::<Text, _>(role)
        .execute(conn)
        .map(drop)
}
