//! Comments.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::job_post::{Comment, CommentId, CommentText, JobPostId};
use alumx_domain::page::{Page, PageRequest};
use diesel::prelude::*;

use super::rows::stored;
use super::{lock, of_post};
use crate::db::invalid_value;
use crate::schema::{job_post_comments as comments, job_posts, users};
use crate::user::reference::UserRefRow;

#[derive(Queryable, Selectable)]
#[diesel(table_name = comments)]
struct CommentRow {
    id: i64,
    post_id: i64,
    content: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

fn comment((row, author): (CommentRow, UserRefRow)) -> QueryResult<Comment> {
    Ok(Comment {
        id: row.id.try_into().map_err(invalid_value)?,
        post: row.post_id.try_into().map_err(invalid_value)?,
        author: author.into_ref()?,
        content: stored(row.content)?,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// `None` without the post.
pub(super) fn insert(
    conn: &mut PgConnection,
    post: JobPostId,
    author: UserId,
    content: &CommentText,
    now: Timestamp,
) -> QueryResult<Option<Comment>> {
    // The lock also gives the comments of a post their ids in the order in which they are seen,
    // so that who pages through them misses none.
    if !lock(conn, post)? {
        return Ok(None);
    }
    let row: CommentRow = diesel::insert_into(comments::table)
        .values((
            comments::post_id.eq(post.raw()),
            comments::user_id.eq(author.raw()),
            comments::content.eq(&**content),
            comments::created_at.eq(now),
            comments::updated_at.eq(now),
        ))
        .returning(CommentRow::as_returning())
        .get_result(conn)?;
    diesel::update(job_posts::table.find(post.raw()))
        .set(job_posts::comment_count.eq(job_posts::comment_count + 1))
        .execute(conn)?;
    let author: UserRefRow = users::table
        .find(author.raw())
        .select(UserRefRow::as_select())
        .first(conn)?;
    comment((row, author)).map(Some)
}

pub(super) fn find(
    conn: &mut PgConnection,
    post: JobPostId,
    id: CommentId,
) -> QueryResult<Option<(Comment, UserId)>> {
    let found: Option<(CommentRow, UserRefRow, i64)> = comments::table
        .inner_join(users::table)
        .inner_join(job_posts::table)
        .filter(comments::id.eq(id.raw()))
        .filter(comments::post_id.eq(post.raw()))
        .select((
            CommentRow::as_select(),
            UserRefRow::as_select(),
            job_posts::author_id,
        ))
        .first(conn)
        .optional()?;
    found
        .map(|(row, author, post_author)| {
            let post_author = UserId::try_from(post_author).map_err(invalid_value)?;
            Ok((comment((row, author))?, post_author))
        })
        .transpose()
}

/// `None` without the comment.
pub(super) fn update(
    conn: &mut PgConnection,
    post: JobPostId,
    id: CommentId,
    content: &CommentText,
    now: Timestamp,
) -> QueryResult<Option<Comment>> {
    let changed = comments::table
        .filter(comments::id.eq(id.raw()))
        .filter(comments::post_id.eq(post.raw()))
        .filter(comments::content.ne(&**content));
    diesel::update(changed)
        .set((
            comments::content.eq(&**content),
            comments::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(find(conn, post, id)?.map(|(comment, _)| comment))
}

/// `false` without the comment.
pub(super) fn delete(conn: &mut PgConnection, post: JobPostId, id: CommentId) -> QueryResult<bool> {
    if !lock(conn, post)? {
        return Ok(false);
    }
    let named = comments::id
        .eq(id.raw())
        .and(comments::post_id.eq(post.raw()));
    let gone = diesel::delete(comments::table.filter(named)).execute(conn)? > 0;
    if gone {
        diesel::update(job_posts::table.find(post.raw()))
            .set(job_posts::comment_count.eq(job_posts::comment_count - 1))
            .execute(conn)?;
    }
    Ok(gone)
}

pub(super) fn list(
    conn: &mut PgConnection,
    post: JobPostId,
    page: &PageRequest<CommentId>,
) -> QueryResult<Option<Page<Comment, CommentId>>> {
    let after = page.after.map_or(0, CommentId::raw);
    let rows: Vec<(CommentRow, UserRefRow)> = comments::table
        .inner_join(users::table)
        .filter(comments::post_id.eq(post.raw()).and(comments::id.gt(after)))
        .order(comments::id)
        .limit(page.limit.overfetch())
        .select((CommentRow::as_select(), UserRefRow::as_select()))
        .load(conn)?;
    let items: QueryResult<Vec<Comment>> = rows.into_iter().map(comment).collect();
    let page = Page::cut(items?, page.limit, |comment| comment.id);
    of_post(conn, post, page)
}

pub(super) fn list_by(
    conn: &mut PgConnection,
    author: UserId,
    page: &PageRequest<CommentId>,
) -> QueryResult<Page<Comment, CommentId>> {
    let after = page.after.map_or(0, CommentId::raw);
    let rows: Vec<(CommentRow, UserRefRow)> = comments::table
        .inner_join(users::table)
        .filter(comments::user_id.eq(author.raw()))
        .filter(comments::id.gt(after))
        .order(comments::id)
        .limit(page.limit.overfetch())
        .select((CommentRow::as_select(), UserRefRow::as_select()))
        .load(conn)?;
    let items: QueryResult<Vec<Comment>> = rows.into_iter().map(comment).collect();
    Ok(Page::cut(items?, page.limit, |comment| comment.id))
}
