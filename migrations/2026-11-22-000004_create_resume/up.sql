-- One resume a user; the file itself lies in the file store under the key file_url.
CREATE TABLE resume (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id BIGINT NOT NULL CONSTRAINT one_resume_per_user UNIQUE REFERENCES users ON DELETE CASCADE,
    file_name TEXT NOT NULL CONSTRAINT file_name_is_valid CHECK (char_length(file_name) BETWEEN 1 AND 255),
    file_type TEXT NOT NULL,
    file_url TEXT NOT NULL CONSTRAINT file_is_stored_once UNIQUE,
    file_size BIGINT NOT NULL CONSTRAINT file_size_is_positive CHECK (file_size > 0),
    sha256 BYTEA NOT NULL CONSTRAINT sha256_is_whole CHECK (octet_length(sha256) = 32),
    version INTEGER NOT NULL CONSTRAINT version_is_positive CHECK (version > 0),
    uploaded_at TIMESTAMPTZ NOT NULL
);
