-- A session is one sign-in on one device; ending it deletes the row, and its tokens with it.
CREATE TABLE sessions (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    user_agent TEXT CONSTRAINT user_agent_is_valid CHECK (char_length(user_agent) BETWEEN 1 AND 512),
    ip_address TEXT CONSTRAINT ip_address_is_valid CHECK (char_length(ip_address) BETWEEN 2 AND 45),
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id, id DESC);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Spent tokens stay until they expire, so that one that turns up again tells of theft.
CREATE TABLE refresh_tokens (
    token_hash BYTEA PRIMARY KEY CONSTRAINT token_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    session_id BIGINT NOT NULL REFERENCES sessions ON DELETE CASCADE,
    expires_at TIMESTAMPTZ NOT NULL,
    spent_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX one_current_token_per_session ON refresh_tokens (session_id) WHERE spent_at IS NULL;
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
