//! Many new users at once.
#![expect(
    clippy::ref_option_ref,
    reason = "the derived code borrows what is borrowed"
)]

use alumx_domain::account::PasswordHash;
use alumx_domain::clock::Timestamp;
use alumx_domain::user::{GraduationYear, Profile};
use diesel::prelude::*;

use super::search;
use crate::schema::{user_profile_entries, users};

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct UserRow<'a> {
    id: i64,
    username: &'a str,
    name: &'a str,
    email: &'a str,
    password_hash: Option<&'a str>,
    role: &'static str,
    about: Option<&'a str>,
    current_company: Option<&'a str>,
    role_current: Option<&'a str>,
    location: Option<&'a str>,
    department: Option<&'a str>,
    graduation_year: Option<i16>,
    linkedin_url: Option<&'a str>,
    github_url: Option<&'a str>,
    portfolio_url: Option<&'a str>,
    profile_completed: bool,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = user_profile_entries, treat_none_as_default_value = false)]
struct EntryRow<'a> {
    user_id: i64,
    list: &'static str,
    position: i16,
    value: &'a str,
}

/// Adds users who have these profiles and ids, and this password, or none yet. Returns how many
/// items their lists have.
pub(crate) fn insert(
    conn: &mut PgConnection,
    profiles: &[Profile],
    password: Option<&PasswordHash>,
) -> QueryResult<u64> {
    let rows: Vec<_> = profiles
        .iter()
        .map(|user| user_row(user, password))
        .collect();
    diesel::copy_from(users::table)
        .from_insertable(&rows)
        .execute(conn)?;
    let items: Vec<_> = profiles.iter().flat_map(entry_rows).collect();
    let copied = diesel::copy_from(user_profile_entries::table)
        .from_insertable(&items)
        .execute(conn)?;
    search::store_all(conn, profiles)?;
    Ok(copied as u64)
}

fn user_row<'a>(user: &'a Profile, password: Option<&'a PasswordHash>) -> UserRow<'a> {
    UserRow {
        id: user.id.raw(),
        username: &user.username,
        name: &user.name,
        email: &user.email,
        password_hash: password.map(|hash| &**hash),
        role: user.role.into(),
        about: user.about.as_deref(),
        current_company: user.current_company.as_deref(),
        role_current: user.current_role.as_deref(),
        location: user.location.as_deref(),
        department: user.department.as_deref(),
        graduation_year: user.graduation_year.map(GraduationYear::get),
        linkedin_url: user.linkedin_url.as_deref(),
        github_url: user.github_url.as_deref(),
        portfolio_url: user.portfolio_url.as_deref(),
        profile_completed: user.is_completed(),
        revision: user.revision.0,
        created_at: user.created_at,
        updated_at: user.updated_at,
    }
}

fn entry_rows(user: &Profile) -> impl Iterator<Item = EntryRow<'_>> {
    user.lists.iter().flat_map(move |(list, items)| {
        items
            .iter()
            .zip(0..)
            .map(move |(value, position)| EntryRow {
                user_id: user.id.raw(),
                list: list.key(),
                position,
                value,
            })
    })
}
