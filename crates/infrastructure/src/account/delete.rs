//! Deleting an account with all that hangs on it.

use alumx_domain::account::{Remains, UserId};
use alumx_domain::clock::Timestamp;
use alumx_domain::file::FileKey;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz};

use crate::files::stored_key;

use crate::group_chat::leave_all;
use crate::user::name_words;

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
    "DELETE FROM profile_documents WHERE user_id = $1",
    "DELETE FROM sessions WHERE user_id = $1",
    "DELETE FROM invitations WHERE user_id = $1",
];

/// What is done after it. Those chats go that the other one has left; nothing is sent in the rest.
const CHATS: &[&str] = &[
    "DELETE FROM chats WHERE (user1_id = $1 OR user2_id = $1) AND closed",
    "UPDATE chats SET closed = TRUE WHERE user1_id = $1 OR user2_id = $1",
];

/// The files that go with the user: asked for when nobody can add one any more.
const FILES: &str = "SELECT file_url AS file FROM resume WHERE user_id = $1
     UNION SELECT image_url FROM job_post_images JOIN job_posts USING (post_id)
     WHERE author_id = $1 AND image_url LIKE '/api/v1/images/%'";

#[derive(QueryableByName)]
struct FileRow {
    #[diesel(sql_type = Text)]
    file: String,
}

/// Makes the user a tombstone, and answers what is left to be done; `None` if there is no such user
/// (any more).
pub(super) fn delete(
    conn: &mut PgConnection,
    id: UserId,
    now: Timestamp,
) -> QueryResult<Option<Remains>> {
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
    let words = name_words::of_user(conn, id)?;
    let mut unused_files = Vec::new();
    for (n, step) in STEPS.iter().enumerate() {
        run(conn, step, id)?;
        if n == 0 {
            // Now that the posts are locked.
            unused_files = files(conn, id)?;
        }
    }
    let departures = leave_all(conn, id)?;
    for step in CHATS {
        run(conn, step, id)?;
    }
    name_words::take_away(conn, &words)?;
    Ok(Some(Remains {
        departures,
        unused_files,
    }))
}

fn files(conn: &mut PgConnection, id: UserId) -> QueryResult<Vec<FileKey>> {
    let query = diesel::sql_query(FILES).bind::<BigInt, _>(id.raw());
    let rows: Vec<FileRow> = query.load(conn)?;
    rows.into_iter().map(|row| stored_key(row.file)).collect()
}

fn run(conn: &mut PgConnection, step: &str, id: UserId) -> QueryResult<usize> {
    diesel::sql_query(step)
        .bind::<BigInt, _>(id.raw())
        .execute(conn)
}
