//! The OpenAPI document, collected from the routes and completed with what all of them share.

use actix_web::App;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Schema};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, Content, ContentBuilder, HeaderBuilder, LicenseBuilder, ObjectBuilder, OpenApi,
    OpenApiBuilder, Ref, RefOr, Required, Response, ResponseBuilder, SecurityRequirement, Type,
};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use alumx_domain::user::ProfileList;

use crate::account::RoleName;
use crate::http::ProblemCode;
use crate::http::problem::{FieldError, ProblemDocument};
use crate::http::route_table::limit;
use crate::{
    account, audit, chat, conversation, export, group_chat, job_post, operations, realtime, resume,
    user,
};

/// Below which path the API lies.
pub const BASE_PATH: &str = "/api/v1";

/// All routes of the service, each under its path.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(operations::routes).service(
        utoipa_actix_web::scope(BASE_PATH)
            .configure(account::routes)
            .configure(user::routes)
            .configure(job_post::routes)
            .configure(resume::routes)
            .configure(conversation::routes)
            .configure(chat::routes)
            .configure(group_chat::routes)
            .configure(realtime::routes)
            .configure(audit::routes)
            .configure(export::routes)
            .service(documents::openapi)
            .service(documents::asyncapi),
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

/// The document of the whole service.
pub fn document() -> OpenApi {
    let (_, collected) = App::new()
        .into_utoipa_app()
        .configure(routes)
        .split_for_parts();
    complete(collected)
}

const TAGS: [(&str, &str); 10] = [
    (
        "accounts",
        "Registering, signing in and out, and the caller's own account",
    ),
    ("users", "Profiles, their lists, and the directory"),
    ("job posts", "The job board: openings, likes and comments"),
    ("resumes", "Uploaded resumes, and those that profiles make"),
    (
        "chats",
        "Chats of two users, and how many messages are unread in all conversations",
    ),
    (
        "group chats",
        "Groups of up to 500 users: who is in them as what, and what they write",
    ),
    ("real time", "What happens, told live"),
    (
        "administration",
        "What admins do with accounts, and what happened to these",
    ),
    ("operations", "For those who run the service"),
    ("documents", "Descriptions of this API"),
];

const DESCRIPTION: &str = "Students, alumni and professors of a school keep profiles, find \
each other, post jobs, and write to each other in chats and groups.\n\nA message has a gapless number in \
its conversation, `seq`: who holds n and next sees n + 2 has missed one and asks for \
`?afterSeq=n`. A `clientMessageId` makes a send safe to repeat: it stores one message.\n\nSign in by `POST /auth/login` and send the access token as `Authorization: Bearer \
…`. Every answer has an `X-Request-Id`: the client's own (1–128 of `A–Z a–z 0–9 _ . -`), else a \
new one. Every `GET` has its `HEAD`. \
Who comes often reads in `RateLimit` and `RateLimit-Policy` (as the IETF drafts them) how much is \
left; who comes too often gets 429, and in `Retry-After` the seconds to wait. Every error is a problem document (RFC 9457); its `code` is \
one of these:\n\n";

fn complete(collected: OpenApi) -> OpenApi {
    let mut document = OpenApiBuilder::from(collected).build();
    "AlumX".clone_into(&mut document.info.title);
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    let license = env!("CARGO_PKG_LICENSE");
    let license = LicenseBuilder::new().name(license);
    let license = license.identifier(Some(env!("CARGO_PKG_LICENSE")));
    document.info.license = Some(license.build());
    // Collected as that of the crate that collects.
    document.info.contact = None;
    let tag = |(name, about)| TagBuilder::new().name(name).description(Some(about));
    document.tags = Some(TAGS.map(|named| tag(named).build()).to_vec());
    document.info.description = Some(format!("{DESCRIPTION}{}", code_table()));
    document.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(
        "bearer",
        [],
    )]);
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT");
    let bearer = SecurityScheme::Http(bearer.build());
    components
        .security_schemes
        .insert("bearer".to_owned(), RefOr::T(bearer));
    for (name, schema) in [
        (ProblemDocument::name(), ProblemDocument::schema()),
        (FieldError::name(), FieldError::schema()),
    ] {
        components.schemas.insert(name.into_owned(), schema);
    }
    complete_pages(components);
    close_bodies(&mut document);
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("GET", &mut item.get),
            ("PUT", &mut item.put),
            ("POST", &mut item.post),
            ("PATCH", &mut item.patch),
            ("DELETE", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                complete_operation(method, path, operation);
            }
        }
    }
    document
}

/// All codes of problems, in Markdown.
fn code_table() -> String {
    let row = |code: &ProblemCode| {
        let status = code.status().as_u16();
        format!("\n| {status} | `{}` | {} |", code.name(), code.title())
    };
    let rows: String = ProblemCode::ALL.iter().map(row).collect();
    format!("| status | code | meaning |\n|---|---|---|{rows}")
}

/// Bodies have the fields that they are documented with, and no others; one that may be left out
/// isn't written as null.
fn close_bodies(document: &mut OpenApi) {
    let operations = document.paths.paths.values_mut().flat_map(|item| {
        let operations = [&mut item.put, &mut item.post, &mut item.patch];
        operations.into_iter().flatten()
    });
    let mut names = Vec::new();
    for operation in operations {
        let Some(RefOr::T(body)) = &mut operation.request_body else {
            continue;
        };
        for content in body.content.values_mut() {
            let RefOr::T(Content {
                schema: Some(schema),
                ..
            }) = content
            else {
                continue;
            };
            if let RefOr::T(Schema::OneOf(or_null)) = schema
                && let Some(named) = or_null.items.iter().find(|s| matches!(s, RefOr::Ref(_)))
            {
                *schema = named.clone();
                body.required = Some(Required::False);
            }
            if let RefOr::Ref(named) = schema {
                names.extend(named.ref_location.rsplit('/').next().map(str::to_owned));
            }
        }
    }
    let components = document.components.get_or_insert_default();
    for name in names {
        if let Some(RefOr::T(Schema::Object(body))) = components.schemas.get_mut(&name) {
            body.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// Lists of one kind of thing name it, and show one.
fn complete_pages(components: &mut Components) {
    let example = |schema: &RefOr<Schema>| match schema {
        RefOr::T(Schema::Object(object)) => object.example.clone(),
        _ => None,
    };
    let examples: Vec<_> = components
        .schemas
        .iter()
        .filter_map(|(name, schema)| Some((name.clone(), example(schema)?)))
        .collect();
    for (item, example) in examples {
        let page = components.schemas.get_mut(&format!("Page_{item}"));
        let Some(RefOr::T(Schema::Object(page))) = page else {
            continue;
        };
        if let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items") {
            let item = RefOr::Ref(Ref::from_schema_name(item));
            items.items = ArrayItems::RefOrSchema(Box::new(item));
        }
        page.example = Some(serde_json::json!({
            "items": [example],
            "nextCursor": "WyJmZWVkIix7Im4iOnsiaWQiOjgxfX1d"
        }));
    }
}

/// Adds the answers that follow from what an operation takes, and says that all errors are
/// problem documents.
fn complete_operation(method: &str, path: &str, operation: &mut Operation) {
    let nobody = [SecurityRequirement::default()];
    let public = operation
        .security
        .as_deref()
        .is_some_and(|wanted| wanted == nobody);
    if public {
        // An empty list takes back what the whole document requires; `[{}]` would only relax it.
        operation.security = Some(Vec::new());
    }
    let limited = limit(method, path, operation).is_some();
    let has_body = operation.request_body.is_some();
    let shared = [
        // No route there takes a parameter that it doesn't know.
        (
            path.starts_with(BASE_PATH),
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
        (
            limited,
            "429",
            "This came too often; see `Retry-After` and `RateLimit`",
        ),
        (true, "500", "Something went wrong in the service"),
        (
            path.starts_with(BASE_PATH),
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
            complete_problem(status, response);
        }
    }
}

/// Says of an error's answer that it is a problem document, and which headers come with it.
fn complete_problem(status: &str, response: &mut Response) {
    let wait = ("Retry-After", Type::Integer, "Seconds to wait");
    let headers = match status {
        "401" => vec![("WWW-Authenticate", Type::String, "Always `Bearer`")],
        "429" => vec![
            wait,
            (
                "RateLimit",
                Type::String,
                "What is left, and when there is more",
            ),
            (
                "RateLimit-Policy",
                Type::String,
                "How much there is in which time",
            ),
        ],
        "503" => vec![wait],
        _ => Vec::new(),
    };
    for (name, schema_type, description) in headers {
        let schema = ObjectBuilder::new().schema_type(schema_type).build();
        let header = HeaderBuilder::new()
            .schema(Some(schema))
            .description(Some(description));
        let header = RefOr::T(header.build());
        response.headers.insert(name.to_owned(), header);
    }
    let problem = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(problem)).build();
    response
        .content
        .insert("application/problem+json".to_owned(), RefOr::T(content));
}

mod documents {
    use actix_web::web::Data;
    use actix_web::{HttpResponse, get};

    use super::DocumentText;

    /// This document
    #[utoipa::path(
    operation_id = "getOpenApi",
    tag = "documents",
        responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)),
        security(())
    )]
    #[get("/openapi.json")]
    pub async fn openapi(document: Data<DocumentText>) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("application/json")
            .body(document.openapi.clone())
    }

    /// What is said over the WebSocket
    #[utoipa::path(
        operation_id = "getAsyncApi",
        tag = "documents",
        responses((status = 200, description = "AsyncAPI 3.0", body = serde_json::Value)),
        security(())
    )]
    #[get("/asyncapi.json")]
    pub async fn asyncapi(document: Data<DocumentText>) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("application/json")
            .body(document.asyncapi.clone())
    }
}

/// The documents as they are sent.
pub struct DocumentText {
    /// Of the routes.
    pub openapi: String,
    /// Of the WebSocket.
    pub asyncapi: String,
}
