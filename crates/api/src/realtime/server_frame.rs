//! What the server says over a socket, in JSON.

use alumx_application::realtime::{Frame, LiveEvent, Refusal};
use alumx_domain::conversation::ConversationState;
use bytestring::ByteString;
use serde::Serialize;
use utoipa::ToSchema;

use super::client_frame::ErrorCode;
use super::conversation_ref::{ConversationKind, ConversationRef};
use crate::chat::ChatResponse;
use crate::conversation::MessageResponse;
use crate::group_chat::{GroupChatResponse, ParticipantResponse, ParticipantRoleName};

/// How far a conversation has got, and how far the user has read it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConversationState, example = json!({
    "kind": "CHAT", "id": 5, "lastSeq": 2, "lastReadSeq": 1
}))]
pub struct ConversationStateResponse {
    kind: ConversationKind,
    /// The `chatId` or `groupId`.
    #[schema(minimum = 1)]
    id: i64,
    /// The number of its last message; what is later comes as an event.
    #[schema(minimum = 0)]
    last_seq: i64,
    /// The number of the last message that the user has read.
    #[schema(minimum = 0)]
    last_read_seq: i64,
}

impl From<ConversationState> for ConversationStateResponse {
    fn from(state: ConversationState) -> Self {
        let ConversationRef { kind, id } = state.conversation.into();
        Self {
            kind,
            id,
            last_seq: state.position.last_seq.get(),
            last_read_seq: state.position.last_read_seq.get(),
        }
    }
}

/// What the server sends.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type")]
pub enum ServerFrame {
    /// The client is known, and is told of all that happens from here on.
    #[serde(rename = "ready", rename_all = "camelCase")]
    Ready {
        /// Who the client is.
        #[schema(minimum = 1)]
        user_id: i64,
        /// The last active conversations, at most 200.
        #[schema(max_items = 200)]
        conversations: Vec<ConversationStateResponse>,
        /// Whether there are more: they are in `GET /chats` and `GET /group-chats`.
        truncated: bool,
    },
    /// Something may be missing: load what follows `lastSeq` of what you hold; from these numbers
    /// on, all is told again.
    #[serde(rename = "resync", rename_all = "camelCase")]
    Resync {
        /// The last active conversations, at most 200; none before a close 4408.
        #[schema(max_items = 200)]
        conversations: Vec<ConversationStateResponse>,
        /// Whether there are more: they are in `GET /chats` and `GET /group-chats`.
        truncated: bool,
    },
    /// What the client sent was not done.
    #[serde(rename = "error", rename_all = "camelCase")]
    Error {
        /// Why.
        code: ErrorCode,
    },
    /// A message was sent.
    #[serde(rename = "message.created", rename_all = "camelCase")]
    MessageCreated {
        /// Where.
        conversation: ConversationRef,
        /// The message.
        message: MessageResponse,
    },
    /// A message was deleted.
    #[serde(rename = "message.deleted", rename_all = "camelCase")]
    MessageDeleted {
        /// Where.
        conversation: ConversationRef,
        /// Which.
        #[schema(minimum = 1)]
        message_id: i64,
        /// Its number.
        #[schema(minimum = 1)]
        seq: i64,
    },
    /// A member read on.
    #[serde(rename = "conversation.read", rename_all = "camelCase")]
    ConversationRead {
        /// Where.
        conversation: ConversationRef,
        /// Who.
        #[schema(minimum = 1)]
        user_id: i64,
        /// Up to which message.
        #[schema(minimum = 0)]
        last_read_seq: i64,
    },
    /// A chat was opened.
    #[serde(rename = "chat.created", rename_all = "camelCase")]
    ChatCreated {
        /// Where.
        conversation: ConversationRef,
        /// The chat, as the user sees it.
        chat: ChatResponse,
    },
    /// A group was made.
    #[serde(rename = "group.created", rename_all = "camelCase")]
    GroupCreated {
        /// Where.
        conversation: ConversationRef,
        /// The group, as the user sees it.
        group: GroupChatResponse,
    },
    /// A group was renamed.
    #[serde(rename = "group.updated", rename_all = "camelCase")]
    GroupUpdated {
        /// Where.
        conversation: ConversationRef,
        /// The group, as the user sees it.
        group: GroupChatResponse,
    },
    /// A group is gone.
    #[serde(rename = "group.deleted", rename_all = "camelCase")]
    GroupDeleted {
        /// Where.
        conversation: ConversationRef,
    },
    /// Somebody is in the group now; if it is the user, load the group.
    #[serde(rename = "participant.added", rename_all = "camelCase")]
    ParticipantAdded {
        /// Where.
        conversation: ConversationRef,
        /// Who.
        participant: ParticipantResponse,
    },
    /// Somebody is not in the group any more; if it is the user, nothing follows.
    #[serde(rename = "participant.removed", rename_all = "camelCase")]
    ParticipantRemoved {
        /// Where.
        conversation: ConversationRef,
        /// Who.
        #[schema(minimum = 1)]
        user_id: i64,
    },
    /// Somebody has another role in the group.
    #[serde(rename = "participant.role_changed", rename_all = "camelCase")]
    ParticipantRoleChanged {
        /// Where.
        conversation: ConversationRef,
        /// Who.
        #[schema(minimum = 1)]
        user_id: i64,
        /// Which.
        #[schema(value_type = ParticipantRoleName)]
        role: &'static str,
    },
    /// A member is writing.
    #[serde(rename = "typing", rename_all = "camelCase")]
    Typing {
        /// Where.
        conversation: ConversationRef,
        /// Who.
        #[schema(minimum = 1)]
        user_id: i64,
    },
}

impl ServerFrame {
    /// The frame before a socket is closed that was too slow: what it missed is not known here.
    pub(super) fn too_slow() -> Self {
        Self::Resync {
            conversations: Vec::new(),
            truncated: true,
        }
    }

    /// The frame as it is sent.
    pub fn to_text(&self) -> ByteString {
        // Structs of texts, numbers and lists can't fail to become JSON.
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

impl From<Frame> for ServerFrame {
    fn from(frame: Frame) -> Self {
        let listed = |states: Vec<ConversationState>| states.into_iter().map(Into::into).collect();
        match frame {
            Frame::Ready {
                user,
                conversations,
                truncated,
            } => Self::Ready {
                user_id: user.raw(),
                conversations: listed(conversations),
                truncated,
            },
            Frame::Resync {
                conversations,
                truncated,
            } => Self::Resync {
                conversations: listed(conversations),
                truncated,
            },
            Frame::Event(conversation, event) => Self::of_event(conversation.into(), event),
            Frame::Refused(Refusal::NotFound) => Self::Error {
                code: ErrorCode::NotFound,
            },
        }
    }
}

impl ServerFrame {
    fn of_event(conversation: ConversationRef, event: LiveEvent) -> Self {
        match event {
            LiveEvent::MessageCreated(message) => Self::MessageCreated {
                conversation,
                message: (*message).into(),
            },
            LiveEvent::MessageDeleted { message, seq } => Self::MessageDeleted {
                conversation,
                message_id: message.raw(),
                seq: seq.get(),
            },
            LiveEvent::Read {
                user,
                last_read_seq,
            } => Self::ConversationRead {
                conversation,
                user_id: user.raw(),
                last_read_seq: last_read_seq.get(),
            },
            LiveEvent::ChatCreated(chat) => Self::ChatCreated {
                conversation,
                chat: (*chat).into(),
            },
            LiveEvent::GroupCreated(group) => Self::GroupCreated {
                conversation,
                group: (*group).into(),
            },
            LiveEvent::GroupUpdated(group) => Self::GroupUpdated {
                conversation,
                group: (*group).into(),
            },
            LiveEvent::GroupDeleted => Self::GroupDeleted { conversation },
            LiveEvent::ParticipantAdded(participant) => Self::ParticipantAdded {
                conversation,
                participant: (*participant).into(),
            },
            LiveEvent::ParticipantRemoved { user } => Self::ParticipantRemoved {
                conversation,
                user_id: user.raw(),
            },
            LiveEvent::RoleChanged { user, role } => Self::ParticipantRoleChanged {
                conversation,
                user_id: user.raw(),
                role: role.into(),
            },
            LiveEvent::Typing { user } => Self::Typing {
                conversation,
                user_id: user.raw(),
            },
        }
    }
}
