//! What a client says over a socket, and what may be wrong with it.

use alumx_domain::conversation::ConversationId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conversation_ref::ConversationRef;

/// What was wrong with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// It is not JSON, has other fields than it should have, or is binary.
    MalformedFrame,
    /// There is no frame of this type.
    UnknownFrame,
    /// There is no such conversation, or the user is not in it.
    NotFound,
}

/// What a client sends.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum ClientFrame {
    /// Who the client is: the first frame of a socket without an `Authorization` header. Later it
    /// brings the next access token of the same user, so that the socket outlives the first one.
    #[serde(rename = "authenticate", rename_all = "camelCase")]
    Authenticate {
        /// The access token.
        access_token: String,
    },
    /// The user is writing.
    #[serde(rename = "typing", rename_all = "camelCase")]
    Typing {
        /// Where.
        conversation: ConversationRef,
    },
}

/// What a client sends, checked.
pub(crate) enum Said {
    Authenticate(SecretString),
    Typing(ConversationId),
}

impl ClientFrame {
    /// Reads a frame.
    pub(crate) fn read(text: &str) -> Result<Said, ErrorCode> {
        #[derive(Deserialize)]
        struct Typed {
            r#type: String,
        }
        let malformed = |_| ErrorCode::MalformedFrame;
        let Typed { r#type } = serde_json::from_str(text).map_err(malformed)?;
        if !matches!(r#type.as_str(), "authenticate" | "typing") {
            return Err(ErrorCode::UnknownFrame);
        }
        match serde_json::from_str(text).map_err(malformed)? {
            Self::Authenticate { access_token } => Ok(Said::Authenticate(access_token.into())),
            // What can't be anybody's id is nobody's conversation.
            Self::Typing { conversation } => conversation
                .id()
                .map(Said::Typing)
                .ok_or(ErrorCode::NotFound),
        }
    }
}
