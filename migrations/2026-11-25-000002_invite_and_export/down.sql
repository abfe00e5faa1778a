DROP TABLE invitations;
DROP INDEX job_post_comments_of_user;
CREATE INDEX job_post_comments_of_user ON job_post_comments (user_id);
DROP INDEX job_post_likes_of_user;
CREATE INDEX job_post_likes_of_user ON job_post_likes (user_id);
