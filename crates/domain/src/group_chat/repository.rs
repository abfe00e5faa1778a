//! Port to stored groups.

use async_trait::async_trait;

use super::{
    FirstMembers, GrantableRole, GroupChat, GroupId, GroupKey, GroupName, GroupRefusal,
    Participant, ParticipantId,
};
use crate::account::UserId;
use crate::clock::Timestamp;
use crate::conversation::MembershipVersion;
use crate::page::{Page, PageRequest};
use crate::repository::RepositoryError;

/// A group about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// Its name.
    pub name: GroupName,
    /// Whom it will belong to.
    pub owner: UserId,
    /// Who else is in it.
    pub members: FirstMembers,
}

/// Why a group couldn't be made.
#[derive(Debug, thiserror::Error)]
pub enum CreateGroupError {
    /// The owner-to-be has deleted the account.
    #[error("the account is deleted")]
    OwnerGone,
    /// These aren't there (any more).
    #[error("there are no such users")]
    UnknownUsers(Vec<UserId>),
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Why a group couldn't be changed.
#[derive(Debug, thiserror::Error)]
pub enum GroupChangeError {
    /// There is no such group, or the actor isn't in it.
    #[error("there is no such group")]
    NotFound,
    /// The rules forbid it.
    #[error(transparent)]
    Refused(#[from] GroupRefusal),
    /// The user to be added isn't there (any more).
    #[error("there is no such user")]
    UnknownUser,
    /// The group has as many participants as a group may have.
    #[error("the group is full")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// A change of a group, and the members among whom it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupChange<T> {
    /// What is so now.
    pub result: T,
    /// Who is in the group now.
    pub membership: MembershipVersion,
}

/// What became of placing somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// Came in.
    Added(Participant),
    /// Has another role now.
    Changed(Participant),
    /// Had that role already.
    Unchanged(Participant),
}

/// That a user who deleted the account left a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departure {
    /// Which; it is gone if nobody was left.
    pub group: GroupId,
    /// Who owns it now, if the user did.
    pub heir: Option<UserId>,
    /// Who is in the group now.
    pub membership: MembershipVersion,
}

/// Stores groups and their participants. Whoever isn't in a group finds nothing of it. What is
/// written in them is behind
/// [`ConversationRepository`](crate::conversation::ConversationRepository).
///
/// Changes ask the rules of [`ParticipantRole`](super::ParticipantRole) with the roles that hold at that moment; two
/// changes of one group come one after the other.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait GroupChatRepository: Send + Sync {
    /// Makes a group, as its owner sees it.
    async fn create(
        &self,
        group: &NewGroup,
        now: Timestamp,
    ) -> Result<GroupChange<GroupChat>, CreateGroupError>;

    /// The group as `viewer` sees it; `None` if the viewer isn't in it.
    async fn find(&self, id: GroupId, viewer: UserId)
    -> Result<Option<GroupChat>, RepositoryError>;

    /// The group as each of these sees it, as far as they are in it.
    async fn find_for_each(
        &self,
        id: GroupId,
        viewers: &[UserId],
    ) -> Result<Vec<(UserId, GroupChat)>, RepositoryError>;

    /// The viewer's groups, the last active first.
    async fn list(
        &self,
        viewer: UserId,
        page: PageRequest<GroupKey>,
    ) -> Result<Page<GroupChat, GroupKey>, RepositoryError>;

    /// Renames the group, and answers it as `actor` sees it.
    async fn rename(
        &self,
        id: GroupId,
        actor: UserId,
        name: &GroupName,
    ) -> Result<GroupChange<GroupChat>, GroupChangeError>;

    /// Deletes the group with all that was written in it.
    async fn delete(
        &self,
        id: GroupId,
        actor: UserId,
    ) -> Result<MembershipVersion, GroupChangeError>;

    /// Who is in the group, those who joined first first; `None` if the viewer isn't.
    async fn list_participants(
        &self,
        id: GroupId,
        viewer: UserId,
        page: PageRequest<ParticipantId>,
    ) -> Result<Option<Page<Participant, ParticipantId>>, RepositoryError>;

    /// One of those in the group.
    async fn find_participant(
        &self,
        id: GroupId,
        user: UserId,
    ) -> Result<Option<Participant>, RepositoryError>;

    /// Adds `user`, or changes what `user` is in the group. Who comes in, also again, has
    /// nothing unread.
    async fn place(
        &self,
        id: GroupId,
        actor: UserId,
        user: UserId,
        role: GrantableRole,
        now: Timestamp,
    ) -> Result<GroupChange<Placement>, GroupChangeError>;

    /// Removes `user`; if that is the actor, the actor leaves.
    async fn remove(
        &self,
        id: GroupId,
        actor: UserId,
        user: UserId,
    ) -> Result<MembershipVersion, GroupChangeError>;

    /// Makes `user` the owner and the actor an admin; changes nothing if `user` is the actor.
    /// Answers the group as the actor sees it.
    async fn hand_over(
        &self,
        id: GroupId,
        actor: UserId,
        user: UserId,
    ) -> Result<GroupChange<GroupChat>, GroupChangeError>;
}
