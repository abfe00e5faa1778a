//! What a user is at the school.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::text::InvalidValue;

/// What a user is at the school, and so what the user may do.
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
pub enum Role {
    /// Studies at the school.
    Student,
    /// Has left the school with a degree.
    Alumni,
    /// Teaches at the school.
    Professor,
    /// Runs the service.
    Admin,
}

impl TryFrom<String> for Role {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse().map_err(|_| {
            InvalidValue::new(
                "invalid_role",
                "must be STUDENT, ALUMNI, PROFESSOR or ADMIN",
            )
        })
    }
}

/// A role that people may give themselves when they register: any but [`Role::Admin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberRole(Role);

impl TryFrom<String> for MemberRole {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        match Role::try_from(text) {
            Ok(role) if role != Role::Admin => Ok(Self(role)),
            _ => Err(InvalidValue::new(
                "invalid_role",
                "must be STUDENT, ALUMNI or PROFESSOR",
            )),
        }
    }
}

impl From<MemberRole> for Role {
    fn from(role: MemberRole) -> Self {
        role.0
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn everybody_but_an_admin_can_register() {
        for role in Role::iter() {
            let registered = MemberRole::try_from(role.to_string()).map(Role::from);
            assert_eq!(
                registered.ok(),
                Some(role).filter(|role| *role != Role::Admin)
            );
        }
        assert!(MemberRole::try_from("student".to_owned()).is_err());
    }
}
