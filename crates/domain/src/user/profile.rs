//! A user's profile and the rules about it.

use serde::{Deserialize, Serialize};

use super::{Patch, ProfileList, ProfileLists, ProfilePatch, WebUrl};
use crate::account::{Account, Caller, EmailAddress, PersonName, Role, UserId, Username};
use crate::clock::Timestamp;
use crate::text::{InvalidValue, Line, Paragraphs};

/// What users say about themselves: up to 1000 characters.
pub type About = Paragraphs<1, 1000>;

/// A company, role, location or department: up to 150 characters.
pub type ShortText = Line<1, 150>;

/// The year of a degree: 1900–2100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct GraduationYear(i16);

impl GraduationYear {
    /// The year.
    pub const fn get(self) -> i16 {
        self.0
    }
}

impl TryFrom<i64> for GraduationYear {
    type Error = InvalidValue;

    fn try_from(year: i64) -> Result<Self, InvalidValue> {
        i16::try_from(year)
            .ok()
            .filter(|year| (1900..=2100).contains(year))
            .map(Self)
            .ok_or_else(|| InvalidValue::new("out_of_range", "must be a year from 1900 to 2100"))
    }
}

impl From<GraduationYear> for i64 {
    fn from(year: GraduationYear) -> Self {
        year.0.into()
    }
}

/// Counts the changes of a profile; every change that anybody can see makes it larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub i64);

/// A user's profile. Whom it shows the email address is for [`Profile::shows_email_to`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The user's id.
    pub id: UserId,
    /// Unique whatever its letter case.
    pub username: Username,
    /// The person's name.
    pub name: PersonName,
    /// Shown to the user and to admins only.
    pub email: EmailAddress,
    /// What the user is at the school.
    pub role: Role,
    /// What users say about themselves.
    pub about: Option<About>,
    /// Where the user works.
    pub current_company: Option<ShortText>,
    /// As what the user works.
    pub current_role: Option<ShortText>,
    /// Where the user lives.
    pub location: Option<ShortText>,
    /// Where at the school the user is or was.
    pub department: Option<ShortText>,
    /// The year of the degree.
    pub graduation_year: Option<GraduationYear>,
    /// Page on LinkedIn.
    pub linkedin_url: Option<WebUrl>,
    /// Page on GitHub.
    pub github_url: Option<WebUrl>,
    /// Page of the user's own.
    pub portfolio_url: Option<WebUrl>,
    /// The twelve lists.
    pub lists: ProfileLists,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When the profile last changed.
    pub updated_at: Timestamp,
    /// How often it has changed.
    pub revision: Revision,
}

impl Profile {
    /// The profile of a new account, which says nothing yet.
    pub fn of_new(account: Account) -> Self {
        Self {
            id: account.id,
            username: account.username,
            name: account.name,
            email: account.email,
            role: account.role,
            about: None,
            current_company: None,
            current_role: None,
            location: None,
            department: None,
            graduation_year: None,
            linkedin_url: None,
            github_url: None,
            portfolio_url: None,
            lists: ProfileLists::default(),
            created_at: account.created_at,
            updated_at: account.created_at,
            revision: Revision(1),
        }
    }

    /// Whether the profile says enough to be useful: something about the person, a department or
    /// company, at least one skill, and at least one station of education or experience.
    pub fn is_completed(&self) -> bool {
        let has = |list| !self.lists.get(list).is_empty();
        self.about.is_some()
            && (self.department.is_some() || self.current_company.is_some())
            && has(ProfileList::Skills)
            && (has(ProfileList::Education) || has(ProfileList::Experience))
    }

    /// Whether `viewer` may see the email address.
    pub fn shows_email_to(&self, viewer: &Caller) -> bool {
        viewer.is_self_or_admin(self.id)
    }

    /// The profile as `patch` makes it at `now`; unchanged, revision included, if the patch says
    /// nothing new.
    #[must_use]
    pub fn patched(&self, patch: ProfilePatch, now: Timestamp) -> Self {
        let mut new = self.clone();
        if let Some(username) = patch.username {
            new.username = username;
        }
        if let Some(name) = patch.name {
            new.name = name;
        }
        patch.about.apply(&mut new.about);
        patch.current_company.apply(&mut new.current_company);
        patch.current_role.apply(&mut new.current_role);
        patch.location.apply(&mut new.location);
        patch.department.apply(&mut new.department);
        patch.graduation_year.apply(&mut new.graduation_year);
        patch.linkedin_url.apply(&mut new.linkedin_url);
        patch.github_url.apply(&mut new.github_url);
        patch.portfolio_url.apply(&mut new.portfolio_url);
        for (list, entries) in patch.lists {
            new.lists.set(list, entries);
        }
        if new != *self {
            new.updated_at = now.max(self.updated_at);
            new.revision = Revision(self.revision.0 + 1);
        }
        new
    }
}

impl<T> Patch<T> {
    pub(crate) fn apply(self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::account::SessionId;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(second, 0).unwrap()
    }

    fn profile() -> Profile {
        Profile::of_new(Account {
            id: UserId::try_from(1).unwrap(),
            username: "ada".to_owned().try_into().unwrap(),
            name: "Ada".to_owned().try_into().unwrap(),
            email: "ada@example.org".to_owned().try_into().unwrap(),
            role: Role::Alumni,
            suspended_at: None,
            created_at: at(1),
        })
    }

    fn list(list: ProfileList, items: &[&str]) -> ProfilePatch {
        let items = items.iter().map(|item| (*item).to_owned()).collect();
        let lists = BTreeMap::from([(list, list.parse(items).unwrap())]);
        ProfilePatch {
            lists,
            ..ProfilePatch::default()
        }
    }

    fn text<T: TryFrom<String, Error = InvalidValue>>(text: &str) -> Patch<T> {
        Patch::Set(text.to_owned().try_into().unwrap())
    }

    #[test]
    fn a_profile_is_complete_with_about_place_skill_and_station() {
        let about = ProfilePatch {
            about: text("I count."),
            ..ProfilePatch::default()
        };
        let company = ProfilePatch {
            current_company: text("Engine"),
            ..ProfilePatch::default()
        };
        let steps = [
            about,
            company,
            list(ProfileList::Skills, &["maths"]),
            list(ProfileList::Experience, &["Analyst"]),
        ];
        let mut complete = profile();

        for step in steps {
            assert!(!complete.is_completed());
            complete = complete.patched(step, at(2));
        }

        assert!(complete.is_completed());
        assert!(
            !complete
                .patched(list(ProfileList::Skills, &[]), at(3))
                .is_completed()
        );
        let education = complete
            .patched(list(ProfileList::Experience, &[]), at(3))
            .patched(list(ProfileList::Education, &["BSc"]), at(3));
        assert!(education.is_completed());
    }

    #[test]
    fn a_patch_changes_what_it_names_and_counts_the_revision() {
        let before = profile().patched(
            ProfilePatch {
                about: text("x"),
                location: text("Paris"),
                ..Default::default()
            },
            at(2),
        );

        let patch = ProfilePatch {
            about: Patch::Clear,
            ..Default::default()
        };
        let after = before.patched(patch, at(3));

        assert_eq!(
            (after.about, after.updated_at, after.revision),
            (None, at(3), Revision(3))
        );
        assert_eq!(after.location, before.location);
    }

    #[test]
    fn a_patch_that_says_nothing_new_changes_nothing() {
        let before = profile().patched(list(ProfileList::Skills, &["maths"]), at(2));

        let after = before.patched(list(ProfileList::Skills, &["maths"]), at(3));

        assert_eq!(after, before);
    }

    #[test]
    fn the_email_address_is_for_the_user_and_admins() {
        let caller = |user, role| Caller {
            user: UserId::try_from(user).unwrap(),
            role,
            session: SessionId::try_from(1).unwrap(),
        };

        assert!(profile().shows_email_to(&caller(1, Role::Alumni)));
        assert!(profile().shows_email_to(&caller(2, Role::Admin)));
        assert!(!profile().shows_email_to(&caller(2, Role::Professor)));
    }

    #[test]
    fn graduation_years_are_plausible() {
        for year in [1900, 2100] {
            assert_eq!(GraduationYear::try_from(year).map(i64::from), Ok(year));
        }
        for year in [1899, 2101, 0, -1, i64::MAX] {
            assert!(GraduationYear::try_from(year).is_err());
        }
    }
}
