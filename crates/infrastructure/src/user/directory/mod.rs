//! The directory: one statement a page, keyset pages in every order.

mod found;
mod relevance;
mod row;
mod words;

use alumx_domain::page::{Page, PageRequest};
use alumx_domain::user::{
    DirectoryFilter, DirectoryKey, DirectoryOrder, GraduationYear, ProfileList, SearchText,
    UserSummary,
};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};

use super::fold::fold;
use super::search::label;
use found::{EVERYBODY, Tier, found};
use relevance::relevance;
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

type Filtered =
    diesel::query_builder::BoxedSqlQuery<'static, diesel::pg::Pg, diesel::query_builder::SqlQuery>;

/// The statement with `$1` to `$8` bound, the filter and the limit; the order binds the rest:
///
/// | parameter | meaning |
/// |---|---|
/// | `$1` | query of the words, `skill` and `tech`; of the latter two alone by relevance |
/// | `$2` | role |
/// | `$3` `$4` `$5` | patterns of company, location and department |
/// | `$6` `$7` | first and last year of graduation |
/// | `$8` | how many users |
/// | newest: `$9` | the id that the page comes after |
/// | by name: `$9` `$10` | the folded name and the id that the page comes after |
/// | relevance: `$9` `$10` `$11` | what was typed, folded; pattern of what begins so; query of its words |
/// | relevance: `$12` `$13` | the similarity and the id that the page comes after |
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
