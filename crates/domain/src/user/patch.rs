//! A partial change of a profile (JSON Merge Patch, RFC 7396).

use std::collections::BTreeMap;

use super::{About, GraduationYear, ListEntries, ProfileList, ShortText, WebUrl};
use crate::account::{PersonName, Username};

/// What a patch does to a field that may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The patch doesn't name the field.
    #[default]
    Keep,
    /// The patch says null.
    Clear,
    /// The patch says a value.
    Set(T),
}

/// The fields of a profile that its user may change, each only if named. A list that is named
/// is replaced whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Profile")]
pub struct ProfilePatch {
    pub username: Option<Username>,
    pub name: Option<PersonName>,
    pub about: Patch<About>,
    pub current_company: Patch<ShortText>,
    pub current_role: Patch<ShortText>,
    pub location: Patch<ShortText>,
    pub department: Patch<ShortText>,
    pub graduation_year: Patch<GraduationYear>,
    pub linkedin_url: Patch<WebUrl>,
    pub github_url: Patch<WebUrl>,
    pub portfolio_url: Patch<WebUrl>,
    pub lists: BTreeMap<ProfileList, ListEntries>,
}
