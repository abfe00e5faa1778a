//! JSON of accounts.

use alumx_application::account::{Registration, SignedIn};
use alumx_domain::account::{
    Account, EmailAddress, MemberRole, Password, PersonName, Role, Session, SessionId,
    SuspensionReason, UserId, Username,
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::body::{NonBlank, json_body};

json_body! {
    /// What somebody says to register.
    #[schema(as = Register, example = json!({
        "username": "ada.lovelace",
        "name": "Ada Lovelace",
        "email": "ada@example.org",
        "password": "first-programmer",
        "role": "ALUMNI"
    }))]
    pub struct RegisterBody {
        /// Unique whatever its letter case.
        #[schema(value_type = String, min_length = 3, max_length = 30,
                 pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
        username as "username": Username,
        /// The person's name.
        #[schema(value_type = String, min_length = 1, max_length = 100)]
        name as "name": PersonName,
        /// Unique; needs a dot in its domain.
        #[schema(value_type = String, format = Email, max_length = 254)]
        email as "email": EmailAddress,
        /// Never trimmed.
        #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
        password as "password": Password,
        /// Any role but ADMIN.
        #[schema(value_type = MemberRoleName)]
        role as "role": MemberRole,
    }
}

impl From<RegisterBody> for Registration {
    fn from(body: RegisterBody) -> Self {
        let RegisterBody {
            username,
            name,
            email,
            password,
            role,
        } = body;
        Self {
            username,
            name,
            email,
            password,
            role,
        }
    }
}

/// A role that people may give themselves.
#[derive(ToSchema)]
#[schema(as = MemberRole, rename_all = "SCREAMING_SNAKE_CASE", example = "ALUMNI")]
#[expect(dead_code, reason = "the schema of MemberRole, which knows no OpenAPI")]
pub enum MemberRoleName {
    Student,
    Alumni,
    Professor,
}

/// What a user is at the school: the schema of `Role`, which knows no OpenAPI.
#[derive(ToSchema)]
#[schema(as = Role, rename_all = "SCREAMING_SNAKE_CASE", example = "ALUMNI")]
pub enum RoleName {
    Student,
    Alumni,
    Professor,
    Admin,
}

json_body! {
    /// What a user says to sign in.
    #[schema(as = Login, example = json!({
        "identifier": "ada.lovelace",
        "password": "first-programmer"
    }))]
    pub struct LoginBody {
        /// Username or email address, in any letter case.
        #[schema(value_type = String, min_length = 1)]
        identifier as "identifier": NonBlank,
        /// The password.
        #[schema(value_type = String, format = Password, min_length = 1)]
        password as "password": SecretString,
    }
}

json_body! {
    /// A refresh token to be exchanged.
    #[schema(as = Refresh, example = json!({
        "refreshToken": "WmWQ2xX7e3sM0nY4o1bZr6aC9dEfGhIjKlMnOpQrStU"
    }))]
    pub struct RefreshBody {
        /// The token that came with the last pair.
        #[schema(value_type = String, min_length = 1)]
        refresh_token as "refreshToken": NonBlank,
    }
}

json_body! {
    /// What claims an imported account.
    #[schema(as = AccountClaim, example = json!({
        "token": "6f1c2d9be0a7483fb0c95d2a7e41f8835b7de4c1a9f02368d4e7b1c05a9f3e62",
        "password": "first-programmer"
    }))]
    pub struct ClaimBody {
        /// The token of the invitation.
        #[schema(value_type = String, min_length = 1)]
        token as "token": NonBlank,
        /// The password from now on; never trimmed.
        #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
        password as "password": Password,
    }
}

json_body! {
    /// A change of the own password.
    #[schema(as = PasswordChange, example = json!({
        "currentPassword": "first-programmer",
        "newPassword": "analytical-engine"
    }))]
    pub struct PasswordChangeBody {
        /// The password so far.
        #[schema(value_type = String, format = Password, min_length = 1)]
        current_password as "currentPassword": SecretString,
        /// The password from now on.
        #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
        new_password as "newPassword": Password,
    }
}

json_body! {
    /// A password asked for again.
    #[schema(as = PasswordConfirmation, example = json!({"password": "first-programmer"}))]
    pub struct ConfirmationBody {
        /// The caller's password.
        #[schema(value_type = String, format = Password, min_length = 1)]
        password as "password": SecretString,
    }
}

json_body! {
    /// The role that a user gets.
    #[schema(as = RoleChange, example = json!({"role": "PROFESSOR"}))]
    pub struct RoleBody {
        /// The role.
        #[schema(value_type = RoleName)]
        role as "role": Role,
    }
}

json_body! {
    /// Why a user is suspended.
    #[schema(as = Suspension, example = json!({"reason": "Sold somebody else's thesis."}))]
    pub struct SuspensionBody {
        /// Kept for admins.
        #[schema(value_type = Option<String>, max_length = 500, required = false)]
        reason as "reason": Option<SuspensionReason>,
    }
}

/// A user's account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account, example = json!({
    "id": 1,
    "username": "ada.lovelace",
    "name": "Ada Lovelace",
    "email": "ada@example.org",
    "role": "ALUMNI",
    "createdAt": "2026-01-31T09:30:00.123456Z"
}))]
pub struct AccountResponse {
    #[schema(value_type = i64, minimum = 1)]
    id: UserId,
    #[schema(value_type = String)]
    username: Username,
    #[schema(value_type = String)]
    name: PersonName,
    #[schema(value_type = String, format = Email)]
    email: EmailAddress,
    #[schema(value_type = RoleName)]
    role: Role,
    created_at: DateTime<Utc>,
}

impl From<Account> for AccountResponse {
    fn from(account: Account) -> Self {
        let Account {
            id,
            username,
            name,
            email,
            role,
            created_at,
            ..
        } = account;
        Self {
            id,
            username,
            name,
            email,
            role,
            created_at,
        }
    }
}

/// A pair of tokens and whose they are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignedIn, example = json!({
    "accessToken": "eyJhbGciOiJIUzI1NiIsImtpZCI6IjRrN…",
    "refreshToken": "WmWQ2xX7e3sM0nY4o1bZr6aC9dEfGhIjKlMnOpQrStU",
    "tokenType": "Bearer",
    "expiresIn": 900,
    "user": {
        "id": 1,
        "username": "ada.lovelace",
        "name": "Ada Lovelace",
        "email": "ada@example.org",
        "role": "ALUMNI",
        "createdAt": "2026-01-31T09:30:00.123456Z"
    }
}))]
pub struct SignedInResponse {
    /// Sent as `Authorization: Bearer …` with every request.
    access_token: String,
    /// Exchanged once for the next pair.
    refresh_token: String,
    /// Always `Bearer`.
    #[schema(value_type = String)]
    token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(minimum = 1)]
    expires_in: i64,
    user: AccountResponse,
}

impl From<SignedIn> for SignedInResponse {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token.expose_secret().to_owned(),
            refresh_token: signed_in.refresh_token.expose_secret().to_owned(),
            token_type: "Bearer",
            expires_in: signed_in.expires_in.num_seconds(),
            user: signed_in.account.into(),
        }
    }
}

/// A sign-in of the caller on some device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session, example = json!({
    "id": 12,
    "createdAt": "2026-01-31T09:30:00.123456Z",
    "lastUsedAt": "2026-01-31T10:30:00.123456Z",
    "userAgent": "AlumX/1.0 (Android 16)",
    "ipAddress": "203.0.113.7",
    "current": true
}))]
pub struct SessionResponse {
    #[schema(value_type = i64, minimum = 1)]
    id: SessionId,
    created_at: DateTime<Utc>,
    /// When a token was last issued to it.
    last_used_at: DateTime<Utc>,
    #[schema(required = true)]
    user_agent: Option<String>,
    #[schema(required = true)]
    ip_address: Option<String>,
    /// Whether it is the session of this very request.
    current: bool,
}

impl SessionResponse {
    pub fn new(session: Session, current: SessionId) -> Self {
        Self {
            id: session.id,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            user_agent: session.user_agent.map(|agent| agent.as_str().to_owned()),
            ip_address: session.ip_address.map(|address| address.to_string()),
            current: session.id == current,
        }
    }
}
