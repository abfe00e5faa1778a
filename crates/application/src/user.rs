//! Profiles and the directory.

use std::sync::Arc;

use alumx_domain::account::{Caller, UserId};
use alumx_domain::clock::Clock;
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::{RepositoryError, Violation};
use alumx_domain::user::{
    DirectoryFilter, DirectoryKey, DirectoryOrder, DocumentFormat, Profile, ProfileDocument,
    ProfilePatch, ProfileUpdateError, Revision, UserRepository, UserSummary, Whose,
};

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
        }
    }

    /// A user's profile; any signed-in user may read it.
    pub async fn profile(&self, id: UserId) -> Result<Profile, UserError> {
        self.users.find(id).await?.ok_or(UserError::NotFound)
    }

    /// A user's profile as a text; any signed-in user may read it.
    ///
    /// Of a profile that has changed since it was last read the text is made and kept for the next
    /// reader. That it could not be kept is no reason not to show it.
    pub async fn document(&self, whose: &Whose) -> Result<ProfileDocument, UserError> {
        let format = self.format.format;
        let found = self.users.find_document(whose, format).await?;
        let id = match found.ok_or(UserError::NotFound)? {
            (head, Some(text)) => return Ok(ProfileDocument { head, text }),
            (head, None) => head.id,
        };
        let document = self.format.document(&self.profile(id).await?)?;
        let kept = vec![document.clone()];
        drop(self.users.keep_documents(format, kept).await);
        Ok(document)
    }

    /// Makes the texts of all profiles ready that have none, as after an import or an upgrade.
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
            let documents = profiles.iter().map(|profile| self.format.document(profile));
            let documents = documents.collect::<Result<_, _>>()?;
            self.users.keep_documents(format, documents).await?;
        }
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

#[cfg(test)]
mod tests {
    use alumx_domain::account::{Account, Role, SessionId};
    use alumx_domain::clock::{MockClock, Timestamp};
    use alumx_domain::user::MockUserRepository;

    use super::*;

    fn caller(user: i64, role: Role) -> Caller {
        Caller {
            user: UserId::try_from(user).unwrap(),
            role,
            session: SessionId::try_from(1).unwrap(),
        }
    }

    fn profile(id: UserId) -> Profile {
        Profile::of_new(Account {
            id,
            username: "ada".to_owned().try_into().unwrap(),
            name: "Ada".to_owned().try_into().unwrap(),
            email: "ada@example.org".to_owned().try_into().unwrap(),
            role: Role::Alumni,
            suspended_at: None,
            created_at: Timestamp::UNIX_EPOCH,
        })
    }

    fn service(users: MockUserRepository) -> UserService {
        let mut clock = MockClock::new();
        clock.expect_now().return_const(Timestamp::UNIX_EPOCH);
        let format = ProfileFormat {
            format: FORMAT,
            render: |profile| Ok(profile.username.to_string()),
        };
        UserService::new(Arc::new(users), Arc::new(clock), format)
    }

    const FORMAT: DocumentFormat = DocumentFormat(7);

    fn document(id: UserId) -> ProfileDocument {
        ProfileDocument {
            head: (&profile(id)).into(),
            text: "ada".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_text_that_is_kept_is_shown_and_nothing_else_is_read() {
        let ada = UserId::try_from(1).unwrap();
        let mut users = MockUserRepository::new();
        users
            .expect_find_document()
            .withf(|_, format| *format == FORMAT)
            .once()
            .returning(move |_, _| Ok(Some((document(ada).head, Some("kept".to_owned())))));
        let shown = service(users).document(&Whose::Id(ada)).await.unwrap();
        assert_eq!(shown.text, "kept");
    }

    #[tokio::test]
    async fn a_text_that_is_not_kept_is_made_and_kept_and_shown_even_if_it_cannot_be_kept() {
        let ada = UserId::try_from(1).unwrap();
        let mut users = MockUserRepository::new();
        users
            .expect_find_document()
            .returning(move |_, _| Ok(Some((document(ada).head, None))));
        users.expect_find().returning(|id| Ok(Some(profile(id))));
        users
            .expect_keep_documents()
            .withf(move |format, kept| *format == FORMAT && *kept == [document(ada)])
            .once()
            .returning(|_, _| Err(RepositoryError::Unavailable(String::new())));
        let shown = service(users).document(&Whose::Id(ada)).await;
        assert_eq!(shown.unwrap(), document(ada));
    }

    #[tokio::test]
    async fn an_unknown_user_has_no_text() {
        let mut users = MockUserRepository::new();
        users.expect_find_document().returning(|_, _| Ok(None));
        let ada = UserId::try_from(1).unwrap();
        let shown = service(users).document(&Whose::Id(ada)).await;
        assert!(matches!(shown, Err(UserError::NotFound)));
    }

    #[tokio::test]
    async fn texts_are_made_batch_after_batch_until_none_is_missing() {
        let [ada, bob] = [1, 2].map(|id| UserId::try_from(id).unwrap());
        let mut users = MockUserRepository::new();
        users
            .expect_without_document()
            .times(3)
            .returning(move |_, after, _| {
                Ok(match after {
                    None => vec![profile(ada)],
                    Some(after) if after == ada => vec![profile(bob)],
                    Some(_) => vec![],
                })
            });
        users
            .expect_keep_documents()
            .times(2)
            .returning(|_, _| Ok(()));
        service(users).keep_all_documents().await.unwrap();
    }

    async fn update(users: MockUserRepository, caller: Caller) -> Result<Profile, UserError> {
        let ada = UserId::try_from(1).unwrap();
        service(users)
            .update_profile(caller, ada, ProfilePatch::default(), None)
            .await
    }

    #[tokio::test]
    async fn the_user_and_admins_may_change_a_profile() {
        for caller in [caller(1, Role::Student), caller(2, Role::Admin)] {
            let mut users = MockUserRepository::new();
            users
                .expect_update()
                .once()
                .returning(|id, _, _, _| Ok(profile(id)));

            assert!(update(users, caller).await.is_ok());
        }
    }

    #[tokio::test]
    async fn a_stranger_may_not_and_nothing_is_written() {
        let mut users = MockUserRepository::new();
        users
            .expect_find()
            .once()
            .returning(|id| Ok(Some(profile(id))));

        let result = update(users, caller(2, Role::Professor)).await;

        assert!(matches!(result, Err(UserError::NotAllowed)));
    }

    #[tokio::test]
    async fn a_stranger_learns_that_an_unknown_user_is_unknown() {
        let mut users = MockUserRepository::new();
        users.expect_find().once().returning(|_| Ok(None));

        let result = update(users, caller(2, Role::Professor)).await;

        assert!(matches!(result, Err(UserError::NotFound)));
    }

    #[tokio::test]
    async fn a_taken_username_has_an_error_of_its_own() {
        let mut users = MockUserRepository::new();
        users.expect_update().once().returning(|_, _, _, _| {
            Err(RepositoryError::Violation(Violation::UsernameTaken).into())
        });

        let result = update(users, caller(1, Role::Student)).await;

        assert!(matches!(result, Err(UserError::UsernameTaken)));
    }
}
