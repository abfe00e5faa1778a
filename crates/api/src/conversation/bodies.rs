//! JSON of messages and read positions.

use alumx_domain::chat::ChatId;
use alumx_domain::conversation::{
    ClientMessageId, ConversationId, Message, MessageBody, MessageId, MessageText, NewMessage,
    ReadPosition, Seq, UnreadTotals,
};
use alumx_domain::group_chat::GroupId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::body::json_body;
use crate::http::time::{rfc3339, rfc3339_option};
use crate::user::UserRefResponse;

/// A message of a chat or of a group: it has a `chatId` or a `groupId`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Message, example = json!({
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
}))]
pub struct MessageResponse {
    #[schema(value_type = i64, minimum = 1)]
    id: MessageId,
    /// The chat, unless it was sent in a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, nullable = false, minimum = 1)]
    chat_id: Option<ChatId>,
    /// The group, unless it was sent in a chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, nullable = false, minimum = 1)]
    group_id: Option<GroupId>,
    /// Its gapless number in the conversation.
    #[schema(minimum = 1)]
    seq: i64,
    sender: UserRefResponse,
    /// Null if the message was deleted.
    #[schema(value_type = Option<String>, required = true)]
    content: Option<MessageText>,
    /// What the sender's client called it.
    #[schema(required = true, format = "uuid")]
    client_message_id: Option<String>,
    #[serde(serialize_with = "rfc3339")]
    created_at: DateTime<Utc>,
    /// Null unless the message was deleted.
    #[schema(required = true)]
    #[serde(serialize_with = "rfc3339_option")]
    deleted_at: Option<DateTime<Utc>>,
}

impl From<Message> for MessageResponse {
    fn from(message: Message) -> Self {
        let (chat_id, group_id) = match message.conversation {
            ConversationId::Chat(id) => (Some(id), None),
            ConversationId::Group(id) => (None, Some(id)),
        };
        let (content, deleted_at) = match message.body {
            MessageBody::Text(content) => (Some(content), None),
            MessageBody::Deleted { at } => (None, Some(at)),
        };
        Self {
            id: message.id,
            chat_id,
            group_id,
            seq: message.seq.get(),
            sender: message.sender.into(),
            content,
            client_message_id: message.client_message_id.map(|id| id.0.to_string()),
            created_at: message.created_at,
            deleted_at,
        }
    }
}

json_body! {
    /// A message to be sent.
    #[schema(as = NewMessage, example = json!({
        "content": "The mill is running.",
        "clientMessageId": "0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b1e"
    }))]
    pub struct NewMessageBody {
        /// Line breaks are kept.
        #[schema(value_type = String, min_length = 1, max_length = 4000)]
        content as "content": MessageText,
        /// Made by the client, so that a send that is repeated stores one message.
        #[schema(value_type = Option<String>, format = "uuid")]
        client_message_id as "clientMessageId": Option<ClientMessageId>,
    }
}

impl From<NewMessageBody> for NewMessage {
    fn from(body: NewMessageBody) -> Self {
        let NewMessageBody {
            content,
            client_message_id,
        } = body;
        Self {
            content,
            client_message_id,
        }
    }
}

json_body! {
    /// How far somebody has read.
    #[schema(as = ReadUpTo, example = json!({"seq": 2}))]
    pub struct ReadBody {
        /// The number of the last message that was read; 0 is before the first.
        #[schema(value_type = i64, minimum = 0)]
        seq as "seq": Seq,
    }
}

/// How far the caller has read a conversation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReadPosition, example = json!({"lastReadSeq": 2, "unreadCount": 0}))]
pub struct ReadPositionResponse {
    /// The number of the last message that was read.
    #[schema(minimum = 0)]
    last_read_seq: i64,
    #[schema(minimum = 0)]
    unread_count: i64,
}

impl From<ReadPosition> for ReadPositionResponse {
    fn from(position: ReadPosition) -> Self {
        Self {
            last_read_seq: position.last_read_seq.get(),
            unread_count: position.unread_count(),
        }
    }
}

/// How many messages the caller has not read.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UnreadTotals, example = json!({
    "chatMessages": 2, "groupMessages": 3, "total": 5
}))]
pub struct UnreadTotalsResponse {
    /// In all chats.
    #[schema(minimum = 0)]
    chat_messages: i64,
    /// In all groups.
    #[schema(minimum = 0)]
    group_messages: i64,
    /// In both.
    #[schema(minimum = 0)]
    total: i64,
}

impl From<UnreadTotals> for UnreadTotalsResponse {
    fn from(totals: UnreadTotals) -> Self {
        Self {
            chat_messages: totals.chat_messages,
            group_messages: totals.group_messages,
            total: totals.chat_messages + totals.group_messages,
        }
    }
}
