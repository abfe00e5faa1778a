//! JSON of groups and their participants.

use std::collections::HashSet;

use alumx_domain::account::UserId;
use alumx_domain::group_chat::{GrantableRole, GroupChat, GroupId, GroupName, Participant};
use alumx_domain::text::InvalidValue;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::conversation::MessageResponse;
use crate::http::body::json_body;
use crate::http::time::rfc3339;
use crate::http::{FieldError, Fields, FromJson, JsonBody};
use crate::user::UserRefResponse;

/// What somebody is in a group: the schema of `ParticipantRole`, which knows no OpenAPI.
#[derive(ToSchema)]
#[schema(as = ParticipantRole, rename_all = "SCREAMING_SNAKE_CASE", example = "MEMBER")]
pub enum ParticipantRoleName {
    Owner,
    Admin,
    Member,
}

/// What somebody in a group can be made; its owner is made by handing it over.
#[derive(ToSchema)]
#[schema(as = GrantableRole, rename_all = "SCREAMING_SNAKE_CASE", example = "MEMBER")]
#[expect(dead_code, reason = "the schema of GrantableRole")]
pub enum GrantableRoleName {
    Admin,
    Member,
}

/// A group as the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GroupChat, example = json!({
    "id": 6,
    "name": "Analytical engines",
    "owner": {
        "id": 1, "username": "ada.lovelace", "name": "Ada Lovelace", "role": "ALUMNI",
        "deleted": false
    },
    "myRole": "MEMBER",
    "participantCount": 3,
    "lastMessage": {
        "id": 31,
        "groupId": 6,
        "seq": 4,
        "sender": {
            "id": 1, "username": "ada.lovelace", "name": "Ada Lovelace", "role": "ALUMNI",
            "deleted": false
        },
        "content": null,
        "clientMessageId": null,
        "createdAt": "2026-01-31T09:30:00.123456Z",
        "deletedAt": "2026-01-31T09:31:00.123456Z"
    },
    "lastSeq": 4,
    "lastReadSeq": 1,
    "unreadCount": 3,
    "createdAt": "2026-01-31T09:00:00.123456Z",
    "lastActivityAt": "2026-01-31T09:30:00.123456Z"
}))]
pub struct GroupChatResponse {
    #[schema(value_type = i64, minimum = 1)]
    id: GroupId,
    #[schema(value_type = String)]
    name: GroupName,
    owner: UserRefResponse,
    /// What the caller is in it.
    #[schema(value_type = ParticipantRoleName)]
    my_role: &'static str,
    #[schema(minimum = 1, maximum = 500)]
    participant_count: i32,
    /// Null before the first; a deleted one without its content.
    #[schema(required = true)]
    last_message: Option<MessageResponse>,
    /// The number of the last message; 0 before the first.
    #[schema(minimum = 0)]
    last_seq: i64,
    /// How far the caller has read.
    #[schema(minimum = 0)]
    last_read_seq: i64,
    #[schema(minimum = 0)]
    unread_count: i64,
    #[serde(serialize_with = "rfc3339")]
    created_at: DateTime<Utc>,
    /// When something was last written, or the group was made.
    #[serde(serialize_with = "rfc3339")]
    last_activity_at: DateTime<Utc>,
}

impl From<GroupChat> for GroupChatResponse {
    fn from(group: GroupChat) -> Self {
        Self {
            id: group.id,
            name: group.name,
            owner: group.owner.into(),
            my_role: group.viewer_role.into(),
            participant_count: group.participant_count,
            last_message: group.last_message.map(Into::into),
            last_seq: group.position.last_seq.get(),
            last_read_seq: group.position.last_read_seq.get(),
            unread_count: group.position.unread_count(),
            created_at: group.created_at,
            last_activity_at: group.last_activity_at,
        }
    }
}

/// Somebody in a group.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Participant, example = json!({
    "user": {
        "id": 2, "username": "charles", "name": "Charles Babbage", "role": "PROFESSOR",
        "deleted": false
    },
    "role": "MEMBER",
    "joinedAt": "2026-01-31T09:00:00.123456Z",
    "lastReadSeq": 1
}))]
pub struct ParticipantResponse {
    user: UserRefResponse,
    #[schema(value_type = ParticipantRoleName)]
    role: &'static str,
    #[serde(serialize_with = "rfc3339")]
    joined_at: DateTime<Utc>,
    /// How far the participant has read.
    #[schema(minimum = 0)]
    last_read_seq: i64,
}

impl From<Participant> for ParticipantResponse {
    fn from(participant: Participant) -> Self {
        Self {
            user: participant.user.into(),
            role: participant.role.into(),
            joined_at: participant.joined_at,
            last_read_seq: participant.last_read_seq.get(),
        }
    }
}

/// A group to be made.
#[derive(ToSchema)]
#[schema(as = NewGroupChat, rename_all = "camelCase", example = json!({
    "name": "Analytical engines", "participantIds": [2, 3]
}))]
pub struct NewGroupBody {
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: GroupName,
    /// 1 to 499 other users; oneself and repeats don't count.
    #[schema(value_type = Vec<i64>, max_items = 1000)]
    pub participant_ids: Vec<UserId>,
}

impl NewGroupBody {
    /// The most ids that are read, repeats and all.
    const MAX_IDS: usize = 1000;
}

impl JsonBody for NewGroupBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.take("name");
        let participant_ids = take_participants(fields);
        Some(Self {
            name: name?,
            participant_ids: participant_ids?,
        })
    }
}

/// Every wrong id is told by its position. Whether the caller is among them is left to the use
/// case.
fn take_participants(fields: &mut Fields) -> Option<Vec<UserId>> {
    let items = match fields.take_value("participantIds") {
        Some(Value::Array(items)) => items,
        value => {
            let wrong = match value {
                None | Some(Value::Null) => InvalidValue::new("required", "is required"),
                _ => InvalidValue::new("invalid_type", "must be an array of ids"),
            };
            fields.refuse(FieldError::new("participantIds", wrong));
            return None;
        }
    };
    if let Err(wrong) = check_count(&items) {
        fields.refuse(FieldError::new("participantIds", wrong));
        return None;
    }
    let mut ids = Vec::with_capacity(items.len());
    let mut whole = true;
    for (position, item) in items.into_iter().enumerate() {
        match UserId::from_json(Some(item)) {
            Ok(id) => ids.push(id),
            Err(wrong) => {
                whole = false;
                fields.refuse(FieldError::new(
                    format!("participantIds[{position}]"),
                    wrong,
                ));
            }
        }
    }
    // Whoever the caller is, folding the caller leaves too many.
    if ids.iter().collect::<HashSet<_>>().len() > GroupChat::MAX_PARTICIPANTS {
        let wrong = InvalidValue::new("too_many_items", "must name at most 499 other users");
        fields.refuse(FieldError::new("participantIds", wrong));
        return None;
    }
    whole.then_some(ids)
}

fn check_count(items: &[Value]) -> Result<(), InvalidValue> {
    if items.is_empty() {
        let message = "must name at least one other user";
        return Err(InvalidValue::new("required", message));
    }
    if items.len() > NewGroupBody::MAX_IDS {
        let message = format!("must have at most {} items", NewGroupBody::MAX_IDS);
        return Err(InvalidValue::new("too_many_items", message));
    }
    Ok(())
}

json_body! {
    /// What a group is called.
    #[schema(as = GroupName, example = json!({"name": "Analytical engines"}))]
    pub struct GroupNameBody {
        #[schema(value_type = String, min_length = 1, max_length = 100)]
        name as "name": GroupName,
    }
}

json_body! {
    /// What somebody shall be in a group.
    #[schema(as = NewParticipantRole, example = json!({"role": "ADMIN"}))]
    pub struct RoleBody {
        #[schema(value_type = GrantableRoleName)]
        role as "role": GrantableRole,
    }
}

json_body! {
    /// Whom a group shall belong to.
    #[schema(as = NewGroupOwner, example = json!({"userId": 2}))]
    pub struct OwnerBody {
        /// A participant.
        #[schema(value_type = i64, minimum = 1)]
        user_id as "userId": UserId,
    }
}
