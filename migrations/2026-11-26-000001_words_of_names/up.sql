-- Each word of a name once, however many have it: what a misspelt word is compared with. A word is there before
-- somebody who has it is; one that nobody has any more is taken away, if not at once, within the hour.
CREATE TABLE user_name_words (
    word TEXT PRIMARY KEY COLLATE "C"
);
CREATE INDEX user_name_words_similar ON user_name_words USING gin (word gin_trgm_ops) WITH (fastupdate = off);
INSERT INTO user_name_words (word)
SELECT DISTINCT word FROM user_search, unnest(tsvector_to_array(name_terms)) AS word
WHERE strpos(user_search.name, word) > 0;
-- The index user_search_similar_names is for services of the release before, which may still run; the next one drops it.
