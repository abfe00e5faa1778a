//! Profiles and the directory.

mod keeping;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::sync::Arc;

use alumx_domain::account::{Caller, UserId};
use alumx_domain::clock::Clock;
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::{RepositoryError, Violation};
use alumx_domain::user::{
    DirectoryFilter, DirectoryKey, DirectoryOrder, DocumentFormat, Profile, ProfileDocument,
    ProfilePatch, ProfileUpdateError, Revision, UserRepository, UserSummary, Whose,
};

use self::keeping::Keeping;

/// Why a use case of profiles or the directory failed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// There is no such user (any more).
    #[error("there is no such user")]
    NotFound,
    /// The caller may see the profile, but not change it.
    #[error("only the user and admins may change a profile")]
    NotAllowed,
    /// Another user has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// The profile changed since the caller read it.
    #[error("the profile has changed since it was read")]
    RevisionMismatch,
    /// The profile can't be told as a text.
    #[error("the profile could not be told as a text: {0}")]
    Format(String),
    /// The store failed.
    #[error(transparent)]
    Repository(RepositoryError),
}

/// How profiles are told as texts, as everybody sees them.
#[derive(Clone, Copy)]
pub struct ProfileFormat {
    /// Names the shape of the texts.
    pub format: DocumentFormat,
    /// Tells a profile; an error says why it can't.
    pub render: fn(&Profile) -> Result<String, String>,
}

impl ProfileFormat {
    fn document(&self, profile: &Profile) -> Result<ProfileDocument, UserError> {
        Ok(ProfileDocument {
            head: profile.into(),
            text: (self.render)(profile).map_err(UserError::Format)?,
        })
    }
}

/// A profile as a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// As it was kept.
    Kept(ProfileDocument),
    /// As it was made just now.
    Anew(ProfileDocument),
}

/// How many texts are made ready together.
const DOCUMENT_BATCH: u16 = 200;

impl From<RepositoryError> for UserError {
    fn from(error: RepositoryError) -> Self {
        match error.violation() {
            Some(Violation::UsernameTaken) => Self::UsernameTaken,
            _ => Self::Repository(error),
        }
    }
}

impl From<ProfileUpdateError> for UserError {
    fn from(error: ProfileUpdateError) -> Self {
        match error {
            ProfileUpdateError::NotFound => Self::NotFound,
            ProfileUpdateError::RevisionMismatch => Self::RevisionMismatch,
            ProfileUpdateError::Repository(error) => error.into(),
        }
    }
}

/// What users do with profiles and the directory.
pub struct UserService {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
    format: ProfileFormat,
    keeping: Keeping,
}

impl UserService {
    /// A service over these ports.
    pub fn new(
        users: Arc<dyn UserRepository>,
        clock: Arc<dyn Clock>,
        format: ProfileFormat,
    ) -> Self {
        Self {
            users,
            clock,
            format,
            keeping: Keeping::default(),
        }
    }

    /// A user's profile; any signed-in user may read it.
    pub async fn profile(&self, id: UserId) -> Result<Profile, UserError> {
        self.users.find(id).await?.ok_or(UserError::NotFound)
    }

    /// A user's profile as a text; any signed-in user may read it.
    ///
    /// Of a profile that has changed since it was last read the text is made: it is to be
    /// [kept](Self::keep_document) for the next reader, for which this one need not wait.
    pub async fn document(&self, whose: &Whose) -> Result<Told, UserError> {
        let format = self.format.format;
        let found = self.users.find_document(whose, format).await?;
        Ok(match found.ok_or(UserError::NotFound)? {
            (head, Some(text)) => Told::Kept(ProfileDocument { head, text }),
            (head, None) => Told::Anew(self.format.document(&self.profile(head.id).await?)?),
        })
    }

    /// Keeps a text that was made anew, unless one of the same user is just being kept. That it
    /// could not be kept hurts nobody: it is made again.
    pub async fn keep_document(&self, document: ProfileDocument) {
        let (user, format) = (document.head.id, self.format.format);
        let Some(_kept) = self.keeping.begin(user) else {
            return;
        };
        if let Err(error) = self.users.keep_documents(format, vec![document]).await {
            warn_unkept(user, &error);
        }
    }

    /// Makes the texts of all profiles ready that have none, as after an import or an upgrade. One
    /// that can't be made or kept keeps no other from it.
    pub async fn keep_all_documents(&self) -> Result<(), UserError> {
        let format = self.format.format;
        let mut after = None;
        loop {
            let profiles = self
                .users
                .without_document(format, after, DOCUMENT_BATCH.into())
                .await?;
            let Some(last) = profiles.last() else {
                return Ok(());
            };
            after = Some(last.id);
            let documents = profiles.iter().filter_map(|profile| {
                let made = self.format.document(profile);
                made.inspect_err(|error| warn_unkept(profile.id, error))
                    .ok()
            });
            self.keep_batch(documents.collect()).await?;
        }
    }

    /// Keeps these texts together, or one by one those that can be kept.
    async fn keep_batch(&self, documents: Vec<ProfileDocument>) -> Result<(), UserError> {
        let format = self.format.format;
        match self.users.keep_documents(format, documents.clone()).await {
            Ok(()) => return Ok(()),
            // It may be for one of them alone.
            Err(RepositoryError::Unexpected(_) | RepositoryError::Violation(_)) => {}
            Err(error @ RepositoryError::Unavailable(_)) => return Err(error.into()),
        }
        for document in documents {
            let user = document.head.id;
            match self.users.keep_documents(format, vec![document]).await {
                Ok(()) => {}
                Err(error @ RepositoryError::Unavailable(_)) => return Err(error.into()),
                Err(error) => warn_unkept(user, &error),
            }
        }
        Ok(())
    }

    /// Changes a profile, for the user and admins. With `expected`, only if the profile is still
    /// at one of these revisions.
    pub async fn update_profile(
        &self,
        caller: Caller,
        id: UserId,
        patch: ProfilePatch,
        expected: Option<Vec<Revision>>,
    ) -> Result<Profile, UserError> {
        if !caller.is_self_or_admin(id) {
            self.profile(id).await?;
            return Err(UserError::NotAllowed);
        }
        Ok(self
            .users
            .update(id, patch, expected, self.clock.now())
            .await?)
    }

    /// Has all names found also where they are misspelt, and forgets what is kept of names that
    /// nobody has any more; to be called once in a while.
    pub async fn keep_words(&self) -> Result<(), UserError> {
        Ok(self.users.keep_words().await?)
    }

    /// A page of the directory.
    pub async fn directory(
        &self,
        filter: &DirectoryFilter,
        order: DirectoryOrder,
        page: PageRequest<DirectoryKey>,
    ) -> Result<Page<UserSummary, DirectoryKey>, UserError> {
        Ok(self.users.list(filter, order, page).await?)
    }
}

fn warn_unkept(user: UserId, error: &dyn Error) {
    tracing::warn!(user.id = %user, "the text of a profile could not be kept: {error}");
}
