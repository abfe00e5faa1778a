//! The order of relevance: classes of matches, best first, and names spelt nearly so.

use alumx_domain::user::{DirectoryFilter, DirectoryKey};

use super::found::{EVERYBODY, Tier, found};
use super::words::Search;
use super::{SUMMARY, conditions};
use crate::db::prepared::{Value, Values};

/// Where a page begins.
struct Start {
    tier: i16,
    similarity: f32,
    id: i64,
}

impl Start {
    fn after(key: Option<&DirectoryKey>) -> Self {
        match key {
            Some(DirectoryKey::Relevance {
                tier,
                similarity,
                id,
            }) => Self {
                tier: *tier,
                similarity: *similarity,
                id: id.raw(),
            },
            _ => Self {
                tier: 0,
                similarity: 0.0,
                id: i64::MAX,
            },
        }
    }
}

/// What stands for a search in the text of the statement.
struct Names {
    /// What was typed, folded.
    folded: String,
    /// What is after all that begins with it.
    beyond: String,
    /// Query of its words.
    words: String,
    /// The similarity and the id that the page comes after.
    similarity: String,
    id: String,
}

/// Tiers, best first: 1 the name or username is what was typed, 2 begins with it, 3 has its
/// words, 4 anything has its words. Tier 5, names spelt nearly so, is asked only if the others
/// find nobody.
pub(super) fn relevance(
    filter: &DirectoryFilter,
    search: Search,
    after: Option<&DirectoryKey>,
    values: &mut Values,
) -> String {
    let start = Start::after(after);
    let names = Names {
        beyond: values.add(Value::Text(search.beyond())),
        folded: values.add(Value::Text(search.folded)),
        words: values.add(Value::Text(search.words.unwrap_or_default())),
        similarity: values.add(Value::Real(start.similarity)),
        id: values.add(Value::Number(start.id)),
    };
    let asked = conditions(filter, None, values);
    statement(&names, start.tier, &asked)
}

/// The tiers of exact matches from this one on. Each leaves out what the better ones have.
fn tiers(names: &Names, first: i16) -> Vec<Tier> {
    let Names {
        folded,
        beyond,
        words,
        id,
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
    let classes = [
        exact.clone(),
        format!("{prefix} AND NOT {exact}"),
        format!("{in_names} AND NOT {prefix}"),
        format!("{anywhere} AND NOT {in_names} AND NOT {prefix}"),
    ];
    (1..)
        .zip(classes)
        .filter(|(number, _)| *number >= first)
        .map(|(number, condition)| Tier {
            number,
            condition,
            after: if number == first {
                format!("s.user_id < {id}")
            } else {
                EVERYBODY.to_owned()
            },
        })
        .collect()
}

/// Names spelt nearly so.
///
/// Every user has a username; but an index of names alone, which has none, could be read whole
/// instead, and to compare a name takes long.
fn near(folded: &str, asked: &str) -> String {
    format!(
        "SELECT 5::smallint AS tier, n.similarity, n.user_id
         FROM (SELECT word_similarity({folded}, s.name) AS similarity, s.user_id
               FROM user_search s
               WHERE {folded} <% s.name AND s.username IS NOT NULL AND {asked}) n"
    )
}

/// The statement of a page that begins in the tier `first`, 0 if it is the first page.
fn statement(names: &Names, first: i16, asked: &str) -> String {
    let tiers = tiers(names, first);
    let near = near(&names.folded, asked);
    let (tables, page) = if tiers.is_empty() {
        let Names { similarity, id, .. } = names;
        let after = format!("(n.similarity, n.user_id) < ({similarity}, {id})");
        (String::new(), format!("{near} WHERE {after}"))
    } else {
        let hits: Vec<_> = tiers
            .iter()
            .map(|Tier { number, .. }| {
                format!("SELECT tier, 0::real AS similarity, user_id FROM found_{number}")
            })
            .collect();
        let hits = hits.join(" UNION ALL ");
        let near = if first == 0 {
            format!(" UNION ALL {near} WHERE NOT EXISTS (SELECT FROM hits)")
        } else {
            String::new()
        };
        let found = found(&tiers, asked, "s.user_id DESC");
        (
            format!("{found}, hits AS MATERIALIZED ({hits}),"),
            format!("SELECT * FROM hits{near}"),
        )
    };
    format!(
        "WITH {tables}
         page AS (
             SELECT *, '' AS folded_name FROM ({page}) found
             ORDER BY tier, similarity DESC, user_id DESC LIMIT $1
         ) {SUMMARY} ORDER BY page.tier, page.similarity DESC, u.id DESC"
    )
}
