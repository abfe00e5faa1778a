//! Groups: who is in them, who may change that, and the list of them.

mod change;
mod create;
mod page;
mod race;

use alumx_domain::account::{Account, UserId};
use alumx_domain::group_chat::{
    FirstMembers, GrantableRole, GroupChange, GroupChangeError, GroupChatRepository, GroupId,
    NewGroup, ParticipantRole, Placement,
};
use alumx_infrastructure::group_chat::PgGroupChatRepository;

use crate::support::{World, at, page, value};

pub fn new_group(owner: UserId, members: &[UserId]) -> NewGroup {
    NewGroup {
        name: value("Group"),
        owner,
        members: FirstMembers::of(owner, members.to_vec()).unwrap(),
    }
}

impl World {
    pub fn groups(&self) -> PgGroupChatRepository {
        PgGroupChatRepository(self.database.db())
    }

    /// A group made at second 5.
    pub async fn group_of(&self, owner: &Account, members: &[&Account]) -> GroupId {
        let members: Vec<UserId> = members.iter().map(|member| member.id).collect();
        let group = new_group(owner.id, &members);
        let made = self.groups().create(&group, at(5)).await;
        made.unwrap().result.id
    }

    /// Places somebody at second 6.
    pub async fn place(
        &self,
        group: GroupId,
        actor: &Account,
        user: UserId,
        role: GrantableRole,
    ) -> Result<GroupChange<Placement>, GroupChangeError> {
        let groups = self.groups();
        groups.place(group, actor.id, user, role, at(6)).await
    }

    /// Who is in the group as what, those who joined first first; checks that the group counts
    /// them right.
    async fn roles(&self, group: GroupId, viewer: &Account) -> Vec<(UserId, ParticipantRole)> {
        let groups = self.groups();
        let list = groups.list_participants(group, viewer.id, page(None, 100));
        let participants = list.await.unwrap().unwrap().items;
        let whole = groups.find(group, viewer.id).await.unwrap().unwrap();
        let roles: Vec<_> = participants
            .iter()
            .map(|participant| (participant.user.id, participant.role))
            .collect();
        let owner = (whole.owner.id, ParticipantRole::Owner);
        assert!(roles.contains(&owner));
        let counted = self.number(&format!(
            "SELECT count(*) FROM group_chat_participants WHERE group_id = {group}"
        ));
        assert_eq!(i64::from(whole.participant_count), counted);
        roles
    }

    fn version(&self, group: GroupId) -> i64 {
        self.number(&format!(
            "SELECT membership_version FROM group_chats WHERE group_id = {group}"
        ))
    }
}
