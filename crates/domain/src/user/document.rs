//! Profiles as texts that are kept ready to be shown.

use super::{Profile, Revision};
use crate::account::{EmailAddress, UserId, Username};

/// Whose profile is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// That of the user with this id.
    Id(UserId),
    /// That of the user with this name in any letter case.
    Username(Username),
}

/// Names a shape of the texts; a text of another shape is as good as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentFormat(pub i32);

/// What is known of a profile without reading all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileHead {
    /// The user's id.
    pub id: UserId,
    /// Shown to the user and to admins only, and so not in the text.
    pub email: EmailAddress,
    /// How often the profile has changed.
    pub revision: Revision,
}

/// The text of a profile as everybody sees it, at one of its revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileDocument {
    /// Whose and when.
    pub head: ProfileHead,
    /// The text.
    pub text: String,
}

impl From<&Profile> for ProfileHead {
    fn from(profile: &Profile) -> Self {
        Self {
            id: profile.id,
            email: profile.email.clone(),
            revision: profile.revision,
        }
    }
}
