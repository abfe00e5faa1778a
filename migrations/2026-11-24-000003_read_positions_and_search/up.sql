-- How far the two of a chat have read, who is in a group as of which change, and what messages are searched by.
ALTER TABLE chats
    ADD COLUMN user1_last_read_seq BIGINT NOT NULL DEFAULT 0
        CONSTRAINT user1_reads_what_is_there CHECK (user1_last_read_seq BETWEEN 0 AND last_seq),
    ADD COLUMN user2_last_read_seq BIGINT NOT NULL DEFAULT 0
        CONSTRAINT user2_reads_what_is_there CHECK (user2_last_read_seq BETWEEN 0 AND last_seq),
    -- One of the two has deleted the account. Told here too, so that who sends needs no lock but the chat's own.
    ADD COLUMN closed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE chats SET closed = TRUE FROM users
    WHERE users.id IN (chats.user1_id, chats.user2_id) AND users.deleted_at IS NOT NULL;
-- Unread totals add up only the chats that have something unread.
CREATE INDEX chats_unread_by_user1 ON chats (user1_id) INCLUDE (last_seq, user1_last_read_seq)
    WHERE last_seq > user1_last_read_seq;
CREATE INDEX chats_unread_by_user2 ON chats (user2_id) INCLUDE (last_seq, user2_last_read_seq)
    WHERE last_seq > user2_last_read_seq;

ALTER TABLE group_chats
    ADD COLUMN participant_count INTEGER,
    -- Counts the changes of who is in the group, and as what.
    ADD COLUMN membership_version BIGINT NOT NULL DEFAULT 1
        CONSTRAINT membership_version_is_positive CHECK (membership_version > 0);
UPDATE group_chats SET participant_count = (
    SELECT count(*) FROM group_chat_participants p WHERE p.group_id = group_chats.group_id
);
ALTER TABLE group_chats
    ALTER COLUMN participant_count SET NOT NULL,
    ADD CONSTRAINT at_most_500_participants CHECK (participant_count BETWEEN 1 AND 500);
-- The groups of who is in very many are found from the last active on.
CREATE INDEX group_chats_by_activity ON group_chats (last_activity_at DESC, group_id DESC);
-- Of a user who is in thousands of groups, the pages of the table would have to be read one by one.
DROP INDEX group_chat_participants_of_user;
CREATE INDEX group_chat_participants_of_user ON group_chat_participants (user_id, group_id);
CREATE INDEX group_chat_participants_of_group ON group_chat_participants (group_id, id);

-- The content in lower case, by the service: PostgreSQL's lower() depends on the locale of the server.
ALTER TABLE messages
    ADD COLUMN content_folded TEXT COLLATE "C",
    ADD CONSTRAINT a_deleted_message_is_not_found CHECK (content IS NOT NULL OR content_folded IS NULL);
UPDATE messages SET content_folded = lower(content);
ALTER TABLE group_messages
    ADD COLUMN content_folded TEXT COLLATE "C",
    ADD CONSTRAINT a_deleted_group_message_is_not_found CHECK (content IS NOT NULL OR content_folded IS NULL);
UPDATE group_messages SET content_folded = lower(content);
