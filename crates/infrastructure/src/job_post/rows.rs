//! Whole posts, however they are chosen, in one round trip.

use alumx_domain::clock::Timestamp;
use alumx_domain::job_post::{ImageFile, JobPost, PostImage, PostImages};
use alumx_domain::text::InvalidValue;
use alumx_domain::user::WebUrl;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz};

use crate::db::invalid_value;
use crate::files::UPLOADED;
use crate::user::optional;
use crate::user::reference::{UserRefColumns, UserRefRow};

/// The posts that `choice` chooses, and which of these viewers like them.
///
/// The choice is a statement that answers `(post_id, rank)`, in which the larger rank comes first.
/// It reads an index only; everything else is joined to the few posts it chose. Written as text,
/// yet prepared once per connection, as `sql_query` can't be.
pub(super) struct Posts<C, V> {
    pub choice: C,
    pub viewers: V,
}

/// One viewer. Of an array that it doesn't know, PostgreSQL expects ten, and would rather plan
/// every page anew than keep a plan for so many.
pub(super) struct Viewer(pub i64);

impl QueryFragment<Pg> for Viewer {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("ARRAY[");
        out.push_bind_param::<BigInt, _>(&self.0)?;
        out.push_sql("]");
        Ok(())
    }
}

impl QueryId for Viewer {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

/// Many viewers.
pub(super) struct Viewers(pub Vec<i64>);

impl QueryFragment<Pg> for Viewers {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<Array<BigInt>, _>(&self.0)
    }
}

impl QueryId for Viewers {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

/// Like by like: without the limit, all likes of a viewer or of a post might be looked through.
const WHOLE: &str = ") SELECT choice.rank, p.post_id, u.id, u.username, u.name, u.role, p.title, \
    p.company, p.location, p.employment_type, p.description, p.apply_url, p.expires_at, \
    ARRAY(SELECT image_url FROM job_post_images i WHERE i.post_id = p.post_id ORDER BY i.position), \
    p.like_count, p.comment_count, p.created_at, p.updated_at, \
    ARRAY(SELECT viewer.n FROM unnest(";

const LIKED: &str = ") WITH ORDINALITY AS viewer (id, n) CROSS JOIN LATERAL ( \
        SELECT FROM job_post_likes l WHERE l.post_id = p.post_id AND l.user_id = viewer.id LIMIT 1 \
    ) mine) \
    FROM choice JOIN job_posts p ON p.post_id = choice.post_id JOIN users u ON u.id = p.author_id \
    ORDER BY choice.rank DESC, choice.post_id DESC";

impl<C: QueryFragment<Pg>, V: QueryFragment<Pg>> QueryFragment<Pg> for Posts<C, V> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH choice AS (");
        self.choice.walk_ast(out.reborrow())?;
        out.push_sql(WHOLE);
        self.viewers.walk_ast(out.reborrow())?;
        out.push_sql(LIKED);
        Ok(())
    }
}

impl<C: QueryId, V: QueryId> QueryId for Posts<C, V> {
    type QueryId = Posts<C::QueryId, V::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID && V::HAS_STATIC_QUERY_ID;
}

impl<C, V> Query for Posts<C, V> {
    type SqlType = (
        BigInt,
        BigInt,
        UserRefColumns,
        Text,
        Nullable<Text>,
        Nullable<Text>,
        Text,
        Text,
        Nullable<Text>,
        Nullable<Timestamptz>,
        Array<Text>,
        Integer,
        Integer,
        Timestamptz,
        Timestamptz,
        Array<BigInt>,
    );
}

impl<C, V> RunQueryDsl<PgConnection> for Posts<C, V> {}

#[derive(Queryable)]
pub(super) struct PostRow {
    pub rank: i64,
    pub id: i64,
    author: UserRefRow,
    title: String,
    company: Option<String>,
    location: Option<String>,
    employment_type: String,
    description: String,
    apply_url: Option<String>,
    expires_at: Option<Timestamp>,
    images: Vec<String>,
    like_count: i32,
    comment_count: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// The places, from 1, of those viewers who like it.
    pub liked_by: Vec<i64>,
}

impl PostRow {
    /// The post as the first viewer sees it.
    pub(super) fn into_post(self) -> QueryResult<JobPost> {
        Ok(JobPost {
            id: self.id.try_into().map_err(invalid_value)?,
            author: self.author.into_ref()?,
            title: stored(self.title)?,
            company: optional(self.company)?,
            location: optional(self.location)?,
            employment_type: stored(self.employment_type)?,
            description: stored(self.description)?,
            apply_url: self.apply_url.map(link).transpose()?,
            expires_at: self.expires_at,
            images: images(self.images)?,
            like_count: self.like_count,
            comment_count: self.comment_count,
            liked_by_viewer: self.liked_by.contains(&1),
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// As [`image_url`] wrote them.
fn images(urls: Vec<String>) -> QueryResult<PostImages> {
    let image = |url: String| match url.strip_prefix(UPLOADED) {
        Some(name) => {
            let file = ImageFile::named(name).map_err(invalid_value)?;
            Ok(PostImage::Uploaded(file))
        }
        None => link(url).map(PostImage::Linked),
    };
    let images: QueryResult<Vec<PostImage>> = urls.into_iter().map(image).collect();
    PostImages::try_from(images?).map_err(invalid_value)
}

fn link(url: String) -> QueryResult<WebUrl> {
    WebUrl::stored(url).map_err(invalid_value)
}

/// What is stored of an image.
pub(super) fn image_url(image: &PostImage) -> String {
    match image {
        PostImage::Linked(url) => url.to_string(),
        PostImage::Uploaded(file) => format!("{UPLOADED}{}", file.name()),
    }
}

pub(super) fn stored<T: TryFrom<String, Error = InvalidValue>>(text: String) -> QueryResult<T> {
    text.try_into().map_err(invalid_value)
}

/// One post.
pub(super) struct One(pub i64);

impl QueryFragment<Pg> for One {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT post_id, 0::bigint AS rank FROM job_posts WHERE post_id = ");
        out.push_bind_param::<BigInt, _>(&self.0)
    }
}

impl QueryId for One {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}
