//! Opening and finding chats.

use actix_web::http::header;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use alumx_application::chat::ChatService;
use alumx_domain::chat::{Chat, ChatId};
use alumx_domain::conversation::ActivityKey;

use super::bodies::{ChatResponse, NewChatBody};
use crate::http::page::{PageQuery, PageResponse};
use crate::http::{Body, CurrentUser, Path, Problem, Query};
use crate::openapi::BASE_PATH;

/// Open a chat
///
/// Two users have one chat, whoever opens it and however often.
#[utoipa::path(
    operation_id = "openChat",
    tag = "chats",
    request_body = NewChatBody,
    responses(
        (status = 201, description = "The new chat", body = ChatResponse,
         headers(("Location" = String, description = "The chat"))),
        (status = 200, description = "The chat that was there already", body = ChatResponse),
        (status = 422, description = "`oneself` or `unknown_user`"),
    )
)]
#[post("/chats")]
pub async fn open(
    CurrentUser(caller): CurrentUser,
    Body(body): Body<NewChatBody>,
    chats: Data<ChatService>,
) -> Result<HttpResponse, Problem> {
    let (chat, is_new) = chats.open(caller, body.user_id).await?;
    let location = format!("{BASE_PATH}/chats/{}", chat.id);
    let chat = ChatResponse::from(chat);
    Ok(if is_new {
        HttpResponse::Created()
            .insert_header((header::LOCATION, location))
            .json(chat)
    } else {
        HttpResponse::Ok().json(chat)
    })
}

/// The caller's chats, the last active first
#[utoipa::path(
    operation_id = "listChats",
    tag = "chats",
    params(crate::openapi::PageParameters),
    responses((status = 200, description = "A page of the chats", body = PageResponse<ChatResponse>))
)]
#[get("/chats")]
pub async fn list(
    CurrentUser(caller): CurrentUser,
    Query(PageQuery(page)): Query<PageQuery<ActivityKey<Chat>>>,
    chats: Data<ChatService>,
) -> Result<Json<PageResponse<ChatResponse>>, Problem> {
    let page = chats.chats(caller, page).await?;
    Ok(Json(PageResponse::new(page, ChatResponse::from)))
}

/// A chat of the caller
#[utoipa::path(
    operation_id = "getChat",
    tag = "chats",
    params(("chatId" = i64, Path, minimum = 1)),
    responses(
        (status = 200, description = "The chat", body = ChatResponse),
        (status = 404, description = "There is no such chat, or the caller is not in it"),
    )
)]
#[get("/chats/{chatId}")]
pub async fn find(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<ChatId>,
    chats: Data<ChatService>,
) -> Result<Json<ChatResponse>, Problem> {
    Ok(Json(chats.chat(caller, id).await?.into()))
}
