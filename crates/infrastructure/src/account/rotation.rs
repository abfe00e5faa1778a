//! A refresh token exchanged for the next one.

use alumx_domain::account::{
    NewRefreshToken, Presented, RefreshTokenHash, RefreshTokenState, Rotation, SessionId,
};
use alumx_domain::audit::{AuditEvent, Occasion};
use alumx_domain::clock::Timestamp;
use diesel::prelude::*;

use super::AccountRow;
use super::session::insert_token;
use crate::audit::{self, Entry};
use crate::db::invalid_value;
use crate::schema::{refresh_tokens, sessions, users};

/// Exchanges the token that is shown for the next one; in a transaction.
pub(super) fn rotate(
    conn: &mut PgConnection,
    shown: RefreshTokenHash,
    next: &NewRefreshToken,
    by: &Occasion,
) -> QueryResult<Rotation> {
    let Some(session) = lock_session_of(conn, shown)? else {
        return Ok(Rotation::Refused);
    };
    let state = refresh_tokens::table
        .find(&shown.0[..])
        .select((refresh_tokens::spent_at, refresh_tokens::expires_at))
        .first(conn)
        .optional()?;
    let Some((spent_at, expires_at)) = state else {
        // It had expired and was purged meanwhile.
        return Ok(Rotation::Refused);
    };
    let state = RefreshTokenState {
        spent_at,
        expires_at,
    };
    match state.present(by.at) {
        Presented::JustSpent | Presented::Expired => Ok(Rotation::Refused),
        Presented::Replayed => revoke(conn, session, by),
        Presented::Current => renew(conn, session, shown, next, by.at),
    }
}

/// Ends the session: somebody else may have the token.
fn revoke(conn: &mut PgConnection, session: SessionId, by: &Occasion) -> QueryResult<Rotation> {
    let replayed = sessions::table.find(session.raw());
    let user: i64 = diesel::delete(replayed)
        .returning(sessions::user_id)
        .get_result(conn)?;
    let user = user.try_into().map_err(invalid_value)?;
    let entry = Entry::new(AuditEvent::RefreshTokenReplayed, Some(user), by);
    audit::insert(conn, &entry)?;
    Ok(Rotation::Revoked { session })
}

/// Spends the token for the next one, with which the session lives longer.
fn renew(
    conn: &mut PgConnection,
    session: SessionId,
    spent: RefreshTokenHash,
    next: &NewRefreshToken,
    now: Timestamp,
) -> QueryResult<Rotation> {
    let account = sessions::table
        .find(session.raw())
        .inner_join(users::table)
        .filter(
            users::suspended_at
                .is_null()
                .and(users::deleted_at.is_null()),
        )
        .select(AccountRow::as_select())
        .first(conn)
        .optional()?;
    let Some(account) = account else {
        return Ok(Rotation::Refused);
    };
    diesel::update(refresh_tokens::table.find(&spent.0[..]))
        .set(refresh_tokens::spent_at.eq(now))
        .execute(conn)?;
    insert_token(conn, session.raw(), next)?;
    diesel::update(sessions::table.find(session.raw()))
        .set((
            sessions::last_used_at.eq(now),
            sessions::expires_at.eq(next.expires_at),
        ))
        .execute(conn)?;
    Ok(Rotation::Rotated {
        account: account.into_account()?,
        session,
    })
}

fn lock_session_of(
    conn: &mut PgConnection,
    token: RefreshTokenHash,
) -> QueryResult<Option<SessionId>> {
    let session = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(token.0.to_vec()))
        .select(refresh_tokens::session_id);
    let locked: Option<i64> = sessions::table
        .filter(sessions::id.eq_any(session))
        .select(sessions::id)
        .for_update()
        .first(conn)
        .optional()?;
    locked
        .map(SessionId::try_from)
        .transpose()
        .map_err(invalid_value)
}
