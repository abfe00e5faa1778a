//! The order of relevance: classes of matches, best first, and names spelt nearly so.

use alumx_domain::user::{DirectoryFilter, DirectoryKey};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Float, Nullable, Text};

use super::found::{Tier, found};
use super::row::Row;
use super::words::Search;
use super::{SUMMARY, conditions, filtered};

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

/// Tiers, best first: 1 the name or username is what was typed, 2 begins with it, 3 has its
/// words, 4 anything has its words. Tier 5, names spelt nearly so, is asked only if the others
/// find nobody.
pub(super) fn relevance(
    conn: &mut PgConnection,
    filter: &DirectoryFilter,
    search: Search,
    after: Option<&DirectoryKey>,
    limit: i64,
) -> QueryResult<Vec<Row>> {
    let start = Start::after(after);
    let sql = statement(&tiers(start.tier), start.tier, &conditions(filter, false));
    let Search {
        folded,
        prefix,
        words,
    } = search;
    filtered(sql, filter, None, limit)
        .bind::<Text, _>(folded)
        .bind::<Text, _>(prefix)
        .bind::<Nullable<Text>, _>(words)
        .bind::<Float, _>(start.similarity)
        .bind::<BigInt, _>(start.id)
        .load(conn)
}

/// The tiers of exact matches from this one on. Each leaves out what the better ones have.
fn tiers(first: i16) -> Vec<Tier> {
    let exact = "(s.name = $9 OR s.username = $9)";
    let prefix = "(s.name LIKE $10 OR s.username LIKE $10)";
    let in_names = "s.name_terms @@ $11::tsquery";
    let anywhere = "s.terms @@ $11::tsquery";
    let classes = [
        exact.to_owned(),
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
                "s.user_id < $13"
            } else {
                "true"
            },
        })
        .collect()
}

/// Names spelt nearly so.
///
/// Every user has a username; but an index of names alone, which has none, could be read whole
/// instead, and to compare a name takes long.
fn near(asked: &str) -> String {
    format!(
        "SELECT 5::smallint AS tier, n.similarity, n.user_id
         FROM (SELECT word_similarity($9, s.name) AS similarity, s.user_id
               FROM user_search s
               WHERE $9 <% s.name AND s.username IS NOT NULL AND {asked}) n"
    )
}

/// The statement of a page that begins in the tier `first`, 0 if it is the first page.
fn statement(tiers: &[Tier], first: i16, asked: &str) -> String {
    let near = near(asked);
    let (tables, page) = if tiers.is_empty() {
        let after = "(n.similarity, n.user_id) < ($12, $13)";
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
        let found = found(tiers, asked, "s.user_id DESC");
        (
            format!("{found}, hits AS MATERIALIZED ({hits}),"),
            format!("SELECT * FROM hits{near}"),
        )
    };
    format!(
        "WITH {tables}
         page AS (
             SELECT *, '' AS folded_name FROM ({page}) found
             ORDER BY tier, similarity DESC, user_id DESC LIMIT $8
         ) {SUMMARY} ORDER BY page.tier, page.similarity DESC, u.id DESC"
    )
}
