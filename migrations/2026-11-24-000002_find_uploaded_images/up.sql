-- The sweep of files asks by name which uploaded images are still in use.
CREATE INDEX job_post_images_by_upload ON job_post_images (image_url) WHERE image_url LIKE '/api/v1/images/%';
