//! Groups: making, finding and changing them, and who is in them as what. What is written in them
//! is in [`conversation`](crate::conversation).

use std::sync::Arc;

use alumx_domain::account::{Caller, UserId};
use alumx_domain::clock::Clock;
use alumx_domain::conversation::{ConversationEvent, ConversationId, Happening, MembershipVersion};
use alumx_domain::group_chat::{
    CreateGroupError, FirstMembers, GrantableRole, GroupChange, GroupChangeError, GroupChat,
    GroupChatRepository, GroupId, GroupKey, GroupName, GroupRefusal, NewGroup, Participant,
    ParticipantId, ParticipantRole, Placement,
};
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::RepositoryError;
use alumx_domain::text::InvalidValue;

use crate::ports::Realtime;

/// Why a use case of groups failed.
#[derive(Debug, thiserror::Error)]
pub enum GroupChatError {
    /// The caller's account was deleted a moment ago.
    #[error("the account is deleted")]
    CallerGone,
    /// There is no such group, or the caller is not in it.
    #[error("there is no such group")]
    NotFound,
    /// The rules of the group forbid it.
    #[error(transparent)]
    Refused(#[from] GroupRefusal),
    /// A group can't begin with these others.
    #[error(transparent)]
    InvalidMembers(InvalidValue),
    /// These users aren't there (any more).
    #[error("there are no such users")]
    UnknownUsers(Vec<UserId>),
    /// The user to be added isn't there (any more).
    #[error("there is no such user")]
    UnknownUser,
    /// The group has as many participants as a group may have.
    #[error("a group has at most 500 participants")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl From<CreateGroupError> for GroupChatError {
    fn from(error: CreateGroupError) -> Self {
        match error {
            CreateGroupError::OwnerGone => Self::CallerGone,
            CreateGroupError::UnknownUsers(users) => Self::UnknownUsers(users),
            CreateGroupError::Repository(error) => Self::Repository(error),
        }
    }
}

impl From<GroupChangeError> for GroupChatError {
    fn from(error: GroupChangeError) -> Self {
        match error {
            GroupChangeError::NotFound => Self::NotFound,
            GroupChangeError::Refused(refusal) => Self::Refused(refusal),
            GroupChangeError::UnknownUser => Self::UnknownUser,
            GroupChangeError::Full => Self::Full,
            GroupChangeError::Repository(error) => Self::Repository(error),
        }
    }
}

/// What users do with groups. Whoever isn't in one finds nothing of it. The rules of roles are
/// asked by the repository, behind the lock under which they still hold when it writes.
pub struct GroupChatService {
    groups: Arc<dyn GroupChatRepository>,
    realtime: Arc<dyn Realtime>,
    clock: Arc<dyn Clock>,
}

impl GroupChatService {
    /// A service over these ports.
    pub fn new(
        groups: Arc<dyn GroupChatRepository>,
        realtime: Arc<dyn Realtime>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            groups,
            realtime,
            clock,
        }
    }

    /// Makes a group of the caller and these users; the caller is its owner.
    pub async fn create(
        &self,
        caller: Caller,
        name: GroupName,
        users: Vec<UserId>,
    ) -> Result<GroupChat, GroupChatError> {
        let owner = caller.user;
        let members = FirstMembers::of(owner, users).map_err(GroupChatError::InvalidMembers)?;
        let group = NewGroup {
            name,
            owner,
            members,
        };
        let made = self.groups.create(&group, self.clock.now()).await?;
        let happening = [Happening::GroupCreated];
        self.tell(made.result.id, made.membership, happening);
        Ok(made.result)
    }

    /// One of the caller's groups.
    pub async fn group(&self, caller: Caller, id: GroupId) -> Result<GroupChat, GroupChatError> {
        let found = self.groups.find(id, caller.user).await?;
        found.ok_or(GroupChatError::NotFound)
    }

    /// The caller's groups, the last active first.
    pub async fn groups(
        &self,
        caller: Caller,
        page: PageRequest<GroupKey>,
    ) -> Result<Page<GroupChat, GroupKey>, GroupChatError> {
        Ok(self.groups.list(caller.user, page).await?)
    }

    /// Gives a group another name, for its owner and admins.
    pub async fn rename(
        &self,
        caller: Caller,
        id: GroupId,
        name: &GroupName,
    ) -> Result<GroupChat, GroupChatError> {
        let renamed = self.groups.rename(id, caller.user, name).await?;
        self.tell(id, renamed.membership, [Happening::GroupUpdated]);
        Ok(renamed.result)
    }

    /// Deletes a group with all that was written in it, for its owner.
    pub async fn delete(&self, caller: Caller, id: GroupId) -> Result<(), GroupChatError> {
        let members = self.groups.delete(id, caller.user).await?;
        self.tell(id, members, [Happening::GroupDeleted]);
        Ok(())
    }

    /// Who is in a group, those who joined first first.
    pub async fn participants(
        &self,
        caller: Caller,
        id: GroupId,
        page: PageRequest<ParticipantId>,
    ) -> Result<Page<Participant, ParticipantId>, GroupChatError> {
        let page = self.groups.list_participants(id, caller.user, page).await?;
        page.ok_or(GroupChatError::NotFound)
    }

    /// Adds a user to a group or gives one in it another role, and whether the user came in. For
    /// its owner and admins; only the owner makes and unmakes admins.
    pub async fn place(
        &self,
        caller: Caller,
        id: GroupId,
        user: UserId,
        role: GrantableRole,
    ) -> Result<(Participant, bool), GroupChatError> {
        let now = self.clock.now();
        let GroupChange { result, membership } =
            self.groups.place(id, caller.user, user, role, now).await?;
        let (participant, is_new, happening) = match result {
            Placement::Added(new) => (new, true, Some(Happening::ParticipantAdded { user })),
            Placement::Changed(changed) => {
                let role = changed.role;
                (changed, false, Some(Happening::RoleChanged { user, role }))
            }
            Placement::Unchanged(same) => (same, false, None),
        };
        self.tell(id, membership, happening);
        Ok((participant, is_new))
    }

    /// Removes a user from a group, for its owner and admins; the caller leaves.
    pub async fn remove(
        &self,
        caller: Caller,
        id: GroupId,
        user: UserId,
    ) -> Result<(), GroupChatError> {
        let members = self.groups.remove(id, caller.user, user).await?;
        self.tell(id, members, [Happening::ParticipantRemoved { user }]);
        Ok(())
    }

    /// Makes another participant the owner and the caller, who is it, an admin.
    pub async fn hand_over(
        &self,
        caller: Caller,
        id: GroupId,
        user: UserId,
    ) -> Result<GroupChat, GroupChatError> {
        let actor = caller.user;
        let GroupChange { result, membership } = self.groups.hand_over(id, actor, user).await?;
        let roles = [
            (user, ParticipantRole::Owner),
            (actor, ParticipantRole::Admin),
        ];
        // To oneself: nothing has changed.
        let changed = roles.into_iter().filter(|_| user != actor);
        let happenings = changed.map(|(user, role)| Happening::RoleChanged { user, role });
        self.tell(id, membership, happenings);
        Ok(result)
    }

    fn tell(
        &self,
        group: GroupId,
        membership: MembershipVersion,
        happenings: impl IntoIterator<Item = Happening>,
    ) {
        for happening in happenings {
            self.realtime.publish(ConversationEvent {
                conversation: ConversationId::Group(group),
                membership,
                happening,
            });
        }
    }
}

#[cfg(test)]
mod tests;
