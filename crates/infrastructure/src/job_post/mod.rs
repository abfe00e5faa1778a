//! The job board in PostgreSQL.
//!
//! Who writes locks the own user's row first, then the post's and what hangs on it last, so that
//! two who do can't wait for each other.

pub(crate) mod bulk;
mod comment;
mod feed;
mod like;
mod post;
mod rows;
mod search;

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::file::FileKey;
use alumx_domain::job_post::{
    Changed, Comment, CommentId, CommentText, FeedFilter, FeedKey, FeedOrder, ImageFile, JobPost,
    JobPostId, JobPostPatch, JobPostRepository, JobPostWriteError, Like, LikeId, NewJobPost,
    OwnLike,
};
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::RepositoryError;
use async_trait::async_trait;
use diesel::prelude::*;

use crate::db::Db;
use crate::db::pages::Pages;
use crate::schema::job_posts;
use crate::user::reference::lock_living;
use feed::{PlainPage, is_plain};

/// Stores the job board in PostgreSQL.
pub struct PgJobPostRepository {
    db: Db,
    pages: Pages<PlainPage>,
}

impl PgJobPostRepository {
    /// Stores it in this database.
    pub fn new(db: Db) -> Self {
        let pages = Pages::new(db.clone());
        Self { db, pages }
    }

    /// Runs `write` in a transaction in which the writer's account can't be deleted.
    async fn write_as<T: Send + 'static>(
        &self,
        writer: UserId,
        write: impl FnOnce(&mut PgConnection) -> QueryResult<Option<T>> + Send + 'static,
    ) -> Result<T, JobPostWriteError> {
        self.try_write_as(writer, |conn| {
            Ok(write(conn)?.ok_or(JobPostWriteError::NotFound))
        })
        .await
    }

    /// As [`write_as`](Self::write_as), for what can be refused for more than one reason, and then
    /// has written nothing.
    async fn try_write_as<T: Send + 'static>(
        &self,
        writer: UserId,
        write: impl FnOnce(&mut PgConnection) -> QueryResult<Result<T, JobPostWriteError>>
        + Send
        + 'static,
    ) -> Result<T, JobPostWriteError> {
        self.db
            .run(move |conn| {
                conn.transaction(|conn| {
                    if !lock_living(conn, writer)? {
                        return Ok(Err(JobPostWriteError::WriterGone));
                    }
                    write(conn)
                })
            })
            .await?
    }
}

/// Whether there is the post, which nobody else can change, like, comment on or delete until the
/// transaction ends.
fn lock(conn: &mut PgConnection, id: JobPostId) -> QueryResult<bool> {
    let locked: Option<i64> = job_posts::table
        .find(id.raw())
        .select(job_posts::post_id)
        .for_no_key_update()
        .first(conn)
        .optional()?;
    Ok(locked.is_some())
}

/// A page of what hangs on a post, `None` without the post: asked for only where nothing hangs.
fn of_post<T, K>(
    conn: &mut PgConnection,
    id: JobPostId,
    page: Page<T, K>,
) -> QueryResult<Option<Page<T, K>>> {
    let there = !page.items.is_empty()
        || diesel::select(diesel::dsl::exists(job_posts::table.find(id.raw()))).get_result(conn)?;
    Ok(there.then_some(page))
}

#[async_trait]
impl JobPostRepository for PgJobPostRepository {
    async fn insert(
        &self,
        author: UserId,
        post: &NewJobPost,
        now: Timestamp,
    ) -> Result<JobPost, JobPostWriteError> {
        let post = post.clone();
        self.write_as(author, move |conn| post::insert(conn, author, &post, now))
            .await
    }

    async fn find(
        &self,
        id: JobPostId,
        viewer: UserId,
    ) -> Result<Option<JobPost>, RepositoryError> {
        self.db
            .read_one(move |conn| post::find(conn, id, viewer))
            .await
    }

    async fn update(
        &self,
        id: JobPostId,
        writer: UserId,
        patch: JobPostPatch,
        now: Timestamp,
    ) -> Result<Changed, JobPostWriteError> {
        self.try_write_as(writer, move |conn| {
            post::update(conn, id, writer, patch, now)
        })
        .await
    }

    async fn append_image(
        &self,
        id: JobPostId,
        writer: UserId,
        file: &ImageFile,
        now: Timestamp,
    ) -> Result<usize, JobPostWriteError> {
        let file = file.clone();
        self.try_write_as(writer, move |conn| {
            post::append_image(conn, id, writer, file, now)
        })
        .await
    }

    async fn remove_image(
        &self,
        id: JobPostId,
        writer: UserId,
        position: usize,
        now: Timestamp,
    ) -> Result<Option<FileKey>, JobPostWriteError> {
        self.try_write_as(writer, move |conn| {
            post::remove_image(conn, id, writer, position, now)
        })
        .await
    }

    async fn delete(&self, id: JobPostId) -> Result<Option<Vec<FileKey>>, RepositoryError> {
        self.db
            .run(move |conn| conn.transaction(|conn| post::delete(conn, id)))
            .await
    }

    async fn feed(
        &self,
        viewer: UserId,
        filter: &FeedFilter,
        order: FeedOrder,
        page: PageRequest<FeedKey>,
        now: Timestamp,
    ) -> Result<Page<JobPost, FeedKey>, RepositoryError> {
        if is_plain(filter) {
            let wanted = PlainPage {
                viewer,
                order,
                page,
                now,
            };
            return self.pages.of(wanted.page.limit).read(wanted).await;
        }
        let filter = filter.clone();
        self.db
            .read(move |conn| feed::list(conn, viewer, &filter, order, &page, now))
            .await
    }

    async fn list_by_author(
        &self,
        author: UserId,
        viewer: UserId,
        page: PageRequest<JobPostId>,
    ) -> Result<Option<Page<JobPost, JobPostId>>, RepositoryError> {
        self.db
            .read_one(move |conn| feed::list_by_author(conn, author, viewer, &page))
            .await
    }

    async fn like(
        &self,
        id: JobPostId,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), JobPostWriteError> {
        self.write_as(user, move |conn| like::insert(conn, id, user, now))
            .await
    }

    async fn unlike(&self, id: JobPostId, user: UserId) -> Result<(), JobPostWriteError> {
        self.write_as(user, move |conn| like::delete(conn, id, user))
            .await
    }

    async fn list_likes(
        &self,
        id: JobPostId,
        page: PageRequest<LikeId>,
    ) -> Result<Option<Page<Like, LikeId>>, RepositoryError> {
        self.db
            .read_one(move |conn| like::list(conn, id, &page))
            .await
    }

    async fn insert_comment(
        &self,
        post: JobPostId,
        author: UserId,
        content: &CommentText,
        now: Timestamp,
    ) -> Result<Comment, JobPostWriteError> {
        let content = content.clone();
        self.write_as(author, move |conn| {
            comment::insert(conn, post, author, &content, now)
        })
        .await
    }

    async fn find_comment(
        &self,
        post: JobPostId,
        id: CommentId,
    ) -> Result<Option<(Comment, UserId)>, RepositoryError> {
        self.db.run(move |conn| comment::find(conn, post, id)).await
    }

    async fn update_comment(
        &self,
        post: JobPostId,
        id: CommentId,
        writer: UserId,
        content: &CommentText,
        now: Timestamp,
    ) -> Result<Comment, JobPostWriteError> {
        let content = content.clone();
        self.write_as(writer, move |conn| {
            comment::update(conn, post, id, &content, now)
        })
        .await
    }

    async fn delete_comment(
        &self,
        post: JobPostId,
        id: CommentId,
    ) -> Result<bool, RepositoryError> {
        self.db
            .run(move |conn| conn.transaction(|conn| comment::delete(conn, post, id)))
            .await
    }

    async fn list_comments(
        &self,
        post: JobPostId,
        page: PageRequest<CommentId>,
    ) -> Result<Option<Page<Comment, CommentId>>, RepositoryError> {
        self.db
            .read_one(move |conn| comment::list(conn, post, &page))
            .await
    }

    async fn list_comments_by(
        &self,
        author: UserId,
        page: PageRequest<CommentId>,
    ) -> Result<Page<Comment, CommentId>, RepositoryError> {
        self.db
            .run(move |conn| comment::list_by(conn, author, &page))
            .await
    }

    async fn list_likes_by(
        &self,
        user: UserId,
        page: PageRequest<LikeId>,
    ) -> Result<Page<OwnLike, LikeId>, RepositoryError> {
        self.db
            .run(move |conn| like::list_by(conn, user, &page))
            .await
    }
}
