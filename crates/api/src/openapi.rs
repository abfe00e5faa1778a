//! The OpenAPI document, collected from the routes and completed with what all of them share.

use actix_web::App;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder, SecurityRequirement,
};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::account::RoleName;
use crate::http::ProblemCode;
use crate::http::problem::{FieldError, ProblemDocument};
use crate::{account, job_post, operations, user};

/// Below which path the API lies.
pub const BASE_PATH: &str = "/api/v1";

/// All routes of the service, each under its path.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(operations::routes).service(
        utoipa_actix_web::scope(BASE_PATH)
            .configure(account::routes)
            .configure(user::routes)
            .configure(job_post::routes)
            .service(documents::openapi),
    );
}

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

/// Which list of a profile.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum Collection {
    Skills,
    Education,
    TechStack,
    Languages,
    Frameworks,
    CommunicationSkills,
    Certifications,
    Projects,
    SoftSkills,
    Hobbies,
    Experience,
    Internships,
}

/// The document of the whole service.
pub fn document() -> OpenApi {
    let (_, collected) = App::new()
        .into_utoipa_app()
        .configure(routes)
        .split_for_parts();
    complete(collected)
}

const DESCRIPTION: &str = "Students, alumni and professors of a school keep profiles and find \
each other.\n\nSign in by `POST /auth/login` and send the access token as `Authorization: Bearer \
…`. Every error is a problem document (RFC 9457); its `code` is one of these:\n\n";

fn complete(collected: OpenApi) -> OpenApi {
    let mut document = OpenApiBuilder::from(collected).build();
    document.info.title = "AlumX".to_owned();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document.info.license = None;
    let codes: Vec<String> = ProblemCode::ALL
        .iter()
        .map(|code| {
            format!(
                "| {} | `{}` | {} |",
                code.status().as_u16(),
                code.name(),
                code.title()
            )
        })
        .collect();
    let table = format!(
        "| status | code | meaning |\n|---|---|---|\n{}",
        codes.join("\n")
    );
    document.info.description = Some(format!("{DESCRIPTION}{table}"));
    document.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(
        "bearer",
        [],
    )]);
    let components = document.components.get_or_insert_default();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components
        .security_schemes
        .insert("bearer".to_owned(), RefOr::T(bearer));
    for (name, schema) in [
        (ProblemDocument::name(), ProblemDocument::schema()),
        (FieldError::name(), FieldError::schema()),
    ] {
        components.schemas.insert(name.into_owned(), schema);
    }
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.patch,
            &mut item.delete,
        ];
        operations
            .into_iter()
            .flatten()
            .for_each(complete_operation);
    }
    document
}

/// Adds the answers that follow from what an operation takes, and says that all errors are
/// problem documents.
fn complete_operation(operation: &mut Operation) {
    let nobody = [SecurityRequirement::default()];
    let public = operation
        .security
        .as_deref()
        .is_some_and(|wanted| wanted == nobody);
    if public {
        // An empty list takes back what the whole document requires; `[{}]` would only relax it.
        operation.security = Some(Vec::new());
    }
    let has_body = operation.request_body.is_some();
    let reads = |place: ParameterIn| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|p| matches!(p, RefOr::T(p) if p.parameter_in == place))
    };
    let parameters = reads(ParameterIn::Query) || reads(ParameterIn::Path);
    let shared = [
        (
            parameters || has_body,
            "400",
            "A parameter or the body can't be read",
        ),
        (
            !public,
            "401",
            "No access token, or one that is invalid or has expired",
        ),
        (has_body, "408", "The body took too long to arrive"),
        (has_body, "413", "The body is too large"),
        (has_body, "415", "The body is of another media type"),
        (has_body, "422", "Fields are missing, invalid or unknown"),
        (true, "500", "Something went wrong in the service"),
        (
            true,
            "503",
            "The service can't do this right now; see `Retry-After`",
        ),
    ];
    let responses = &mut operation.responses.responses;
    for (applies, status, description) in shared {
        if applies && !responses.contains_key(status) {
            let response = ResponseBuilder::new().description(description).build();
            responses.insert(status.to_owned(), RefOr::T(response));
        }
    }
    for (status, response) in responses.iter_mut() {
        if let (RefOr::T(response), true) = (response, status.as_str() >= "400") {
            let problem = Ref::from_schema_name("Problem");
            let content = ContentBuilder::new().schema(Some(problem)).build();
            response
                .content
                .insert("application/problem+json".to_owned(), RefOr::T(content));
        }
    }
}

mod documents {
    use actix_web::web::Data;
    use actix_web::{HttpResponse, get};

    use super::DocumentText;

    /// This document
    #[utoipa::path(
        tag = "documents",
        responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)),
        security(())
    )]
    #[get("/openapi.json")]
    pub async fn openapi(document: Data<DocumentText>) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("application/json")
            .body(document.0.clone())
    }
}

/// The document as it is sent.
pub struct DocumentText(pub String);
