//! The feed: one statement a page, keyset pages in both orders.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::job_post::{FeedFilter, FeedKey, FeedOrder, JobPost, JobPostId};
use alumx_domain::page::{Page, PageRequest, PageSize};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text, Timestamptz};

use super::rows::{PostRow, Posts};
use super::search::{containing, query};
use crate::db::invalid_value;
use crate::schema::users;

/// A page of the feed. `PLAIN`: nothing is asked for but what is not expired, so that it is always
/// the same statement, prepared once; else it is planned with the values in view.
struct FeedPage<const TOP: bool, const PLAIN: bool> {
    search: Option<String>,
    company: Option<String>,
    location: Option<String>,
    employment_type: Option<&'static str>,
    author: Option<i64>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    live_at: Option<Timestamp>,
    after_rank: i64,
    after_id: i64,
    limit: i64,
}

impl<const TOP: bool, const PLAIN: bool> QueryFragment<Pg> for FeedPage<TOP, PLAIN> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !PLAIN {
            out.unsafe_to_cache_prepared();
        }
        if PLAIN {
            out.push_sql("SELECT * FROM (");
        }
        out.push_sql(if TOP {
            "SELECT p.post_id, p.hotness AS rank FROM job_posts p"
        } else {
            "SELECT p.post_id, p.post_id AS rank FROM job_posts p"
        });
        if self.search.is_some() || self.company.is_some() || self.location.is_some() {
            out.push_sql(" JOIN job_post_search s ON s.post_id = p.post_id");
        }
        out.push_sql(" WHERE ");
        self.push_start(&mut out)?;
        self.push_texts(&mut out)?;
        self.push_facts(&mut out)?;
        let order = if TOP {
            " ORDER BY rank DESC, p.post_id DESC LIMIT "
        } else {
            " ORDER BY rank DESC LIMIT "
        };
        out.push_sql(order);
        if PLAIN {
            // Of a limit that it doesn't know, PostgreSQL expects a tenth of all posts, and would
            // rather plan every page anew than keep a plan for so many.
            out.push_sql(&format!("{}) p", PageSize::LARGEST.overfetch()));
            out.push_sql(order);
        }
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl<const TOP: bool, const PLAIN: bool> QueryId for FeedPage<TOP, PLAIN> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = PLAIN;
}

impl<const TOP: bool, const PLAIN: bool> FeedPage<TOP, PLAIN> {
    /// Where the page begins.
    fn push_start<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if TOP {
            out.push_sql("(p.hotness, p.post_id) < (");
            out.push_bind_param::<BigInt, _>(&self.after_rank)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&self.after_id)?;
            out.push_sql(")");
        } else {
            out.push_sql("p.post_id < ");
            out.push_bind_param::<BigInt, _>(&self.after_id)?;
        }
        Ok(())
    }

    /// What is asked of the derived texts.
    fn push_texts<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if let Some(search) = &self.search {
            out.push_sql(" AND s.terms @@ websearch_to_tsquery('job_post_words', ");
            out.push_bind_param::<Text, _>(search)?;
            out.push_sql(")");
        }
        for (condition, part) in [
            (" AND s.company LIKE ", &self.company),
            (" AND s.location LIKE ", &self.location),
        ] {
            if let Some(part) = part {
                out.push_sql(condition);
                out.push_bind_param::<Text, _>(part)?;
            }
        }
        Ok(())
    }

    /// What is asked of the post itself.
    fn push_facts<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if let Some(employment_type) = &self.employment_type {
            out.push_sql(" AND p.employment_type = ");
            out.push_bind_param::<Text, _>(employment_type)?;
        }
        if let Some(author) = &self.author {
            out.push_sql(" AND p.author_id = ");
            out.push_bind_param::<BigInt, _>(author)?;
        }
        for (condition, time) in [
            (" AND p.created_at >= ", &self.from),
            (" AND p.created_at < ", &self.to),
        ] {
            if let Some(time) = time {
                out.push_sql(condition);
                out.push_bind_param::<Timestamptz, _>(time)?;
            }
        }
        if let Some(now) = &self.live_at {
            out.push_sql(" AND (p.expires_at IS NULL OR p.expires_at > ");
            out.push_bind_param::<Timestamptz, _>(now)?;
            out.push_sql(")");
        }
        Ok(())
    }

    fn new(filter: &FeedFilter, page: &PageRequest<FeedKey>, now: Timestamp) -> Self {
        let (after_rank, after_id) = match page.after {
            Some(FeedKey::Newest { id }) if !TOP => (id.raw(), id.raw()),
            Some(FeedKey::Top { hotness, id }) if TOP => (hotness, id.raw()),
            _ => (i64::MAX, i64::MAX),
        };
        Self {
            search: filter.search.as_deref().map(query),
            company: filter.company.as_deref().map(containing),
            location: filter.location.as_deref().map(containing),
            employment_type: filter.employment_type.map(Into::into),
            author: filter.author.map(UserId::raw),
            from: filter.from,
            to: filter.to,
            live_at: (!filter.include_expired).then_some(now),
            after_rank,
            after_id,
            limit: page.limit.overfetch(),
        }
    }

    fn load(self, conn: &mut PgConnection, viewer: UserId) -> QueryResult<Vec<PostRow>> {
        let query = Posts {
            choice: self,
            viewer: viewer.raw(),
        };
        query.load(conn)
    }
}

pub(super) fn list(
    conn: &mut PgConnection,
    viewer: UserId,
    filter: &FeedFilter,
    order: FeedOrder,
    page: &PageRequest<FeedKey>,
    now: Timestamp,
) -> QueryResult<Page<JobPost, FeedKey>> {
    let plain = *filter == FeedFilter::default();
    let rows = match (order, plain) {
        (FeedOrder::Newest, true) => {
            FeedPage::<false, true>::new(filter, page, now).load(conn, viewer)
        }
        (FeedOrder::Newest, false) => {
            FeedPage::<false, false>::new(filter, page, now).load(conn, viewer)
        }
        (FeedOrder::Top, true) => FeedPage::<true, true>::new(filter, page, now).load(conn, viewer),
        (FeedOrder::Top, false) => {
            FeedPage::<true, false>::new(filter, page, now).load(conn, viewer)
        }
    };
    let key = |row: &PostRow| -> QueryResult<FeedKey> {
        let id = JobPostId::try_from(row.id).map_err(invalid_value)?;
        Ok(match order {
            FeedOrder::Newest => FeedKey::Newest { id },
            FeedOrder::Top => FeedKey::Top {
                hotness: row.rank,
                id,
            },
        })
    };
    posts(Page::cut(rows?, page.limit, key))
}

/// All posts of one user.
struct OfAuthor {
    author: i64,
    after_id: i64,
    limit: i64,
}

impl QueryFragment<Pg> for OfAuthor {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT post_id, post_id AS rank FROM job_posts WHERE author_id = ");
        out.push_bind_param::<BigInt, _>(&self.author)?;
        out.push_sql(" AND post_id < ");
        out.push_bind_param::<BigInt, _>(&self.after_id)?;
        out.push_sql(" ORDER BY post_id DESC LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl QueryId for OfAuthor {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

pub(super) fn list_by_author(
    conn: &mut PgConnection,
    author: UserId,
    viewer: UserId,
    page: &PageRequest<JobPostId>,
) -> QueryResult<Option<Page<JobPost, JobPostId>>> {
    let choice = OfAuthor {
        author: author.raw(),
        after_id: page.after.map_or(i64::MAX, JobPostId::raw),
        limit: page.limit.overfetch(),
    };
    let viewer = viewer.raw();
    let rows: Vec<PostRow> = Posts { choice, viewer }.load(conn)?;
    // A deleted user has no posts, so only who has none may be nobody.
    let there = !rows.is_empty() || {
        let living =
            users::table.filter(users::id.eq(author.raw()).and(users::deleted_at.is_null()));
        diesel::select(diesel::dsl::exists(living)).get_result(conn)?
    };
    if !there {
        return Ok(None);
    }
    let key = |row: &PostRow| JobPostId::try_from(row.id).map_err(invalid_value);
    posts(Page::cut(rows, page.limit, key)).map(Some)
}

fn posts<K>(page: Page<PostRow, QueryResult<K>>) -> QueryResult<Page<JobPost, K>> {
    let items: QueryResult<Vec<_>> = page.items.into_iter().map(PostRow::into_post).collect();
    Ok(Page {
        items: items?,
        next: page.next.transpose()?,
    })
}
