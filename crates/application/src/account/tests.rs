//! The account service over mocked ports: each test says which calls there are, no other may be.

mod change;
mod claim;
mod live;
mod sign_in;

use std::sync::Arc;

use alumx_domain::account::{
    Account, AccountChangeError, Caller, Credentials, Identifier, MockAccountRepository,
    MockSessionRepository, NewAccount, Password, PasswordHash, RefreshTokenHash, Remains, Role,
    Rotation, SessionId, UserId,
};
use alumx_domain::audit::Occasion;
use alumx_domain::clock::{MockClock, Timestamp};
use alumx_domain::file::{FileKey, Folder};
use alumx_domain::repository::{RepositoryError, Violation};
use alumx_domain::text::InvalidValue;
use chrono::TimeDelta;
use mockall::predicate::{always, eq, function};
use secrecy::{ExposeSecret, SecretString};

use super::{
    AccountError, AccountPorts, AccountService, Client, Registration, SignedIn, TokenLifetimes,
};
use crate::authentication::{AuthenticationError, Authenticator};
use crate::ports::{AccessClaims, MockFileStore, MockPasswordHasher, MockTokenIssuer, Verdict};
use crate::testing::{Listener, Told};

fn resume() -> FileKey {
    FileKey::new(Folder::Resumes, 1, "pdf")
}

/// What an account leaves that had nothing but a resume.
fn remains() -> Remains {
    Remains {
        departures: Vec::new(),
        unused_files: vec![resume()],
    }
}

/// The ports of a service before anything is expected of them.
#[derive(Default)]
struct Ports {
    accounts: MockAccountRepository,
    sessions: MockSessionRepository,
    hasher: MockPasswordHasher,
    files: MockFileStore,
}

impl Ports {
    /// A service at second 100; its tokens say what they are.
    fn service(self) -> AccountService {
        self.service_and_listener().0
    }

    /// The same, and what clients are told.
    fn service_and_listener(self) -> (AccountService, Arc<Listener>) {
        let mut tokens = MockTokenIssuer::new();
        tokens
            .expect_new_refresh()
            .returning(|| SecretString::from("next"));
        tokens.expect_hash_refresh().returning(refresh_hash);
        tokens.expect_issue_access().returning(|claims| {
            assert_eq!(claims.issued_at, at(100));
            assert_eq!(claims.expires_at, at(100) + lifetimes().access);
            let AccessClaims {
                user,
                role,
                session,
                ..
            } = claims;
            Ok(SecretString::from(format!("{user} {role} {session}")))
        });
        tokens.expect_verify_access().returning(|_, now| {
            Some(AccessClaims {
                user: caller(Role::Alumni).user,
                role: Role::Alumni,
                session: caller(Role::Alumni).session,
                issued_at: now,
                expires_at: now + lifetimes().access,
            })
        });
        let mut clock = MockClock::new();
        clock.expect_now().returning(|| at(100));
        let (tokens, clock) = (Arc::new(tokens), Arc::new(clock));
        let sessions = Arc::new(self.sessions);
        let authenticator = Authenticator::new(tokens.clone(), sessions.clone(), clock.clone());
        let realtime = Arc::new(Listener::default());
        let ports = AccountPorts {
            accounts: Arc::new(self.accounts),
            sessions,
            hasher: Arc::new(self.hasher),
            tokens,
            authenticator: Arc::new(authenticator),
            realtime: realtime.clone(),
            files: Arc::new(self.files),
            clock,
        };
        (AccountService::new(ports, lifetimes()), realtime)
    }

    /// The account's resume is deleted once.
    fn deletes_the_resume(&mut self) {
        self.files
            .expect_delete()
            .with(eq(resume()))
            .times(1)
            .returning(|_| Ok(()));
    }

    /// The password hasher is asked once about this password and hash.
    fn verifies(&mut self, text: &'static str, stored: Option<PasswordHash>, verdict: Verdict) {
        self.hasher
            .expect_verify()
            .with(password_is(text), eq(stored))
            .times(1)
            .returning(move |_, _| Ok(verdict));
    }

    fn hashes(&mut self, text: &'static str, made: &'static str) {
        self.hasher
            .expect_hash()
            .with(password_is(text))
            .times(1)
            .returning(move |_| Ok(hash(made)));
    }

    /// This is all that the store knows under any identifier.
    fn knows(&mut self, found: Option<Credentials>) {
        let by_id = found.clone();
        self.accounts
            .expect_find_credentials()
            .returning(move |_| Ok(found.clone()));
        self.accounts
            .expect_find_credentials_by_id()
            .with(eq(ada().id))
            .returning(move |_| Ok(by_id.clone()));
    }

    /// What the store knows changes from question to question.
    fn knows_in_turn(&mut self, found: Vec<Credentials>) {
        let times = found.len();
        let mut found = found.into_iter();
        self.accounts
            .expect_find_credentials()
            .times(times)
            .returning(move |_| Ok(found.next()));
    }

    /// One refused sign-in is noted, to this user's account.
    fn notes_refused(&mut self, target: Option<UserId>) {
        self.sessions
            .expect_note_refused()
            .with(eq(target), eq(occasion(None)))
            .times(1)
            .returning(|_, _| Ok(()));
    }

    /// A session is opened once, for who has this hash.
    fn opens(&mut self, verified: &'static str, opened: Option<SessionId>) {
        self.sessions
            .expect_open()
            .withf(move |user, shown, session| {
                *user == ada().id
                    && *shown == hash(verified)
                    && session.created_at == at(100)
                    && session.token.hash == refresh_hash("next")
                    && session.token.expires_at == at(100) + lifetimes().refresh
            })
            .times(1)
            .returning(move |_, _, _| Ok(opened));
    }

    /// The caller's session is looked up exactly so often.
    fn looks_up_the_session(&mut self, times: usize) {
        self.sessions
            .expect_find_caller()
            .times(times)
            .returning(|_| Ok(Some(caller(Role::Alumni))));
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(second, 0).unwrap()
}

fn lifetimes() -> TokenLifetimes {
    TokenLifetimes {
        access: TimeDelta::minutes(15),
        refresh: TimeDelta::days(30),
    }
}

fn value<T: TryFrom<String, Error = InvalidValue>>(text: &str) -> T {
    text.to_owned().try_into().unwrap()
}

fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_phc(text.to_owned())
}

fn password(text: &str) -> Password {
    Password::claimed(text.to_owned())
}

fn password_is(text: &'static str) -> impl mockall::Predicate<Password> {
    function(move |shown: &Password| shown.expose() == text)
}

fn refresh_hash(token: &str) -> RefreshTokenHash {
    let mut hash = [0; 32];
    hash[..token.len()].copy_from_slice(token.as_bytes());
    RefreshTokenHash(hash)
}

/// Where every request of these tests comes from.
fn here() -> Client {
    Client {
        user_agent: None,
        ip_address: Some([203, 0, 113, 7].into()),
        request_id: Some(value("request-1")),
    }
}

/// What the audit log is to say of a request.
fn occasion(actor: Option<UserId>) -> Occasion {
    here().occasion(actor, at(100))
}

fn by_caller() -> Occasion {
    occasion(Some(ada().id))
}

fn session(id: i64) -> SessionId {
    id.try_into().unwrap()
}

fn ada() -> Account {
    Account {
        id: UserId::try_from(7).unwrap(),
        username: value("ada"),
        name: value("Ada"),
        email: value("ada@example.org"),
        role: Role::Alumni,
        suspended_at: None,
        created_at: at(1),
    }
}

fn caller(role: Role) -> Caller {
    Caller {
        user: ada().id,
        role,
        session: session(3),
    }
}

fn credentials(stored: &str) -> Credentials {
    Credentials {
        account: ada(),
        password_hash: Some(hash(stored)),
    }
}

fn suspended() -> Credentials {
    let mut credentials = credentials("stored");
    credentials.account.suspended_at = Some(at(2));
    credentials
}

fn registration() -> Registration {
    Registration {
        username: value("ada"),
        name: value("Ada"),
        email: value("ada@example.org"),
        password: password("secret"),
        role: value("ALUMNI"),
    }
}

/// Somebody else.
fn bob() -> UserId {
    UserId::try_from(8).unwrap()
}

async fn login(service: &AccountService) -> Result<SignedIn, AccountError> {
    service.login("ada", password("secret"), here()).await
}

fn assert_signed_in(signed_in: &SignedIn, session: i64) {
    assert_eq!(signed_in.account, ada());
    assert_eq!(signed_in.refresh_token.expose_secret(), "next");
    let access = format!("7 ALUMNI {session}");
    assert_eq!(signed_in.access_token.expose_secret(), access);
    assert_eq!(signed_in.expires_in, lifetimes().access);
}
