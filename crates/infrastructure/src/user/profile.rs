//! Rows of a profile.

use std::collections::BTreeMap;

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::text::InvalidValue;
use alumx_domain::user::{
    GraduationYear, ListEntries, Profile, ProfileList, ProfileLists, Revision,
};
use diesel::dsl::array;
use diesel::prelude::*;

use super::search;
use crate::account::parsed;
use crate::db::invalid_value;
use crate::schema::{user_profile_entries as entries, users};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct ProfileRow {
    id: i64,
    username: Option<String>,
    name: Option<String>,
    email: Option<String>,
    role: Option<String>,
    about: Option<String>,
    current_company: Option<String>,
    role_current: Option<String>,
    location: Option<String>,
    department: Option<String>,
    graduation_year: Option<i16>,
    linkedin_url: Option<String>,
    github_url: Option<String>,
    portfolio_url: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    revision: i64,
}

/// The whole profile in one round trip: the row, and the items of all lists in one array.
pub(super) fn find(conn: &mut PgConnection, id: UserId) -> QueryResult<Option<Profile>> {
    let items = entries::table
        .filter(entries::user_id.eq(id.raw()))
        .order((entries::list, entries::position))
        .select(entries::list.concat("=").concat(entries::value));
    let found: Option<(ProfileRow, Vec<String>)> = users::table
        .filter(users::id.eq(id.raw()).and(users::deleted_at.is_null()))
        .select((ProfileRow::as_select(), array(items)))
        .first(conn)
        .optional()?;
    found
        .map(|(row, items)| row.into_profile(items))
        .transpose()
}

/// The living ones of these, in the order of their ids, in two round trips.
pub(crate) fn find_all(conn: &mut PgConnection, ids: &[i64]) -> QueryResult<Vec<Profile>> {
    let rows: Vec<ProfileRow> = users::table
        .filter(users::id.eq_any(ids).and(users::deleted_at.is_null()))
        .order(users::id)
        .select(ProfileRow::as_select())
        .load(conn)?;
    let items: Vec<(i64, String)> = entries::table
        .filter(entries::user_id.eq_any(ids))
        .order((entries::user_id, entries::list, entries::position))
        .select((
            entries::user_id,
            entries::list.concat("=").concat(entries::value),
        ))
        .load(conn)?;
    let mut items_of: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (user, item) in items {
        items_of.entry(user).or_default().push(item);
    }
    rows.into_iter()
        .map(|row| {
            let items = items_of.remove(&row.id).unwrap_or_default();
            row.into_profile(items)
        })
        .collect()
}

/// The profile, which nobody else can change until the transaction ends.
pub(crate) fn lock(conn: &mut PgConnection, id: UserId) -> QueryResult<Option<Profile>> {
    let locked: Option<i64> = users::table
        .filter(users::id.eq(id.raw()))
        .select(users::id)
        .for_no_key_update()
        .first(conn)
        .optional()?;
    if locked.is_some() {
        find(conn, id)
    } else {
        Ok(None)
    }
}

/// Writes what differs between `old` and `new`, and what is derived from it.
pub(crate) fn store(conn: &mut PgConnection, old: &Profile, new: &Profile) -> QueryResult<()> {
    diesel::update(users::table.find(new.id.raw()))
        .set((
            (
                users::username.eq(&*new.username),
                users::name.eq(&*new.name),
                users::about.eq(new.about.as_deref()),
                users::current_company.eq(new.current_company.as_deref()),
                users::role_current.eq(new.current_role.as_deref()),
                users::location.eq(new.location.as_deref()),
                users::department.eq(new.department.as_deref()),
                users::graduation_year.eq(new.graduation_year.map(GraduationYear::get)),
            ),
            (
                users::linkedin_url.eq(new.linkedin_url.as_deref()),
                users::github_url.eq(new.github_url.as_deref()),
                users::portfolio_url.eq(new.portfolio_url.as_deref()),
                users::profile_completed.eq(new.is_completed()),
                users::updated_at.eq(new.updated_at),
                users::revision.eq(new.revision.0),
            ),
        ))
        .execute(conn)?;
    let changed: Vec<ProfileList> = ProfileList::all()
        .filter(|list| old.lists.get(*list) != new.lists.get(*list))
        .collect();
    replace_lists(conn, new, &changed)?;
    search::store(conn, old, new)
}

fn replace_lists(conn: &mut PgConnection, new: &Profile, lists: &[ProfileList]) -> QueryResult<()> {
    if lists.is_empty() {
        return Ok(());
    }
    let keys: Vec<&str> = lists.iter().map(|list| list.key()).collect();
    let stale = entries::user_id
        .eq(new.id.raw())
        .and(entries::list.eq_any(keys));
    diesel::delete(entries::table.filter(stale)).execute(conn)?;
    let rows: Vec<_> = lists
        .iter()
        .flat_map(|list| {
            new.lists
                .get(*list)
                .iter()
                .zip(0_i16..)
                .map(|(value, position)| {
                    (
                        entries::user_id.eq(new.id.raw()),
                        entries::list.eq(list.key()),
                        entries::position.eq(position),
                        entries::value.eq(value),
                    )
                })
        })
        .collect();
    diesel::insert_into(entries::table)
        .values(rows)
        .execute(conn)
        .map(drop)
}

impl ProfileRow {
    fn into_profile(self, items: Vec<String>) -> QueryResult<Profile> {
        Ok(Profile {
            id: self.id.try_into().map_err(invalid_value)?,
            username: parsed(self.username)?,
            name: parsed(self.name)?,
            email: parsed(self.email)?,
            role: parsed(self.role)?,
            about: optional(self.about)?,
            current_company: optional(self.current_company)?,
            current_role: optional(self.role_current)?,
            location: optional(self.location)?,
            department: optional(self.department)?,
            graduation_year: stored_year(self.graduation_year)?,
            linkedin_url: optional(self.linkedin_url)?,
            github_url: optional(self.github_url)?,
            portfolio_url: optional(self.portfolio_url)?,
            lists: lists(items)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
            revision: Revision(self.revision),
        })
    }
}

pub(super) fn stored_year(year: Option<i16>) -> QueryResult<Option<GraduationYear>> {
    let year = year.map(|year| GraduationYear::try_from(i64::from(year)));
    year.transpose().map_err(invalid_value)
}

pub(crate) fn optional<T>(column: Option<String>) -> QueryResult<Option<T>>
where
    T: TryFrom<String, Error = InvalidValue>,
{
    column.map(T::try_from).transpose().map_err(invalid_value)
}

/// The lists out of items that each name theirs: `skills=Rust`.
fn lists(items: Vec<String>) -> QueryResult<ProfileLists> {
    let mut grouped: BTreeMap<ProfileList, Vec<String>> = BTreeMap::new();
    for item in items {
        let (list, value) = item
            .split_once('=')
            .and_then(|(key, value)| Some((key.parse().ok()?, value)))
            .ok_or_else(|| invalid_value("an item of an unknown list"))?;
        grouped.entry(list).or_default().push(value.to_owned());
    }
    let mut lists = ProfileLists::default();
    for (list, values) in grouped {
        lists.set(list, ListEntries::from_stored(values));
    }
    Ok(lists)
}
