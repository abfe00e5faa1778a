//! Whole groups, however they are chosen, in one round trip.

use std::borrow::Cow;

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::ConversationId;
use alumx_domain::group_chat::{GroupChat, GroupId, GroupKey};
use alumx_domain::page::{Page, PageRequest};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz};

use crate::conversation::rows::{MESSAGE, MessageColumns, MessageRow, inbox, position};
use crate::db::invalid_value;
use crate::db::prepared::Value::{Number, Numbers};
use crate::db::prepared::{Sql, prepared};
use crate::user::reference::{UserRefColumns, UserRefRow};

type GroupColumns = (
    BigInt,
    BigInt,
    Text,
    UserRefColumns,
    Text,
    Integer,
    Nullable<MessageColumns>,
    BigInt,
    BigInt,
    Timestamptz,
    Timestamptz,
);

/// The groups that `choice` chooses by the `id` of a participant's place, as that one sees them,
/// the last active first. Everything else is joined to the few that it chose.
fn whole(choice: &str) -> String {
    format!(
        "WITH choice AS MATERIALIZED ({choice})
         SELECT p.user_id, g.group_id, g.group_name, o.id, o.username, o.name, o.role, p.role,
             g.participant_count, {MESSAGE}, p.last_read_seq, g.last_seq, g.created_at, g.last_activity_at
         FROM choice JOIN group_chat_participants p ON p.id = choice.id
         JOIN group_chats g ON g.group_id = p.group_id
         JOIN users o ON o.id = g.owner_id
         LEFT JOIN group_messages m ON m.group_id = g.group_id AND m.seq = g.last_seq
         LEFT JOIN users u ON u.id = m.sender_id
         ORDER BY g.last_activity_at DESC, g.group_id DESC"
    )
}

/// Group `$1`, for each of the users `$2`.
struct ForEach;

impl Sql for ForEach {
    type Answer = GroupColumns;

    fn text() -> Cow<'static, str> {
        whole("SELECT id FROM group_chat_participants WHERE group_id = $1 AND user_id = ANY($2)")
            .into()
    }
}

/// `$4` groups of user `$1` after the one last active at `$2` whose id is `$3`.
///
/// They are the first of all that the user is in. To sort thousands of them takes long; yet who is
/// in so many is soon met in the list of all groups. So that is walked before, for as long as it
/// is the shorter way, and what it finds is the page if it is full.
struct Inbox;

/// Who is in more groups than this is in very many.
const VERY_MANY: i64 = 300;

/// How far the list of all groups is walked.
const WALK: i64 = 2000;

impl Sql for Inbox {
    type Answer = GroupColumns;

    fn text() -> Cow<'static, str> {
        const AFTER: &str = "(g.last_activity_at, g.group_id) < ($2, $3)";
        const ORDER: &str = "ORDER BY g.last_activity_at DESC, g.group_id DESC";
        whole(&format!(
            "WITH very_many AS MATERIALIZED (
                 SELECT count(*) > {VERY_MANY} AS so FROM (
                     SELECT FROM group_chat_participants WHERE user_id = $1 LIMIT {VERY_MANY} + 1
                 ) some_of_them
             ), met AS MATERIALIZED (
                 SELECT p.id FROM (
                     SELECT group_id, last_activity_at FROM group_chats g WHERE {AFTER} {ORDER} LIMIT {WALK}
                 ) g CROSS JOIN LATERAL (
                     SELECT id FROM group_chat_participants
                     WHERE group_id = g.group_id AND user_id = $1 LIMIT 1
                 ) p WHERE (SELECT so FROM very_many) {ORDER} LIMIT $4
             ), page_is_full AS MATERIALIZED (
                 SELECT count(*) = $4 AS so FROM met
             )
             SELECT id FROM met WHERE (SELECT so FROM page_is_full)
             UNION ALL
             (SELECT p.id FROM group_chat_participants p JOIN group_chats g ON g.group_id = p.group_id
              WHERE p.user_id = $1 AND {AFTER} AND NOT (SELECT so FROM page_is_full)
              {ORDER} LIMIT $4)"
        ))
        .into()
    }
}

#[derive(Queryable)]
struct GroupRow {
    viewer: i64,
    id: i64,
    name: String,
    owner: UserRefRow,
    viewer_role: String,
    participant_count: i32,
    last_message: Option<MessageRow>,
    last_read_seq: i64,
    last_seq: i64,
    created_at: Timestamp,
    last_activity_at: Timestamp,
}

impl GroupRow {
    fn into_group(self) -> QueryResult<GroupChat> {
        let id: GroupId = self.id.try_into().map_err(invalid_value)?;
        let last_message = self
            .last_message
            .map(|message| message.into_message(ConversationId::Group(id)));
        Ok(GroupChat {
            id,
            name: self.name.try_into().map_err(invalid_value)?,
            owner: self.owner.into_ref()?,
            viewer_role: self.viewer_role.try_into().map_err(invalid_value)?,
            participant_count: self.participant_count,
            last_message: last_message.transpose()?,
            position: position(self.last_read_seq, self.last_seq)?,
            created_at: self.created_at,
            last_activity_at: self.last_activity_at,
        })
    }
}

pub(super) fn find_for_each(
    conn: &mut PgConnection,
    id: GroupId,
    viewers: &[UserId],
) -> QueryResult<Vec<(UserId, GroupChat)>> {
    let viewers = viewers.iter().map(|viewer| viewer.raw()).collect();
    let rows: Vec<GroupRow> =
        prepared::<ForEach>([Number(id.raw()), Numbers(viewers)]).load(conn)?;
    rows.into_iter()
        .map(|row| {
            let viewer = row.viewer.try_into().map_err(invalid_value)?;
            Ok((viewer, row.into_group()?))
        })
        .collect()
}

pub(super) fn find(
    conn: &mut PgConnection,
    id: GroupId,
    viewer: UserId,
) -> QueryResult<Option<GroupChat>> {
    let found = find_for_each(conn, id, &[viewer])?;
    Ok(found.into_iter().next().map(|(_, group)| group))
}

/// A group that the viewer is known to be in.
pub(super) fn known(
    conn: &mut PgConnection,
    id: GroupId,
    viewer: UserId,
) -> QueryResult<GroupChat> {
    find(conn, id, viewer)?.ok_or(diesel::NotFound)
}

pub(super) fn list(
    conn: &mut PgConnection,
    viewer: UserId,
    page: &PageRequest<GroupKey>,
) -> QueryResult<Page<GroupChat, GroupKey>> {
    let rows: Vec<GroupRow> = prepared::<Inbox>(inbox(viewer, page)).load(conn)?;
    let groups: QueryResult<Vec<GroupChat>> = rows.into_iter().map(GroupRow::into_group).collect();
    Ok(Page::cut(groups?, page.limit, GroupChat::key))
}
