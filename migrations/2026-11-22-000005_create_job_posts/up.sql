-- The job board. Counts live in the post's row and change in the same transaction as what they count.
CREATE TABLE job_posts (
    post_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    title TEXT NOT NULL CONSTRAINT title_is_valid CHECK (char_length(title) BETWEEN 1 AND 150),
    company TEXT CONSTRAINT company_is_valid CHECK (char_length(company) BETWEEN 1 AND 150),
    location TEXT CONSTRAINT location_is_valid CHECK (char_length(location) BETWEEN 1 AND 150),
    employment_type TEXT NOT NULL CONSTRAINT employment_type_is_known
        CHECK (employment_type IN ('FULL_TIME', 'PART_TIME', 'CONTRACT', 'INTERNSHIP')),
    description TEXT NOT NULL CONSTRAINT description_is_valid CHECK (char_length(description) BETWEEN 50 AND 5000),
    apply_url TEXT CONSTRAINT apply_url_is_web CHECK (apply_url ~* '^https?://' AND char_length(apply_url) <= 2048),
    expires_at TIMESTAMPTZ,
    like_count INTEGER NOT NULL DEFAULT 0 CONSTRAINT like_count_is_not_negative CHECK (like_count >= 0),
    comment_count INTEGER NOT NULL DEFAULT 0 CONSTRAINT comment_count_is_not_negative CHECK (comment_count >= 0),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX job_posts_of_author ON job_posts (author_id, post_id DESC);
CREATE INDEX job_posts_by_type ON job_posts (employment_type, post_id DESC);
CREATE INDEX job_posts_by_creation ON job_posts (created_at DESC, post_id DESC);

CREATE TABLE job_post_images (
    post_id BIGINT NOT NULL REFERENCES job_posts ON DELETE CASCADE,
    position SMALLINT NOT NULL CONSTRAINT at_most_ten_images CHECK (position BETWEEN 0 AND 9),
    image_url TEXT NOT NULL CONSTRAINT image_url_is_valid CHECK (char_length(image_url) BETWEEN 1 AND 2048),
    PRIMARY KEY (post_id, position)
);

CREATE TABLE job_post_comments (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post_id BIGINT NOT NULL REFERENCES job_posts ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    content TEXT NOT NULL CONSTRAINT content_is_valid CHECK (char_length(content) BETWEEN 1 AND 500),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX job_post_comments_of_post ON job_post_comments (post_id, id);
CREATE INDEX job_post_comments_of_user ON job_post_comments (user_id);

CREATE TABLE job_post_likes (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post_id BIGINT NOT NULL REFERENCES job_posts ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT one_like_per_user UNIQUE (post_id, user_id)
);
CREATE INDEX job_post_likes_of_post ON job_post_likes (post_id, id DESC);
CREATE INDEX job_post_likes_of_user ON job_post_likes (user_id);
