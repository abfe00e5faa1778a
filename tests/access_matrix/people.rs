//! Users who are signed in without a sign-in: the matrix needs very many of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use alumx_application::ports::{AccessClaims, PasswordHasher, TokenIssuer};
use alumx_domain::account::{
    AccountRepository, NewAccount, NewRefreshToken, NewSession, Password, PasswordHash, Role,
    SessionId, SessionRepository, UserId,
};
use alumx_domain::clock::Clock;
use alumx_infrastructure::account::{PgAccountRepository, PgSessionRepository};
use alumx_infrastructure::db::{Db, DbSettings};
use alumx_infrastructure::password::Argon2Hasher;
use alumx_infrastructure::token::JwtIssuer;
use alumx_tests::{App, PASSWORD, SECRET, User, or_panic};
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};

/// Makes users, all with the same password, hashed once.
pub struct People<'a> {
    app: &'a App,
    accounts: PgAccountRepository,
    sessions: PgSessionRepository,
    tokens: JwtIssuer,
    password: PasswordHash,
    made: AtomicU64,
}

impl<'a> People<'a> {
    pub async fn of(app: &'a App) -> Self {
        let settings = DbSettings {
            connections: 1,
            ..DbSettings::new(app.database.url())
        };
        let db = or_panic(Db::new(&settings));
        let password = Password::claimed(PASSWORD.to_owned());
        let hasher = Arc::new(Argon2Hasher::new(1));
        Self {
            app,
            accounts: PgAccountRepository::new(db.clone()),
            sessions: PgSessionRepository(db),
            tokens: or_panic(JwtIssuer::new(&SECRET.to_vec().into(), &[])),
            password: or_panic(hasher.hash(password).await),
            made: AtomicU64::new(0),
        }
    }

    /// A number that nothing else has.
    pub fn number(&self) -> u64 {
        self.made.fetch_add(1, Ordering::Relaxed)
    }

    /// A new user with a role, and with a token that says another one.
    pub async fn with_token_of(&self, role: Role, told: Role) -> User<'a> {
        let username = format!("user{}", self.number());
        let account = NewAccount {
            username: or_panic(username.clone().try_into()),
            name: or_panic("Somebody".to_owned().try_into()),
            email: or_panic(format!("{username}@example.org").try_into()),
            role,
            password_hash: self.password.clone(),
            created_at: self.app.clock.now(),
        };
        let (session, refresh_token) = self.session();
        let (account, session) = or_panic(self.accounts.register(&account, &session).await);
        User {
            app: self.app,
            id: account.id.raw(),
            username,
            access_token: self.access_token(account.id, told, session),
            refresh_token: refresh_token.expose_secret().to_owned(),
        }
    }

    /// A new user.
    pub async fn with_role(&self, role: Role) -> User<'a> {
        self.with_token_of(role, role).await
    }

    /// The same user with a token of another session, and which one that is.
    pub async fn again(&self, user: &User<'a>) -> (User<'a>, SessionId) {
        let (session, refresh_token) = self.session();
        let id = or_panic(UserId::try_from(user.id));
        let opened = or_panic(self.sessions.open(id, &self.password, &session).await);
        let session = opened.unwrap_or_else(|| panic!("{} can't sign in", user.username));
        let again = User {
            app: self.app,
            id: user.id,
            username: user.username.clone(),
            access_token: self.access_token(id, Role::Alumni, session),
            refresh_token: refresh_token.expose_secret().to_owned(),
        };
        (again, session)
    }

    fn session(&self) -> (NewSession, SecretString) {
        let (now, refresh_token) = (self.app.clock.now(), self.tokens.new_refresh());
        let session = NewSession {
            user_agent: None,
            ip_address: None,
            token: NewRefreshToken {
                hash: self.tokens.hash_refresh(refresh_token.expose_secret()),
                expires_at: now + TimeDelta::days(1),
            },
            created_at: now,
            request_id: None,
        };
        (session, refresh_token)
    }

    fn access_token(&self, user: UserId, role: Role, session: SessionId) -> String {
        let now = self.app.clock.now();
        let token = or_panic(self.tokens.issue_access(&AccessClaims {
            user,
            role,
            session,
            issued_at: now,
            expires_at: now + TimeDelta::minutes(15),
        }));
        token.expose_secret().to_owned()
    }
}
