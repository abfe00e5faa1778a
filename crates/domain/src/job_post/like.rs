//! Who likes an opening.

use super::JobPostId;
use crate::clock::Timestamp;
use crate::id::Id;
use crate::user::UserRef;

/// The id of a like: what the likes of a post are ordered by.
pub type LikeId = Id<Like>;

/// That a user likes a post; a user does so once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Like {
    /// Its id.
    pub id: LikeId,
    /// Who likes it.
    pub user: UserRef,
    /// Since when.
    pub liked_at: Timestamp,
}

/// A like as its user looks back on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnLike {
    /// Its id.
    pub id: LikeId,
    /// What the user likes.
    pub post: JobPostId,
    /// Since when.
    pub liked_at: Timestamp,
}
