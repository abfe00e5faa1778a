-- Profiles as the text that clients are sent (without the email address), derived from users and
-- user_profile_entries and kept so that reading one costs two rows. Whose revision is no longer the user's, or
-- whose format is not the service's, is never shown: the profile is read from the tables then, and kept anew.
-- So what changes a profile need not know of it; a user that has none lacks nothing but speed.
CREATE TABLE profile_documents (
    user_id BIGINT PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    -- That of the users row from which it was made.
    revision BIGINT NOT NULL,
    -- What the service calls the shape of the text: raised with every change of it.
    format INTEGER NOT NULL,
    document TEXT NOT NULL
);
