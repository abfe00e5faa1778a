//! Conversations as both sides of a socket name them.

use alumx_domain::conversation::ConversationId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which kind of conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ConversationKind {
    /// Of two users.
    Chat,
    /// Of a group.
    Group,
}

/// A conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConversationRef, example = json!({"kind": "CHAT", "id": 5}))]
pub struct ConversationRef {
    pub(super) kind: ConversationKind,
    /// The `chatId` or `groupId`.
    #[schema(minimum = 1)]
    pub(super) id: i64,
}

impl From<ConversationId> for ConversationRef {
    fn from(id: ConversationId) -> Self {
        let (kind, id) = match id {
            ConversationId::Chat(id) => (ConversationKind::Chat, id.raw()),
            ConversationId::Group(id) => (ConversationKind::Group, id.raw()),
        };
        Self { kind, id }
    }
}

impl ConversationRef {
    pub(super) fn id(self) -> Option<ConversationId> {
        Some(match self.kind {
            ConversationKind::Chat => ConversationId::Chat(self.id.try_into().ok()?),
            ConversationKind::Group => ConversationId::Group(self.id.try_into().ok()?),
        })
    }
}
