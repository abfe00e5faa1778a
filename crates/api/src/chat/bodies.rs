//! JSON of chats.

use alumx_domain::account::UserId;
use alumx_domain::chat::{Chat, ChatId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::conversation::MessageResponse;
use crate::http::body::json_body;
use crate::http::time::rfc3339;
use crate::user::UserRefResponse;

/// A chat as the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Chat, example = json!({
    "id": 5,
    "otherUser": {
        "id": 2, "username": "charles", "name": "Charles Babbage", "role": "PROFESSOR",
        "deleted": false
    },
    "lastMessage": {
        "id": 12,
        "chatId": 5,
        "seq": 2,
        "sender": {
            "id": 1, "username": "ada.lovelace", "name": "Ada Lovelace", "role": "ALUMNI",
            "deleted": false
        },
        "content": "The mill is running.",
        "clientMessageId": "0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b1e",
        "createdAt": "2026-01-31T09:30:00.123456Z",
        "deletedAt": null
    },
    "lastSeq": 2,
    "lastReadSeq": 2,
    "otherUserLastReadSeq": 1,
    "unreadCount": 0,
    "createdAt": "2026-01-31T09:00:00.123456Z",
    "lastActivityAt": "2026-01-31T09:30:00.123456Z"
}))]
pub struct ChatResponse {
    #[schema(value_type = i64, minimum = 1)]
    id: ChatId,
    other_user: UserRefResponse,
    /// Null before the first; a deleted one without its content.
    #[schema(required = true)]
    last_message: Option<MessageResponse>,
    /// The number of the last message; 0 before the first.
    #[schema(minimum = 0)]
    last_seq: i64,
    /// How far the caller has read.
    #[schema(minimum = 0)]
    last_read_seq: i64,
    /// How far the other user has read.
    #[schema(minimum = 0)]
    other_user_last_read_seq: i64,
    #[schema(minimum = 0)]
    unread_count: i64,
    #[serde(serialize_with = "rfc3339")]
    created_at: DateTime<Utc>,
    /// When something was last written, or the chat was opened.
    #[serde(serialize_with = "rfc3339")]
    last_activity_at: DateTime<Utc>,
}

impl From<Chat> for ChatResponse {
    fn from(chat: Chat) -> Self {
        Self {
            id: chat.id,
            other_user: chat.other_user.into(),
            last_message: chat.last_message.map(Into::into),
            last_seq: chat.position.last_seq.get(),
            last_read_seq: chat.position.last_read_seq.get(),
            other_user_last_read_seq: chat.other_last_read_seq.get(),
            unread_count: chat.position.unread_count(),
            created_at: chat.created_at,
            last_activity_at: chat.last_activity_at,
        }
    }
}

json_body! {
    /// Whom to chat with.
    #[schema(as = NewChat, example = json!({"userId": 2}))]
    pub struct NewChatBody {
        /// Another user.
        #[schema(value_type = i64, minimum = 1)]
        user_id as "userId": UserId,
    }
}
