//! The two families of tables, and what their statements differ in.

use alumx_domain::conversation::{ConversationId, Membership};

use crate::db::invalid_value;
use diesel::QueryResult;

/// Chats or groups.
pub(super) trait Family: Send + Sync + 'static {
    /// The table of messages.
    const MESSAGES: &'static str;
    /// The column that names the conversation.
    const KEY: &'static str;
    /// The unique index by which a message is sent once.
    const SENT_ONCE: &'static str;
    /// What user `$2` is in conversation `$1`: a row of `role`, `closed` and `version`, or none.
    const MEMBER: &'static str;
    /// See [`send`](super::send).
    const SEND: &'static str;
    /// See [`read`](super::read).
    const MARK_READ: &'static str;
    /// How far user `$2` has read conversation `$1`, and how far it goes.
    const POSITION: &'static str;
    /// The users of conversation `$1`, as of which version, and its last number.
    const MEMBERS: &'static str;
    /// The version of conversation `$1`, locked against changes of who is in it.
    const VERSION: &'static str;

    /// The conversation of this number.
    fn conversation(id: i64) -> QueryResult<ConversationId>;

    /// What `role` means.
    fn membership(role: String) -> QueryResult<Membership>;
}

/// Stores a message in the chat that the condition chooses.
macro_rules! send_to_chat {
    ($chat:literal) => {
        concat!(
            "WITH bumped AS (
                UPDATE chats SET last_seq = last_seq + 1,
                    last_activity_at = GREATEST(last_activity_at, $3),
                    user1_last_read_seq = CASE user1_id WHEN $2 THEN last_seq + 1 ELSE user1_last_read_seq END,
                    user2_last_read_seq = CASE user2_id WHEN $2 THEN last_seq + 1 ELSE user2_last_read_seq END
                WHERE ",
            $chat,
            " AND $2 IN (user1_id, user2_id) AND NOT closed
                RETURNING chat_id, last_seq, last_activity_at
            ), stored AS (
                INSERT INTO messages (chat_id, seq, sender_id, content, content_folded, client_message_id, created_at)
                SELECT chat_id, last_seq, $2, $4, $5, $6, last_activity_at FROM bumped
                RETURNING id, seq, sender_id, created_at
            )
            SELECT m.id, m.seq, m.created_at, 0::bigint, u.id, u.username, u.name, u.role
            FROM stored m JOIN users u ON u.id = m.sender_id"
        )
    };
}

/// `chats` and `messages`. Their membership has one version, 0.
pub(super) struct Chats;

impl Family for Chats {
    const MESSAGES: &'static str = "messages";
    const KEY: &'static str = "chat_id";
    const SENT_ONCE: &'static str = "message_is_sent_once";
    const MEMBER: &'static str = "SELECT 'USER' AS role, closed, 0::bigint AS version FROM chats \
        WHERE chat_id = $1 AND $2 IN (user1_id, user2_id)";
    // One row tells all that must hold: whoever waits for it sees it as it is after the wait.
    const SEND: &'static str = send_to_chat!("chat_id = $1");
    const MARK_READ: &'static str = "UPDATE chats SET
            user1_last_read_seq = CASE user1_id WHEN $2 THEN $3 ELSE user1_last_read_seq END,
            user2_last_read_seq = CASE user2_id WHEN $2 THEN $3 ELSE user2_last_read_seq END
        WHERE chat_id = $1 AND last_seq >= $3
            AND (user1_id = $2 AND user1_last_read_seq < $3 OR user2_id = $2 AND user2_last_read_seq < $3)
        RETURNING last_seq, 0::bigint";
    const POSITION: &'static str = "SELECT
            CASE user1_id WHEN $2 THEN user1_last_read_seq ELSE user2_last_read_seq END, last_seq
        FROM chats WHERE chat_id = $1 AND $2 IN (user1_id, user2_id)";
    const MEMBERS: &'static str = "SELECT ARRAY[user1_id, user2_id], 0::bigint, last_seq \
        FROM chats WHERE chat_id = $1";
    const VERSION: &'static str = "SELECT 0::bigint AS version";

    fn conversation(id: i64) -> QueryResult<ConversationId> {
        Ok(ConversationId::Chat(id.try_into().map_err(invalid_value)?))
    }

    fn membership(_: String) -> QueryResult<Membership> {
        Ok(Membership::Chat)
    }
}

/// As [`Chats::SEND`], but it waits for no chat: one whose row somebody else has locked is left
/// out, and so is a message that was sent before.
pub(super) const SEND_IF_FREE: &str = send_to_chat!(
    "chat_id = (SELECT chat_id FROM chats WHERE chat_id = $1 FOR NO KEY UPDATE SKIP LOCKED)
                AND NOT EXISTS (
                    SELECT FROM messages m
                    WHERE m.chat_id = $1 AND m.sender_id = $2 AND m.client_message_id = $6)"
);

/// As [`Chats::SEND`] for many chats, of each of which one message is stored, with the same meaning
/// of each value; `n` counts them. It leaves out what
/// [`SEND_IF_FREE`] does.
pub(super) const SEND_TOGETHER: &str = "WITH sent AS MATERIALIZED (
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[],
                $6::uuid[]) WITH ORDINALITY
                AS sent (chat_id, sender_id, sent_at, content, folded, client_message_id, n)
        ), free AS MATERIALIZED (
            SELECT chat_id FROM chats WHERE chat_id = ANY($1::bigint[]) FOR NO KEY UPDATE SKIP LOCKED
        ), bumped AS (
            UPDATE chats c SET last_seq = c.last_seq + 1,
                last_activity_at = GREATEST(c.last_activity_at, sent_at),
                user1_last_read_seq = CASE user1_id WHEN sender_id THEN last_seq + 1 ELSE user1_last_read_seq END,
                user2_last_read_seq = CASE user2_id WHEN sender_id THEN last_seq + 1 ELSE user2_last_read_seq END
            FROM sent JOIN free USING (chat_id)
            WHERE c.chat_id = sent.chat_id AND sender_id IN (user1_id, user2_id) AND NOT closed
                AND NOT EXISTS (
                    SELECT FROM messages m WHERE m.chat_id = sent.chat_id AND m.sender_id = sent.sender_id
                        AND m.client_message_id = sent.client_message_id)
            RETURNING n, c.chat_id, c.last_seq, c.last_activity_at
        ), stored AS (
            INSERT INTO messages (chat_id, seq, sender_id, content, content_folded, client_message_id, created_at)
            SELECT bumped.chat_id, last_seq, sender_id, content, folded, client_message_id, last_activity_at
            FROM bumped JOIN sent USING (n)
            RETURNING id, chat_id, seq, sender_id, created_at
        )
        SELECT n, m.id, m.seq, m.created_at, 0::bigint, u.id, u.username, u.name, u.role
        FROM stored m JOIN bumped USING (chat_id) JOIN users u ON u.id = m.sender_id";

/// `group_chats`, `group_chat_participants` and `group_messages`.
pub(super) struct Groups;

impl Family for Groups {
    const MESSAGES: &'static str = "group_messages";
    const KEY: &'static str = "group_id";
    const SENT_ONCE: &'static str = "group_message_is_sent_once";
    const MEMBER: &'static str = "SELECT p.role, FALSE AS closed, g.membership_version AS version \
        FROM group_chat_participants p JOIN group_chats g ON g.group_id = p.group_id \
        WHERE p.group_id = $1 AND p.user_id = $2";
    // The group first, as everybody does who changes it. The statement sees the participant as of
    // when it began, maybe before a wait for the group: only locking the row tells that it is
    // still there.
    const SEND: &'static str = "WITH locked AS MATERIALIZED (
            SELECT group_id FROM group_chats WHERE group_id = $1 FOR NO KEY UPDATE
        ), place AS MATERIALIZED (
            SELECT p.id, p.group_id, p.user_id FROM locked CROSS JOIN LATERAL (
                SELECT id, group_id, user_id FROM group_chat_participants
                WHERE group_id = locked.group_id AND user_id = $2 FOR NO KEY UPDATE
            ) p
        ), bumped AS (
            UPDATE group_chats g SET last_seq = g.last_seq + 1,
                last_activity_at = GREATEST(g.last_activity_at, $3)
            FROM place WHERE g.group_id = place.group_id
            RETURNING g.group_id, place.id AS place, place.user_id, g.last_seq, g.last_activity_at,
                g.membership_version
        ), moved AS (
            UPDATE group_chat_participants p SET last_read_seq = bumped.last_seq
            FROM bumped WHERE p.id = bumped.place
        ), stored AS (
            INSERT INTO group_messages (group_id, seq, sender_id, content, content_folded, client_message_id, created_at)
            SELECT group_id, last_seq, user_id, $4, $5, $6, last_activity_at FROM bumped
            RETURNING id, seq, sender_id, created_at
        )
        SELECT m.id, m.seq, m.created_at, bumped.membership_version, u.id, u.username, u.name, u.role
        FROM stored m CROSS JOIN bumped JOIN users u ON u.id = m.sender_id";
    const MARK_READ: &'static str = "UPDATE group_chat_participants p SET last_read_seq = $3
        FROM group_chats g
        WHERE p.group_id = $1 AND p.user_id = $2 AND p.last_read_seq < $3
            AND g.group_id = $1 AND g.last_seq >= $3
        RETURNING g.last_seq, g.membership_version";
    const POSITION: &'static str = "SELECT p.last_read_seq, g.last_seq
        FROM group_chat_participants p JOIN group_chats g ON g.group_id = p.group_id
        WHERE p.group_id = $1 AND p.user_id = $2";
    const MEMBERS: &'static str = "SELECT ARRAY(
            SELECT user_id FROM group_chat_participants WHERE group_id = $1 ORDER BY id
        ), membership_version, last_seq FROM group_chats WHERE group_id = $1";
    const VERSION: &'static str = "SELECT membership_version AS version FROM group_chats \
        WHERE group_id = $1 FOR SHARE";

    fn conversation(id: i64) -> QueryResult<ConversationId> {
        Ok(ConversationId::Group(id.try_into().map_err(invalid_value)?))
    }

    fn membership(role: String) -> QueryResult<Membership> {
        let role = role.try_into().map_err(invalid_value)?;
        Ok(Membership::Group(role))
    }
}
