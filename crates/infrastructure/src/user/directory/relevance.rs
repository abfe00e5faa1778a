//! The order of relevance: classes of matches, best first, and names spelt nearly so.

use alumx_domain::user::{DirectoryFilter, DirectoryKey};

use super::found::{EVERYBODY, Tier, found};
use super::words::{Search, swapped};
use super::{SUMMARY, conditions};
use crate::db::prepared::{Value, Values};
use crate::user::lexeme::lexeme_of;

/// How many words of names are taken for what a misspelt word may have meant.
const MEANINGS: usize = 8;

/// The tier of those who have it anywhere, and not in their names.
const ANYWHERE: i16 = 4;

/// The first tier of names that are only spelt nearly so.
const NEAR: i16 = 5;

/// What stands for a search in the text of the statement.
struct Names {
    /// What was typed, folded.
    folded: String,
    /// What is after all that begins with it.
    beyond: String,
    /// Its words, and of each what it may be with two letters swapped.
    typed: String,
    swapped: String,
    /// Query of its words.
    words: String,
    /// The id that the page comes after.
    id: String,
}

/// Tiers, best first: 1 the name or username is what was typed, 2 begins with it, 3 has its
/// words, 4 anything has its words. Names spelt nearly so are asked only if these find nobody: of
/// 5, each word that was typed is nearest to one of the name's, of 6 it is near to one; as far as
/// it is near to any.
pub(super) fn relevance(
    filter: &DirectoryFilter,
    search: Search,
    after: Option<&DirectoryKey>,
    values: &mut Values,
) -> String {
    let (first, id) = match after {
        Some(DirectoryKey::Relevance { tier, id }) => (*tier, id.raw()),
        _ => (0, i64::MAX),
    };
    let names = Names {
        beyond: values.add(Value::Text(search.beyond())),
        folded: values.add(Value::Text(search.folded)),
        swapped: values.add(Value::Texts(
            search.typed.iter().map(|word| swapped(word)).collect(),
        )),
        typed: values.add(Value::Texts(search.typed)),
        words: values.add(Value::Text(search.words.unwrap_or_default())),
        id: values.add(Value::Number(id)),
    };
    let asked = conditions(filter, None, values);
    statement(&names, first, &asked)
}

/// The classes of exact matches, the best first. Each leaves out what the better ones have.
fn exact_classes(names: &Names) -> [String; 4] {
    let Names {
        folded,
        beyond,
        words,
        ..
    } = names;
    let exact = format!("(s.name = {folded} OR s.username = {folded})");
    // Not LIKE, which reads an index only if the pattern is known when it is planned.
    let prefix = format!(
        "(s.name >= {folded} AND s.name < {beyond}
          OR s.username >= {folded} AND s.username < {beyond})"
    );
    let in_names = format!("s.name_terms @@ {words}::tsquery");
    let anywhere = format!("s.terms @@ {words}::tsquery");
    [
        exact.clone(),
        format!("{prefix} AND NOT {exact}"),
        format!("{in_names} AND NOT {prefix}"),
        format!("{anywhere} AND NOT {in_names} AND NOT {prefix}"),
    ]
}

/// The classes of names spelt nearly so.
fn near_classes() -> [String; 2] {
    let nearest = "s.name_terms @@ (SELECT nearest FROM meant)";
    let near = format!("s.name_terms @@ (SELECT near FROM meant) AND NOT {nearest}");
    [nearest.to_owned(), near]
}

/// The tiers of these classes, which are counted from `number`, from the tier `first` on, in which
/// the page begins.
fn tiers(
    classes: impl IntoIterator<Item = String>,
    number: i16,
    first: i16,
    id: &str,
) -> Vec<Tier> {
    (number..)
        .zip(classes)
        .filter(|(number, _)| *number >= first)
        .map(|(number, condition)| Tier {
            number,
            condition,
            clustered: number == ANYWHERE,
            after: if number == first {
                format!("s.user_id < {id}")
            } else {
                EVERYBODY.to_owned()
            },
        })
        .collect()
}

/// Table `meant`: a query of what was meant if it was the nearest words of names, and one of all
/// words that are near; null if none is. A word to which none is near is passed over.
///
/// The words of names are compared, each once, and not the names of all users. Nearest are those
/// that begin so, and those that differ in two letters that are swapped.
fn meant(names: &Names, condition: &str) -> String {
    let Names { typed, swapped, .. } = names;
    let (of_typed, of_word) = (lexeme_of("typed"), lexeme_of("word"));
    format!(
        "meanings AS MATERIALIZED (
             SELECT n, term, similarity = max(similarity) OVER (PARTITION BY n) AS is_nearest
             FROM unnest({typed}::text[], {swapped}::text[]) WITH ORDINALITY AS typed (typed, swapped, n)
             CROSS JOIN LATERAL (
                 SELECT {of_typed} || ':*' AS term, 1::real AS similarity
                 WHERE EXISTS (SELECT FROM user_name_words
                               WHERE word >= typed AND word < typed || chr({LAST}))
                 UNION ALL
                 SELECT {of_word}, 1 FROM user_name_words
                 WHERE word = ANY (string_to_array(swapped, ' '))
                 UNION ALL
                 (SELECT {of_word}, similarity(word, typed) AS similarity FROM user_name_words
                  WHERE word % typed ORDER BY similarity DESC, word LIMIT {MEANINGS})) near
             WHERE {condition}),
         meant AS MATERIALIZED (
             SELECT string_agg(nearest, ' & ')::tsquery AS nearest,
                    string_agg(near, ' & ')::tsquery AS near
             FROM (SELECT '(' || string_agg(term, ' | ') FILTER (WHERE is_nearest) || ')' AS nearest,
                          '(' || string_agg(term, ' | ') || ')' AS near
                   FROM meanings GROUP BY n) word)",
        LAST = u32::from(char::MAX),
    )
}

/// The statement of a page that begins in the tier `first`, 0 if it is the first page.
fn statement(names: &Names, first: i16, asked: &str) -> String {
    let order = "s.user_id DESC";
    let exact = tiers(exact_classes(names), 1, first, &names.id);
    let mut tables = Vec::new();
    if !exact.is_empty() {
        tables.push(found(&exact, "$1", asked, order));
    }
    tables.push(format!("hits AS MATERIALIZED ({})", in_tiers(&exact)));
    let mut page = "SELECT * FROM hits".to_owned();
    // On the first page where nobody else is, and on those after it.
    if first == 0 || first >= NEAR {
        let near = tiers(near_classes(), NEAR, first, &names.id);
        let nobody = "NOT EXISTS (SELECT FROM hits)";
        tables.push(meant(names, nobody));
        let wanted = format!("CASE WHEN {nobody} THEN $1 ELSE 0 END");
        tables.push(found(&near, &format!("({wanted})"), asked, order));
        page = format!("{page} UNION ALL {}", in_tiers(&near));
    }
    format!(
        "WITH {},
         page AS (
             SELECT *, '' AS folded_name FROM ({page}) found
             ORDER BY tier, user_id DESC LIMIT $1
         ) {SUMMARY} ORDER BY page.tier, u.id DESC",
        tables.join(", ")
    )
}

/// All who were found in these tiers.
fn in_tiers(tiers: &[Tier]) -> String {
    let found = tiers
        .iter()
        .map(|Tier { number, .. }| format!("SELECT tier, user_id FROM found_{number}"));
    let nobody = "SELECT 0::smallint AS tier, 0::bigint AS user_id WHERE false".to_owned();
    let found: Vec<_> = std::iter::once(nobody).chain(found).collect();
    found.join(" UNION ALL ")
}
