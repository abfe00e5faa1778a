//! JSON of the audit log.

use alumx_domain::account::{Role, UserId};
use alumx_domain::audit::{AuditEntry, AuditEntryId, AuditEvent};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::RoleName;

/// What happened: the schema of `AuditEvent`, which knows no OpenAPI.
#[derive(ToSchema)]
#[schema(as = AuditEvent, rename_all = "SCREAMING_SNAKE_CASE", example = "SIGNED_IN")]
#[expect(dead_code, reason = "the schema of AuditEvent, which knows no OpenAPI")]
pub enum AuditEventName {
    Registered,
    AccountCreated,
    AccountImported,
    AccountClaimed,
    SignedIn,
    SignInFailed,
    PasswordChanged,
    RoleChanged,
    Suspended,
    SuspensionLifted,
    SessionEnded,
    OtherSessionsEnded,
    RefreshTokenReplayed,
    AccountDeleted,
}

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEntry, example = json!({
    "id": 81,
    "event": "ROLE_CHANGED",
    "actorId": 1,
    "targetId": 7,
    "role": "PROFESSOR",
    "ipAddress": "203.0.113.7",
    "requestId": "0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b1e",
    "createdAt": "2026-01-31T09:30:00.123456Z"
}))]
pub struct AuditEntryResponse {
    #[schema(value_type = i64, minimum = 1)]
    id: AuditEntryId,
    #[schema(value_type = AuditEventName)]
    event: AuditEvent,
    /// Who did it; null for the command line, and for who has not proved to be a user.
    #[schema(value_type = Option<i64>, minimum = 1, required = true)]
    actor_id: Option<UserId>,
    /// Whose account it was about; null for a sign-in to no account.
    #[schema(value_type = Option<i64>, minimum = 1, required = true)]
    target_id: Option<UserId>,
    /// The new role, where it changed.
    #[schema(value_type = Option<RoleName>, required = true)]
    role: Option<Role>,
    #[schema(required = true)]
    ip_address: Option<String>,
    /// As in the header `X-Request-Id` and in the logs.
    #[schema(value_type = Option<String>, required = true)]
    request_id: Option<String>,
    created_at: DateTime<Utc>,
}

impl AuditEntryResponse {
    /// The entry as the user whom it is about may see it: not where others were when they did it.
    pub fn about(user: UserId, entry: AuditEntry) -> Self {
        let own = entry.occasion.actor == Some(user);
        let mut told = Self::from(entry);
        if !own {
            told.ip_address = None;
            told.request_id = None;
        }
        told
    }
}

impl From<AuditEntry> for AuditEntryResponse {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry {
            id,
            event,
            occasion,
            target,
            role,
        } = entry;
        Self {
            id,
            event,
            actor_id: occasion.actor,
            target_id: target,
            role,
            ip_address: occasion.ip_address.map(|address| address.to_string()),
            request_id: occasion.request_id.map(String::from),
            created_at: occasion.at,
        }
    }
}
