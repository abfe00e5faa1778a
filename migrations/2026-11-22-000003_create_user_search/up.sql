-- What the directory searches, derived from users and user_profile_entries in the transaction that changes
-- them: one row a user, so that a search reads one table. Texts are folded by the service (lower case, no
-- accents), so COLLATE "C" compares and sorts them, the same on every server.
-- The extension is not dropped by the way down: others in the same database may use it.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE TABLE user_search (
    user_id BIGINT PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    role TEXT NOT NULL,
    graduation_year SMALLINT,
    name TEXT NOT NULL COLLATE "C",
    username TEXT NOT NULL COLLATE "C",
    company TEXT COLLATE "C",
    location TEXT COLLATE "C",
    department TEXT COLLATE "C",
    -- The words of name and username.
    name_terms TSVECTOR NOT NULL,
    -- The words of everything, and for each whole item of skills and tech_stack a label of list and item.
    terms TSVECTOR NOT NULL
);
CREATE INDEX user_search_by_name ON user_search (name, user_id);
CREATE INDEX user_search_by_username ON user_search (username);
CREATE INDEX user_search_by_role ON user_search (role, user_id);
CREATE INDEX user_search_by_graduation_year ON user_search (graduation_year, user_id);
-- Without the pending list, a search after many edits is as fast as any other.
CREATE INDEX user_search_name_terms ON user_search USING gin (name_terms) WITH (fastupdate = off);
CREATE INDEX user_search_terms ON user_search USING gin (terms) WITH (fastupdate = off);
CREATE INDEX user_search_similar_names ON user_search USING gin (name gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX user_search_parts ON user_search
    USING gin (company gin_trgm_ops, location gin_trgm_ops, department gin_trgm_ops) WITH (fastupdate = off);
