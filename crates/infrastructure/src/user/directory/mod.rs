//! The directory: one statement a page, keyset pages in every order.

mod found;
mod row;
mod words;

use alumx_domain::page::{Page, PageRequest};
use alumx_domain::user::{
    DirectoryFilter, DirectoryKey, DirectoryOrder, GraduationYear, ProfileList, SearchText,
    UserSummary,
};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Float, Nullable, SmallInt, Text};

use super::fold::fold;
use super::search::label;
use found::{EVERYBODY, Tier, found};
use row::Row;
use words::{Search, escaped, lexeme};

/// What every order filters by: what is asked for, in the parameters that [`filtered`] binds.
fn conditions(filter: &DirectoryFilter, words: bool) -> String {
    let DirectoryFilter {
        graduation_year: year,
        graduation_year_from: from,
        graduation_year_to: to,
        ..
    } = filter;
    let terms = words || filter.skill.is_some() || filter.tech.is_some();
    let asked: Vec<_> = [
        (terms, "s.terms @@ $1::tsquery"),
        (filter.role.is_some(), "s.role = $2"),
        (filter.company.is_some(), "s.company LIKE $3"),
        (filter.location.is_some(), "s.location LIKE $4"),
        (filter.department.is_some(), "s.department LIKE $5"),
        (year.or(*from).is_some(), "s.graduation_year >= $6"),
        (year.or(*to).is_some(), "s.graduation_year <= $7"),
    ]
    .into_iter()
    .filter_map(|(asked, condition)| asked.then_some(condition))
    .collect();
    if asked.is_empty() {
        EVERYBODY.to_owned()
    } else {
        asked.join(" AND ")
    }
}

/// What is told of the users on a page, which are found first.
const SUMMARY: &str = "
    SELECT page.tier, page.similarity, page.folded_name, u.id, u.username, u.name, u.role,
           u.current_company, u.role_current, u.location, u.department, u.graduation_year,
           u.profile_completed,
           ARRAY(SELECT value FROM user_profile_entries e
                 WHERE e.user_id = page.user_id AND e.list = 'skills'
                 ORDER BY position LIMIT 10) AS skills
    FROM page JOIN users u ON u.id = page.user_id";

pub(super) fn list(
    conn: &mut PgConnection,
    filter: &DirectoryFilter,
    order: DirectoryOrder,
    page: &PageRequest<DirectoryKey>,
) -> QueryResult<Page<UserSummary, DirectoryKey>> {
    let search = filter.search.as_ref().map(Search::new);
    if search.as_ref().is_some_and(|search| search.words.is_none()) {
        // Nothing to look for is left after folding, such as of a lone accent.
        return Ok(Page {
            items: Vec::new(),
            next: None,
        });
    }
    let after = page.after.as_ref().filter(|key| key.order() == order);
    let limit = page.limit.overfetch();
    let rows = match (order, search) {
        (DirectoryOrder::Relevance, Some(search)) => relevance(conn, filter, search, after, limit)?,
        (DirectoryOrder::Name, search) => by_name(conn, filter, search, after, limit)?,
        (_, search) => newest(conn, filter, search, after, limit)?,
    };
    let rows = Page::cut(rows, page.limit, |row| row.key(order));
    let next = rows.next.transpose()?;
    let items: QueryResult<Vec<_>> = rows.items.into_iter().map(Row::into_summary).collect();
    Ok(Page {
        items: items?,
        next,
    })
}

fn newest(
    conn: &mut PgConnection,
    filter: &DirectoryFilter,
    search: Option<Search>,
    after: Option<&DirectoryKey>,
    limit: i64,
) -> QueryResult<Vec<Row>> {
    let before = match after {
        Some(DirectoryKey::Newest { id }) => id.raw(),
        _ => i64::MAX,
    };
    let all = Tier {
        number: 0,
        condition: EVERYBODY.to_owned(),
        after: "s.user_id < $9",
    };
    let asked = conditions(filter, search.is_some());
    let found = found(&[all], &asked, "s.user_id DESC");
    let sql = format!(
        "WITH {found}, page AS (
             SELECT tier, 0::real AS similarity, '' AS folded_name, user_id FROM found_0
         ) {SUMMARY} ORDER BY u.id DESC"
    );
    filtered(sql, filter, search, limit)
        .bind::<BigInt, _>(before)
        .load(conn)
}

fn by_name(
    conn: &mut PgConnection,
    filter: &DirectoryFilter,
    search: Option<Search>,
    after: Option<&DirectoryKey>,
    limit: i64,
) -> QueryResult<Vec<Row>> {
    let (name, id) = match after {
        Some(DirectoryKey::Name { name, id }) => (name.clone(), id.raw()),
        _ => (String::new(), 0),
    };
    let all = Tier {
        number: 0,
        condition: EVERYBODY.to_owned(),
        after: "(s.name, s.user_id) > ($9, $10)",
    };
    let asked = conditions(filter, search.is_some());
    let found = found(&[all], &asked, "s.name, s.user_id");
    let sql = format!(
        "WITH {found}, page AS (
             SELECT tier, 0::real AS similarity, name AS folded_name, user_id FROM found_0
         ) {SUMMARY} ORDER BY page.folded_name, u.id"
    );
    filtered(sql, filter, search, limit)
        .bind::<Text, _>(name)
        .bind::<BigInt, _>(id)
        .load(conn)
}

/// Tiers, best first: 1 the name or username is what was typed, 2 begins with it, 3 has its
/// words, 4 anything has its words. Tier 5, names spelt nearly so, is asked only if the others
/// find nobody.
fn relevance(
    conn: &mut PgConnection,
    filter: &DirectoryFilter,
    search: Search,
    after: Option<&DirectoryKey>,
    limit: i64,
) -> QueryResult<Vec<Row>> {
    let (tier, similarity, id) = match after {
        Some(DirectoryKey::Relevance {
            tier,
            similarity,
            id,
        }) => (*tier, *similarity, id.raw()),
        _ => (0, 0.0, i64::MAX),
    };
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
    let tiers: Vec<Tier> = (1..)
        .zip(classes)
        .filter(|(number, _)| *number >= tier)
        .map(|(number, condition)| Tier {
            number,
            condition,
            after: if number == tier {
                "s.user_id < $14"
            } else {
                "true"
            },
        })
        .collect();
    let hits: Vec<_> = tiers
        .iter()
        .map(|tier| {
            format!(
                "SELECT tier, 0::real AS similarity, user_id FROM found_{}",
                tier.number
            )
        })
        .collect();
    let asked = conditions(filter, false);
    // Every user has a username; but an index of names alone, which has none, could be read whole
    // instead, and to compare a name takes long.
    let near = format!(
        "SELECT 5::smallint AS tier, n.similarity, n.user_id
         FROM (SELECT word_similarity($9, s.name) AS similarity, s.user_id
               FROM user_search s
               WHERE $9 <% s.name AND s.username IS NOT NULL AND {asked}) n"
    );
    let (found, hits) = if tiers.is_empty() {
        let after = "(n.similarity, n.user_id) < ($13, $14)";
        (String::new(), format!("{near} WHERE {after}"))
    } else {
        let hits = hits.join(" UNION ALL ");
        let near = if tier == 0 {
            format!(" UNION ALL {near} WHERE NOT EXISTS (SELECT FROM hits)")
        } else {
            String::new()
        };
        let found = found(&tiers, &asked, "s.user_id DESC");
        (
            format!("{found}, hits AS MATERIALIZED ({hits}),"),
            format!("SELECT * FROM hits{near}"),
        )
    };
    let sql = format!(
        "WITH {found}
         page AS (
             SELECT *, '' AS folded_name FROM ({hits}) found
             ORDER BY tier, similarity DESC, user_id DESC LIMIT $8
         ) {SUMMARY} ORDER BY page.tier, page.similarity DESC, u.id DESC"
    );
    let Search {
        folded,
        prefix,
        words,
    } = search;
    filtered(sql, filter, None, limit)
        .bind::<Text, _>(folded)
        .bind::<Text, _>(prefix)
        .bind::<Nullable<Text>, _>(words)
        .bind::<SmallInt, _>(tier)
        .bind::<Float, _>(similarity)
        .bind::<BigInt, _>(id)
        .load(conn)
}

type Filtered =
    diesel::query_builder::BoxedSqlQuery<'static, diesel::pg::Pg, diesel::query_builder::SqlQuery>;

/// The statement with `$1` to `$8` bound: the filter and the limit.
fn filtered(sql: String, filter: &DirectoryFilter, search: Option<Search>, limit: i64) -> Filtered {
    let whole =
        |list, item: &Option<SearchText>| item.as_ref().map(|item| lexeme(&label(list, item)));
    let terms: Vec<String> = [
        search.and_then(|search| search.words),
        whole(ProfileList::Skills, &filter.skill),
        whole(ProfileList::TechStack, &filter.tech),
    ]
    .into_iter()
    .flatten()
    .collect();
    // What folds to nothing, such as a lone accent, is in no text: null is like nothing.
    let contains = |part: &Option<SearchText>| {
        let folded = part
            .as_ref()
            .map(|part| fold(part))
            .filter(|folded| !folded.is_empty());
        folded.map(|folded| format!("%{}%", escaped(&folded)))
    };
    let year = |bound: Option<GraduationYear>| bound.map(GraduationYear::get);
    diesel::sql_query(sql)
        .into_boxed::<diesel::pg::Pg>()
        .bind::<Nullable<Text>, _>((!terms.is_empty()).then(|| terms.join(" & ")))
        .bind::<Nullable<Text>, _>(filter.role.map(<&'static str>::from))
        .bind::<Nullable<Text>, _>(contains(&filter.company))
        .bind::<Nullable<Text>, _>(contains(&filter.location))
        .bind::<Nullable<Text>, _>(contains(&filter.department))
        .bind::<Nullable<SmallInt>, _>(
            year(filter.graduation_year).max(year(filter.graduation_year_from)),
        )
        .bind::<Nullable<SmallInt>, _>(match year(filter.graduation_year) {
            Some(exact) => Some(year(filter.graduation_year_to).map_or(exact, |to| to.min(exact))),
            None => year(filter.graduation_year_to),
        })
        .bind::<BigInt, _>(limit)
}
