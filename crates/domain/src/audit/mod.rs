//! The audit log: who signed in, and who changed what about accounts, from where and when.
//!
//! Entries name users by id alone and outlive their accounts. Most are written by the repository
//! step that they tell of, in its transaction: an entry is there exactly if the step was done.

mod repository;

pub use repository::AuditRepository;
#[cfg(feature = "mocks")]
pub use repository::MockAuditRepository;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::account::{Role, UserId};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::text::{InvalidValue, Line};

/// The id of an entry.
pub type AuditEntryId = Id<AuditEntry>;

/// The id of the request that did something, as in the logs.
pub type RequestId = Line<1, 128>;

/// What happened.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AuditEvent {
    /// Somebody made an account and was signed in.
    Registered,
    /// An account was made on the command line.
    AccountCreated,
    /// An account was made by an import.
    AccountImported,
    /// An imported account was claimed and its user signed in.
    AccountClaimed,
    /// A user signed in.
    SignedIn,
    /// A sign-in was refused: a wrong identifier or password, or a suspended account.
    SignInFailed,
    /// A user changed the password, and so ended all other sessions.
    PasswordChanged,
    /// A user got another role.
    RoleChanged,
    /// A user was suspended, or for another reason.
    Suspended,
    /// A suspension was lifted.
    SuspensionLifted,
    /// A user ended a session: signed out, or ended another one.
    SessionEnded,
    /// A user ended all other sessions.
    OtherSessionsEnded,
    /// A spent refresh token turned up again, and its session was ended.
    RefreshTokenReplayed,
    /// An account was deleted, by its user or by an admin.
    AccountDeleted,
}

impl TryFrom<String> for AuditEvent {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse()
            .map_err(|_| InvalidValue::new("invalid_event", "must be an event of the audit log"))
    }
}

/// Who does something, when and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// The user who does it; `None` for the command line, and for who has not proved to be one.
    pub actor: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// Where the request came from.
    pub ip_address: Option<IpAddr>,
    /// Which request it was.
    pub request_id: Option<RequestId>,
}

/// What the audit log says of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// What happened.
    pub event: AuditEvent,
    /// Who did it, when and from where.
    pub occasion: Occasion,
    /// Whose account it was about; `None` for a failed sign-in to no account.
    pub target: Option<UserId>,
    /// The new role, where it changed.
    pub role: Option<Role>,
}

impl AuditEntry {
    /// Where the entry stands in the log.
    pub fn key(&self) -> AuditKey {
        AuditKey {
            at: self.occasion.at,
            id: self.id,
        }
    }
}

/// Which entries; all of it must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of exactly this event.
    pub event: Option<AuditEvent>,
    /// Done by this user.
    pub actor: Option<UserId>,
    /// About this user.
    pub target: Option<UserId>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

/// Where a page of the log ends: it goes from the latest time to the earliest, and by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditKey {
    /// When the last entry happened.
    pub at: Timestamp,
    /// The last entry.
    pub id: AuditEntryId,
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn events_read_back_by_their_exact_names() {
        for event in AuditEvent::iter() {
            assert_eq!(AuditEvent::try_from(event.to_string()), Ok(event));
        }
        assert_eq!(AuditEvent::SignInFailed.to_string(), "SIGN_IN_FAILED");
        for wrong in ["", "signed_in", "SIGNED_IN ", "X"] {
            assert!(AuditEvent::try_from(wrong.to_owned()).is_err(), "{wrong:?}");
        }
    }
}
