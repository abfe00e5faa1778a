//! Groups and who is in them, in PostgreSQL.

mod change;
mod create;
mod leave;
mod participant;
mod rows;

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::MembershipVersion;
use alumx_domain::group_chat::{
    CreateGroupError, GrantableRole, GroupChange, GroupChangeError, GroupChat, GroupChatRepository,
    GroupId, GroupKey, GroupName, NewGroup, Participant, ParticipantId, Placement,
};
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::RepositoryError;
use async_trait::async_trait;
use diesel::prelude::*;
pub(crate) use leave::leave_all;

use crate::db::Db;

/// Stores groups in PostgreSQL.
pub struct PgGroupChatRepository(pub Db);

impl PgGroupChatRepository {
    /// A transaction that may be refused by a rule; the rules are asked before anything is written.
    async fn change<T: Send + 'static, E: From<RepositoryError> + Send + 'static>(
        &self,
        change: impl FnOnce(&mut PgConnection) -> QueryResult<Result<T, E>> + Send + 'static,
    ) -> Result<T, E> {
        self.0.run(move |conn| conn.transaction(change)).await?
    }
}

#[async_trait]
impl GroupChatRepository for PgGroupChatRepository {
    async fn create(
        &self,
        group: &NewGroup,
        now: Timestamp,
    ) -> Result<GroupChange<GroupChat>, CreateGroupError> {
        let group = group.clone();
        self.change(move |conn| create::create(conn, &group, now))
            .await
    }

    async fn find(
        &self,
        id: GroupId,
        viewer: UserId,
    ) -> Result<Option<GroupChat>, RepositoryError> {
        self.0.run(move |conn| rows::find(conn, id, viewer)).await
    }

    async fn find_for_each(
        &self,
        id: GroupId,
        viewers: &[UserId],
    ) -> Result<Vec<(UserId, GroupChat)>, RepositoryError> {
        let viewers = viewers.to_vec();
        self.0
            .run(move |conn| rows::find_for_each(conn, id, &viewers))
            .await
    }

    async fn list(
        &self,
        viewer: UserId,
        page: PageRequest<GroupKey>,
    ) -> Result<Page<GroupChat, GroupKey>, RepositoryError> {
        self.0
            .run(move |conn| rows::list(conn, viewer, &page))
            .await
    }

    async fn rename(
        &self,
        id: GroupId,
        actor: UserId,
        name: &GroupName,
    ) -> Result<GroupChange<GroupChat>, GroupChangeError> {
        let name = name.clone();
        self.change(move |conn| change::rename(conn, id, actor, &name))
            .await
    }

    async fn delete(
        &self,
        id: GroupId,
        actor: UserId,
    ) -> Result<MembershipVersion, GroupChangeError> {
        self.change(move |conn| change::delete(conn, id, actor))
            .await
    }

    async fn list_participants(
        &self,
        id: GroupId,
        viewer: UserId,
        page: PageRequest<ParticipantId>,
    ) -> Result<Option<Page<Participant, ParticipantId>>, RepositoryError> {
        self.0
            .run(move |conn| participant::list(conn, id, viewer, &page))
            .await
    }

    async fn find_participant(
        &self,
        id: GroupId,
        user: UserId,
    ) -> Result<Option<Participant>, RepositoryError> {
        self.0
            .run(move |conn| participant::find(conn, id, user))
            .await
    }

    async fn place(
        &self,
        id: GroupId,
        actor: UserId,
        user: UserId,
        role: GrantableRole,
        now: Timestamp,
    ) -> Result<GroupChange<Placement>, GroupChangeError> {
        self.change(move |conn| change::place(conn, id, actor, user, role, now))
            .await
    }

    async fn remove(
        &self,
        id: GroupId,
        actor: UserId,
        user: UserId,
    ) -> Result<MembershipVersion, GroupChangeError> {
        self.change(move |conn| change::remove(conn, id, actor, user))
            .await
    }

    async fn hand_over(
        &self,
        id: GroupId,
        actor: UserId,
        user: UserId,
    ) -> Result<GroupChange<GroupChat>, GroupChangeError> {
        self.change(move |conn| change::hand_over(conn, id, actor, user))
            .await
    }
}
