//! Many new posts at once, with what was said about them.
#![expect(
    clippy::ref_option_ref,
    reason = "the derived code borrows what is borrowed"
)]

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::job_post::{CommentText, Expiry, JobPostId, NewJobPost};
use diesel::prelude::*;

use super::rows::image_url;
use super::search::{self, SearchDocument};
use crate::schema::{job_post_comments, job_post_images, job_post_likes, job_posts};

/// A post that has been there for a while.
pub(crate) struct OldPost {
    pub id: JobPostId,
    pub author: UserId,
    pub post: NewJobPost,
    /// As many as will be added.
    pub like_count: i32,
    /// As many as will be added.
    pub comment_count: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A comment that has been there for a while.
pub(crate) struct OldComment {
    pub post: JobPostId,
    pub author: UserId,
    pub content: CommentText,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A like that has been there for a while.
pub(crate) struct OldLike {
    pub post: JobPostId,
    pub user: UserId,
    pub created_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = job_posts, treat_none_as_default_value = false)]
struct PostRow<'a> {
    post_id: i64,
    author_id: i64,
    title: &'a str,
    company: Option<&'a str>,
    location: Option<&'a str>,
    employment_type: &'static str,
    description: &'a str,
    apply_url: Option<&'a str>,
    expires_at: Option<Timestamp>,
    like_count: i32,
    comment_count: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = job_post_images, treat_none_as_default_value = false)]
struct ImageRow {
    post_id: i64,
    position: i16,
    image_url: String,
}

#[derive(Insertable)]
#[diesel(table_name = job_post_comments, treat_none_as_default_value = false)]
struct CommentRow<'a> {
    post_id: i64,
    user_id: i64,
    content: &'a str,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = job_post_likes, treat_none_as_default_value = false)]
struct LikeRow {
    post_id: i64,
    user_id: i64,
    created_at: Timestamp,
}

/// Adds posts with these ids and counts. Returns how many images they have.
pub(crate) fn insert(conn: &mut PgConnection, posts: &[OldPost]) -> QueryResult<u64> {
    let rows: Vec<_> = posts.iter().map(post_row).collect();
    diesel::copy_from(job_posts::table)
        .from_insertable(&rows)
        .execute(conn)?;
    let images: Vec<_> = posts.iter().flat_map(image_rows).collect();
    let copied = diesel::copy_from(job_post_images::table)
        .from_insertable(&images)
        .execute(conn)?;
    let documents: Vec<_> = posts.iter().map(document).collect();
    search::write(conn, &documents)?;
    Ok(copied as u64)
}

/// Adds comments, in this order, that the posts count already.
pub(crate) fn insert_comments(conn: &mut PgConnection, comments: &[OldComment]) -> QueryResult<()> {
    let rows: Vec<_> = comments
        .iter()
        .map(|comment| CommentRow {
            post_id: comment.post.raw(),
            user_id: comment.author.raw(),
            content: &comment.content,
            created_at: comment.created_at,
            updated_at: comment.updated_at,
        })
        .collect();
    diesel::copy_from(job_post_comments::table)
        .from_insertable(&rows)
        .execute(conn)
        .map(drop)
}

/// Adds likes, in this order, that the posts count already.
pub(crate) fn insert_likes(conn: &mut PgConnection, likes: &[OldLike]) -> QueryResult<()> {
    let rows: Vec<_> = likes
        .iter()
        .map(|like| LikeRow {
            post_id: like.post.raw(),
            user_id: like.user.raw(),
            created_at: like.created_at,
        })
        .collect();
    diesel::copy_from(job_post_likes::table)
        .from_insertable(&rows)
        .execute(conn)
        .map(drop)
}

fn post_row(old: &OldPost) -> PostRow<'_> {
    PostRow {
        post_id: old.id.raw(),
        author_id: old.author.raw(),
        title: &old.post.title,
        company: old.post.company.as_deref(),
        location: old.post.location.as_deref(),
        employment_type: old.post.employment_type.into(),
        description: &old.post.description,
        apply_url: old.post.apply_url.as_deref(),
        expires_at: old.post.expires_at.map(Expiry::get),
        like_count: old.like_count,
        comment_count: old.comment_count,
        created_at: old.created_at,
        updated_at: old.updated_at,
    }
}

fn image_rows(old: &OldPost) -> impl Iterator<Item = ImageRow> {
    let images = old.post.images.as_slice().iter().zip(0..);
    images.map(|(image, position)| ImageRow {
        post_id: old.id.raw(),
        position,
        image_url: image_url(image),
    })
}

fn document(old: &OldPost) -> SearchDocument {
    let NewJobPost {
        title,
        company,
        location,
        description,
        ..
    } = &old.post;
    SearchDocument::new(
        old.id,
        title,
        company.as_ref(),
        location.as_ref(),
        description,
    )
}
