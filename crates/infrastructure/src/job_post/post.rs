//! One post at a time.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::job_post::{Expiry, ImageUrls, JobPost, JobPostId, JobPostPatch, NewJobPost};
use diesel::prelude::*;

use super::rows::{One, PostRow, Posts};
use super::{lock, search};
use crate::db::invalid_value;
use crate::schema::{job_post_images as images, job_posts};

pub(super) fn find(
    conn: &mut PgConnection,
    id: JobPostId,
    viewer: UserId,
) -> QueryResult<Option<JobPost>> {
    let query = Posts {
        choice: One(id.raw()),
        viewer: viewer.raw(),
    };
    let row: Option<PostRow> = query.get_result(conn).optional()?;
    row.map(PostRow::into_post).transpose()
}

/// The post, which is always there: `Option` to be alike the other writes.
pub(super) fn insert(
    conn: &mut PgConnection,
    author: UserId,
    post: &NewJobPost,
    now: Timestamp,
) -> QueryResult<Option<JobPost>> {
    let id: i64 = diesel::insert_into(job_posts::table)
        .values((
            job_posts::author_id.eq(author.raw()),
            job_posts::title.eq(&*post.title),
            job_posts::company.eq(post.company.as_deref()),
            job_posts::location.eq(post.location.as_deref()),
            job_posts::employment_type.eq(<&str>::from(post.employment_type)),
            job_posts::description.eq(&*post.description),
            job_posts::apply_url.eq(post.apply_url.as_deref()),
            job_posts::expires_at.eq(post.expires_at.map(Expiry::get)),
            job_posts::created_at.eq(now),
            job_posts::updated_at.eq(now),
        ))
        .returning(job_posts::post_id)
        .get_result(conn)?;
    let id = JobPostId::try_from(id).map_err(invalid_value)?;
    insert_images(conn, id, &post.images)?;
    let new = find(conn, id, author)?;
    if let Some(new) = &new {
        search::store(conn, new)?;
    }
    Ok(new)
}

pub(super) fn update(
    conn: &mut PgConnection,
    id: JobPostId,
    writer: UserId,
    patch: JobPostPatch,
    now: Timestamp,
) -> QueryResult<Option<JobPost>> {
    if !lock(conn, id)? {
        return Ok(None);
    }
    let Some(old) = find(conn, id, writer)? else {
        return Ok(None);
    };
    let new = old.patched(patch, now);
    if new != old {
        store(conn, &old, &new)?;
    }
    Ok(Some(new))
}

fn store(conn: &mut PgConnection, old: &JobPost, new: &JobPost) -> QueryResult<()> {
    diesel::update(job_posts::table.find(new.id.raw()))
        .set((
            job_posts::title.eq(&*new.title),
            job_posts::company.eq(new.company.as_deref()),
            job_posts::location.eq(new.location.as_deref()),
            job_posts::employment_type.eq(<&str>::from(new.employment_type)),
            job_posts::description.eq(&*new.description),
            job_posts::apply_url.eq(new.apply_url.as_deref()),
            job_posts::expires_at.eq(new.expires_at),
            job_posts::updated_at.eq(new.updated_at),
        ))
        .execute(conn)?;
    if new.images != old.images {
        diesel::delete(images::table.filter(images::post_id.eq(new.id.raw()))).execute(conn)?;
        insert_images(conn, new.id, &new.images)?;
    }
    search::store(conn, new)
}

fn insert_images(conn: &mut PgConnection, id: JobPostId, urls: &ImageUrls) -> QueryResult<()> {
    let rows: Vec<_> = urls
        .as_slice()
        .iter()
        .zip(0_i16..)
        .map(|(url, position)| {
            (
                images::post_id.eq(id.raw()),
                images::position.eq(position),
                images::image_url.eq(&**url),
            )
        })
        .collect();
    diesel::insert_into(images::table)
        .values(rows)
        .execute(conn)
        .map(drop)
}
