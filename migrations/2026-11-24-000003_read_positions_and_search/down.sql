ALTER TABLE group_messages DROP COLUMN content_folded;
ALTER TABLE messages DROP COLUMN content_folded;
DROP INDEX group_chat_participants_of_group;
DROP INDEX group_chat_participants_of_user;
CREATE INDEX group_chat_participants_of_user ON group_chat_participants (user_id);
ALTER TABLE group_chats DROP COLUMN membership_version, DROP COLUMN participant_count;
DROP INDEX chats_unread_by_user2;
DROP INDEX chats_unread_by_user1;
ALTER TABLE chats DROP COLUMN closed, DROP COLUMN user2_last_read_seq, DROP COLUMN user1_last_read_seq;
