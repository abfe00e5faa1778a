//! The feed: one statement a page, keyset pages in both orders.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::job_post::{FeedFilter, FeedKey, FeedOrder, JobPost, JobPostId};
use alumx_domain::page::{Page, PageRequest, PageSize};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text, Timestamptz};

use super::rows::{PostRow, Posts, Viewer, Viewers};
use super::search::{containing, query};
use crate::db::invalid_value;
use crate::db::together::Shared;
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

    fn load<V>(self, conn: &mut PgConnection, viewers: V) -> QueryResult<Vec<PostRow>>
    where
        V: QueryFragment<Pg> + QueryId,
    {
        let choice = self;
        Posts { choice, viewers }.load(conn)
    }
}

/// Whether nothing is asked of a page but where it begins.
pub(super) fn is_plain(filter: &FeedFilter) -> bool {
    *filter == FeedFilter::default()
}

/// A page of all posts, as a viewer wants it at this moment.
pub(super) struct PlainPage {
    pub viewer: UserId,
    pub order: FeedOrder,
    pub page: PageRequest<FeedKey>,
    pub now: Timestamp,
}

/// Of all who want the same page at the same time, only the likes differ.
impl Shared for PlainPage {
    type Answer = Page<JobPost, FeedKey>;

    const NAME: &'static str = "PgJobPostRepository::feed";
    // Pages that differ are no crowd.
    const LANES: usize = 4;
    const MOST: usize = 32;
    const MAY_REPEAT: bool = true;

    fn goes_with(&self, others: &[Self]) -> bool {
        let is_same = |first: &Self| first.order == self.order && first.page == self.page;
        others.first().is_none_or(is_same)
    }

    fn alone(&self, conn: &mut PgConnection) -> QueryResult<Self::Answer> {
        let filter = FeedFilter::default();
        list(conn, self.viewer, &filter, self.order, &self.page, self.now)
    }

    fn together(conn: &mut PgConnection, these: &[Self]) -> QueryResult<Vec<Option<Self::Answer>>> {
        let (Some(one), Some(now)) = (these.first(), these.iter().map(|one| one.now).max()) else {
            return Ok(Vec::new());
        };
        let viewers = Viewers(these.iter().map(|one| one.viewer.raw()).collect());
        let filter = FeedFilter::default();
        let rows = rows(conn, viewers, &filter, one.order, &one.page, now)?;
        let likes: Vec<_> = rows.iter().map(|row| row.liked_by.clone()).collect();
        let page = cut(rows, one.order, one.page.limit)?;
        let seen_by = |n: i64| {
            let mut likes = likes.iter();
            let mut page = page.clone();
            for post in &mut page.items {
                post.liked_by_viewer = likes.next().is_some_and(|likes| likes.contains(&n));
            }
            Some(page)
        };
        Ok((1..).zip(these).map(|(n, _)| seen_by(n)).collect())
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
    let rows = rows(conn, Viewer(viewer.raw()), filter, order, page, now)?;
    cut(rows, order, page.limit)
}

fn rows<V: QueryFragment<Pg> + QueryId>(
    conn: &mut PgConnection,
    viewers: V,
    filter: &FeedFilter,
    order: FeedOrder,
    page: &PageRequest<FeedKey>,
    now: Timestamp,
) -> QueryResult<Vec<PostRow>> {
    match (order, is_plain(filter)) {
        (FeedOrder::Newest, true) => {
            FeedPage::<false, true>::new(filter, page, now).load(conn, viewers)
        }
        (FeedOrder::Newest, false) => {
            FeedPage::<false, false>::new(filter, page, now).load(conn, viewers)
        }
        (FeedOrder::Top, true) => {
            FeedPage::<true, true>::new(filter, page, now).load(conn, viewers)
        }
        (FeedOrder::Top, false) => {
            FeedPage::<true, false>::new(filter, page, now).load(conn, viewers)
        }
    }
}

fn cut(
    rows: Vec<PostRow>,
    order: FeedOrder,
    limit: PageSize,
) -> QueryResult<Page<JobPost, FeedKey>> {
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
    posts(Page::cut(rows, limit, key))
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
    let viewers = Viewer(viewer.raw());
    let rows: Vec<PostRow> = Posts { choice, viewers }.load(conn)?;
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
