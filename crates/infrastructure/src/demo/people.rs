//! The stage that makes people: accounts, profiles, and what the directory finds of them.

use std::collections::HashSet;

use alumx_domain::account::Username;
use alumx_domain::clock::Timestamp;
use alumx_domain::user::Profile;
use chrono::TimeDelta;
use diesel::prelude::*;

use super::crowd::Crowd;
use super::person::Seat;
use super::{DEMO_PASSWORD, DemoError, DemoStage, Making};
use crate::account::lower;
use crate::db::reserve_ids;
use crate::password;
use crate::schema::users;
use crate::user::bulk;

/// The tables that are filled here.
pub(super) const TABLES: [&str; 3] = ["users", "user_profile_entries", "user_search"];

/// How many are made and written together.
const BATCH: u64 = 1000;

/// For how many days people have been joining.
const JOINING_DAYS: i64 = 5 * 365;

pub(super) fn add(conn: &mut PgConnection, making: &mut Making) -> Result<Crowd, DemoError> {
    let password = password::hash(DEMO_PASSWORD)?;
    let before: i64 = users::table.count().get_result(conn)?;
    let mut crowd = Crowd::after(before.unsigned_abs());
    let all = making.plan.users;
    while making.summary.users < u64::from(all) {
        let left = u64::from(all) - making.summary.users;
        let mut people = Vec::new();
        for id in reserve_ids(conn, "users", "id", left.min(BATCH))? {
            making.summary.users += 1;
            people.push(making.cast.person(Seat {
                id,
                seed: making.plan.seed,
                number: crowd.before + making.summary.users,
                joined: joined(making.now, making.summary.users, all),
                now: making.now,
            })?);
        }
        yield_taken_names(conn, &mut people)?;
        making.summary.list_items += bulk::insert(conn, &people, Some(&password))?;
        for person in &people {
            crowd.welcome(&making.cast, person);
        }
        making.introduce(&people);
        making.tell(DemoStage::People);
    }
    Ok(crowd)
}

/// When the `nth` of so many joined: the later the higher their ids.
fn joined(now: Timestamp, nth: u64, of: u32) -> Timestamp {
    let span = TimeDelta::days(JOINING_DAYS).num_microseconds();
    let left = i128::from(u64::from(of) - nth) * i128::from(span.unwrap_or_default());
    let ago = i64::try_from(left / i128::from(of.max(1))).unwrap_or_default();
    now - TimeDelta::microseconds(ago)
}

/// Gives another username and address to whom somebody came before.
fn yield_taken_names(conn: &mut PgConnection, people: &mut [Profile]) -> Result<(), DemoError> {
    let first_choice: Vec<Username> = people
        .iter()
        .map(|person| person.username.clone())
        .collect();
    for attempt in 2.. {
        let taken = taken(conn, people)?;
        if taken.is_empty() {
            break;
        }
        for (person, plain) in people.iter_mut().zip(&first_choice) {
            if taken.contains(&*person.username) || taken.contains(&*person.email) {
                let (_, domain) = person.email.split_once('@').unwrap_or_default();
                let email = format!("{}-{attempt}@{domain}", &**plain);
                person.email = email.try_into()?;
                person.username = format!("{}-{attempt}", &**plain).try_into()?;
            }
        }
    }
    Ok(())
}

/// Those of their usernames and addresses that others have.
fn taken(conn: &mut PgConnection, people: &[Profile]) -> QueryResult<HashSet<String>> {
    let usernames: Vec<_> = people
        .iter()
        .map(|person| Some(&*person.username))
        .collect();
    let emails: Vec<_> = people.iter().map(|person| Some(&*person.email)).collect();
    let username = lower(users::username);
    let email = lower(users::email);
    let mut taken: Vec<Option<String>> = users::table
        .filter(username.eq_any(usernames))
        .select(username)
        .load(conn)?;
    taken.extend(
        users::table
            .filter(email.eq_any(emails))
            .select(email)
            .load::<Option<String>>(conn)?,
    );
    Ok(taken.into_iter().flatten().collect())
}
