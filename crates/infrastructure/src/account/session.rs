//! Sessions and refresh tokens in PostgreSQL.
//!
//! Who changes a session locks its row first and its tokens after it, so that two who do can't
//! wait for each other.

use alumx_domain::account::{
    Caller, NewRefreshToken, NewSession, PasswordHash, RefreshTokenHash, Rotation, Session,
    SessionId, SessionRepository, UserAgent, UserId,
};
use alumx_domain::audit::{AuditEvent, Occasion};
use alumx_domain::clock::Timestamp;
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::RepositoryError;
use async_trait::async_trait;
use diesel::prelude::*;

use super::{parsed, purge, rotation};
use crate::audit::{self, Entry};
use crate::db::{Db, invalid_value};
use crate::schema::{refresh_tokens, sessions, users};

/// Stores sessions in PostgreSQL.
pub struct PgSessionRepository(pub Db);

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: i64,
    created_at: Timestamp,
    last_used_at: Timestamp,
    user_agent: Option<String>,
    ip_address: Option<String>,
}

impl SessionRow {
    fn into_session(self) -> QueryResult<Session> {
        let ip_address = self
            .ip_address
            .map(|address| address.parse().map_err(invalid_value));
        Ok(Session {
            id: self.id.try_into().map_err(invalid_value)?,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
            user_agent: self.user_agent.as_deref().and_then(UserAgent::new),
            ip_address: ip_address.transpose()?,
        })
    }
}

#[async_trait]
impl SessionRepository for PgSessionRepository {
    async fn open(
        &self,
        user: UserId,
        verified: &PasswordHash,
        session: &NewSession,
    ) -> Result<Option<SessionId>, RepositoryError> {
        let (verified, session) = (verified.to_string(), session.clone());
        self.0
            .run(move |conn| {
                conn.transaction(|conn| {
                    // Locked against a suspension or a new password, which end sessions: they
                    // see this one, or it sees them.
                    let user: Option<i64> = users::table
                        .filter(users::id.eq(user.raw()))
                        .filter(users::password_hash.eq(verified))
                        .filter(users::suspended_at.is_null())
                        .select(users::id)
                        .for_share()
                        .first(conn)
                        .optional()?;
                    let user = user
                        .map(UserId::try_from)
                        .transpose()
                        .map_err(invalid_value)?;
                    user.map(|user| {
                        audit::insert_session(conn, AuditEvent::SignedIn, user, &session)?;
                        insert(conn, user, &session)
                    })
                    .transpose()
                })
            })
            .await
    }

    async fn note_refused(
        &self,
        user: Option<UserId>,
        by: &Occasion,
    ) -> Result<(), RepositoryError> {
        let entry = Entry::new(AuditEvent::SignInFailed, user, by);
        self.0.run(move |conn| audit::insert(conn, &entry)).await
    }

    async fn rotate(
        &self,
        shown: RefreshTokenHash,
        next: &NewRefreshToken,
        by: &Occasion,
    ) -> Result<Rotation, RepositoryError> {
        let (next, by) = (next.clone(), by.clone());
        self.0
            .run(move |conn| conn.transaction(|conn| rotation::rotate(conn, shown, &next, &by)))
            .await
    }

    async fn find_caller(&self, session: SessionId) -> Result<Option<Caller>, RepositoryError> {
        self.0
            .run(move |conn| {
                let row: Option<(i64, Option<String>)> = sessions::table
                    .inner_join(users::table)
                    .filter(sessions::id.eq(session.raw()))
                    .filter(
                        users::suspended_at
                            .is_null()
                            .and(users::deleted_at.is_null()),
                    )
                    .select((users::id, users::role))
                    .first(conn)
                    .optional()?;
                row.map(|(user, role)| {
                    let user = user.try_into().map_err(invalid_value)?;
                    Ok(Caller {
                        user,
                        role: parsed(role)?,
                        session,
                    })
                })
                .transpose()
            })
            .await
    }

    async fn list(
        &self,
        user: UserId,
        page: PageRequest<SessionId>,
        now: Timestamp,
    ) -> Result<Page<Session, SessionId>, RepositoryError> {
        self.0
            .run(move |conn| {
                let rows: Vec<SessionRow> = sessions::table
                    .filter(sessions::user_id.eq(user.raw()))
                    .filter(sessions::id.lt(page.after.map_or(i64::MAX, SessionId::raw)))
                    .filter(sessions::expires_at.gt(now))
                    .order(sessions::id.desc())
                    .limit(page.limit.overfetch())
                    .select(SessionRow::as_select())
                    .load(conn)?;
                let rows: QueryResult<Vec<_>> =
                    rows.into_iter().map(SessionRow::into_session).collect();
                Ok(Page::cut(rows?, page.limit, |session| session.id))
            })
            .await
    }

    async fn end(
        &self,
        user: UserId,
        session: SessionId,
        by: &Occasion,
    ) -> Result<bool, RepositoryError> {
        let entry = Entry::new(AuditEvent::SessionEnded, Some(user), by);
        self.0
            .run(move |conn| {
                conn.transaction(|conn| {
                    let own = sessions::table
                        .find(session.raw())
                        .filter(sessions::user_id.eq(user.raw()));
                    let ended = diesel::delete(own).execute(conn)? == 1;
                    if ended {
                        audit::insert(conn, &entry)?;
                    }
                    Ok(ended)
                })
            })
            .await
    }

    async fn end_others(
        &self,
        user: UserId,
        keep: SessionId,
        by: &Occasion,
    ) -> Result<(), RepositoryError> {
        let entry = Entry::new(AuditEvent::OtherSessionsEnded, Some(user), by);
        self.0
            .run(move |conn| {
                conn.transaction(|conn| {
                    if end_others(conn, user, Some(keep))? {
                        audit::insert(conn, &entry)?;
                    }
                    Ok(())
                })
            })
            .await
    }

    async fn purge_expired(&self, now: Timestamp) -> Result<(), RepositoryError> {
        loop {
            let full = self.0.run(move |conn| purge::batch(conn, now)).await?;
            if !full {
                return Ok(());
            }
        }
    }
}

pub(super) fn insert(
    conn: &mut PgConnection,
    user: UserId,
    session: &NewSession,
) -> QueryResult<SessionId> {
    let id: i64 = diesel::insert_into(sessions::table)
        .values((
            sessions::user_id.eq(user.raw()),
            sessions::user_agent.eq(session.user_agent.as_ref().map(UserAgent::as_str)),
            sessions::ip_address.eq(session.ip_address.map(|address| address.to_string())),
            sessions::created_at.eq(session.created_at),
            sessions::last_used_at.eq(session.created_at),
            sessions::expires_at.eq(session.token.expires_at),
        ))
        .returning(sessions::id)
        .get_result(conn)?;
    insert_token(conn, id, &session.token)?;
    id.try_into().map_err(invalid_value)
}

/// Ends the user's sessions; all of them without `keep`. `false` if there are none.
pub(super) fn end_others(
    conn: &mut PgConnection,
    user: UserId,
    keep: Option<SessionId>,
) -> QueryResult<bool> {
    let keep = keep.map_or(0, SessionId::raw);
    let others =
        sessions::table.filter(sessions::user_id.eq(user.raw()).and(sessions::id.ne(keep)));
    Ok(diesel::delete(others).execute(conn)? > 0)
}

pub(super) fn insert_token(
    conn: &mut PgConnection,
    session: i64,
    token: &NewRefreshToken,
) -> QueryResult<()> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(&token.hash.0[..]),
            refresh_tokens::session_id.eq(session),
            refresh_tokens::expires_at.eq(token.expires_at),
        ))
        .execute(conn)
        .map(drop)
}
