//! Invitations, and the accounts that are claimed with them.

use alumx_domain::account::{Claim, InvitationHash, NewSession, PasswordHash, UserId};
use alumx_domain::audit::AuditEvent;
use alumx_domain::clock::Timestamp;
use diesel::prelude::*;

use super::{AccountRow, session};
use crate::audit;
use crate::db::invalid_value;
use crate::schema::{invitations, users};

/// Whom the invitation invites.
pub(super) fn find(
    conn: &mut PgConnection,
    invitation: InvitationHash,
    now: Timestamp,
) -> QueryResult<Option<UserId>> {
    let user: Option<i64> = invitations::table
        .filter(invitations::token_hash.eq(invitation.0.to_vec()))
        .filter(invitations::expires_at.gt(now))
        .select(invitations::user_id)
        .first(conn)
        .optional()?;
    user.map(UserId::try_from)
        .transpose()
        .map_err(invalid_value)
}

pub(super) fn claim(
    conn: &mut PgConnection,
    invitation: InvitationHash,
    password: &PasswordHash,
    session: &NewSession,
) -> QueryResult<Claim> {
    let now = session.created_at;
    let Some(user) = find(conn, invitation, now)? else {
        return Ok(Claim::Refused);
    };
    // The user's row first, as everywhere: of two claims, the second finds the account claimed.
    let unclaimed: Option<AccountRow> = users::table
        .filter(users::id.eq(user.raw()).and(users::deleted_at.is_null()))
        .filter(users::password_hash.is_null())
        .select(AccountRow::as_select())
        .for_update()
        .first(conn)
        .optional()?;
    let Some(row) = unclaimed else {
        return Ok(Claim::Refused);
    };
    let account = row.into_account()?;
    if account.suspended_at.is_some() {
        return Ok(Claim::Suspended);
    }
    // Asked again: another one may have taken its place in the meantime.
    let spent = invitations::table
        .find(user.raw())
        .filter(invitations::token_hash.eq(invitation.0.to_vec()));
    if diesel::delete(spent).execute(conn)? == 0 {
        return Ok(Claim::Refused);
    }
    diesel::update(users::table.find(user.raw()))
        .set(users::password_hash.eq(&**password))
        .execute(conn)?;
    audit::insert_session(conn, AuditEvent::AccountClaimed, user, session)?;
    let session = session::insert(conn, user, session)?;
    Ok(Claim::Claimed(account, session))
}
