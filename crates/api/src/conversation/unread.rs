//! What is unread in all conversations.

use actix_web::get;
use actix_web::web::{Data, Json};
use alumx_application::conversation::ConversationService;

use super::bodies::UnreadTotalsResponse;
use crate::http::{CurrentUser, Problem};

/// How many messages the caller has not read
#[utoipa::path(
    operation_id = "getUnreadTotals",
    tag = "chats",
    responses((status = 200, description = "In all chats and groups", body = UnreadTotalsResponse))
)]
#[get("/me/unread")]
pub async fn totals(
    CurrentUser(caller): CurrentUser,
    conversations: Data<ConversationService>,
) -> Result<Json<UnreadTotalsResponse>, Problem> {
    Ok(Json(conversations.unread_totals(caller).await?.into()))
}
