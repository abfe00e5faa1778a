-- What claims an imported account, which has no password until then. One an account: a new one replaces the old.
CREATE TABLE invitations (
    user_id BIGINT PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    token_hash BYTEA NOT NULL CONSTRAINT invitation_is_unique UNIQUE
        CONSTRAINT invitation_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    expires_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- A user's own comments and likes are paged through when all data of the user is exported. The old indexes go
-- last: to drop one locks out who reads.
CREATE INDEX job_post_comments_by_user ON job_post_comments (user_id, id);
CREATE INDEX job_post_likes_by_user ON job_post_likes (user_id, id);
DROP INDEX job_post_comments_of_user;
DROP INDEX job_post_likes_of_user;
