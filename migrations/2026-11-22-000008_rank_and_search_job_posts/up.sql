-- The feed in its two orders, and what it is searched by.
--
-- hotness orders the feed `top`: each doubling of 1 + likes + 2 × comments counts as much as being posted a day
-- (86,400,000 ms) later. Engagement so decays with age without any row being touched as time goes by, and a page
-- is a piece of an index.
ALTER TABLE job_posts ADD COLUMN hotness BIGINT NOT NULL GENERATED ALWAYS AS (
    (extract(epoch FROM created_at AT TIME ZONE 'UTC')::float8 * 1000
     + 86400000 * ln(1::float8 + like_count + 2::float8 * comment_count) / ln(2::float8))::bigint
) STORED;
CREATE INDEX job_posts_by_hotness ON job_posts (hotness DESC, post_id DESC);

-- English endings are cut, but no word is too common to be found: IT is a profession.
CREATE TEXT SEARCH DICTIONARY job_post_stem (TEMPLATE = pg_catalog.snowball, LANGUAGE = english);
CREATE TEXT SEARCH CONFIGURATION job_post_words (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION job_post_words ALTER MAPPING REPLACE pg_catalog.english_stem WITH job_post_stem;

-- A table of its own, so that a like, which writes the post's row anew, doesn't index its words again. Texts are
-- folded by the service (lower case, no accents), as in user_search.
CREATE TABLE job_post_search (
    post_id BIGINT PRIMARY KEY REFERENCES job_posts ON DELETE CASCADE,
    company TEXT COLLATE "C",
    location TEXT COLLATE "C",
    -- The words of title, company and description.
    terms TSVECTOR NOT NULL
);
INSERT INTO job_post_search
    SELECT post_id, lower(company), lower(location),
           to_tsvector('job_post_words', concat_ws(' ', title, company, description))
    FROM job_posts;
CREATE INDEX job_post_search_terms ON job_post_search USING gin (terms) WITH (fastupdate = off);
CREATE INDEX job_post_search_parts ON job_post_search
    USING gin (company gin_trgm_ops, location gin_trgm_ops) WITH (fastupdate = off);
