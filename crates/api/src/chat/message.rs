//! Messages of a chat, and how far they are read.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, post, put};
use alumx_application::conversation::ConversationService;
use alumx_domain::chat::{Chat, ChatId};
use alumx_domain::conversation::{ConversationId, MessageId};

use crate::conversation::{
    self, MessageParameters, MessageResponse, MessagesQuery, NewMessageBody, ReadBody,
    ReadPositionResponse,
};
use crate::http::page::PageResponse;
use crate::http::{Body, CurrentUser, Path, Problem, Query};

/// The messages of a chat, newest first
///
/// After `afterSeq` oldest first. Deleted ones are there without their content.
#[utoipa::path(
    operation_id = "listChatMessages",
    tag = "chats",
    params(("chatId" = i64, Path, minimum = 1), MessageParameters, crate::openapi::PageParameters),
    responses(
        (status = 200, description = "A page of the messages", body = PageResponse<MessageResponse>),
        (status = 404, description = "There is no such chat, or the caller is not in it"),
    )
)]
#[get("/chats/{chatId}/messages")]
pub async fn list(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<ChatId>,
    Query(query): Query<MessagesQuery<Chat>>,
    conversations: Data<ConversationService>,
) -> Result<Json<PageResponse<MessageResponse>>, Problem> {
    conversation::list(&conversations, caller, ConversationId::Chat(id), query).await
}

/// Send a message
///
/// The same `clientMessageId` of the same sender stores one message, however often it is sent.
#[utoipa::path(
    operation_id = "sendChatMessage",
    tag = "chats",
    params(("chatId" = i64, Path, minimum = 1)),
    request_body = NewMessageBody,
    responses(
        (status = 201, description = "The new message", body = MessageResponse),
        (status = 200, description = "The message that was sent before", body = MessageResponse),
        (status = 404, description = "There is no such chat, or the caller is not in it"),
        (status = 409, description = "`client_message_id_reused` or `recipient_deleted`"),
    )
)]
#[post("/chats/{chatId}/messages")]
pub async fn send(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<ChatId>,
    Body(body): Body<NewMessageBody>,
    conversations: Data<ConversationService>,
) -> Result<HttpResponse, Problem> {
    conversation::send(&conversations, caller, ConversationId::Chat(id), body).await
}

/// Delete a message
///
/// For its sender. Its number stays, and nothing of what it said.
#[utoipa::path(
    operation_id = "deleteChatMessage",
    tag = "chats",
    params(("chatId" = i64, Path, minimum = 1), ("id" = i64, Path, minimum = 1)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "Not the sender"),
        (status = 404, description = "There is no such message, or the caller is not in the chat"),
    )
)]
#[delete("/chats/{chatId}/messages/{id}")]
pub async fn delete(
    CurrentUser(caller): CurrentUser,
    Path((chat, id)): Path<(ChatId, MessageId)>,
    conversations: Data<ConversationService>,
) -> Result<HttpResponse, Problem> {
    conversation::delete(&conversations, caller, ConversationId::Chat(chat), id).await
}

/// Say how far the caller has read
///
/// Never moves back.
#[utoipa::path(
    operation_id = "markChatRead",
    tag = "chats",
    params(("chatId" = i64, Path, minimum = 1)),
    request_body = ReadBody,
    responses(
        (status = 200, description = "How far the caller has read now", body = ReadPositionResponse),
        (status = 404, description = "There is no such chat, or the caller is not in it"),
        (status = 422, description = "There is no message of this number yet"),
    )
)]
#[put("/chats/{chatId}/read")]
pub async fn mark_read(
    CurrentUser(caller): CurrentUser,
    Path(id): Path<ChatId>,
    Body(body): Body<ReadBody>,
    conversations: Data<ConversationService>,
) -> Result<Json<ReadPositionResponse>, Problem> {
    conversation::mark_read(&conversations, caller, ConversationId::Chat(id), body).await
}
