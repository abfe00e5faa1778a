//! The directory: one statement a page, keyset pages in every order.

use alumx_domain::account::UserId;
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::user::{
    DirectoryFilter, DirectoryKey, DirectoryOrder, GraduationYear, ProfileList, SearchText,
    UserSummary,
};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Float, Nullable, SmallInt, Text};

use super::fold::{fold, words};
use super::profile::optional;
use super::search::label;
use crate::account::parsed;
use crate::db::invalid_value;

/// The most words of a search that are looked up, the longest first: more make it no sharper.
const MAX_WORDS: usize = 8;

/// What every order filters by. The statement is planned with the values in view, so that the
/// conditions of filters that are not asked for (null) vanish, and the best index is chosen.
///
/// A search for words is said twice, here and below: PostgreSQL takes a rare word for one that some
/// in a hundred have, and would look for the first of them in the order of the list, through
/// everybody. Said twice it is taken for as rare as it is; one that many have is still looked for
/// in that order.
const FILTER: &str = "
    ($1 IS NULL OR s.terms @@ $1::tsquery AND s.terms @@ $1::tsquery)
    AND ($2 IS NULL OR s.role = $2)
    AND ($3 IS NULL OR s.company LIKE $3)
    AND ($4 IS NULL OR s.location LIKE $4)
    AND ($5 IS NULL OR s.department LIKE $5)
    AND ($6 IS NULL OR s.graduation_year >= $6)
    AND ($7 IS NULL OR s.graduation_year <= $7)";

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
    let sql = format!(
        "WITH page AS (
             SELECT 0::smallint AS tier, 0::real AS similarity, '' AS folded_name, s.user_id
             FROM user_search s
             WHERE s.user_id < $9 AND {FILTER}
             ORDER BY s.user_id DESC LIMIT $8
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
    let sql = format!(
        "WITH page AS (
             SELECT 0::smallint AS tier, 0::real AS similarity, s.name AS folded_name, s.user_id
             FROM user_search s
             WHERE (s.name, s.user_id) > ($9, $10) AND {FILTER}
             ORDER BY s.name, s.user_id LIMIT $8
         ) {SUMMARY} ORDER BY page.folded_name, u.id"
    );
    filtered(sql, filter, search, limit)
        .bind::<Text, _>(name)
        .bind::<BigInt, _>(id)
        .load(conn)
}

/// Tiers, best first: 1 the name or username is what was typed, 2 begins with it, 3 has its
/// words, 4 anything has its words. Each is found by an index of its own, cut to a page, and asked
/// only if the better ones don't fill the page, so that a word that many have costs no more than a
/// rare one. Tier 5, names spelt nearly so, is asked only if the others find nobody.
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
    let anywhere = "s.terms @@ $11::tsquery AND s.terms @@ $11::tsquery";
    let conditions = [
        exact.to_owned(),
        format!("{prefix} AND NOT {exact}"),
        format!("{in_names} AND {in_names} AND NOT {prefix}"),
        format!("{anywhere} AND NOT {in_names} AND NOT {prefix}"),
    ];
    let tiers: Vec<String> = (1..)
        .zip(conditions)
        .map(|(n, condition)| {
            let better = n - 1;
            format!(
                "tier{n} AS MATERIALIZED (
                     SELECT * FROM tier{better}
                     UNION ALL
                     (SELECT {n}::smallint AS tier, 0::real AS similarity, s.user_id FROM user_search s
                      WHERE {condition} AND {FILTER} AND ($12 < {n} OR $12 = {n} AND s.user_id < $14)
                        AND (SELECT count(*) FROM tier{better}) < $8
                      ORDER BY s.user_id DESC LIMIT $8)
                 )"
            )
        })
        .collect();
    let tiers = tiers.join(", ");
    let sql = format!(
        "WITH tier0 AS (
             SELECT 0::smallint AS tier, 0::real AS similarity, 0::bigint AS user_id WHERE FALSE
         ),
         {tiers},
         near AS (
             SELECT 5::smallint AS tier, n.similarity, n.user_id FROM (
                 SELECT word_similarity($9, s.name) AS similarity, s.user_id
                 FROM user_search s
                 WHERE $9 <% s.name AND {FILTER}
             ) n
             WHERE $12 IN (0, 5) AND NOT EXISTS (SELECT FROM tier4)
               AND ($12 = 0 OR (n.similarity, n.user_id) < ($13, $14))
             ORDER BY n.similarity DESC, n.user_id DESC LIMIT $8
         ),
         page AS (
             SELECT *, '' AS folded_name FROM (SELECT * FROM tier4 UNION ALL SELECT * FROM near) found
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

/// What was typed, in the forms in which it is looked up.
struct Search {
    folded: String,
    /// Pattern of what begins with it.
    prefix: String,
    /// Query of its words, each of which must begin a word; `None` if there is none.
    words: Option<String>,
}

impl Search {
    fn new(text: &SearchText) -> Self {
        let folded = fold(text);
        let mut longest: Vec<String> = words(&folded).into_iter().collect();
        longest.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        longest.truncate(MAX_WORDS);
        let terms: Vec<_> = longest
            .iter()
            .map(|word| format!("{}:*", lexeme(word)))
            .collect();
        let words = (!terms.is_empty()).then(|| terms.join(" & "));
        Self {
            prefix: format!("{}%", escaped(&folded)),
            folded,
            words,
        }
    }
}

/// The text as a literal of a tsquery.
fn lexeme(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// The text as a literal of a LIKE pattern.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
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
    let contains = |part: &Option<SearchText>| {
        part.as_ref()
            .map(|part| format!("%{}%", escaped(&fold(part))))
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

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SmallInt)]
    tier: i16,
    #[diesel(sql_type = Float)]
    similarity: f32,
    #[diesel(sql_type = Text)]
    folded_name: String,
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Nullable<Text>)]
    username: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    current_company: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    role_current: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    location: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    department: Option<String>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    graduation_year: Option<i16>,
    #[diesel(sql_type = Bool)]
    profile_completed: bool,
    #[diesel(sql_type = Array<Text>)]
    skills: Vec<String>,
}

impl Row {
    fn key(&self, order: DirectoryOrder) -> QueryResult<DirectoryKey> {
        let id = UserId::try_from(self.id).map_err(invalid_value)?;
        Ok(match order {
            DirectoryOrder::Relevance => DirectoryKey::Relevance {
                tier: self.tier,
                similarity: self.similarity,
                id,
            },
            DirectoryOrder::Name => DirectoryKey::Name {
                name: self.folded_name.clone(),
                id,
            },
            DirectoryOrder::Newest => DirectoryKey::Newest { id },
        })
    }

    fn into_summary(self) -> QueryResult<UserSummary> {
        let year = self
            .graduation_year
            .map(|year| GraduationYear::try_from(i64::from(year)));
        Ok(UserSummary {
            id: self.id.try_into().map_err(invalid_value)?,
            username: parsed(self.username)?,
            name: parsed(self.name)?,
            role: parsed(self.role)?,
            current_company: optional(self.current_company)?,
            current_role: optional(self.role_current)?,
            location: optional(self.location)?,
            department: optional(self.department)?,
            graduation_year: year.transpose().map_err(invalid_value)?,
            skills: self.skills,
            profile_completed: self.profile_completed,
        })
    }
}
