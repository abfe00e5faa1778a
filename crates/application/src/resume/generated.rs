//! Resumes made from profiles.

use std::sync::Arc;

use alumx_domain::account::{Caller, EmailAddress, UserId};
use alumx_domain::repository::RepositoryError;
use alumx_domain::user::{Profile, UserRepository};

use crate::ports::{ResumeTypesetter, TypesetterError};

/// Why a resume couldn't be made.
#[derive(Debug, thiserror::Error)]
pub enum GeneratedResumeError {
    /// There is no such user (any more).
    #[error("there is no such user")]
    NotFound,
    /// The resume could not be typeset.
    #[error(transparent)]
    Typesetter(#[from] TypesetterError),
    /// The store failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// What a resume is made from: a profile as somebody sees it.
#[derive(Debug, Clone)]
pub struct GeneratedResume {
    /// The profile. Its email address is not for everybody: see [`GeneratedResume::email`].
    pub profile: Profile,
    shows_email: bool,
}

impl GeneratedResume {
    /// The resume from this profile as `viewer` sees it.
    pub fn new(profile: Profile, viewer: &Caller) -> Self {
        Self {
            shows_email: profile.shows_email_to(viewer),
            profile,
        }
    }

    /// The resume from this profile as its owner sees it.
    pub fn own(profile: Profile) -> Self {
        Self {
            shows_email: true,
            profile,
        }
    }

    /// The email address, if the viewer may see it.
    pub fn email(&self) -> Option<&EmailAddress> {
        self.shows_email.then_some(&self.profile.email)
    }

    /// What the user does now, and where; `None` if the profile says neither.
    pub fn headline(&self) -> Option<String> {
        let Profile {
            current_role: role,
            current_company: company,
            ..
        } = &self.profile;
        match (role, company) {
            (Some(role), Some(company)) => Some(format!("{role} · {company}")),
            (Some(one), None) | (None, Some(one)) => Some(one.to_string()),
            (None, None) => None,
        }
    }
}

/// What users do with resumes made from profiles.
pub struct GeneratedResumeService {
    users: Arc<dyn UserRepository>,
    typesetter: Arc<dyn ResumeTypesetter>,
}

impl GeneratedResumeService {
    /// A service over these ports.
    pub fn new(users: Arc<dyn UserRepository>, typesetter: Arc<dyn ResumeTypesetter>) -> Self {
        Self { users, typesetter }
    }

    /// What a user's resume is made from; any signed-in user may read it.
    pub async fn find(
        &self,
        caller: &Caller,
        id: UserId,
    ) -> Result<GeneratedResume, GeneratedResumeError> {
        let profile = self.users.find(id).await?;
        let profile = profile.ok_or(GeneratedResumeError::NotFound)?;
        Ok(GeneratedResume::new(profile, caller))
    }

    /// The resume as a PDF document.
    pub async fn typeset(&self, resume: GeneratedResume) -> Result<Vec<u8>, GeneratedResumeError> {
        Ok(self.typesetter.typeset(resume).await?)
    }
}

#[cfg(test)]
mod tests {
    use alumx_domain::account::Role;
    use alumx_domain::user::MockUserRepository;

    use super::*;
    use crate::ports::MockResumeTypesetter;
    use crate::testing::{account, caller_as as caller};

    fn profile(id: UserId) -> Profile {
        Profile::of_new(account(id))
    }

    fn service(found: bool, typesetter: MockResumeTypesetter) -> GeneratedResumeService {
        let mut users = MockUserRepository::new();
        users
            .expect_find()
            .returning(move |id| Ok(found.then(|| profile(id))));
        GeneratedResumeService::new(Arc::new(users), Arc::new(typesetter))
    }

    #[tokio::test]
    async fn anybody_may_read_it_but_the_email_address_is_for_the_user_and_admins() {
        let ada = UserId::try_from(1).unwrap();

        for (viewer, sees) in [
            (caller(1, Role::Alumni), true),
            (caller(2, Role::Admin), true),
            (caller(2, Role::Professor), false),
        ] {
            let service = service(true, MockResumeTypesetter::new());
            let resume = service.find(&viewer, ada).await.unwrap();

            assert_eq!(resume.email().is_some(), sees);
        }
    }

    #[tokio::test]
    async fn an_unknown_user_has_none() {
        let service = service(false, MockResumeTypesetter::new());

        let result = service
            .find(&caller(1, Role::Alumni), UserId::try_from(9).unwrap())
            .await;

        assert!(matches!(result, Err(GeneratedResumeError::NotFound)));
    }

    #[tokio::test]
    async fn a_typesetter_that_is_busy_is_told() {
        let mut typesetter = MockResumeTypesetter::new();
        typesetter
            .expect_typeset()
            .once()
            .returning(|_| Err(TypesetterError::Busy));
        let service = service(true, typesetter);
        let ada = caller(1, Role::Alumni);

        let resume = service.find(&ada, ada.user).await.unwrap();
        let result = service.typeset(resume).await;

        assert!(matches!(
            result,
            Err(GeneratedResumeError::Typesetter(TypesetterError::Busy))
        ));
    }

    #[test]
    fn the_headline_says_what_there_is() {
        let text = |text: &str| Some(text.to_owned().try_into().unwrap());
        let ada = caller(1, Role::Alumni);
        let headline = |role, company| {
            let profile = Profile {
                current_role: role,
                current_company: company,
                ..profile(ada.user)
            };
            GeneratedResume::new(profile, &ada).headline()
        };

        assert_eq!(
            headline(text("Programmer"), text("Engines")).as_deref(),
            Some("Programmer · Engines")
        );
        assert_eq!(headline(None, text("Engines")).as_deref(), Some("Engines"));
        assert_eq!(headline(text("Dean"), None).as_deref(), Some("Dean"));
        assert_eq!(headline(None, None), None);
    }
}
