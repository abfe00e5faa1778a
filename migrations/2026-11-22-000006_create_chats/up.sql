-- Direct conversations. A user is never deleted as a row, so RESTRICT says that nothing may try.
CREATE TABLE chats (
    chat_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user1_id BIGINT NOT NULL REFERENCES users ON DELETE RESTRICT,
    user2_id BIGINT NOT NULL REFERENCES users ON DELETE RESTRICT,
    last_seq BIGINT NOT NULL DEFAULT 0 CONSTRAINT last_seq_is_not_negative CHECK (last_seq >= 0),
    created_at TIMESTAMPTZ NOT NULL,
    last_activity_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pair_is_ordered CHECK (user1_id < user2_id),
    CONSTRAINT one_chat_per_pair UNIQUE (user1_id, user2_id)
);
CREATE INDEX chats_of_user1 ON chats (user1_id, last_activity_at DESC, chat_id DESC);
CREATE INDEX chats_of_user2 ON chats (user2_id, last_activity_at DESC, chat_id DESC);

CREATE TABLE messages (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chat_id BIGINT NOT NULL REFERENCES chats ON DELETE CASCADE,
    seq BIGINT NOT NULL CONSTRAINT seq_is_positive CHECK (seq > 0),
    sender_id BIGINT NOT NULL REFERENCES users ON DELETE RESTRICT,
    content TEXT CONSTRAINT content_is_valid CHECK (char_length(content) BETWEEN 1 AND 4000),
    client_message_id UUID,
    created_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    CONSTRAINT seq_is_unique_in_chat UNIQUE (chat_id, seq),
    CONSTRAINT only_a_deleted_message_is_empty CHECK ((content IS NULL) = (deleted_at IS NOT NULL))
);
CREATE UNIQUE INDEX message_is_sent_once ON messages (chat_id, sender_id, client_message_id)
    WHERE client_message_id IS NOT NULL;
