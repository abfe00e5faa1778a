//! Port to the stored job board.

use async_trait::async_trait;

use super::{
    Comment, CommentId, CommentText, FeedFilter, FeedKey, FeedOrder, ImageFile, JobPost, JobPostId,
    JobPostPatch, Like, LikeId, NewJobPost, OwnLike,
};
use crate::account::UserId;
use crate::clock::Timestamp;
use crate::file::FileKey;
use crate::page::{Page, PageRequest};
use crate::repository::RepositoryError;

/// Why something on the job board couldn't be written.
#[derive(Debug, thiserror::Error)]
pub enum JobPostWriteError {
    /// The user as whom to write has deleted the account: nothing is added to a tombstone.
    #[error("the account is deleted")]
    WriterGone,
    /// There is no such post or comment (any more).
    #[error("there is no such post or comment")]
    NotFound,
    /// There is no image at this position.
    #[error("the post has no such image")]
    ImageNotFound,
    /// The post has as many images as a post may have.
    #[error("a post has at most 10 images")]
    TooManyImages,
    /// The images at these positions were not uploaded to this post.
    #[error("an image was not uploaded to this post")]
    UnknownImages(Vec<usize>),
    /// The store failed. Unless nothing was sent to it, the step may have been done all the same.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// A post that was changed, and the files that nothing refers to any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// As it is now.
    pub post: JobPost,
    /// What the change left without use.
    pub unused: Vec<FileKey>,
}

/// Stores posts with their images, likes and comments. The counts of a post are exact after
/// every step, whoever does what at the same time.
///
/// A list is `None` if what it is a list of doesn't exist.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait JobPostRepository: Send + Sync {
    /// Adds a post.
    async fn insert(
        &self,
        author: UserId,
        post: &NewJobPost,
        now: Timestamp,
    ) -> Result<JobPost, JobPostWriteError>;

    /// The post as `viewer` sees it, expired or not.
    async fn find(&self, id: JobPostId, viewer: UserId)
    -> Result<Option<JobPost>, RepositoryError>;

    /// Applies `patch`, of `writer`, to the post as it is then, see [`JobPost::patched`].
    async fn update(
        &self,
        id: JobPostId,
        writer: UserId,
        patch: JobPostPatch,
        now: Timestamp,
    ) -> Result<Changed, JobPostWriteError>;

    /// Appends an image that `writer` uploaded, and answers its position.
    async fn append_image(
        &self,
        id: JobPostId,
        writer: UserId,
        file: &ImageFile,
        now: Timestamp,
    ) -> Result<usize, JobPostWriteError>;

    /// Takes an image off the post for `writer`; the rest moves up. Answers the file that nothing
    /// refers to any more, if it was one.
    async fn remove_image(
        &self,
        id: JobPostId,
        writer: UserId,
        position: usize,
        now: Timestamp,
    ) -> Result<Option<FileKey>, JobPostWriteError>;

    /// Deletes the post with its images, likes and comments, and answers the files that nothing
    /// refers to any more; `None` if there is no such post.
    async fn delete(&self, id: JobPostId) -> Result<Option<Vec<FileKey>>, RepositoryError>;

    /// A page of the posts that `filter` lets through at `now`. A key of another order counts as
    /// none. While it is paged, a post whose rank changes may move; no other is skipped or
    /// repeated.
    async fn feed(
        &self,
        viewer: UserId,
        filter: &FeedFilter,
        order: FeedOrder,
        page: PageRequest<FeedKey>,
        now: Timestamp,
    ) -> Result<Page<JobPost, FeedKey>, RepositoryError>;

    /// All posts of a user, expired ones too, newest first.
    async fn list_by_author(
        &self,
        author: UserId,
        viewer: UserId,
        page: PageRequest<JobPostId>,
    ) -> Result<Option<Page<JobPost, JobPostId>>, RepositoryError>;

    /// Notes that the user likes the post; a repeat changes nothing.
    async fn like(
        &self,
        id: JobPostId,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), JobPostWriteError>;

    /// Takes a like back, if there is one.
    async fn unlike(&self, id: JobPostId, user: UserId) -> Result<(), JobPostWriteError>;

    /// Who likes the post, newest like first.
    async fn list_likes(
        &self,
        id: JobPostId,
        page: PageRequest<LikeId>,
    ) -> Result<Option<Page<Like, LikeId>>, RepositoryError>;

    /// Adds a comment to the post.
    async fn insert_comment(
        &self,
        post: JobPostId,
        author: UserId,
        content: &CommentText,
        now: Timestamp,
    ) -> Result<Comment, JobPostWriteError>;

    /// The comment, if it is one on this post, and the post's author.
    async fn find_comment(
        &self,
        post: JobPostId,
        id: CommentId,
    ) -> Result<Option<(Comment, UserId)>, RepositoryError>;

    /// Replaces what `writer`'s comment on this post says; unchanged if it says that already.
    async fn update_comment(
        &self,
        post: JobPostId,
        id: CommentId,
        writer: UserId,
        content: &CommentText,
        now: Timestamp,
    ) -> Result<Comment, JobPostWriteError>;

    /// Deletes a comment on this post; `false` if there is none.
    async fn delete_comment(&self, post: JobPostId, id: CommentId)
    -> Result<bool, RepositoryError>;

    /// The comments on the post, oldest first.
    async fn list_comments(
        &self,
        post: JobPostId,
        page: PageRequest<CommentId>,
    ) -> Result<Option<Page<Comment, CommentId>>, RepositoryError>;

    /// All comments of a user, oldest first.
    async fn list_comments_by(
        &self,
        author: UserId,
        page: PageRequest<CommentId>,
    ) -> Result<Page<Comment, CommentId>, RepositoryError>;

    /// All likes of a user, oldest first.
    async fn list_likes_by(
        &self,
        user: UserId,
        page: PageRequest<LikeId>,
    ) -> Result<Page<OwnLike, LikeId>, RepositoryError>;
}
