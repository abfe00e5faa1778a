//! An opening and the rules about it.

use chrono::{Datelike, SubsecRound};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use super::PostImages;
use crate::account::{Caller, Role};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::text::{InvalidValue, Line, Paragraphs};
use crate::user::{Patch, ShortText, UserRef, WebUrl};

/// The id of a post.
pub type JobPostId = Id<JobPost>;

/// What the opening is: 1–150 characters.
pub type PostTitle = Line<1, 150>;

/// What the opening is about: 50–5000 characters.
pub type PostDescription = Paragraphs<50, 5000>;

/// How somebody would be employed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Display, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum EmploymentType {
    /// All of the week.
    FullTime,
    /// Some of the week.
    PartTime,
    /// For one undertaking.
    Contract,
    /// To learn.
    Internship,
}

impl TryFrom<String> for EmploymentType {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        text.parse().map_err(|_| {
            InvalidValue::new(
                "invalid_employment_type",
                "must be FULL_TIME, PART_TIME, CONTRACT or INTERNSHIP",
            )
        })
    }
}

/// From when on a post is out of date: a time that lay ahead when it was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry(Timestamp);

impl Expiry {
    /// The time `at`, cut to the microseconds that are stored, if it lies ahead of `now` and in a
    /// year that RFC 3339 can write.
    pub fn after(now: Timestamp, at: Timestamp) -> Result<Self, InvalidValue> {
        let at = at.trunc_subsecs(6);
        if at.year() > 9999 {
            return Err(InvalidValue::new(
                "out_of_range",
                "must lie before the year 10000",
            ));
        }
        if at <= now {
            return Err(InvalidValue::new("not_in_future", "must be in the future"));
        }
        Ok(Self(at))
    }

    /// The time.
    pub const fn get(self) -> Timestamp {
        self.0
    }
}

/// An opening as its author posted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPost {
    /// Its id.
    pub id: JobPostId,
    /// Who posted it.
    pub author: UserRef,
    /// What the opening is.
    pub title: PostTitle,
    /// Who employs.
    pub company: Option<ShortText>,
    /// Where.
    pub location: Option<ShortText>,
    /// How.
    pub employment_type: EmploymentType,
    /// What it is about.
    pub description: PostDescription,
    /// Where to apply.
    pub apply_url: Option<WebUrl>,
    /// From when on it is out of date, if ever.
    pub expires_at: Option<Timestamp>,
    /// Its images.
    pub images: PostImages,
    /// How many users like it.
    pub like_count: i32,
    /// How many comments it has.
    pub comment_count: i32,
    /// Whether the user who reads it likes it.
    pub liked_by_viewer: bool,
    /// When it was posted.
    pub created_at: Timestamp,
    /// When its author last changed it.
    pub updated_at: Timestamp,
}

impl JobPost {
    /// Whether `caller` may post: anybody but students.
    pub fn may_be_posted_by(caller: &Caller) -> bool {
        caller.role != Role::Student
    }

    /// Whether `caller` may change it: its author alone.
    pub fn may_be_changed_by(&self, caller: &Caller) -> bool {
        self.author.id == caller.user
    }

    /// Whether `caller` may delete it: its author and admins.
    pub fn may_be_deleted_by(&self, caller: &Caller) -> bool {
        caller.is_self_or_admin(self.author.id)
    }

    /// The post as `patch` makes it at `now`; unchanged if the patch says nothing new.
    #[must_use]
    pub fn patched(&self, patch: JobPostPatch, now: Timestamp) -> Self {
        let mut new = self.clone();
        if let Some(title) = patch.title {
            new.title = title;
        }
        if let Some(employment_type) = patch.employment_type {
            new.employment_type = employment_type;
        }
        if let Some(description) = patch.description {
            new.description = description;
        }
        if let Some(images) = patch.images {
            new.images = images;
        }
        patch.company.apply(&mut new.company);
        patch.location.apply(&mut new.location);
        patch.apply_url.apply(&mut new.apply_url);
        match patch.expires_at {
            Patch::Keep => {}
            Patch::Clear => new.expires_at = None,
            Patch::Set(expiry) => new.expires_at = Some(expiry.get()),
        }
        if new != *self {
            new.updated_at = now.max(self.updated_at);
        }
        new
    }
}

/// An opening about to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of JobPost")]
pub struct NewJobPost {
    pub title: PostTitle,
    pub company: Option<ShortText>,
    pub location: Option<ShortText>,
    pub employment_type: EmploymentType,
    pub description: PostDescription,
    pub apply_url: Option<WebUrl>,
    pub expires_at: Option<Expiry>,
    pub images: PostImages,
}

/// The fields of a post that its author may change, each only if named. The images are replaced
/// whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of JobPost")]
pub struct JobPostPatch {
    pub title: Option<PostTitle>,
    pub company: Patch<ShortText>,
    pub location: Patch<ShortText>,
    pub employment_type: Option<EmploymentType>,
    pub description: Option<PostDescription>,
    pub apply_url: Patch<WebUrl>,
    pub expires_at: Patch<Expiry>,
    pub images: Option<PostImages>,
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use strum::IntoEnumIterator;

    use super::super::PostImage;
    use super::*;
    use crate::account::{SessionId, UserId};

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn caller(user: i64, role: Role) -> Caller {
        Caller {
            user: UserId::try_from(user).unwrap(),
            role,
            session: SessionId::try_from(1).unwrap(),
        }
    }

    fn image(url: &str) -> PostImages {
        let url = url.to_owned().try_into().unwrap();
        vec![PostImage::Linked(url)].try_into().unwrap()
    }

    fn post() -> JobPost {
        JobPost {
            id: JobPostId::try_from(1).unwrap(),
            author: UserRef {
                id: UserId::try_from(1).unwrap(),
                identity: None,
            },
            title: "Programmer".to_owned().try_into().unwrap(),
            company: Some("Engines".to_owned().try_into().unwrap()),
            location: None,
            employment_type: EmploymentType::FullTime,
            description: "x".repeat(50).try_into().unwrap(),
            apply_url: None,
            expires_at: Some(at(9)),
            images: PostImages::default(),
            like_count: 0,
            comment_count: 0,
            liked_by_viewer: false,
            created_at: at(1),
            updated_at: at(1),
        }
    }

    #[test]
    fn everybody_but_a_student_may_post() {
        for role in Role::iter() {
            let may = JobPost::may_be_posted_by(&caller(1, role));
            assert_eq!(may, role != Role::Student, "{role}");
        }
    }

    #[test]
    fn the_author_changes_a_post_and_admins_may_delete_it_too() {
        let rights = |caller: &Caller| {
            let post = post();
            (
                post.may_be_changed_by(caller),
                post.may_be_deleted_by(caller),
            )
        };

        assert_eq!(rights(&caller(1, Role::Alumni)), (true, true));
        // Whoever has become a student again keeps what is theirs.
        assert_eq!(rights(&caller(1, Role::Student)), (true, true));
        assert_eq!(rights(&caller(2, Role::Admin)), (false, true));
        assert_eq!(rights(&caller(2, Role::Professor)), (false, false));
    }

    #[test]
    fn an_expiry_lies_ahead_in_whole_microseconds() {
        let nanos = TimeDelta::nanoseconds;

        assert_eq!(Expiry::after(at(1), at(2)).unwrap().get(), at(2));
        assert!(Expiry::after(at(1), at(1)).is_err());
        assert!(Expiry::after(at(2), at(1)).is_err());
        assert!(Expiry::after(at(1), at(1) + nanos(999)).is_err());
        let far = |text: &str| Expiry::after(at(1), text.parse().unwrap());
        assert!(far("9999-12-31T23:59:59.999999Z").is_ok());
        assert_eq!(
            far("+10000-01-01T00:00:00Z").unwrap_err().code,
            "out_of_range"
        );
        let cut = Expiry::after(at(1), at(1) + nanos(1999)).unwrap();
        assert_eq!(cut.get(), at(1) + nanos(1000));
    }

    #[test]
    fn texts_have_their_limits() {
        let title = |n: usize| PostTitle::try_from("x".repeat(n)).is_ok();
        let description = |n: usize| PostDescription::try_from("x".repeat(n)).is_ok();

        assert_eq!([0, 1, 150, 151].map(title), [false, true, true, false]);
        let lengths = [49, 50, 5000, 5001];
        assert_eq!(lengths.map(description), [false, true, true, false]);
        assert!(PostTitle::try_from("a\nb".to_owned()).is_err());
        let lines = format!("a\n\t{}", "b".repeat(50));
        assert!(PostDescription::try_from(lines).is_ok());
    }

    #[test]
    fn employment_types_are_written_exactly() {
        for employment in EmploymentType::iter() {
            let read = EmploymentType::try_from(employment.to_string());
            assert_eq!(read, Ok(employment));
        }
        for wrong in ["full_time", "FULL-TIME", "FULLTIME", ""] {
            assert!(EmploymentType::try_from(wrong.to_owned()).is_err());
        }
    }

    #[test]
    fn a_patch_changes_what_it_names_and_only_then_the_time() {
        let old = post();
        let patch = JobPostPatch {
            company: Patch::Clear,
            location: Patch::Set("London".to_owned().try_into().unwrap()),
            expires_at: Patch::Set(Expiry::after(at(2), at(5)).unwrap()),
            images: Some(image("https://example.org/a.png")),
            ..JobPostPatch::default()
        };

        let new = old.patched(patch.clone(), at(2));

        let expected = JobPost {
            company: None,
            location: Some("London".to_owned().try_into().unwrap()),
            expires_at: Some(at(5)),
            images: image("https://example.org/a.png"),
            updated_at: at(2),
            ..old.clone()
        };
        assert_eq!(new, expected);
        assert_eq!(new.patched(patch, at(3)), new);
        assert_eq!(old.patched(JobPostPatch::default(), at(3)), old);
        let timeless = JobPostPatch {
            expires_at: Patch::Clear,
            ..JobPostPatch::default()
        };
        assert_eq!(old.patched(timeless, at(3)).expires_at, None);
    }
}
