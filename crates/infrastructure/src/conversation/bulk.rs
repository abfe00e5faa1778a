//! Many old conversations at once.
#![expect(
    clippy::ref_option_ref,
    reason = "the derived code borrows what is borrowed"
)]

use alumx_domain::account::UserId;
use alumx_domain::chat::ChatId;
use alumx_domain::clock::Timestamp;
use alumx_domain::conversation::MessageBody;
use alumx_domain::group_chat::{GroupId, GroupName, ParticipantRole};
use alumx_domain::text::lower_case;
use diesel::prelude::*;
use uuid::Uuid;

use crate::schema::{chats, group_chat_participants, group_chats, group_messages, messages};

/// A chat that has been there for a while.
pub(crate) struct OldChat {
    pub id: ChatId,
    /// The smaller id first.
    pub users: [UserId; 2],
    /// How far each of them has read.
    pub reads: [i64; 2],
    /// As many as messages will be added.
    pub last_seq: i64,
    pub created_at: Timestamp,
    pub last_activity_at: Timestamp,
}

/// A group that has been there for a while.
pub(crate) struct OldGroup {
    pub id: GroupId,
    pub name: GroupName,
    /// In the order in which they joined; the owner first.
    pub participants: Vec<OldParticipant>,
    pub membership_version: i64,
    /// As many as messages will be added.
    pub last_seq: i64,
    pub created_at: Timestamp,
    pub last_activity_at: Timestamp,
}

/// Somebody in such a group.
pub(crate) struct OldParticipant {
    pub user: UserId,
    pub role: ParticipantRole,
    pub joined_at: Timestamp,
    pub last_read_seq: i64,
}

/// A message in such a chat or group.
pub(crate) struct OldMessage {
    pub conversation: i64,
    pub seq: i64,
    pub sender: UserId,
    pub body: MessageBody,
    pub client_message_id: Uuid,
    pub created_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = chats, treat_none_as_default_value = false)]
struct ChatRow {
    chat_id: i64,
    user1_id: i64,
    user2_id: i64,
    last_seq: i64,
    created_at: Timestamp,
    last_activity_at: Timestamp,
    user1_last_read_seq: i64,
    user2_last_read_seq: i64,
}

#[derive(Insertable)]
#[diesel(table_name = group_chats, treat_none_as_default_value = false)]
struct GroupRow<'a> {
    group_id: i64,
    group_name: &'a str,
    owner_id: i64,
    last_seq: i64,
    created_at: Timestamp,
    last_activity_at: Timestamp,
    participant_count: i32,
    membership_version: i64,
}

#[derive(Insertable)]
#[diesel(table_name = group_chat_participants, treat_none_as_default_value = false)]
struct ParticipantRow {
    group_id: i64,
    user_id: i64,
    role: &'static str,
    joined_at: Timestamp,
    last_read_seq: i64,
}

/// Declares a row of a table of messages, and how many of them are added.
macro_rules! message_rows {
    ($table:ident, $key:ident, $insert:ident, $row:ident) => {
        #[derive(Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        struct $row<'a> {
            $key: i64,
            seq: i64,
            sender_id: i64,
            content: Option<&'a str>,
            content_folded: Option<String>,
            client_message_id: Uuid,
            created_at: Timestamp,
            deleted_at: Option<Timestamp>,
        }

        /// Adds messages, in this order, that their conversations count already.
        pub(crate) fn $insert(conn: &mut PgConnection, old: &[OldMessage]) -> QueryResult<()> {
            let row = |message| {
                let (content, deleted_at) = content(message);
                $row {
                    $key: message.conversation,
                    seq: message.seq,
                    sender_id: message.sender.raw(),
                    content,
                    content_folded: content.map(lower_case),
                    client_message_id: message.client_message_id,
                    created_at: message.created_at,
                    deleted_at,
                }
            };
            let rows: Vec<_> = old.iter().map(row).collect();
            diesel::copy_from($table::table)
                .from_insertable(&rows)
                .execute(conn)
                .map(drop)
        }
    };
}

message_rows!(messages, chat_id, insert_chat_messages, ChatMessageRow);
message_rows!(
    group_messages,
    group_id,
    insert_group_messages,
    GroupMessageRow
);

fn content(message: &OldMessage) -> (Option<&str>, Option<Timestamp>) {
    match &message.body {
        MessageBody::Text(text) => (Some(text), None),
        MessageBody::Deleted { at } => (None, Some(*at)),
    }
}

/// Adds chats with these ids.
pub(crate) fn insert_chats(conn: &mut PgConnection, old: &[OldChat]) -> QueryResult<()> {
    let row = |chat: &OldChat| {
        let ([user1, user2], [read1, read2]) = (chat.users, chat.reads);
        ChatRow {
            chat_id: chat.id.raw(),
            user1_id: user1.raw(),
            user2_id: user2.raw(),
            last_seq: chat.last_seq,
            created_at: chat.created_at,
            last_activity_at: chat.last_activity_at,
            user1_last_read_seq: read1,
            user2_last_read_seq: read2,
        }
    };
    let rows: Vec<_> = old.iter().map(row).collect();
    diesel::copy_from(chats::table)
        .from_insertable(&rows)
        .execute(conn)
        .map(drop)
}

/// Adds groups with these ids, and who is in them. In a transaction: that the owner takes part is
/// asked at its end.
pub(crate) fn insert_groups(conn: &mut PgConnection, old: &[OldGroup]) -> QueryResult<()> {
    let rows: Vec<_> = old.iter().filter_map(group_row).collect();
    diesel::copy_from(group_chats::table)
        .from_insertable(&rows)
        .execute(conn)?;
    let participants: Vec<_> = old.iter().flat_map(participant_rows).collect();
    diesel::copy_from(group_chat_participants::table)
        .from_insertable(&participants)
        .execute(conn)
        .map(drop)
}

/// The row of a group; `None` if nobody is in it.
fn group_row(group: &OldGroup) -> Option<GroupRow<'_>> {
    let owner = group.participants.first()?;
    Some(GroupRow {
        group_id: group.id.raw(),
        group_name: &group.name,
        owner_id: owner.user.raw(),
        last_seq: group.last_seq,
        created_at: group.created_at,
        last_activity_at: group.last_activity_at,
        participant_count: i32::try_from(group.participants.len()).unwrap_or(i32::MAX),
        membership_version: group.membership_version,
    })
}

fn participant_rows(group: &OldGroup) -> impl Iterator<Item = ParticipantRow> {
    group.participants.iter().map(|participant| ParticipantRow {
        group_id: group.id.raw(),
        user_id: participant.user.raw(),
        role: participant.role.into(),
        joined_at: participant.joined_at,
        last_read_seq: participant.last_read_seq,
    })
}
