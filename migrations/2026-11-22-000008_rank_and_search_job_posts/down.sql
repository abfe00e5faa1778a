DROP TABLE job_post_search;
DROP TEXT SEARCH CONFIGURATION job_post_words;
DROP TEXT SEARCH DICTIONARY job_post_stem;
ALTER TABLE job_posts DROP COLUMN hotness;
