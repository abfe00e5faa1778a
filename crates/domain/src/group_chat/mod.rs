//! Group chats: who is in them, as what, and who may change that.

mod participant;
mod repository;
mod rules;

pub use participant::{GrantableRole, Participant, ParticipantId, ParticipantRole};
#[cfg(feature = "mocks")]
pub use repository::MockGroupChatRepository;
pub use repository::{
    CreateGroupError, Departure, GroupChange, GroupChangeError, GroupChatRepository, NewGroup,
    Placement,
};
pub use rules::GroupRefusal;

use crate::account::UserId;
use crate::clock::Timestamp;
use crate::conversation::{ActivityKey, Message, ReadPosition};
use crate::id::Id;
use crate::text::{InvalidValue, Line};
use crate::user::UserRef;

/// The id of a group.
pub type GroupId = Id<GroupChat>;

/// A group's name: 1–100 characters.
pub type GroupName = Line<1, 100>;

/// Where a page of groups ends.
pub type GroupKey = ActivityKey<GroupChat>;

/// A group as one of its participants sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupChat {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: GroupName,
    /// Whom it belongs to.
    pub owner: UserRef,
    /// What the viewer is in it.
    pub viewer_role: ParticipantRole,
    /// How many are in it.
    pub participant_count: i32,
    /// The last message, a tombstone if it was deleted; `None` before the first.
    pub last_message: Option<Message>,
    /// How far the viewer has read.
    pub position: ReadPosition,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something was last written, or it was made.
    pub last_activity_at: Timestamp,
}

impl GroupChat {
    /// The most participants of a group, its owner included.
    pub const MAX_PARTICIPANTS: usize = 500;

    /// Where the group stands in the list of groups.
    pub fn key(&self) -> GroupKey {
        ActivityKey {
            last_activity_at: self.last_activity_at,
            id: self.id,
        }
    }
}

/// Whom a group begins with beside its owner: 1–499 others, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstMembers(Vec<UserId>);

impl FirstMembers {
    /// The others among `users`, in their order: the owner and repeats are folded.
    ///
    /// # Errors
    /// If nobody is left, or too many are.
    pub fn of(owner: UserId, users: Vec<UserId>) -> Result<Self, InvalidValue> {
        let mut seen = std::collections::HashSet::from([owner]);
        let others: Vec<UserId> = users.into_iter().filter(|id| seen.insert(*id)).collect();
        if others.is_empty() {
            let message = "must name at least one other user";
            return Err(InvalidValue::new("required", message));
        }
        if others.len() >= GroupChat::MAX_PARTICIPANTS {
            let message = "must name at most 499 other users";
            return Err(InvalidValue::new("too_many_items", message));
        }
        Ok(Self(others))
    }

    /// Them.
    pub fn as_slice(&self) -> &[UserId] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(ids: impl IntoIterator<Item = i64>) -> Vec<UserId> {
        ids.into_iter()
            .map(|id| UserId::try_from(id).unwrap())
            .collect()
    }

    #[test]
    fn the_owner_and_repeats_are_folded() {
        let owner = users([1])[0];

        let first = FirstMembers::of(owner, users([3, 1, 2, 3])).unwrap();

        assert_eq!(first.as_slice(), users([3, 2]));
    }

    #[test]
    fn a_group_begins_with_1_to_499_others() {
        let owner = users([1])[0];
        let code = |ids| FirstMembers::of(owner, users(ids)).err().map(|e| e.code);

        assert_eq!(code(1..=1), Some("required"));
        assert_eq!(code(1..=2), None);
        assert_eq!(code(1..=500), None);
        assert_eq!(code(1..=501), Some("too_many_items"));
    }
}
