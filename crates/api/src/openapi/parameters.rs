//! Parameters as the document shows them: what reads them knows no OpenAPI.

use alumx_domain::user::ProfileList;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{ObjectBuilder, RefOr, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::account::RoleName;

/// Which page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what PageRequest reads")]
pub struct PageParameters {
    /// The most items on a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[param(max_length = 2048)]
    cursor: Option<String>,
}

/// Whom to find.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents what DirectoryQuery reads")]
pub struct DirectoryParameters {
    /// Words to look for, as plain text.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// Exactly this role.
    #[param(value_type = Option<RoleName>)]
    role: Option<String>,
    /// Has this skill, letter case ignored.
    #[param(min_length = 1, max_length = 200)]
    skill: Option<String>,
    /// Has this in the tech stack, letter case ignored.
    #[param(min_length = 1, max_length = 200)]
    tech: Option<String>,
    /// The company contains this, letter case ignored.
    #[param(min_length = 1, max_length = 200)]
    company: Option<String>,
    /// The location contains this, letter case ignored.
    #[param(min_length = 1, max_length = 200)]
    location: Option<String>,
    /// The department contains this, letter case ignored.
    #[param(min_length = 1, max_length = 200)]
    department: Option<String>,
    /// Graduated in this year.
    #[param(minimum = 1900, maximum = 2100)]
    graduation_year: Option<i64>,
    /// Graduated in this year or later.
    #[param(minimum = 1900, maximum = 2100)]
    graduation_year_from: Option<i64>,
    /// Graduated in this year or earlier.
    #[param(minimum = 1900, maximum = 2100)]
    graduation_year_to: Option<i64>,
    /// By default `relevance` with `q`, else `newest`; `relevance` needs `q`.
    #[param(inline)]
    sort: Option<DirectorySort>,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "documents DirectoryOrder, which knows no OpenAPI")]
enum DirectorySort {
    Relevance,
    Name,
    Newest,
}

/// Which list of a profile, as its name in a path.
pub struct Collection;

impl PartialSchema for Collection {
    fn schema() -> RefOr<Schema> {
        let names = ProfileList::all().map(crate::user::path_name);
        let names = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(names));
        RefOr::T(Schema::Object(names.build()))
    }
}

impl ToSchema for Collection {}
