//! What people say about an opening.

use super::JobPostId;
use crate::account::{Caller, UserId};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::text::Paragraphs;
use crate::user::UserRef;

/// The id of a comment.
pub type CommentId = Id<Comment>;

/// What a comment says: 1–500 characters.
pub type CommentText = Paragraphs<1, 500>;

/// A comment on a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// The post.
    pub post: JobPostId,
    /// Who wrote it.
    pub author: UserRef,
    /// What it says.
    pub content: CommentText,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its author last changed it.
    pub updated_at: Timestamp,
}

impl Comment {
    /// Whether `caller` may change it: its author alone.
    pub fn may_be_changed_by(&self, caller: &Caller) -> bool {
        self.author.id == caller.user
    }

    /// Whether `caller` may delete it: its author, the post's author and admins.
    pub fn may_be_deleted_by(&self, caller: &Caller, post_author: UserId) -> bool {
        caller.is_self_or_admin(self.author.id) || caller.user == post_author
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Role, SessionId};

    fn user(id: i64) -> UserId {
        UserId::try_from(id).unwrap()
    }

    #[test]
    fn its_author_changes_a_comment_and_the_posts_author_and_admins_may_delete_it() {
        let (comment_author, post_author) = (user(1), user(2));
        let comment = Comment {
            id: CommentId::try_from(1).unwrap(),
            post: JobPostId::try_from(1).unwrap(),
            author: UserRef {
                id: comment_author,
                identity: None,
            },
            content: "Nice".to_owned().try_into().unwrap(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        let rights = |id, role| {
            let caller = Caller {
                user: user(id),
                role,
                session: SessionId::try_from(1).unwrap(),
            };
            (
                comment.may_be_changed_by(&caller),
                comment.may_be_deleted_by(&caller, post_author),
            )
        };

        assert_eq!(rights(1, Role::Student), (true, true));
        assert_eq!(rights(2, Role::Alumni), (false, true));
        assert_eq!(rights(3, Role::Admin), (false, true));
        assert_eq!(rights(3, Role::Professor), (false, false));
    }

    #[test]
    fn a_comment_has_1_to_500_characters() {
        let fits = |n: usize| CommentText::try_from("x".repeat(n)).is_ok();

        assert_eq!([0, 1, 500, 501].map(fits), [false, true, true, false]);
    }
}
