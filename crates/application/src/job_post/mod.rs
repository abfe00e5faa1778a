//! The job board.

mod image;

use std::sync::Arc;

use alumx_domain::account::{Caller, UserId};
use alumx_domain::clock::Clock;
use alumx_domain::job_post::{
    Changed, Comment, CommentId, CommentText, FeedFilter, FeedKey, FeedOrder, JobPost, JobPostId,
    JobPostPatch, JobPostRepository, JobPostWriteError, Like, LikeId, NewJobPost, PostImages,
};
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::RepositoryError;

use crate::file::discard;
use crate::ports::{FileStore, FileStoreError, ImageCleaner, ImageError};

/// Why a use case of the job board failed.
#[derive(Debug, thiserror::Error)]
pub enum JobPostError {
    /// The caller's account was deleted a moment ago.
    #[error("the account is deleted")]
    CallerGone,
    /// There is no such post (any more).
    #[error("there is no such post")]
    NotFound,
    /// There is no such comment on the post (any more).
    #[error("there is no such comment on this post")]
    CommentNotFound,
    /// There is no such user (any more).
    #[error("there is no such user")]
    UserNotFound,
    /// Students read and apply.
    #[error("students may not post jobs")]
    StudentsDontPost,
    /// The caller may see it, but not do this with it.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// There is no image at this position.
    #[error("the post has no such image")]
    ImageNotFound,
    /// The post has as many images as a post may have.
    #[error("a post has at most 10 images")]
    TooManyImages,
    /// The images at these positions were not uploaded to this post.
    #[error("an image was not uploaded to this post")]
    UnknownImages(Vec<usize>),
    /// The upload is no image that a post may have.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The file store gave an image a key that is none of an image.
    #[error("an image was stored under a key that is none of an image")]
    UnnamableImage,
    /// The file store failed.
    #[error(transparent)]
    Files(#[from] FileStoreError),
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl From<JobPostWriteError> for JobPostError {
    fn from(error: JobPostWriteError) -> Self {
        match error {
            JobPostWriteError::WriterGone => Self::CallerGone,
            JobPostWriteError::NotFound => Self::NotFound,
            JobPostWriteError::ImageNotFound => Self::ImageNotFound,
            JobPostWriteError::TooManyImages => Self::TooManyImages,
            JobPostWriteError::UnknownImages(positions) => Self::UnknownImages(positions),
            JobPostWriteError::Repository(error) => Self::Repository(error),
        }
    }
}

/// What users do on the job board. Any signed-in user may read, like and comment.
pub struct JobPostService {
    posts: Arc<dyn JobPostRepository>,
    files: Arc<dyn FileStore>,
    cleaner: Arc<dyn ImageCleaner>,
    clock: Arc<dyn Clock>,
}

impl JobPostService {
    /// A service over these ports.
    pub fn new(
        posts: Arc<dyn JobPostRepository>,
        files: Arc<dyn FileStore>,
        cleaner: Arc<dyn ImageCleaner>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            posts,
            files,
            cleaner,
            clock,
        }
    }

    /// Posts a job; not for students.
    pub async fn create(&self, caller: Caller, post: &NewJobPost) -> Result<JobPost, JobPostError> {
        if !JobPost::may_be_posted_by(&caller) {
            return Err(JobPostError::StudentsDontPost);
        }
        // Nothing was uploaded to a post that there isn't yet.
        let unknown = PostImages::default().unknown_in(&post.images);
        if !unknown.is_empty() {
            return Err(JobPostError::UnknownImages(unknown));
        }
        let now = self.clock.now();
        Ok(self.posts.insert(caller.user, post, now).await?)
    }

    /// A post, expired or not.
    pub async fn post(&self, caller: Caller, id: JobPostId) -> Result<JobPost, JobPostError> {
        let found = self.posts.find(id, caller.user).await?;
        found.ok_or(JobPostError::NotFound)
    }

    /// The post, if the caller may change it.
    async fn changeable(&self, caller: Caller, id: JobPostId) -> Result<JobPost, JobPostError> {
        let post = self.post(caller, id).await?;
        if !post.may_be_changed_by(&caller) {
            return Err(JobPostError::NotAllowed(
                "only its author may change a post",
            ));
        }
        Ok(post)
    }

    /// Changes a post, for its author.
    pub async fn update(
        &self,
        caller: Caller,
        id: JobPostId,
        patch: JobPostPatch,
    ) -> Result<JobPost, JobPostError> {
        self.changeable(caller, id).await?;
        let now = self.clock.now();
        let Changed { post, unused } = self.posts.update(id, caller.user, patch, now).await?;
        discard(&*self.files, unused).await;
        Ok(post)
    }

    /// Deletes a post, for its author and admins.
    pub async fn delete(&self, caller: Caller, id: JobPostId) -> Result<(), JobPostError> {
        if !self.post(caller, id).await?.may_be_deleted_by(&caller) {
            return Err(JobPostError::NotAllowed(
                "only its author and admins may delete a post",
            ));
        }
        let unused = self.posts.delete(id).await?;
        discard(&*self.files, unused.ok_or(JobPostError::NotFound)?).await;
        Ok(())
    }

    /// A page of the feed.
    pub async fn feed(
        &self,
        caller: Caller,
        filter: &FeedFilter,
        order: FeedOrder,
        page: PageRequest<FeedKey>,
    ) -> Result<Page<JobPost, FeedKey>, JobPostError> {
        let now = self.clock.now();
        let page = self.posts.feed(caller.user, filter, order, page, now);
        Ok(page.await?)
    }

    /// All posts of a user, expired ones too, newest first.
    pub async fn posts_of(
        &self,
        caller: Caller,
        author: UserId,
        page: PageRequest<JobPostId>,
    ) -> Result<Page<JobPost, JobPostId>, JobPostError> {
        let page = self.posts.list_by_author(author, caller.user, page).await?;
        page.ok_or(JobPostError::UserNotFound)
    }

    /// Likes a post; a repeat changes nothing.
    pub async fn like(&self, caller: Caller, id: JobPostId) -> Result<(), JobPostError> {
        let now = self.clock.now();
        Ok(self.posts.like(id, caller.user, now).await?)
    }

    /// Takes a like back, if there is one.
    pub async fn unlike(&self, caller: Caller, id: JobPostId) -> Result<(), JobPostError> {
        Ok(self.posts.unlike(id, caller.user).await?)
    }

    /// Who likes a post, newest like first.
    pub async fn likes(
        &self,
        id: JobPostId,
        page: PageRequest<LikeId>,
    ) -> Result<Page<Like, LikeId>, JobPostError> {
        let page = self.posts.list_likes(id, page).await?;
        page.ok_or(JobPostError::NotFound)
    }

    /// Comments on a post.
    pub async fn comment(
        &self,
        caller: Caller,
        post: JobPostId,
        content: &CommentText,
    ) -> Result<Comment, JobPostError> {
        let now = self.clock.now();
        let comment = self.posts.insert_comment(post, caller.user, content, now);
        Ok(comment.await?)
    }

    /// The comments on a post, oldest first.
    pub async fn comments(
        &self,
        post: JobPostId,
        page: PageRequest<CommentId>,
    ) -> Result<Page<Comment, CommentId>, JobPostError> {
        let page = self.posts.list_comments(post, page).await?;
        page.ok_or(JobPostError::NotFound)
    }

    /// Changes what a comment says, for its author.
    pub async fn update_comment(
        &self,
        caller: Caller,
        post: JobPostId,
        id: CommentId,
        content: &CommentText,
    ) -> Result<Comment, JobPostError> {
        let (comment, _) = self.find_comment(post, id).await?;
        if !comment.may_be_changed_by(&caller) {
            return Err(JobPostError::NotAllowed(
                "only its author may change a comment",
            ));
        }
        let now = self.clock.now();
        let updated = self
            .posts
            .update_comment(post, id, caller.user, content, now)
            .await;
        updated.map_err(|error| match error {
            JobPostWriteError::NotFound => JobPostError::CommentNotFound,
            error => error.into(),
        })
    }

    /// Deletes a comment, for its author, the post's author and admins.
    pub async fn delete_comment(
        &self,
        caller: Caller,
        post: JobPostId,
        id: CommentId,
    ) -> Result<(), JobPostError> {
        let (comment, post_author) = self.find_comment(post, id).await?;
        if !comment.may_be_deleted_by(&caller, post_author) {
            return Err(JobPostError::NotAllowed(
                "only its author, the post's author and admins may delete a comment",
            ));
        }
        if self.posts.delete_comment(post, id).await? {
            Ok(())
        } else {
            Err(JobPostError::CommentNotFound)
        }
    }

    async fn find_comment(
        &self,
        post: JobPostId,
        id: CommentId,
    ) -> Result<(Comment, UserId), JobPostError> {
        let found = self.posts.find_comment(post, id).await?;
        found.ok_or(JobPostError::CommentNotFound)
    }
}

#[cfg(test)]
mod tests;
