//! Users as others see them: profiles and the directory.

mod directory;
mod document;
mod list;
mod patch;
mod profile;
mod reference;
mod repository;
mod url;

pub use directory::{DirectoryFilter, DirectoryKey, DirectoryOrder, SearchText, UserSummary};
pub use document::{DocumentFormat, ProfileDocument, ProfileHead, Whose};
pub use list::{ListEntries, ProfileList, ProfileLists};
pub use patch::{Patch, ProfilePatch};
pub use profile::{About, GraduationYear, Profile, Revision, ShortText};
pub use reference::{UserIdentity, UserRef};
#[cfg(feature = "mocks")]
pub use repository::MockUserRepository;
pub use repository::{ProfileUpdateError, UserRepository};
pub use url::WebUrl;
