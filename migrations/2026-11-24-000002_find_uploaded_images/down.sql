DROP INDEX job_post_images_by_upload;
