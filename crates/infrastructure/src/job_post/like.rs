//! Likes.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::job_post::{JobPostId, Like, LikeId, OwnLike};
use alumx_domain::page::{Page, PageRequest};
use diesel::prelude::*;

use super::{lock, of_post};
use crate::db::invalid_value;
use crate::schema::{job_post_likes as likes, job_posts, users};
use crate::user::reference::UserRefRow;

/// `None` without the post.
pub(super) fn insert(
    conn: &mut PgConnection,
    id: JobPostId,
    user: UserId,
    now: Timestamp,
) -> QueryResult<Option<()>> {
    if !lock(conn, id)? {
        return Ok(None);
    }
    let added = diesel::insert_into(likes::table)
        .values((
            likes::post_id.eq(id.raw()),
            likes::user_id.eq(user.raw()),
            likes::created_at.eq(now),
        ))
        .on_conflict((likes::post_id, likes::user_id))
        .do_nothing()
        .execute(conn)?;
    if added > 0 {
        diesel::update(job_posts::table.find(id.raw()))
            .set(job_posts::like_count.eq(job_posts::like_count + 1))
            .execute(conn)?;
    }
    Ok(Some(()))
}

/// `None` without the post.
pub(super) fn delete(
    conn: &mut PgConnection,
    id: JobPostId,
    user: UserId,
) -> QueryResult<Option<()>> {
    if !lock(conn, id)? {
        return Ok(None);
    }
    let own = likes::post_id
        .eq(id.raw())
        .and(likes::user_id.eq(user.raw()));
    let gone = diesel::delete(likes::table.filter(own)).execute(conn)?;
    if gone > 0 {
        diesel::update(job_posts::table.find(id.raw()))
            .set(job_posts::like_count.eq(job_posts::like_count - 1))
            .execute(conn)?;
    }
    Ok(Some(()))
}

pub(super) fn list(
    conn: &mut PgConnection,
    id: JobPostId,
    page: &PageRequest<LikeId>,
) -> QueryResult<Option<Page<Like, LikeId>>> {
    let before = page.after.map_or(i64::MAX, LikeId::raw);
    let rows: Vec<(i64, Timestamp, UserRefRow)> = likes::table
        .inner_join(users::table)
        .filter(likes::post_id.eq(id.raw()).and(likes::id.lt(before)))
        .order(likes::id.desc())
        .limit(page.limit.overfetch())
        .select((likes::id, likes::created_at, UserRefRow::as_select()))
        .load(conn)?;
    let items: QueryResult<Vec<Like>> = rows
        .into_iter()
        .map(|(id, liked_at, user)| {
            Ok(Like {
                id: id.try_into().map_err(invalid_value)?,
                user: user.into_ref()?,
                liked_at,
            })
        })
        .collect();
    of_post(conn, id, Page::cut(items?, page.limit, |like| like.id))
}

pub(super) fn list_by(
    conn: &mut PgConnection,
    user: UserId,
    page: &PageRequest<LikeId>,
) -> QueryResult<Page<OwnLike, LikeId>> {
    let after = page.after.map_or(0, LikeId::raw);
    let rows: Vec<(i64, i64, Timestamp)> = likes::table
        .filter(likes::user_id.eq(user.raw()).and(likes::id.gt(after)))
        .order(likes::id)
        .limit(page.limit.overfetch())
        .select((likes::id, likes::post_id, likes::created_at))
        .load(conn)?;
    let items: QueryResult<Vec<OwnLike>> = rows
        .into_iter()
        .map(|(id, post, liked_at)| {
            Ok(OwnLike {
                id: id.try_into().map_err(invalid_value)?,
                post: post.try_into().map_err(invalid_value)?,
                liked_at,
            })
        })
        .collect();
    Ok(Page::cut(items?, page.limit, |like| like.id))
}
