//! The feed: which openings, in which order.

use strum::EnumString;

use super::{EmploymentType, JobPostId};
use crate::account::UserId;
use crate::clock::Timestamp;
use crate::text::InvalidValue;
use crate::user::SearchText;

/// Which posts the feed lists. What is `None` is not asked for; all that is asked for must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedFilter {
    /// Words of the title, description and company, letter case, accents and English word endings
    /// ignored: all of them; `or` between alternatives, `"…"` around a phrase, `-` before a word
    /// that must be missing.
    pub search: Option<SearchText>,
    /// Exactly this employment.
    pub employment_type: Option<EmploymentType>,
    /// The company contains this, letter case ignored.
    pub company: Option<SearchText>,
    /// The location contains this, letter case ignored.
    pub location: Option<SearchText>,
    /// Posted by this user.
    pub author: Option<UserId>,
    /// Posted at this time or later.
    pub from: Option<Timestamp>,
    /// Posted before this time.
    pub to: Option<Timestamp>,
    /// Also posts that are out of date.
    pub include_expired: bool,
}

/// In what order the feed lists posts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum FeedOrder {
    /// Newest first.
    #[default]
    Newest,
    /// By engagement that decays with age: each doubling of `1 + likes + 2 × comments` counts as
    /// much as being posted a day later.
    Top,
}

impl TryFrom<String> for FeedOrder {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse()
            .map_err(|_| InvalidValue::new("invalid_sort", "must be newest or top"))
    }
}

/// Where a page of the feed begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedKey {
    /// Of [`FeedOrder::Newest`].
    Newest {
        /// The last post.
        id: JobPostId,
    },
    /// Of [`FeedOrder::Top`].
    Top {
        /// How the last post was ranked.
        hotness: i64,
        /// The last post.
        id: JobPostId,
    },
}

impl FeedKey {
    /// The order that the key is for.
    pub const fn order(&self) -> FeedOrder {
        match self {
            Self::Newest { .. } => FeedOrder::Newest,
            Self::Top { .. } => FeedOrder::Top,
        }
    }
}
