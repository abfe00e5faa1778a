//! The job board: openings, what people say about them, and the feed.

mod comment;
mod feed;
mod image;
mod like;
mod post;
mod repository;

pub use comment::{Comment, CommentId, CommentText};
pub use feed::{FeedFilter, FeedKey, FeedOrder};
pub use image::{ImageFile, ImageFormat, PostImage, PostImages};
pub use like::{Like, LikeId, OwnLike};
pub use post::{
    EmploymentType, Expiry, JobPost, JobPostId, JobPostPatch, NewJobPost, PostDescription,
    PostTitle,
};
#[cfg(feature = "mocks")]
pub use repository::MockJobPostRepository;
pub use repository::{Changed, JobPostRepository, JobPostWriteError};
