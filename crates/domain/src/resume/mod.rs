//! The resume that a user uploads: one file, replaced whole.

mod file_name;
mod repository;

use strum::{Display, EnumIter};

use crate::account::{Caller, UserId};
use crate::clock::Timestamp;
use crate::file::{FileKey, Sha256};
use crate::text::InvalidValue;

pub use file_name::FileName;
#[cfg(feature = "mocks")]
pub use repository::MockResumeRepository;
pub use repository::{Replaced, ResumeRepository, ResumeWriteError};

/// What kind of document a resume is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumIter)]
pub enum ResumeKind {
    /// Portable Document Format.
    Pdf,
    /// Office Open XML.
    Docx,
}

impl ResumeKind {
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }

    /// How names of such files end.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
        }
    }
}

impl TryFrom<String> for ResumeKind {
    type Error = InvalidValue;

    fn try_from(media_type: String) -> Result<Self, InvalidValue> {
        [Self::Pdf, Self::Docx]
            .into_iter()
            .find(|kind| kind.media_type() == media_type)
            .ok_or_else(|| InvalidValue::new("invalid_media_type", "must be PDF or DOCX"))
    }
}

/// A resume that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resume {
    /// Whose.
    pub user: UserId,
    /// What the user called the file.
    pub file_name: FileName,
    /// What it is.
    pub kind: ResumeKind,
    /// Where the file lies.
    pub key: FileKey,
    /// The file's size in bytes.
    pub size: u64,
    /// The file's hash.
    pub sha256: Sha256,
    /// How many files there have been since the user had none.
    pub version: i32,
    /// When the file came.
    pub uploaded_at: Timestamp,
}

impl Resume {
    /// The largest file, in bytes.
    pub const MAX_SIZE: u64 = 5 * 1024 * 1024;

    /// Whether `caller` may upload and delete the resume of `user`: the user alone.
    pub fn may_be_changed_by(caller: &Caller, user: UserId) -> bool {
        caller.user == user
    }
}

/// A resume whose file is stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Resume")]
pub struct NewResume {
    pub file_name: FileName,
    pub kind: ResumeKind,
    pub key: FileKey,
    pub size: u64,
    pub sha256: Sha256,
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;
    use crate::account::{Role, SessionId};

    #[test]
    fn a_kind_reads_back_from_its_media_type() {
        for kind in ResumeKind::iter() {
            assert_eq!(kind.media_type().to_owned().try_into(), Ok(kind));
        }
        assert!(ResumeKind::try_from("application/zip".to_owned()).is_err());
    }

    #[test]
    fn nobody_but_the_user_changes_a_resume() {
        let [ada, bob] = [1, 2].map(|id| UserId::try_from(id).unwrap());
        let caller = Caller {
            user: ada,
            role: Role::Admin,
            session: SessionId::try_from(1).unwrap(),
        };

        assert!(Resume::may_be_changed_by(&caller, ada));
        assert!(!Resume::may_be_changed_by(&caller, bob));
    }
}
