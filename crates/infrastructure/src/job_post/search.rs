//! What the feed searches: a row derived from the post, written with it.

use alumx_domain::job_post::{JobPost, JobPostId, PostDescription, PostTitle};
use alumx_domain::user::ShortText;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};

use crate::user::fold::fold;

/// Names that would lose what makes them names.
const NAMES: [(&str, &str); 3] = [("c++", "cplusplus"), ("c#", "csharp"), ("f#", "fsharp")];

/// The row of `job_post_search`.
pub(super) struct SearchDocument {
    post: i64,
    company: Option<String>,
    location: Option<String>,
    /// The words of title, company and description.
    words: String,
}

impl SearchDocument {
    pub(super) fn new(
        post: JobPostId,
        title: &PostTitle,
        company: Option<&ShortText>,
        location: Option<&ShortText>,
        description: &PostDescription,
    ) -> Self {
        let employer = company.map(|company| &**company).unwrap_or_default();
        Self {
            post: post.raw(),
            company: company.map(|company| fold(company)),
            location: location.map(|location| fold(location)),
            words: words(&format!("{title} {employer} {description}")),
        }
    }
}

/// Writes the rows, or replaces them.
pub(super) fn write(conn: &mut PgConnection, documents: &[SearchDocument]) -> QueryResult<()> {
    macro_rules! column {
        (|$document:ident| $value:expr) => {
            documents.iter().map(|$document| $value).collect::<Vec<_>>()
        };
    }
    diesel::sql_query(
        "INSERT INTO job_post_search (post_id, company, location, terms)
         SELECT post_id, company, location, to_tsvector('job_post_words', words)
         FROM unnest($1, $2, $3, $4) AS new (post_id, company, location, words)
         ON CONFLICT (post_id) DO UPDATE SET company = excluded.company,
             location = excluded.location, terms = excluded.terms",
    )
    .bind::<Array<BigInt>, _>(column!(|document| document.post))
    .bind::<Array<Nullable<Text>>, _>(column!(|document| document.company.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(column!(|document| document.location.as_deref()))
    .bind::<Array<Text>, _>(column!(|document| &document.words))
    .execute(conn)
    .map(drop)
}

/// Writes the row of a post, or replaces it.
pub(super) fn store(conn: &mut PgConnection, post: &JobPost) -> QueryResult<()> {
    let document = SearchDocument::new(
        post.id,
        &post.title,
        post.company.as_ref(),
        post.location.as_ref(),
        &post.description,
    );
    write(conn, &[document])
}

/// The text as words between spaces. Left to itself PostgreSQL would take `Rust/Go` for a file and
/// `node.js` for a host, and find neither by its parts.
fn words(text: &str) -> String {
    named(text).chars().map(letter_or_space).collect()
}

/// What somebody typed as words, and the operators of `websearch_to_tsquery`: quotation marks, and
/// a minus in front of a word or phrase.
pub(super) fn query(text: &str) -> String {
    let text = named(text);
    let mut before = ' ';
    let mut query = String::with_capacity(text.len());
    for c in text.chars() {
        query.push(match c {
            '"' => '"',
            '-' if before == ' ' => '-',
            c => letter_or_space(c),
        });
        before = c;
    }
    query
}

/// The pattern of texts that contain this, letter case and accents ignored.
pub(super) fn containing(part: &str) -> String {
    let escaped = fold(part)
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}

fn named(text: &str) -> String {
    NAMES
        .iter()
        .fold(fold(text), |text, (name, word)| text.replace(name, word))
}

/// Punctuation becomes a space. Anything else beyond ASCII is kept: marks belong to their letters.
fn letter_or_space(c: char) -> char {
    let punctuation =
        matches!(c, '\u{a0}'..='\u{bf}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}');
    if c.is_alphanumeric() || !c.is_ascii() && !punctuation {
        c
    } else {
        ' '
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_symbols_are_split_and_languages_keep_their_names() {
        assert_eq!(words("Rust/Go, Node.js…"), "rust go  node js ");
        assert_eq!(words("C++ and C#"), "cplusplus and csharp");
        assert_eq!(words("Zoë’s हिन्दी"), "zoe s हिन्दी");
    }

    #[test]
    fn a_query_keeps_quotation_marks_and_leading_minuses() {
        assert_eq!(query("front-end -Java"), "front end -java");
        assert_eq!(
            query("\"Big Data\" -\"C++\""),
            "\"big data\" -\"cplusplus\""
        );
        assert_eq!(query("a & b | !(c):*"), "a   b     c   ");
    }

    #[test]
    fn a_pattern_has_no_wildcards_inside() {
        assert_eq!(containing("50%_\\"), "%50\\%\\_\\\\%");
    }
}
