//! Accounts and sessions in PostgreSQL.

mod claim;
mod delete;
mod last_admin;
mod purge;
mod rotation;
mod row;
mod session;

use alumx_domain::account::{
    Account, AccountChangeError, AccountRepository, Claim, Credentials, Identifier, InvitationHash,
    NewAccount, NewSession, PasswordHash, Remains, Role, SessionId, SuspensionReason, UserId,
};
use alumx_domain::audit::{AuditEvent, Occasion};
use alumx_domain::clock::Timestamp;
use alumx_domain::repository::RepositoryError;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use last_admin::is_last_admin;
pub(crate) use row::{AccountRow, lower, parsed};
use row::{Find, credentials, find, living};
pub use session::PgSessionRepository;

use crate::audit::{self, Entry};
use crate::db::together::Together;
use crate::db::{Db, despite_deadlock};
use crate::schema::users;
use crate::user::search;

/// Stores accounts in PostgreSQL.
pub struct PgAccountRepository {
    db: Db,
    found: Together<Find>,
}

impl PgAccountRepository {
    /// Stores them in this database.
    pub fn new(db: Db) -> Self {
        let found = Together::new(db.clone());
        Self { db, found }
    }
}

#[async_trait]
impl AccountRepository for PgAccountRepository {
    async fn register(
        &self,
        account: &NewAccount,
        session: &NewSession,
    ) -> Result<(Account, SessionId), RepositoryError> {
        let (account, session) = (account.clone(), session.clone());
        self.db
            .run(move |conn| despite_deadlock(conn, |conn| register(conn, &account, &session)))
            .await
    }

    async fn insert(&self, account: &NewAccount) -> Result<Account, RepositoryError> {
        let account = account.clone();
        self.db
            .run(move |conn| despite_deadlock(conn, |conn| create(conn, &account)))
            .await
    }

    async fn find(&self, id: UserId) -> Result<Option<Account>, RepositoryError> {
        self.found.run(Find(id)).await
    }

    async fn find_credentials(
        &self,
        identifier: &Identifier,
    ) -> Result<Option<Credentials>, RepositoryError> {
        let identifier = identifier.clone();
        self.db
            .run(move |conn| {
                let users = users::table.select((AccountRow::as_select(), users::password_hash));
                let row = match identifier {
                    Identifier::Username(name) => users
                        .filter(lower(users::username).eq(name.to_ascii_lowercase()))
                        .first(conn),
                    Identifier::Email(email) => users
                        .filter(lower(users::email).eq(String::from(email)))
                        .first(conn),
                };
                row.optional()?.map(credentials).transpose()
            })
            .await
    }

    async fn find_credentials_by_id(
        &self,
        id: UserId,
    ) -> Result<Option<Credentials>, RepositoryError> {
        self.db
            .run(move |conn| {
                let row = users::table
                    .filter(users::id.eq(id.raw()).and(users::deleted_at.is_null()))
                    .select((AccountRow::as_select(), users::password_hash))
                    .first(conn);
                row.optional()?.map(credentials).transpose()
            })
            .await
    }

    async fn change_password(
        &self,
        id: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
        keep: SessionId,
        by: &Occasion,
    ) -> Result<bool, RepositoryError> {
        let entry = Entry::new(AuditEvent::PasswordChanged, Some(id), by);
        let (old, new) = (old.to_string(), new.to_string());
        self.db
            .run(move |conn| {
                conn.transaction(|conn| {
                    let changed = replace_hash(conn, id, &old, &new)?;
                    if changed {
                        session::end_others(conn, id, Some(keep))?;
                        audit::insert(conn, &entry)?;
                    }
                    Ok(changed)
                })
            })
            .await
    }

    async fn rehash_password(
        &self,
        id: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, RepositoryError> {
        let (old, new) = (old.to_string(), new.to_string());
        self.db
            .run(move |conn| replace_hash(conn, id, &old, &new))
            .await
    }

    async fn set_role(
        &self,
        id: UserId,
        role: Role,
        by: &Occasion,
    ) -> Result<Account, AccountChangeError> {
        let entry = Entry {
            role: Some(role),
            ..Entry::new(AuditEvent::RoleChanged, Some(id), by)
        };
        self.change(move |conn| {
            if role != Role::Admin && is_last_admin(conn, id)? {
                return Ok(Err(AccountChangeError::LastAdmin));
            }
            let role: &str = role.into();
            // Only a real change makes a new revision of the profile.
            let changed = diesel::update(living(id).filter(users::role.ne(role)))
                .set((
                    users::role.eq(role),
                    users::revision.eq(users::revision + 1),
                    users::updated_at.eq(entry.created_at),
                ))
                .execute(conn)?;
            // Only with the user's row locked: else another change could come in between.
            if changed == 1 {
                search::set_role(conn, id, role)?;
                audit::insert(conn, &entry)?;
            }
            Ok(find(conn, id)?.ok_or(AccountChangeError::NotFound))
        })
        .await
    }

    async fn suspend(
        &self,
        id: UserId,
        reason: Option<SuspensionReason>,
        by: &Occasion,
    ) -> Result<(), AccountChangeError> {
        let entry = Entry::new(AuditEvent::Suspended, Some(id), by);
        self.change(move |conn| {
            if is_last_admin(conn, id)? {
                return Ok(Err(AccountChangeError::LastAdmin));
            }
            // Only a real change is written down.
            let suspended = diesel::sql_query(
                "UPDATE users SET suspended_at = COALESCE(suspended_at, $2), suspension_reason = $3
                 WHERE id = $1 AND deleted_at IS NULL
                     AND (suspended_at IS NULL OR suspension_reason IS DISTINCT FROM $3)",
            )
            .bind::<BigInt, _>(id.raw())
            .bind::<Timestamptz, _>(entry.created_at)
            .bind::<Nullable<Text>, _>(reason.map(String::from))
            .execute(conn)?;
            if suspended == 0 {
                let known = find(conn, id)?.map(drop);
                return Ok(known.ok_or(AccountChangeError::NotFound));
            }
            // After the user's row is locked: a sign-in that came first is seen, none comes later.
            session::end_others(conn, id, None)?;
            audit::insert(conn, &entry).map(Ok)
        })
        .await
    }

    async fn lift_suspension(&self, id: UserId, by: &Occasion) -> Result<(), AccountChangeError> {
        let entry = Entry::new(AuditEvent::SuspensionLifted, Some(id), by);
        self.change(move |conn| {
            let lifted = diesel::update(living(id).filter(users::suspended_at.is_not_null()))
                .set((
                    users::suspended_at.eq(None::<Timestamp>),
                    users::suspension_reason.eq(None::<String>),
                ))
                .execute(conn)?;
            if lifted > 0 {
                return audit::insert(conn, &entry).map(Ok);
            }
            let known = find(conn, id)?.map(drop);
            Ok(known.ok_or(AccountChangeError::NotFound))
        })
        .await
    }

    async fn delete(&self, id: UserId, by: &Occasion) -> Result<Remains, AccountChangeError> {
        let entry = Entry::new(AuditEvent::AccountDeleted, Some(id), by);
        self.change(move |conn| {
            if is_last_admin(conn, id)? {
                return Ok(Err(AccountChangeError::LastAdmin));
            }
            let Some(remains) = delete::delete(conn, id, entry.created_at)? else {
                return Ok(Err(AccountChangeError::NotFound));
            };
            audit::insert(conn, &entry)?;
            Ok(Ok(remains))
        })
        .await
    }

    async fn is_invited(
        &self,
        invitation: InvitationHash,
        now: Timestamp,
    ) -> Result<bool, RepositoryError> {
        self.db
            .run(move |conn| Ok(claim::find(conn, invitation, now)?.is_some()))
            .await
    }

    async fn claim(
        &self,
        invitation: InvitationHash,
        password: &PasswordHash,
        session: &NewSession,
    ) -> Result<Claim, RepositoryError> {
        let (password, session) = (password.clone(), session.clone());
        self.db
            .run(move |conn| {
                conn.transaction(|conn| claim::claim(conn, invitation, &password, &session))
            })
            .await
    }
}

impl PgAccountRepository {
    /// A transaction that may be refused by a rule; the rules are asked before anything is written.
    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut PgConnection) -> QueryResult<Result<T, AccountChangeError>>
        + Send
        + 'static,
    ) -> Result<T, AccountChangeError> {
        self.db.run(move |conn| conn.transaction(change)).await?
    }
}

/// A new user who is signed in, in a transaction. It may wait for one who has the words of the name
/// and wants the username.
fn register(
    conn: &mut PgConnection,
    account: &NewAccount,
    session: &NewSession,
) -> QueryResult<(Account, SessionId)> {
    conn.transaction(|conn| {
        let account = insert(conn, account)?;
        audit::insert_session(conn, AuditEvent::Registered, account.id, session)?;
        let session = session::insert(conn, account.id, session)?;
        Ok((account, session))
    })
}

/// As [`register`], of one who signs in later.
fn create(conn: &mut PgConnection, account: &NewAccount) -> QueryResult<Account> {
    conn.transaction(|conn| {
        let created = insert(conn, account)?;
        let entry = Entry {
            event: AuditEvent::AccountCreated,
            target: Some(created.id),
            ..Entry::by_nobody(account.created_at)
        };
        audit::insert(conn, &entry)?;
        Ok(created)
    })
}

fn insert(conn: &mut PgConnection, new: &NewAccount) -> QueryResult<Account> {
    let role: &str = new.role.into();
    let account = diesel::insert_into(users::table)
        .values((
            users::username.eq(&*new.username),
            users::name.eq(&*new.name),
            users::email.eq(&*new.email),
            users::role.eq(role),
            users::password_hash.eq(&*new.password_hash),
            users::created_at.eq(new.created_at),
            users::updated_at.eq(new.created_at),
        ))
        .returning(AccountRow::as_returning())
        .get_result(conn)?
        .into_account()?;
    search::insert_account(conn, &account)?;
    Ok(account)
}

fn replace_hash(conn: &mut PgConnection, id: UserId, old: &str, new: &str) -> QueryResult<bool> {
    let replaced = diesel::update(living(id).filter(users::password_hash.eq(old)))
        .set(users::password_hash.eq(new))
        .execute(conn)?;
    Ok(replaced == 1)
}
