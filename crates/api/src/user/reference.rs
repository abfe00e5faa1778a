//! JSON of users as they are named beside what they wrote.

use alumx_domain::account::{PersonName, Role, UserId, Username};
use alumx_domain::user::UserRef;
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::RoleName;

/// A user, named beside what is the user's. Of a deleted one the id is left.
#[derive(Serialize, ToSchema)]
#[schema(as = UserRef, example = json!({
    "id": 1, "username": "ada.lovelace", "name": "Ada Lovelace", "role": "ALUMNI", "deleted": false
}))]
pub struct UserRefResponse {
    #[schema(value_type = i64, minimum = 1)]
    id: UserId,
    /// Null if the account is deleted.
    #[schema(value_type = Option<String>, required = true)]
    username: Option<Username>,
    /// Null if the account is deleted.
    #[schema(value_type = Option<String>, required = true)]
    name: Option<PersonName>,
    /// Null if the account is deleted.
    #[schema(value_type = Option<RoleName>, required = true)]
    role: Option<Role>,
    deleted: bool,
}

impl From<UserRef> for UserRefResponse {
    fn from(user: UserRef) -> Self {
        let deleted = user.identity.is_none();
        let (username, name, role) = user.identity.map_or((None, None, None), |identity| {
            (
                Some(identity.username),
                Some(identity.name),
                Some(identity.role),
            )
        });
        Self {
            id: user.id,
            username,
            name,
            role,
            deleted,
        }
    }
}
