//! The directory.

use actix_web::get;
use actix_web::web::{Data, Json};
use alumx_application::user::UserService;
use alumx_domain::account::UserId;
use alumx_domain::page::PageRequest;
use alumx_domain::user::{DirectoryFilter, DirectoryKey, DirectoryOrder};
use serde::{Deserialize, Serialize};

use super::bodies::UserSummaryResponse;
use crate::http::page::{CursorKey, PageResponse, take_page};
use crate::http::query::{FromQuery, Parameters};
use crate::http::{CurrentUser, Problem, Query};

/// Where a page of the directory ends; clients must not read it.
#[derive(Serialize, Deserialize)]
pub enum DirectoryCursor {
    #[serde(rename = "r")]
    Relevance {
        tier: i16,
        similarity: f32,
        id: UserId,
    },
    #[serde(rename = "a")]
    Name { name: String, id: UserId },
    #[serde(rename = "n")]
    Newest { id: UserId },
}

impl CursorKey for DirectoryKey {
    const LIST: &'static str = "directory";
    type Written = DirectoryCursor;

    fn write(self) -> DirectoryCursor {
        match self {
            Self::Relevance {
                tier,
                similarity,
                id,
            } => DirectoryCursor::Relevance {
                tier,
                similarity,
                id,
            },
            Self::Name { name, id } => DirectoryCursor::Name { name, id },
            Self::Newest { id } => DirectoryCursor::Newest { id },
        }
    }

    fn read(written: DirectoryCursor) -> Option<Self> {
        Some(match written {
            // A number that is too large is read as infinity, which was never written.
            DirectoryCursor::Relevance { similarity, .. } if !similarity.is_finite() => {
                return None;
            }
            DirectoryCursor::Relevance {
                tier,
                similarity,
                id,
            } => Self::Relevance {
                tier,
                similarity,
                id,
            },
            DirectoryCursor::Name { name, id } => Self::Name { name, id },
            DirectoryCursor::Newest { id } => Self::Newest { id },
        })
    }
}

/// What a page of the directory is asked for with.
pub struct DirectoryQuery {
    filter: DirectoryFilter,
    order: DirectoryOrder,
    page: PageRequest<DirectoryKey>,
}

impl FromQuery for DirectoryQuery {
    fn read(parameters: &mut Parameters) -> Option<Self> {
        let search = parameters.take("q");
        let searching = !matches!(search, Some(None));
        let role = parameters.take("role");
        let (skill, tech) = (parameters.take("skill"), parameters.take("tech"));
        let (company, location) = (parameters.take("company"), parameters.take("location"));
        let department = parameters.take("department");
        let graduation_year = parameters.take("graduationYear");
        let graduation_year_from = parameters.take("graduationYearFrom");
        let graduation_year_to = parameters.take("graduationYearTo");
        let order = take_order(parameters, searching);
        let page =
            take_page::<DirectoryKey>(parameters, |key| order.is_none_or(|order| key.fits(order)));
        let filter = DirectoryFilter {
            search: search?,
            role: role?,
            skill: skill?,
            tech: tech?,
            company: company?,
            location: location?,
            department: department?,
            graduation_year: graduation_year?,
            graduation_year_from: graduation_year_from?,
            graduation_year_to: graduation_year_to?,
        };
        Some(Self {
            filter,
            order: order?,
            page: page?,
        })
    }
}

fn take_order(parameters: &mut Parameters, searching: bool) -> Option<DirectoryOrder> {
    match parameters.take::<DirectoryOrder>("sort")? {
        Some(DirectoryOrder::Relevance) if !searching => {
            parameters.refuse("sort", "relevance_without_q", "needs q to be by relevance");
            None
        }
        Some(order) => Some(order),
        None if searching => Some(DirectoryOrder::Relevance),
        None => Some(DirectoryOrder::Newest),
    }
}

/// Find users
///
/// All filters must hold. Every word of `q` must begin a word of the name, username, company,
/// role, location, department or a list; where that finds nobody, names spelt nearly so are found.
#[utoipa::path(
    operation_id = "listUsers",
    tag = "users",
    params(crate::openapi::DirectoryParameters, crate::openapi::PageParameters),
    responses((status = 200, description = "A page of users", body = PageResponse<UserSummaryResponse>))
)]
#[get("/users")]
pub async fn list(
    _caller: CurrentUser,
    Query(query): Query<DirectoryQuery>,
    users: Data<UserService>,
) -> Result<Json<PageResponse<UserSummaryResponse>>, Problem> {
    let page = users
        .directory(&query.filter, query.order, query.page)
        .await?;
    Ok(Json(PageResponse::new(page, UserSummaryResponse::from)))
}
