-- Everything hangs on users. A deleted user stays as an empty tombstone, so that conversations stay whole.
CREATE TABLE users (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- COLLATE "C": lower() folds ASCII alone, the same on every server. The service lowercases addresses.
    username TEXT COLLATE "C" CONSTRAINT username_is_valid CHECK (username ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{2,29}$'),
    name TEXT CONSTRAINT name_is_valid CHECK (char_length(name) BETWEEN 1 AND 100),
    email TEXT COLLATE "C" CONSTRAINT email_is_valid CHECK (char_length(email) BETWEEN 3 AND 254 AND email LIKE '%_@_%'),
    password_hash TEXT,
    role TEXT CONSTRAINT role_is_known CHECK (role IN ('STUDENT', 'ALUMNI', 'PROFESSOR', 'ADMIN')),
    about TEXT CONSTRAINT about_is_valid CHECK (char_length(about) BETWEEN 1 AND 1000),
    current_company TEXT CONSTRAINT current_company_is_valid CHECK (char_length(current_company) BETWEEN 1 AND 150),
    role_current TEXT CONSTRAINT role_current_is_valid CHECK (char_length(role_current) BETWEEN 1 AND 150),
    location TEXT CONSTRAINT location_is_valid CHECK (char_length(location) BETWEEN 1 AND 150),
    department TEXT CONSTRAINT department_is_valid CHECK (char_length(department) BETWEEN 1 AND 150),
    graduation_year SMALLINT CONSTRAINT graduation_year_is_plausible CHECK (graduation_year BETWEEN 1900 AND 2100),
    linkedin_url TEXT CONSTRAINT linkedin_url_is_web CHECK (linkedin_url ~* '^https?://' AND char_length(linkedin_url) <= 2048),
    github_url TEXT CONSTRAINT github_url_is_web CHECK (github_url ~* '^https?://' AND char_length(github_url) <= 2048),
    portfolio_url TEXT CONSTRAINT portfolio_url_is_web CHECK (portfolio_url ~* '^https?://' AND char_length(portfolio_url) <= 2048),
    profile_completed BOOLEAN NOT NULL DEFAULT FALSE,
    -- Counts the changes that anybody can see in the profile: the substance of its ETag.
    revision BIGINT NOT NULL DEFAULT 1,
    suspended_at TIMESTAMPTZ,
    suspension_reason TEXT CONSTRAINT suspension_reason_is_valid
        CHECK (suspension_reason IS NULL OR suspended_at IS NOT NULL AND char_length(suspension_reason) BETWEEN 1 AND 500),
    deleted_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT a_living_user_is_whole CHECK (
        deleted_at IS NOT NULL OR num_nulls(username, name, email, role) = 0
    ),
    CONSTRAINT a_tombstone_is_empty CHECK (
        deleted_at IS NULL
        OR (num_nonnulls(username, name, email, password_hash, role, about, current_company, role_current,
                         location, department, graduation_year, linkedin_url, github_url, portfolio_url,
                         suspended_at) = 0
            AND NOT profile_completed)
    )
);
CREATE UNIQUE INDEX username_taken ON users (lower(username));
CREATE UNIQUE INDEX email_taken ON users (lower(email));
-- The guard of the last admin looks here.
CREATE INDEX users_admins ON users (id) WHERE role = 'ADMIN' AND suspended_at IS NULL;

-- The twelve lists are partitions of one table: one piece of code reads and writes them all.
CREATE TABLE user_profile_entries (
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    list TEXT NOT NULL,
    position SMALLINT NOT NULL CONSTRAINT position_is_in_list CHECK (position BETWEEN 0 AND 99),
    value TEXT NOT NULL CONSTRAINT value_is_valid CHECK (char_length(value) BETWEEN 1 AND 500),
    PRIMARY KEY (user_id, list, position)
) PARTITION BY LIST (list);
CREATE TABLE user_skills PARTITION OF user_profile_entries FOR VALUES IN ('skills');
CREATE TABLE user_education PARTITION OF user_profile_entries FOR VALUES IN ('education');
CREATE TABLE user_tech_stack PARTITION OF user_profile_entries FOR VALUES IN ('tech_stack');
CREATE TABLE user_languages PARTITION OF user_profile_entries FOR VALUES IN ('languages');
CREATE TABLE user_frameworks PARTITION OF user_profile_entries FOR VALUES IN ('frameworks');
CREATE TABLE user_communication_skills PARTITION OF user_profile_entries FOR VALUES IN ('communication_skills');
CREATE TABLE user_certifications PARTITION OF user_profile_entries FOR VALUES IN ('certifications');
CREATE TABLE user_projects PARTITION OF user_profile_entries FOR VALUES IN ('projects');
CREATE TABLE user_soft_skills PARTITION OF user_profile_entries FOR VALUES IN ('soft_skills');
CREATE TABLE user_hobbies PARTITION OF user_profile_entries FOR VALUES IN ('hobbies');
CREATE TABLE user_experience PARTITION OF user_profile_entries FOR VALUES IN ('experience');
CREATE TABLE user_internships PARTITION OF user_profile_entries FOR VALUES IN ('internships');
-- COLLATE "C" folds ASCII only and so the same on every server; the service folds all of Unicode before.
CREATE UNIQUE INDEX profile_entry_is_unique ON user_profile_entries (user_id, list, lower(value COLLATE "C"));
