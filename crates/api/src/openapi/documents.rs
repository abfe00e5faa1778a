//! The routes of the documents of this API.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

/// The documents as they are sent.
pub struct DocumentText {
    /// Of the routes.
    pub openapi: String,
    /// Of the WebSocket.
    pub asyncapi: String,
}

/// This document
#[utoipa::path(
    operation_id = "getOpenApi",
    tag = "documents",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)),
    security(())
)]
#[get("/openapi.json")]
pub async fn openapi(document: Data<DocumentText>) -> HttpResponse {
    json(&document.openapi)
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
    json(&document.asyncapi)
}

fn json(text: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(text.to_owned())
}
