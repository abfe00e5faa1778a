CREATE INDEX user_search_similar_names ON user_search USING gin (name gin_trgm_ops) WITH (fastupdate = off);
DROP TABLE user_name_words;
