DROP TABLE invitations;
CREATE INDEX job_post_comments_of_user ON job_post_comments (user_id);
CREATE INDEX job_post_likes_of_user ON job_post_likes (user_id);
DROP INDEX job_post_comments_by_user;
DROP INDEX job_post_likes_by_user;
