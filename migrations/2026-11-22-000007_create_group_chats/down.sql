DROP TABLE group_messages;
ALTER TABLE group_chats DROP CONSTRAINT owner_takes_part;
DROP TABLE group_chat_participants;
DROP TABLE group_chats;
