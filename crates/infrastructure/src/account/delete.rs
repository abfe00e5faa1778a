//! Deleting an account with all that hangs on it.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::group_chat::Departure;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};

use crate::group_chat::leave_all;

/// What is done, in this order, with `$1` the user. Rows that others may be changing are locked
/// in the order of their ids, so that two deletions can't wait for each other.
const STEPS: &[&str] = &[
    // The user's own posts, which go altogether, and those that lose a like or a comment: all of
    // them locked before any is changed.
    "SELECT post_id FROM job_posts WHERE author_id = $1 OR post_id IN (
         SELECT post_id FROM job_post_likes WHERE user_id = $1
         UNION SELECT post_id FROM job_post_comments WHERE user_id = $1
     ) ORDER BY post_id FOR UPDATE",
    "DELETE FROM job_posts WHERE author_id = $1",
    "WITH gone AS (DELETE FROM job_post_likes WHERE user_id = $1 RETURNING post_id)
     UPDATE job_posts SET like_count = like_count - 1 FROM gone WHERE job_posts.post_id = gone.post_id",
    "WITH gone AS (DELETE FROM job_post_comments WHERE user_id = $1 RETURNING post_id),
          lost AS (SELECT post_id, count(*) AS comments FROM gone GROUP BY post_id)
     UPDATE job_posts SET comment_count = comment_count - lost.comments
     FROM lost WHERE job_posts.post_id = lost.post_id",
    "DELETE FROM resume WHERE user_id = $1",
    "DELETE FROM user_profile_entries WHERE user_id = $1",
    "DELETE FROM user_search WHERE user_id = $1",
    "DELETE FROM sessions WHERE user_id = $1",
];

/// What is done after it. Those chats go that the other one has left; nothing is sent in the rest.
const CHATS: &[&str] = &[
    "DELETE FROM chats WHERE (user1_id = $1 OR user2_id = $1) AND closed",
    "UPDATE chats SET closed = TRUE WHERE user1_id = $1 OR user2_id = $1",
];

/// Makes the user a tombstone, and tells of the groups that the user was in; `None` if there is no
/// such user (any more).
pub(super) fn delete(
    conn: &mut PgConnection,
    id: UserId,
    now: Timestamp,
) -> QueryResult<Option<Vec<Departure>>> {
    // First: whoever adds something as this user takes a lock FOR SHARE on the living user's row
    // before, as signing in does, and so comes before this or finds the user gone. (A foreign key
    // alone doesn't wait for an update.)
    let emptied = diesel::sql_query(
        "UPDATE users SET deleted_at = $2, updated_at = $2, revision = revision + 1,
             username = NULL, name = NULL, email = NULL, password_hash = NULL, role = NULL, about = NULL,
             current_company = NULL, role_current = NULL, location = NULL, department = NULL,
             graduation_year = NULL, linkedin_url = NULL, github_url = NULL, portfolio_url = NULL,
             profile_completed = FALSE, suspended_at = NULL, suspension_reason = NULL
         WHERE id = $1 AND deleted_at IS NULL",
    )
    .bind::<BigInt, _>(id.raw())
    .bind::<Timestamptz, _>(now)
    .execute(conn)?;
    if emptied == 0 {
        return Ok(None);
    }
    for step in STEPS {
        run(conn, step, id)?;
    }
    let departures = leave_all(conn, id)?;
    for step in CHATS {
        run(conn, step, id)?;
    }
    Ok(Some(departures))
}

fn run(conn: &mut PgConnection, step: &str, id: UserId) -> QueryResult<usize> {
    diesel::sql_query(step)
        .bind::<BigInt, _>(id.raw())
        .execute(conn)
}
