//! What routes of chats and of groups do alike.

use actix_web::HttpResponse;
use actix_web::web::Json;
use alumx_application::conversation::ConversationService;
use alumx_domain::account::Caller;
use alumx_domain::conversation::{ConversationId, MessageId};

use super::page::ConversationLists;
use super::{MessageResponse, MessagesQuery, NewMessageBody, ReadBody, ReadPositionResponse};
use crate::http::Problem;
use crate::http::page::PageResponse;

/// A page of messages.
pub async fn list<T: ConversationLists>(
    conversations: &ConversationService,
    caller: Caller,
    conversation: ConversationId,
    query: MessagesQuery<T>,
) -> Result<Json<PageResponse<MessageResponse>>, Problem> {
    let from = query.from;
    let page = conversations
        .messages(caller, conversation, from, query.search, query.limit)
        .await?;
    Ok(Json(MessagesQuery::<T>::answer(from, page)))
}

/// The new message, or the one that was sent before.
pub async fn send(
    conversations: &ConversationService,
    caller: Caller,
    conversation: ConversationId,
    body: NewMessageBody,
) -> Result<HttpResponse, Problem> {
    let sent = conversations
        .send(caller, conversation, &body.into())
        .await?;
    let message = MessageResponse::from(sent.message);
    // No Location: a message has no GET of its own.
    let mut response = if sent.is_new {
        HttpResponse::Created()
    } else {
        HttpResponse::Ok()
    };
    Ok(response.json(message))
}

/// Nothing is left but the number.
pub async fn delete(
    conversations: &ConversationService,
    caller: Caller,
    conversation: ConversationId,
    id: MessageId,
) -> Result<HttpResponse, Problem> {
    conversations
        .delete_message(caller, conversation, id)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// How far the caller has read now.
pub async fn mark_read(
    conversations: &ConversationService,
    caller: Caller,
    conversation: ConversationId,
    body: ReadBody,
) -> Result<Json<ReadPositionResponse>, Problem> {
    let position = conversations
        .mark_read(caller, conversation, body.seq)
        .await?;
    Ok(Json(position.into()))
}
