//! Profiles and the directory.

use std::sync::Arc;

use alumx_domain::account::{Caller, UserId, Username};
use alumx_domain::clock::Clock;
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::{RepositoryError, Violation};
use alumx_domain::user::{
    DirectoryFilter, DirectoryKey, DirectoryOrder, Profile, ProfilePatch, ProfileUpdateError,
    Revision, UserRepository, UserSummary,
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
    /// The store failed.
    #[error(transparent)]
    Repository(RepositoryError),
}

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
}

impl UserService {
    /// A service over these ports.
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { users, clock }
    }

    /// A user's profile; any signed-in user may read it.
    pub async fn profile(&self, id: UserId) -> Result<Profile, UserError> {
        self.users.find(id).await?.ok_or(UserError::NotFound)
    }

    /// The profile of the user with this name, in any letter case.
    pub async fn profile_by_username(&self, username: &Username) -> Result<Profile, UserError> {
        self.users
            .find_by_username(username)
            .await?
            .ok_or(UserError::NotFound)
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

    /// Forgets what is kept of names that nobody has any more; to be called once in a while.
    pub async fn forget_unused_words(&self) -> Result<(), UserError> {
        Ok(self.users.forget_unused_words().await?)
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
        UserService::new(Arc::new(users), Arc::new(clock))
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
