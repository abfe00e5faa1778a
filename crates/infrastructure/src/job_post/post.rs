//! One post at a time.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::file::FileKey;
use alumx_domain::job_post::{
    Changed, Expiry, ImageFile, JobPost, JobPostId, JobPostPatch, JobPostWriteError, NewJobPost,
    PostImage, PostImages,
};
use diesel::prelude::*;

use super::rows::{One, PostRow, Posts, Viewer, image_url};
use super::{lock, search};
use crate::db::invalid_value;
use crate::files::{UPLOADED, stored_key};
use crate::schema::{job_post_images as images, job_posts};

pub(super) fn find(
    conn: &mut PgConnection,
    id: JobPostId,
    viewer: UserId,
) -> QueryResult<Option<JobPost>> {
    let query = Posts {
        choice: One(id.raw()),
        viewers: Viewer(viewer.raw()),
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
) -> QueryResult<Result<Changed, JobPostWriteError>> {
    let Some(old) = find_locked(conn, id, writer)? else {
        return Ok(Err(JobPostWriteError::NotFound));
    };
    if let Some(images) = &patch.images {
        let unknown = old.images.unknown_in(images);
        if !unknown.is_empty() {
            return Ok(Err(JobPostWriteError::UnknownImages(unknown)));
        }
    }
    let new = old.patched(patch, now);
    store_if_changed(conn, &old, &new)?;
    let unused = old.images.files_missing_in(&new.images);
    Ok(Ok(Changed { post: new, unused }))
}

pub(super) fn append_image(
    conn: &mut PgConnection,
    id: JobPostId,
    writer: UserId,
    file: ImageFile,
    now: Timestamp,
) -> QueryResult<Result<usize, JobPostWriteError>> {
    let Some(old) = find_locked(conn, id, writer)? else {
        return Ok(Err(JobPostWriteError::NotFound));
    };
    let mut images = old.images.clone();
    let Some(position) = images.append(PostImage::Uploaded(file)) else {
        return Ok(Err(JobPostWriteError::TooManyImages));
    };
    store_if_changed(conn, &old, &with_images(&old, images, now))?;
    Ok(Ok(position))
}

pub(super) fn remove_image(
    conn: &mut PgConnection,
    id: JobPostId,
    writer: UserId,
    position: usize,
    now: Timestamp,
) -> QueryResult<Result<Option<FileKey>, JobPostWriteError>> {
    let Some(old) = find_locked(conn, id, writer)? else {
        return Ok(Err(JobPostWriteError::NotFound));
    };
    let mut images = old.images.clone();
    if images.remove(position).is_none() {
        return Ok(Err(JobPostWriteError::ImageNotFound));
    }
    let new = with_images(&old, images, now);
    store_if_changed(conn, &old, &new)?;
    Ok(Ok(old.images.files_missing_in(&new.images).pop()))
}

/// Deletes the post and answers the files of its images.
pub(super) fn delete(conn: &mut PgConnection, id: JobPostId) -> QueryResult<Option<Vec<FileKey>>> {
    // Locked before the images are read, so that none is added in between.
    if !lock(conn, id)? {
        return Ok(None);
    }
    let urls: Vec<String> = images::table
        .filter(images::post_id.eq(id.raw()))
        .filter(images::image_url.like(format!("{UPLOADED}%")))
        .select(images::image_url)
        .distinct()
        .load(conn)?;
    diesel::delete(job_posts::table.find(id.raw())).execute(conn)?;
    let keys: QueryResult<_> = urls.into_iter().map(stored_key).collect();
    keys.map(Some)
}

fn find_locked(
    conn: &mut PgConnection,
    id: JobPostId,
    writer: UserId,
) -> QueryResult<Option<JobPost>> {
    if lock(conn, id)? {
        find(conn, id, writer)
    } else {
        Ok(None)
    }
}

fn with_images(old: &JobPost, images: PostImages, now: Timestamp) -> JobPost {
    let patch = JobPostPatch {
        images: Some(images),
        ..JobPostPatch::default()
    };
    old.patched(patch, now)
}

fn store_if_changed(conn: &mut PgConnection, old: &JobPost, new: &JobPost) -> QueryResult<()> {
    if new == old {
        return Ok(());
    }
    store(conn, old, new)
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

fn insert_images(conn: &mut PgConnection, id: JobPostId, all: &PostImages) -> QueryResult<()> {
    let rows: Vec<_> = all
        .as_slice()
        .iter()
        .zip(0_i16..)
        .map(|(image, position)| {
            (
                images::post_id.eq(id.raw()),
                images::position.eq(position),
                images::image_url.eq(image_url(image)),
            )
        })
        .collect();
    diesel::insert_into(images::table)
        .values(rows)
        .execute(conn)
        .map(drop)
}
