//! The job board: openings, what people say about them, and the feed.

mod comment;
mod feed;
mod like;
mod post;
mod repository;

pub use comment::{Comment, CommentId, CommentText};
pub use feed::{FeedFilter, FeedKey, FeedOrder};
pub use like::{Like, LikeId};
pub use post::{
    EmploymentType, Expiry, ImageUrls, JobPost, JobPostId, JobPostPatch, NewJobPost,
    PostDescription, PostTitle,
};
#[cfg(feature = "mocks")]
pub use repository::MockJobPostRepository;
pub use repository::{JobPostRepository, JobPostWriteError};
