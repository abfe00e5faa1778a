DROP TABLE job_post_likes;
DROP TABLE job_post_comments;
DROP TABLE job_post_images;
DROP TABLE job_posts;
