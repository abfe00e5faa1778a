//! One batch of people, written in one transaction.

use std::collections::HashMap;

use alumx_domain::account::{EmailAddress, Role, UserId};
use alumx_domain::audit::AuditEvent;
use alumx_domain::clock::Timestamp;
use diesel::prelude::*;
use diesel::result::Error::RollbackTransaction;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::BigInt;

use super::row::{Person, Refused};
use super::{ImportError, ImportPlan, Invitations, Seen, usernames};
use crate::account::lower;
use crate::audit::{self, Entry};
use crate::db::{invalid_value, is_deadlock, reserve_ids};
use crate::schema::users;
use crate::user::{bulk, profile, search};

/// Key of the advisory lock that lets only one import write at a time.
const LOCK: i64 = 0x616c_756d_7804;

/// How often a batch is tried whose names or addresses others take at the same moment.
const ATTEMPTS: u32 = 5;

#[derive(Default)]
pub(super) struct Stored {
    pub added: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub invited: u64,
    pub refused: Vec<Refused>,
    usernames: Vec<String>,
}

/// Somebody who is there already.
struct Known {
    id: UserId,
    /// Nobody has claimed the account, and it is not suspended.
    unclaimed: bool,
}

/// Writes a batch; in a dry run, writes it and takes it back.
pub(super) fn batch(
    conn: &mut PgConnection,
    plan: &ImportPlan,
    people: &[Person],
    seen: &mut Seen,
    invitations: &mut Invitations,
    now: Timestamp,
) -> Result<Stored, ImportError> {
    if !plan.dry_run {
        let names = people.iter().map(|person| &*person.name);
        search::prepare_names(conn, names)?;
    }
    let position = invitations.position()?;
    let mut attempts = 1..=ATTEMPTS;
    loop {
        attempts.next();
        let mut stored = None;
        let written = conn.transaction(|conn| {
            stored = Some(write(conn, plan, people, seen, invitations, now)?);
            if plan.dry_run {
                return Err(RollbackTransaction.into());
            }
            Ok(())
        });
        match (written, stored) {
            (Ok(()) | Err(ImportError::Query(RollbackTransaction)), Some(stored)) => {
                seen.usernames.extend(stored.usernames.iter().cloned());
                return Ok(stored);
            }
            (Err(error), _) => {
                invitations.take_back(position)?;
                let raced = match &error {
                    ImportError::Query(error) => is_deadlock(error) || is_taken(error),
                    _ => false,
                };
                if !raced || attempts.is_empty() {
                    return Err(error);
                }
            }
            (Ok(()), None) => return Ok(Stored::default()),
        }
    }
}

fn is_taken(error: &Error) -> bool {
    matches!(
        error,
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)
    )
}

fn write(
    conn: &mut PgConnection,
    plan: &ImportPlan,
    people: &[Person],
    seen: &Seen,
    invitations: &mut Invitations,
    now: Timestamp,
) -> Result<Stored, ImportError> {
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<BigInt, _>(LOCK)
        .execute(conn)?;
    let known = known(conn, people)?;
    let mut stored = Stored::default();
    let (mut new, mut invited) = (Vec::new(), Vec::new());
    for person in people {
        match known.get(&*person.email) {
            None => new.push(person),
            Some(known) => {
                let refused = stored.refused.len();
                update(conn, plan, person, known, &mut stored, now)?;
                let taken = stored.refused.len() == refused;
                if plan.reinvite && known.unclaimed && taken {
                    invited.push((known.id, person.email.clone()));
                }
            }
        }
    }
    invited.extend(add(conn, &new, seen, &mut stored, now)?);
    if invitations.wanted() {
        stored.invited = invitations.invite(conn, &invited, now)?;
    }
    Ok(stored)
}

/// Id, address in lower case, and whether nobody has claimed it.
type KnownRow = (i64, Option<String>, bool);

/// Who of these is there already, by address.
fn known(conn: &mut PgConnection, people: &[Person]) -> QueryResult<HashMap<String, Known>> {
    let emails = people.iter().map(|person| Some(&*person.email));
    let rows: Vec<KnownRow> = users::table
        .filter(lower(users::email).eq_any(emails.collect::<Vec<_>>()))
        .select((
            users::id,
            lower(users::email),
            users::password_hash
                .is_null()
                .and(users::suspended_at.is_null()),
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, email, unclaimed)| {
            let known = Known {
                id: id.try_into().map_err(invalid_value)?,
                unclaimed,
            };
            Ok((email.unwrap_or_default(), known))
        })
        .collect()
}

/// Gives somebody who is there what the list says, if the plan wants it. The username stays.
fn update(
    conn: &mut PgConnection,
    plan: &ImportPlan,
    person: &Person,
    known: &Known,
    stored: &mut Stored,
    now: Timestamp,
) -> QueryResult<()> {
    if !plan.update {
        stored.unchanged += 1;
        return Ok(());
    }
    let Some(old) = profile::lock(conn, known.id)? else {
        // Deleted a moment ago; the next import adds the person anew.
        stored
            .refused
            .push(person.refused("the account was just deleted"));
        return Ok(());
    };
    if old.role == Role::Admin {
        let reason = "is an admin, whom no import changes";
        stored.refused.push(person.refused(reason));
        return Ok(());
    }
    let mut new = old.patched(person.patch.clone(), now);
    if new.role != person.role {
        let event = AuditEvent::RoleChanged;
        let entry = Entry {
            event,
            target: Some(known.id),
            role: Some(person.role),
            ..Entry::by_nobody(now)
        };
        set_role(conn, known.id, person.role)?;
        audit::insert(conn, &entry)?;
        if new == old {
            new.revision.0 += 1;
            new.updated_at = now.max(old.updated_at);
        }
        new.role = person.role;
    }
    if new == old {
        stored.unchanged += 1;
    } else {
        profile::store(conn, &old, &new)?;
        stored.updated += 1;
    }
    Ok(())
}

fn set_role(conn: &mut PgConnection, id: UserId, role: Role) -> QueryResult<()> {
    let role: &str = role.into();
    diesel::update(users::table.find(id.raw()))
        .set(users::role.eq(role))
        .execute(conn)?;
    search::set_role(conn, id, role)
}

/// Adds accounts without a password.
fn add(
    conn: &mut PgConnection,
    people: &[&Person],
    seen: &Seen,
    stored: &mut Stored,
    now: Timestamp,
) -> Result<Vec<(UserId, EmailAddress)>, ImportError> {
    let chosen = usernames::choose(conn, people, seen, &mut stored.refused)?;
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let ids = reserve_ids(conn, "users", "id", chosen.len() as u64)?;
    let profiles: Vec<_> = chosen
        .into_iter()
        .zip(ids)
        .map(|((person, username), id)| person.profile(id, username, now))
        .collect();
    // Index by index as anybody does: to gather changes would lock out all who search meanwhile.
    bulk::insert(conn, &profiles, None)?;
    let ids: Vec<UserId> = profiles.iter().map(|profile| profile.id).collect();
    audit::insert_imported(conn, &ids, now)?;
    stored.added = profiles.len() as u64;
    let names = profiles
        .iter()
        .map(|profile| profile.username.to_ascii_lowercase());
    stored.usernames = names.collect();
    let invited = profiles
        .into_iter()
        .map(|profile| (profile.id, profile.email));
    Ok(invited.collect())
}
