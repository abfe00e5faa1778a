//! JSON that is in exports alone.

use alumx_application::export::Conversation;
use alumx_domain::account::UserId;
use alumx_domain::conversation::{Message, MessageBody, MessageId};
use alumx_domain::job_post::{JobPostId, OwnLike};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::user::UserRefResponse;

/// Bytes of a ZIP.
pub(super) struct ZipFile;

impl PartialSchema for ZipFile {
    fn schema() -> RefOr<Schema> {
        let binary = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        RefOr::T(Schema::Object(binary.build()))
    }
}

impl ToSchema for ZipFile {}

/// A like of the user's own.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OwnLikeResponse {
    post_id: JobPostId,
    liked_at: DateTime<Utc>,
}

impl From<OwnLike> for OwnLikeResponse {
    fn from(like: OwnLike) -> Self {
        Self {
            post_id: like.post,
            liked_at: like.liked_at,
        }
    }
}

/// Which conversation a file holds.
#[derive(Serialize)]
#[serde(
    tag = "kind",
    rename_all = "SCREAMING_SNAKE_CASE",
    rename_all_fields = "camelCase"
)]
pub(super) enum Heading {
    Chat {
        id: i64,
        other_user: UserRefResponse,
        last_read_seq: i64,
        joined_at: DateTime<Utc>,
        created_at: DateTime<Utc>,
    },
    Group {
        id: i64,
        name: String,
        owner: UserRefResponse,
        my_role: String,
        last_read_seq: i64,
        joined_at: DateTime<Utc>,
        created_at: DateTime<Utc>,
    },
}

impl From<Conversation> for Heading {
    fn from(conversation: Conversation) -> Self {
        match conversation {
            Conversation::Chat(chat) => Self::Chat {
                id: chat.id.raw(),
                other_user: chat.other_user.into(),
                last_read_seq: chat.position.last_read_seq.get(),
                // In a chat are both from its beginning.
                joined_at: chat.created_at,
                created_at: chat.created_at,
            },
            Conversation::Group { group, joined_at } => Self::Group {
                id: group.id.raw(),
                name: group.name.into(),
                owner: group.owner.into(),
                my_role: group.viewer_role.to_string(),
                last_read_seq: group.position.last_read_seq.get(),
                joined_at,
                created_at: group.created_at,
            },
        }
    }
}

/// A message; the content of a deleted one is null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessageResponse {
    id: MessageId,
    seq: i64,
    sender: UserRefResponse,
    content: Option<String>,
    /// Of the user's own messages, where the client gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_message_id: Option<String>,
    created_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
}

impl MessageResponse {
    /// The message as it is in the export of this user.
    pub(super) fn new(message: Message, user: UserId) -> Self {
        let own = message.client_message_id;
        let own = own.filter(|_| message.sender.id == user);
        let (content, deleted_at) = match message.body {
            MessageBody::Text(text) => (Some(text.into()), None),
            MessageBody::Deleted { at } => (None, Some(at)),
        };
        Self {
            id: message.id,
            seq: message.seq.get(),
            sender: message.sender.into(),
            content,
            client_message_id: own.map(|id| id.0.to_string()),
            created_at: message.created_at,
            deleted_at,
        }
    }
}
