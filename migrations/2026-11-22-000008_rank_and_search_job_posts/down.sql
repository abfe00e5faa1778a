DROP TABLE job_post_search;
ALTER TABLE job_posts DROP COLUMN hotness;
