//! The OpenAPI document, collected from the routes and completed with what all of them share.

mod answers;
mod bodies;
mod documents;
mod parameters;

pub use documents::DocumentText;
pub use parameters::{Collection, DirectoryParameters, PageParameters};

use actix_web::App;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{LicenseBuilder, OpenApi, OpenApiBuilder, RefOr, SecurityRequirement};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::ProblemCode;
use crate::http::problem::{FieldError, ProblemDocument};
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
    bodies::complete_pages(components);
    bodies::close(&mut document);
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
                answers::complete(method, path, operation);
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
