//! Changes of a group. Each locks the group's row and only then looks who is what there, so that
//! the rules are asked with what holds until the change is done.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::MembershipVersion;
use alumx_domain::group_chat::{
    GrantableRole, GroupChange, GroupChangeError, GroupChat, GroupId, GroupName, ParticipantRole,
    Placement,
};
use diesel::prelude::*;

use super::{participant, rows};
use crate::db::invalid_value;
use crate::schema::{group_chat_participants as participants, group_chats as groups};
use crate::user::reference::lock_living;

type Changed<T> = QueryResult<Result<T, GroupChangeError>>;

/// A group that nobody else changes, or writes in, until the transaction ends.
struct Locked {
    id: GroupId,
    /// What who changes it is in it.
    actor: ParticipantRole,
    last_seq: i64,
    participant_count: i32,
    version: i64,
}

/// Unless there is no such group, or the actor isn't in it.
fn lock(conn: &mut PgConnection, id: GroupId, actor: UserId) -> QueryResult<Option<Locked>> {
    let row: Option<(i64, i32, i64)> = groups::table
        .find(id.raw())
        .select((
            groups::last_seq,
            groups::participant_count,
            groups::membership_version,
        ))
        .for_no_key_update()
        .first(conn)
        .optional()?;
    let Some((last_seq, participant_count, version)) = row else {
        return Ok(None);
    };
    Ok(role(conn, id, actor)?.map(|actor| Locked {
        id,
        actor,
        last_seq,
        participant_count,
        version,
    }))
}

fn role(
    conn: &mut PgConnection,
    id: GroupId,
    user: UserId,
) -> QueryResult<Option<ParticipantRole>> {
    let role: Option<String> = participants::table
        .filter(participants::group_id.eq(id.raw()))
        .filter(participants::user_id.eq(user.raw()))
        .select(participants::role)
        .first(conn)
        .optional()?;
    role.map(|role| role.try_into().map_err(invalid_value))
        .transpose()
}

impl Locked {
    fn set_role(
        &self,
        conn: &mut PgConnection,
        user: UserId,
        role: ParticipantRole,
    ) -> QueryResult<()> {
        let place = participants::table
            .filter(participants::group_id.eq(self.id.raw()))
            .filter(participants::user_id.eq(user.raw()));
        diesel::update(place)
            .set(participants::role.eq(<&str>::from(role)))
            .execute(conn)
            .map(drop)
    }

    fn is_full(&self) -> bool {
        usize::try_from(self.participant_count)
            .is_ok_and(|count| count >= GroupChat::MAX_PARTICIPANTS)
    }

    fn add(
        &self,
        conn: &mut PgConnection,
        user: UserId,
        role: ParticipantRole,
        now: Timestamp,
    ) -> QueryResult<()> {
        diesel::insert_into(participants::table)
            .values((
                participants::group_id.eq(self.id.raw()),
                participants::user_id.eq(user.raw()),
                participants::role.eq(<&str>::from(role)),
                participants::joined_at.eq(now),
                participants::last_read_seq.eq(self.last_seq),
            ))
            .execute(conn)
            .map(drop)
    }

    /// Counts a change of who is in the group, by which so many come in.
    fn count(&self, conn: &mut PgConnection, coming: i32) -> QueryResult<MembershipVersion> {
        let version = diesel::update(groups::table.find(self.id.raw()))
            .set((
                groups::participant_count.eq(groups::participant_count + coming),
                groups::membership_version.eq(groups::membership_version + 1),
            ))
            .returning(groups::membership_version)
            .get_result(conn)?;
        Ok(MembershipVersion(version))
    }
}

pub(super) fn rename(
    conn: &mut PgConnection,
    id: GroupId,
    actor: UserId,
    name: &GroupName,
) -> Changed<GroupChange<GroupChat>> {
    let Some(group) = lock(conn, id, actor)? else {
        return Ok(Err(GroupChangeError::NotFound));
    };
    if let Err(refusal) = group.actor.may_rename() {
        return Ok(Err(refusal.into()));
    }
    diesel::update(groups::table.find(id.raw()))
        .set(groups::group_name.eq(&**name))
        .execute(conn)?;
    Ok(Ok(GroupChange {
        result: rows::known(conn, id, actor)?,
        membership: MembershipVersion(group.version),
    }))
}

pub(super) fn delete(
    conn: &mut PgConnection,
    id: GroupId,
    actor: UserId,
) -> Changed<MembershipVersion> {
    let Some(group) = lock(conn, id, actor)? else {
        return Ok(Err(GroupChangeError::NotFound));
    };
    if let Err(refusal) = group.actor.may_delete_group() {
        return Ok(Err(refusal.into()));
    }
    diesel::delete(groups::table.find(id.raw())).execute(conn)?;
    Ok(Ok(MembershipVersion(group.version)))
}

pub(super) fn place(
    conn: &mut PgConnection,
    id: GroupId,
    actor: UserId,
    user: UserId,
    wanted: GrantableRole,
    now: Timestamp,
) -> Changed<GroupChange<Placement>> {
    // Before the group, as users are always locked before groups; told only to who may know.
    let living = lock_living(conn, user)?;
    let Some(group) = lock(conn, id, actor)? else {
        return Ok(Err(GroupChangeError::NotFound));
    };
    let target = role(conn, id, user)?;
    if let Err(refusal) = group.actor.may_place(target, wanted) {
        return Ok(Err(refusal.into()));
    }
    if !living {
        return Ok(Err(GroupChangeError::UnknownUser));
    }
    let wanted = ParticipantRole::from(wanted);
    let (placement, membership): (fn(_) -> _, _) = match target {
        Some(role) if role == wanted => (Placement::Unchanged, MembershipVersion(group.version)),
        Some(_) => {
            group.set_role(conn, user, wanted)?;
            (Placement::Changed, group.count(conn, 0)?)
        }
        None if group.is_full() => return Ok(Err(GroupChangeError::Full)),
        None => {
            group.add(conn, user, wanted, now)?;
            (Placement::Added, group.count(conn, 1)?)
        }
    };
    let participant = participant::find(conn, id, user)?.ok_or(diesel::NotFound)?;
    Ok(Ok(GroupChange {
        result: placement(participant),
        membership,
    }))
}

pub(super) fn remove(
    conn: &mut PgConnection,
    id: GroupId,
    actor: UserId,
    user: UserId,
) -> Changed<MembershipVersion> {
    let Some(group) = lock(conn, id, actor)? else {
        return Ok(Err(GroupChangeError::NotFound));
    };
    let allowed = if user == actor {
        group.actor.may_leave()
    } else {
        group.actor.may_remove(role(conn, id, user)?)
    };
    if let Err(refusal) = allowed {
        return Ok(Err(refusal.into()));
    }
    let place = participants::table
        .filter(participants::group_id.eq(id.raw()))
        .filter(participants::user_id.eq(user.raw()));
    diesel::delete(place).execute(conn)?;
    group.count(conn, -1).map(Ok)
}

pub(super) fn hand_over(
    conn: &mut PgConnection,
    id: GroupId,
    actor: UserId,
    user: UserId,
) -> Changed<GroupChange<GroupChat>> {
    let Some(group) = lock(conn, id, actor)? else {
        return Ok(Err(GroupChangeError::NotFound));
    };
    if let Err(refusal) = group.actor.may_hand_over(role(conn, id, user)?) {
        return Ok(Err(refusal.into()));
    }
    let membership = if user == actor {
        MembershipVersion(group.version)
    } else {
        // In this order: the index allows no second owner, not even for a moment.
        group.set_role(conn, actor, ParticipantRole::Admin)?;
        group.set_role(conn, user, ParticipantRole::Owner)?;
        diesel::update(groups::table.find(id.raw()))
            .set(groups::owner_id.eq(user.raw()))
            .execute(conn)?;
        group.count(conn, 0)?
    };
    Ok(Ok(GroupChange {
        result: rows::known(conn, id, actor)?,
        membership,
    }))
}
