//! Finding people.

use strum::EnumString;

use super::{GraduationYear, ShortText};
use crate::account::{PersonName, Role, UserId, Username};
use crate::text::{InvalidValue, Line};

/// What somebody types to find people: 1–200 characters, all of them plain text.
pub type SearchText = Line<1, 200>;

/// A user as the directory lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Profile")]
pub struct UserSummary {
    pub id: UserId,
    pub username: Username,
    pub name: PersonName,
    pub role: Role,
    pub current_company: Option<ShortText>,
    pub current_role: Option<ShortText>,
    pub location: Option<ShortText>,
    pub department: Option<ShortText>,
    pub graduation_year: Option<GraduationYear>,
    /// The first ten skills.
    pub skills: Vec<String>,
    pub profile_completed: bool,
}

/// Whom the directory lists. What is `None` is not asked for; all that is asked for must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryFilter {
    /// Words that must each begin a word of the name, username, company, role, location,
    /// department or any list. Where that finds nobody: names that are spelt nearly so.
    pub search: Option<SearchText>,
    /// Has exactly this role.
    pub role: Option<Role>,
    /// Has this skill, letter case ignored.
    pub skill: Option<SearchText>,
    /// Has this in the tech stack, letter case ignored.
    pub tech: Option<SearchText>,
    /// The company contains this, letter case ignored.
    pub company: Option<SearchText>,
    /// The location contains this, letter case ignored.
    pub location: Option<SearchText>,
    /// The department contains this, letter case ignored.
    pub department: Option<SearchText>,
    /// Graduated in this year.
    pub graduation_year: Option<GraduationYear>,
    /// Graduated in this year or later.
    pub graduation_year_from: Option<GraduationYear>,
    /// Graduated in this year or earlier.
    pub graduation_year_to: Option<GraduationYear>,
}

/// In what order the directory lists people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum DirectoryOrder {
    /// Best match first: exact name or username, then prefix of one, then words of the name,
    /// then any match; newest first among equals.
    Relevance,
    /// By name, letter case and accents ignored.
    Name,
    /// Newest account first.
    Newest,
}

impl TryFrom<String> for DirectoryOrder {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse()
            .map_err(|_| InvalidValue::new("invalid_sort", "must be relevance, name or newest"))
    }
}

/// Where a page of the directory begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryKey {
    /// Of [`DirectoryOrder::Relevance`]: how well the last user matched.
    Relevance {
        /// Class of the match, best is 1.
        tier: i16,
        /// The last user.
        id: UserId,
    },
    /// Of [`DirectoryOrder::Name`].
    Name {
        /// Name of the last user as it is sorted.
        name: String,
        /// The last user.
        id: UserId,
    },
    /// Of [`DirectoryOrder::Newest`].
    Newest {
        /// The last user.
        id: UserId,
    },
}

impl DirectoryKey {
    /// Whether a list in this order could have given the key.
    pub fn fits(&self, order: DirectoryOrder) -> bool {
        let plain = match self {
            Self::Name { name, .. } => !name.contains('\0'),
            Self::Relevance { .. } | Self::Newest { .. } => true,
        };
        plain && self.order() == order
    }

    /// The order that the key is for.
    pub fn order(&self) -> DirectoryOrder {
        match self {
            Self::Relevance { .. } => DirectoryOrder::Relevance,
            Self::Name { .. } => DirectoryOrder::Name,
            Self::Newest { .. } => DirectoryOrder::Newest,
        }
    }
}
