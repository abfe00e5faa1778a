//! Who is in a group, and as what.

use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::clock::Timestamp;
use crate::conversation::Seq;
use crate::id::Id;
use crate::text::InvalidValue;
use crate::user::UserRef;

/// The id of somebody's place in a group; orders participants by when they joined.
pub type ParticipantId = Id<Participant>;

/// What somebody is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Display, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ParticipantRole {
    /// Whom the group belongs to: exactly one.
    Owner,
    /// Looks after it.
    Admin,
    /// Takes part.
    Member,
}

impl ParticipantRole {
    /// Whether who is this adds and removes members, renames the group and deletes any message.
    pub fn administers(self) -> bool {
        self != Self::Member
    }
}

impl TryFrom<String> for ParticipantRole {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse()
            .map_err(|_| InvalidValue::new("invalid_role", "must be OWNER, ADMIN or MEMBER"))
    }
}

/// A role that can be given: any but owner, which is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantableRole {
    /// See [`ParticipantRole::Admin`].
    Admin,
    /// See [`ParticipantRole::Member`].
    Member,
}

impl From<GrantableRole> for ParticipantRole {
    fn from(role: GrantableRole) -> Self {
        match role {
            GrantableRole::Admin => Self::Admin,
            GrantableRole::Member => Self::Member,
        }
    }
}

impl TryFrom<String> for GrantableRole {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        match text.as_str() {
            "ADMIN" => Ok(Self::Admin),
            "MEMBER" => Ok(Self::Member),
            _ => Err(InvalidValue::new("invalid_role", "must be MEMBER or ADMIN")),
        }
    }
}

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// The id of the place.
    pub id: ParticipantId,
    /// Who.
    pub user: UserRef,
    /// As what.
    pub role: ParticipantRole,
    /// Since when.
    pub joined_at: Timestamp,
    /// How far the participant has read.
    pub last_read_seq: Seq,
}
