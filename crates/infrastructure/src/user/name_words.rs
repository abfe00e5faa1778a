//! The words of all names, each once: what a misspelt word is compared with.
//!
//! Whoever gets a name adds its words and holds them until the transaction ends; so a word that
//! nobody has and nobody holds can be taken away.

use std::collections::BTreeSet;

use alumx_domain::account::UserId;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};

use super::lexeme::lexeme_of;

/// How many words are looked at in one transaction.
const BATCH: i64 = 1000;

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// Adds these words, as far as they aren't there, and holds them all. In their order, so that
/// nobody waits for each other.
pub(super) fn add(conn: &mut PgConnection, words: &BTreeSet<&str>) -> QueryResult<()> {
    while hold(conn, words)? < words.len() {
        diesel::sql_query(
            "INSERT INTO user_name_words (word)
             SELECT word FROM unnest($1) AS word ORDER BY word COLLATE \"C\" ON CONFLICT DO NOTHING",
        )
        .bind::<Array<Text>, _>(words.iter().collect::<Vec<_>>())
        .execute(conn)?;
    }
    Ok(())
}

/// How many of these words are there, now that nobody can take them away.
fn hold(conn: &mut PgConnection, words: &BTreeSet<&str>) -> QueryResult<usize> {
    let held: Vec<Word> = diesel::sql_query(
        "SELECT word FROM user_name_words WHERE word = ANY($1) ORDER BY word FOR KEY SHARE",
    )
    .bind::<Array<Text>, _>(words.iter().collect::<Vec<_>>())
    .load(conn)?;
    Ok(held.len())
}

/// A word `w.word` that nobody's name has, as far as can be seen.
fn unused() -> String {
    let word = lexeme_of("w.word");
    format!("NOT EXISTS (SELECT FROM user_search s WHERE s.name_terms @@ ({word})::tsquery)")
}

/// Takes away those of these words that nobody has; in a transaction. It waits for nobody: a word
/// that somebody holds stays.
pub(crate) fn take_away(conn: &mut PgConnection, words: &[String]) -> QueryResult<()> {
    // Held ones are about to be used. What was used just before is seen by the next statement.
    let free: Vec<Word> = diesel::sql_query(
        "SELECT word FROM user_name_words WHERE word = ANY($1) FOR UPDATE SKIP LOCKED",
    )
    .bind::<Array<Text>, _>(words)
    .load(conn)?;
    let free: Vec<String> = free.into_iter().map(|free| free.word).collect();
    diesel::sql_query(format!(
        "DELETE FROM user_name_words w WHERE word = ANY($1) AND {}",
        unused()
    ))
    .bind::<Array<Text>, _>(free)
    .execute(conn)
    .map(drop)
}

/// The words of a user's name and username.
pub(crate) fn of_user(conn: &mut PgConnection, user: UserId) -> QueryResult<Vec<String>> {
    let words: Vec<Word> = diesel::sql_query(
        "SELECT unnest(tsvector_to_array(name_terms)) AS word FROM user_search WHERE user_id = $1",
    )
    .bind::<BigInt, _>(user.raw())
    .load(conn)?;
    Ok(words.into_iter().map(|word| word.word).collect())
}

/// Adds the words of the users after this one that are missing, such as those of users whom an
/// older service wrote. Returns the last user who was looked at; `None` if there are no more.
pub(super) fn add_missing(conn: &mut PgConnection, after: i64) -> QueryResult<Option<i64>> {
    let last: Last = diesel::sql_query(
        "WITH batch AS MATERIALIZED (
             SELECT user_id, name, name_terms FROM user_search
             WHERE user_id > $1 ORDER BY user_id LIMIT $2
         ), missing AS (
             INSERT INTO user_name_words (word)
             SELECT DISTINCT term FROM batch, unnest(tsvector_to_array(name_terms)) AS term
             WHERE strpos(name, term) > 0
                 AND NOT EXISTS (SELECT FROM user_name_words WHERE word = term)
             ORDER BY term ON CONFLICT DO NOTHING
         )
         SELECT max(user_id) AS last FROM batch",
    )
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(BATCH)
    .get_result(conn)?;
    Ok(last.last)
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = Nullable<BigInt>)]
    last: Option<i64>,
}

#[derive(QueryableByName)]
struct Looked {
    #[diesel(sql_type = BigInt)]
    words: i64,
    #[diesel(sql_type = Text)]
    last: String,
    #[diesel(sql_type = Array<Text>)]
    unused: Vec<String>,
}

/// Takes away, among the words after this one, those that nobody has. Returns the last one that
/// was looked at; `None` if there are no more.
pub(super) fn take_away_unused(
    conn: &mut PgConnection,
    after: &str,
) -> QueryResult<Option<String>> {
    conn.transaction(|conn| {
        let looked: Looked = diesel::sql_query(format!(
            "WITH batch AS MATERIALIZED (
                 SELECT word FROM user_name_words WHERE word > $1 ORDER BY word LIMIT $2
             )
             SELECT count(*) AS words, coalesce(max(word), '') AS last,
                    ARRAY(SELECT word FROM batch w WHERE {}) AS unused
             FROM batch",
            unused()
        ))
        .bind::<Text, _>(after)
        .bind::<BigInt, _>(BATCH)
        .get_result(conn)?;
        take_away(conn, &looked.unused)?;
        Ok((looked.words == BATCH).then_some(looked.last))
    })
}
