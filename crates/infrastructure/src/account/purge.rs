//! What has expired is taken away.

use alumx_domain::clock::Timestamp;
use diesel::prelude::*;

use crate::schema::{refresh_tokens, sessions};

/// How many rows one statement of the purge deletes: short enough not to be in anybody's way.
const BATCH: u16 = 1000;

/// Deletes some of what has expired; `true` if there may be more.
pub(super) fn batch(conn: &mut PgConnection, now: Timestamp) -> QueryResult<bool> {
    let ended: Vec<i64> = sessions::table
        .filter(sessions::expires_at.le(now))
        .select(sessions::id)
        .limit(BATCH.into())
        .load(conn)?;
    // Asked again: another instance may have prolonged a session in the meantime.
    let stale = sessions::id
        .eq_any(&ended)
        .and(sessions::expires_at.le(now));
    diesel::delete(sessions::table.filter(stale)).execute(conn)?;
    let expired: Vec<Vec<u8>> = refresh_tokens::table
        .filter(refresh_tokens::expires_at.le(now))
        .select(refresh_tokens::token_hash)
        .limit(BATCH.into())
        .load(conn)?;
    let tokens = refresh_tokens::table.filter(refresh_tokens::token_hash.eq_any(&expired));
    diesel::delete(tokens).execute(conn)?;
    Ok([ended.len(), expired.len()].contains(&BATCH.into()))
}
