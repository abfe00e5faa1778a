//! The directory: one statement a page, keyset pages in every order.

mod found;
mod relevance;
mod row;
mod words;

use alumx_domain::page::{Page, PageRequest};
use alumx_domain::user::{
    DirectoryFilter, DirectoryKey, DirectoryOrder, ProfileList, SearchText, UserSummary,
};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

use super::fold::fold;
use super::lexeme::lexeme;
use super::search::label;
use crate::db::prepared::{Statement, Value, Values};
use found::{EVERYBODY, Tier, found};
use relevance::relevance;
use row::Row;
use words::{Search, escaped};

/// What every order filters by, with words to look for or without.
fn conditions(filter: &DirectoryFilter, words: Option<String>, values: &mut Values) -> String {
    let whole =
        |list, item: &Option<SearchText>| item.as_ref().map(|item| lexeme(&label(list, item)));
    let terms = [
        words,
        whole(ProfileList::Skills, &filter.skill),
        whole(ProfileList::TechStack, &filter.tech),
    ];
    let terms: Vec<String> = terms.into_iter().flatten().collect();
    let mut asked = Vec::new();
    if !terms.is_empty() {
        let terms = values.add(Value::Text(terms.join(" & ")));
        asked.push(format!("s.terms @@ {terms}::tsquery"));
    }
    if let Some(role) = filter.role {
        let role = values.add(Value::Text(<&str>::from(role).to_owned()));
        asked.push(format!("s.role = {role}"));
    }
    for (column, part) in [
        ("company", &filter.company),
        ("location", &filter.location),
        ("department", &filter.department),
    ] {
        let Some(folded) = part.as_ref().map(|part| fold(part)) else {
            continue;
        };
        if folded.is_empty() {
            // What folds to nothing, such as a lone accent, is in no text.
            asked.push("false".to_owned());
            continue;
        }
        let pattern = values.add(Value::Text(format!("%{}%", escaped(&folded))));
        asked.push(format!("s.{column} LIKE {pattern}"));
    }
    for (compared, year) in [
        ("=", filter.graduation_year),
        (">=", filter.graduation_year_from),
        ("<=", filter.graduation_year_to),
    ] {
        if let Some(year) = year {
            let year = values.add(Value::Number(year.get().into()));
            asked.push(format!("s.graduation_year {compared} {year}"));
        }
    }
    if asked.is_empty() {
        EVERYBODY.to_owned()
    } else {
        asked.join(" AND ")
    }
}

/// What is told of the users on a page, which are found first.
const SUMMARY: &str = "
    SELECT page.tier, page.folded_name, u.id, u.username, u.name, u.role,
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
    let mut values = Values::default();
    // `$1`, by which all know it.
    values.add(Value::Number(page.limit.overfetch()));
    let text = match (order, search) {
        (DirectoryOrder::Relevance, Some(search)) => relevance(filter, search, after, &mut values),
        (DirectoryOrder::Name, search) => by_name(filter, search, after, &mut values),
        (_, search) => newest(filter, search, after, &mut values),
    };
    let rows = load(conn, filter, (text, values))?;
    let rows = Page::cut(rows, page.limit, |row| row.key(order));
    let next = rows.next.transpose()?;
    let items: QueryResult<Vec<_>> = rows.items.into_iter().map(Row::into_summary).collect();
    Ok(Page {
        items: items?,
        next,
    })
}

/// Runs the statement.
///
/// What only searches, without filters, has one of a few texts: these are kept, and planned once
/// for all values, because to plan them takes longer than to run them. That is the best plan for
/// them by their construction: no part of it would be done in another way for other values.
fn load(
    conn: &mut PgConnection,
    filter: &DirectoryFilter,
    (text, values): (String, Values),
) -> QueryResult<Vec<Row>> {
    let unfiltered = DirectoryFilter {
        search: filter.search.clone(),
        ..DirectoryFilter::default()
    };
    let kept = *filter == unfiltered;
    let statement = Statement { text, values, kept };
    if !kept {
        return statement.load(conn);
    }
    conn.transaction(|conn| {
        conn.batch_execute("SET LOCAL plan_cache_mode = force_generic_plan")?;
        statement.load(conn)
    })
}

fn newest(
    filter: &DirectoryFilter,
    search: Option<Search>,
    after: Option<&DirectoryKey>,
    values: &mut Values,
) -> String {
    let before = match after {
        Some(DirectoryKey::Newest { id }) => id.raw(),
        _ => i64::MAX,
    };
    let before = values.add(Value::Number(before));
    let all = Tier {
        number: 0,
        condition: EVERYBODY.to_owned(),
        clustered: true,
        after: format!("s.user_id < {before}"),
    };
    let asked = conditions(filter, search.and_then(|search| search.words), values);
    let found = found(&[all], "$1", &asked, "s.user_id DESC");
    format!(
        "WITH {found}, page AS (
             SELECT tier, '' AS folded_name, user_id FROM found_0
         ) {SUMMARY} ORDER BY u.id DESC"
    )
}

fn by_name(
    filter: &DirectoryFilter,
    search: Option<Search>,
    after: Option<&DirectoryKey>,
    values: &mut Values,
) -> String {
    let (name, id) = match after {
        Some(DirectoryKey::Name { name, id }) => (name.clone(), id.raw()),
        _ => (String::new(), 0),
    };
    let (name, id) = (values.add(Value::Text(name)), values.add(Value::Number(id)));
    let all = Tier {
        number: 0,
        condition: EVERYBODY.to_owned(),
        clustered: true,
        after: format!("(s.name, s.user_id) > ({name}, {id})"),
    };
    let asked = conditions(filter, search.and_then(|search| search.words), values);
    let found = found(&[all], "$1", &asked, "s.name, s.user_id");
    format!(
        "WITH {found}, page AS (
             SELECT tier, name AS folded_name, user_id FROM found_0
         ) {SUMMARY} ORDER BY page.folded_name, u.id"
    )
}
