-- Group conversations. Exactly one OWNER, who is owner_id: the unique index allows no second one, and the
-- deferred foreign key (group, owner, 'OWNER') wants the first.
CREATE TABLE group_chats (
    group_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_name TEXT NOT NULL CONSTRAINT group_name_is_valid CHECK (char_length(group_name) BETWEEN 1 AND 100),
    owner_id BIGINT NOT NULL REFERENCES users ON DELETE RESTRICT,
    owner_role TEXT NOT NULL GENERATED ALWAYS AS ('OWNER') STORED,
    last_seq BIGINT NOT NULL DEFAULT 0 CONSTRAINT last_seq_is_not_negative CHECK (last_seq >= 0),
    created_at TIMESTAMPTZ NOT NULL,
    last_activity_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX group_chats_of_owner ON group_chats (owner_id);

CREATE TABLE group_chat_participants (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_id BIGINT NOT NULL REFERENCES group_chats ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE RESTRICT,
    role TEXT NOT NULL CONSTRAINT role_is_known CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER')),
    joined_at TIMESTAMPTZ NOT NULL,
    last_read_seq BIGINT NOT NULL CONSTRAINT last_read_seq_is_not_negative CHECK (last_read_seq >= 0),
    CONSTRAINT one_place_per_participant UNIQUE (group_id, user_id),
    CONSTRAINT role_of_participant UNIQUE (group_id, user_id, role)
);
CREATE UNIQUE INDEX one_owner_per_group ON group_chat_participants (group_id) WHERE role = 'OWNER';
CREATE INDEX group_chat_participants_of_user ON group_chat_participants (user_id);
ALTER TABLE group_chats ADD CONSTRAINT owner_takes_part
    FOREIGN KEY (group_id, owner_id, owner_role) REFERENCES group_chat_participants (group_id, user_id, role)
    DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE group_messages (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_id BIGINT NOT NULL REFERENCES group_chats ON DELETE CASCADE,
    seq BIGINT NOT NULL CONSTRAINT seq_is_positive CHECK (seq > 0),
    sender_id BIGINT NOT NULL REFERENCES users ON DELETE RESTRICT,
    content TEXT CONSTRAINT content_is_valid CHECK (char_length(content) BETWEEN 1 AND 4000),
    client_message_id UUID,
    created_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    CONSTRAINT seq_is_unique_in_group UNIQUE (group_id, seq),
    CONSTRAINT only_a_deleted_group_message_is_empty CHECK ((content IS NULL) = (deleted_at IS NOT NULL))
);
CREATE UNIQUE INDEX group_message_is_sent_once ON group_messages (group_id, sender_id, client_message_id)
    WHERE client_message_id IS NOT NULL;
