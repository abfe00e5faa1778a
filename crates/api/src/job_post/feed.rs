//! The feed, and the posts of one user.

use actix_web::get;
use actix_web::web::{Data, Json};
use alumx_application::job_post::JobPostService;
use alumx_domain::account::UserId;
use alumx_domain::job_post::{FeedFilter, FeedKey, FeedOrder, JobPostId};
use alumx_domain::page::PageRequest;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bodies::{EmploymentTypeName, JobPostResponse};
use super::links::Links;
use crate::http::page::{CursorKey, PageQuery, PageResponse, take_page};
use crate::http::query::{FromQuery, Parameters};
use crate::http::{CurrentUser, Path, Problem, Query};

/// Where a page of the feed ends; clients must not read it.
#[derive(Serialize, Deserialize)]
pub enum FeedCursor {
    #[serde(rename = "n")]
    Newest { id: JobPostId },
    #[serde(rename = "t")]
    Top { hotness: i64, id: JobPostId },
}

impl CursorKey for FeedKey {
    const LIST: &'static str = "feed";
    type Written = FeedCursor;

    fn write(self) -> FeedCursor {
        match self {
            Self::Newest { id } => FeedCursor::Newest { id },
            Self::Top { hotness, id } => FeedCursor::Top { hotness, id },
        }
    }

    fn read(written: FeedCursor) -> Option<Self> {
        Some(match written {
            FeedCursor::Newest { id } => Self::Newest { id },
            FeedCursor::Top { hotness, id } => Self::Top { hotness, id },
        })
    }
}

/// What a page of the feed is asked for with.
pub struct FeedQuery {
    filter: FeedFilter,
    order: FeedOrder,
    page: PageRequest<FeedKey>,
}

impl FromQuery for FeedQuery {
    fn read(parameters: &mut Parameters) -> Option<Self> {
        let order = parameters
            .take("sort")
            .map(|order| order.unwrap_or(FeedOrder::Newest));
        let (search, employment_type) = (parameters.take("q"), parameters.take("employmentType"));
        let (company, location) = (parameters.take("company"), parameters.take("location"));
        let author = parameters.take("authorId");
        let (from, to) = (parameters.take("from"), parameters.take("to"));
        let include_expired = parameters.take("includeExpired");
        let page = take_page::<FeedKey>(parameters, |key| {
            order.is_none_or(|order| key.order() == order)
        });
        let filter = FeedFilter {
            search: search?,
            employment_type: employment_type?,
            company: company?,
            location: location?,
            author: author?,
            from: from?,
            to: to?,
            include_expired: include_expired?.unwrap_or(false),
        };
        Some(Self {
            filter,
            order: order?,
            page: page?,
        })
    }
}

/// Which posts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents what FeedQuery reads")]
struct FeedParameters {
    /// Words of the title, description and company: all of them; `or` between alternatives, `"…"`
    /// around a phrase, `-` before a word that must be missing.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// Exactly this employment.
    #[param(value_type = Option<EmploymentTypeName>)]
    employment_type: Option<String>,
    /// The company contains this, letter case ignored.
    #[param(min_length = 1, max_length = 200)]
    company: Option<String>,
    /// The location contains this, letter case ignored.
    #[param(min_length = 1, max_length = 200)]
    location: Option<String>,
    /// Posted by this user.
    #[param(minimum = 1)]
    author_id: Option<i64>,
    /// Posted at this time or later.
    from: Option<DateTime<Utc>>,
    /// Posted before this time.
    to: Option<DateTime<Utc>>,
    /// Also posts that are out of date.
    #[param(default = false)]
    include_expired: Option<bool>,
    /// `newest` by default; in `top` each doubling of 1 + likes + 2 × comments counts as much as
    /// being posted a day later.
    #[param(inline)]
    sort: Option<FeedSort>,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "documents FeedOrder, which knows no OpenAPI")]
enum FeedSort {
    Newest,
    Top,
}

/// The feed
///
/// All filters must hold. While `top` is paged, a post whose rank changes may move; no other is
/// skipped or repeated.
#[utoipa::path(
    operation_id = "listJobPosts",
    tag = "job posts",
    params(FeedParameters, crate::openapi::PageParameters),
    responses((status = 200, description = "A page of the posts", body = PageResponse<JobPostResponse>))
)]
#[get("/job-posts")]
pub async fn list(
    CurrentUser(caller): CurrentUser,
    Query(query): Query<FeedQuery>,
    links: Links,
    posts: Data<JobPostService>,
) -> Result<Json<PageResponse<JobPostResponse>>, Problem> {
    let page = posts
        .feed(caller, &query.filter, query.order, query.page)
        .await?;
    Ok(Json(PageResponse::new(page, |post| {
        JobPostResponse::new(post, &links)
    })))
}

/// All posts of a user, expired ones too, newest first
#[utoipa::path(
    operation_id = "listJobPostsOfUser",
    tag = "job posts",
    params(("id" = i64, Path, minimum = 1), crate::openapi::PageParameters),
    responses(
        (status = 200, description = "A page of the posts", body = PageResponse<JobPostResponse>),
        (status = 404, description = "There is no such user"),
    )
)]
#[get("/users/{id}/job-posts")]
pub async fn list_of_user(
    CurrentUser(caller): CurrentUser,
    Path(author): Path<UserId>,
    Query(PageQuery(page)): Query<PageQuery<JobPostId>>,
    links: Links,
    posts: Data<JobPostService>,
) -> Result<Json<PageResponse<JobPostResponse>>, Problem> {
    let page = posts.posts_of(caller, author, page).await?;
    Ok(Json(PageResponse::new(page, |post| {
        JobPostResponse::new(post, &links)
    })))
}
