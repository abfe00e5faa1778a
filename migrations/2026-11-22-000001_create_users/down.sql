DROP TABLE user_profile_entries;
DROP TABLE users;
