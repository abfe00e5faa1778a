//! Signing up and in, sessions and passwords.

use std::sync::Arc;

use alumx_domain::account::{
    Account, AccountChangeError, AccountRepository, Caller, Credentials, EmailAddress, Identifier,
    NewAccount, NewRefreshToken, NewSession, Password, PasswordHash, PersonName, Role, Rotation,
    Session, SessionId, SessionRepository, Username,
};
use alumx_domain::clock::{Clock, Timestamp};
use alumx_domain::page::{Page, PageRequest};
use alumx_domain::repository::{RepositoryError, Violation};
use secrecy::{ExposeSecret, SecretString};

use super::{AccountError, Client, Registration, SignedIn, TokenLifetimes};
use crate::authentication::Authenticator;
use crate::ports::{AccessClaims, PasswordHasher, TokenIssuer, Verdict};

/// What people do with accounts.
pub struct AccountService {
    pub(super) accounts: Arc<dyn AccountRepository>,
    pub(super) sessions: Arc<dyn SessionRepository>,
    pub(super) hasher: Arc<dyn PasswordHasher>,
    pub(super) tokens: Arc<dyn TokenIssuer>,
    pub(super) authenticator: Arc<Authenticator>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) lifetimes: TokenLifetimes,
}

impl AccountService {
    /// A service over these ports.
    pub fn new(
        accounts: Arc<dyn AccountRepository>,
        sessions: Arc<dyn SessionRepository>,
        hasher: Arc<dyn PasswordHasher>,
        tokens: Arc<dyn TokenIssuer>,
        authenticator: Arc<Authenticator>,
        clock: Arc<dyn Clock>,
        lifetimes: TokenLifetimes,
    ) -> Self {
        Self {
            accounts,
            sessions,
            hasher,
            tokens,
            authenticator,
            clock,
            lifetimes,
        }
    }

    /// Makes an account and signs its user in.
    pub async fn register(
        &self,
        registration: Registration,
        client: Client,
    ) -> Result<SignedIn, AccountError> {
        let Registration {
            username,
            name,
            email,
            password,
            role,
        } = registration;
        let password_hash = self.hasher.hash(password).await?;
        let now = self.clock.now();
        let account = NewAccount {
            username,
            name,
            email,
            role: role.into(),
            password_hash,
            created_at: now,
        };
        let (session, refresh_token) = self.new_session(client, now);
        match self.accounts.register(&account, &session).await {
            Ok((account, id)) => self.signed_in(account, id, refresh_token, now),
            Err(error) => Err(self.taken(error, &account).await?),
        }
    }

    /// Makes an admin, for the command line: nobody is signed in.
    pub async fn create_admin(
        &self,
        username: Username,
        name: PersonName,
        email: EmailAddress,
        password: Password,
    ) -> Result<Account, AccountError> {
        let password_hash = self.hasher.hash(password).await?;
        let created_at = self.clock.now();
        let account = NewAccount {
            username,
            name,
            email,
            role: Role::Admin,
            password_hash,
            created_at,
        };
        match self.accounts.insert(&account).await {
            Ok(account) => Ok(account),
            Err(error) => Err(self.taken(error, &account).await?),
        }
    }

    /// Signs a user in by username or email address.
    pub async fn login(
        &self,
        identifier: &str,
        password: Password,
        client: Client,
    ) -> Result<SignedIn, AccountError> {
        // What can't be anybody's identifier takes the same way, and time, as an unknown one.
        let identifier = identifier.parse::<Identifier>().ok();
        // Another sign-in may replace an outdated hash between the look at it and the opening of
        // the session: the second look sees the new one.
        for _ in 0..2 {
            let found = match &identifier {
                Some(identifier) => self.accounts.find_credentials(identifier).await?,
                None => None,
            };
            let (account, hash) = self.verified(found, &password).await?;
            let now = self.clock.now();
            let (session, refresh_token) = self.new_session(client.clone(), now);
            if let Some(id) = self.sessions.open(account.id, &hash, &session).await? {
                return self.signed_in(account, id, refresh_token, now);
            }
        }
        Err(AccountError::InvalidCredentials)
    }

    /// Exchanges a refresh token for the next pair of tokens.
    pub async fn refresh(&self, token: &SecretString) -> Result<SignedIn, AccountError> {
        let now = self.clock.now();
        let next = self.tokens.new_refresh();
        let shown = self.tokens.hash_refresh(token.expose_secret());
        match self
            .sessions
            .rotate(shown, &self.stored(&next, now), now)
            .await?
        {
            Rotation::Rotated { account, session } => self.signed_in(account, session, next, now),
            Rotation::Refused => Err(AccountError::InvalidRefreshToken),
            Rotation::Revoked { session } => {
                tracing::warn!(session.id = %session, "a spent refresh token turned up again: session revoked");
                self.authenticator.forget_session(session);
                Err(AccountError::InvalidRefreshToken)
            }
        }
    }

    /// Ends the caller's session.
    pub async fn logout(&self, caller: Caller) -> Result<(), AccountError> {
        self.sessions.end(caller.user, caller.session).await?;
        self.authenticator.forget_session(caller.session);
        Ok(())
    }

    /// The caller's open sessions, newest first.
    pub async fn sessions(
        &self,
        caller: Caller,
        page: PageRequest<SessionId>,
    ) -> Result<Page<Session, SessionId>, AccountError> {
        Ok(self
            .sessions
            .list(caller.user, page, self.clock.now())
            .await?)
    }

    /// Ends one of the caller's sessions.
    pub async fn end_session(
        &self,
        caller: Caller,
        session: SessionId,
    ) -> Result<(), AccountError> {
        if !self.sessions.end(caller.user, session).await? {
            return Err(AccountError::SessionNotFound);
        }
        self.authenticator.forget_session(session);
        Ok(())
    }

    /// Ends all of the caller's sessions but this one.
    pub async fn end_other_sessions(&self, caller: Caller) -> Result<(), AccountError> {
        self.sessions
            .end_others(caller.user, caller.session)
            .await?;
        self.authenticator.forget_user(caller.user);
        Ok(())
    }

    /// The caller's account.
    pub async fn account(&self, caller: Caller) -> Result<Account, AccountError> {
        let account = self.accounts.find(caller.user).await?;
        account.ok_or_else(|| self.caller_gone(caller))
    }

    /// Changes the caller's password and ends the caller's other sessions.
    pub async fn change_password(
        &self,
        caller: Caller,
        current: Password,
        new: Password,
    ) -> Result<(), AccountError> {
        let old = self.confirm(caller, current).await?;
        let new = self.hasher.hash(new).await?;
        let (user, keep) = (caller.user, caller.session);
        if !self
            .accounts
            .change_password(user, &old, &new, keep)
            .await?
        {
            // Somebody else changed it in the meantime: what was confirmed isn't it any more.
            return Err(AccountError::IncorrectPassword);
        }
        self.authenticator.forget_user(user);
        Ok(())
    }

    /// Deletes the caller's account.
    pub async fn delete_own(&self, caller: Caller, password: Password) -> Result<(), AccountError> {
        self.confirm(caller, password).await?;
        match self.accounts.delete(caller.user, self.clock.now()).await {
            Err(AccountChangeError::NotFound) => return Err(self.caller_gone(caller)),
            done => drop(done?),
        }
        self.authenticator.forget_user(caller.user);
        Ok(())
    }

    /// Forgets what has expired; to be called now and then.
    pub async fn purge_expired(&self) -> Result<(), AccountError> {
        Ok(self.sessions.purge_expired(self.clock.now()).await?)
    }

    /// The account that `password` opens, and the hash that the password has from now on.
    async fn verified(
        &self,
        found: Option<Credentials>,
        password: &Password,
    ) -> Result<(Account, PasswordHash), AccountError> {
        let hash = found
            .as_ref()
            .and_then(|credentials| credentials.password_hash.clone());
        let verdict = self.hasher.verify(password.clone(), hash.clone()).await?;
        let (Verdict::Right | Verdict::Outdated, Some(Credentials { account, .. }), Some(hash)) =
            (verdict, found, hash)
        else {
            return Err(AccountError::InvalidCredentials);
        };
        if account.suspended_at.is_some() {
            return Err(AccountError::Suspended);
        }
        let hash = match verdict {
            Verdict::Outdated => self.rehash(&account, hash, password.clone()).await?,
            _ => hash,
        };
        Ok((account, hash))
    }

    /// The hash of the caller's password, if `password` is it.
    async fn confirm(
        &self,
        caller: Caller,
        password: Password,
    ) -> Result<PasswordHash, AccountError> {
        let found = self.accounts.find_credentials_by_id(caller.user).await?;
        let hash = found.ok_or_else(|| self.caller_gone(caller))?.password_hash;
        match (self.hasher.verify(password, hash.clone()).await?, hash) {
            (Verdict::Right | Verdict::Outdated, Some(hash)) => Ok(hash),
            _ => Err(AccountError::IncorrectPassword),
        }
    }

    /// Another instance deleted the account moments ago: this one had still trusted the session.
    fn caller_gone(&self, caller: Caller) -> AccountError {
        self.authenticator.forget_user(caller.user);
        AccountError::CallerGone
    }

    /// The hash that the password has from now on: one with today's parameters, unless somebody
    /// else replaced it first.
    async fn rehash(
        &self,
        account: &Account,
        old: PasswordHash,
        password: Password,
    ) -> Result<PasswordHash, AccountError> {
        let new = self.hasher.hash(password).await?;
        let replaced = self
            .accounts
            .rehash_password(account.id, &old, &new)
            .await?;
        Ok(if replaced { new } else { old })
    }

    fn new_session(&self, client: Client, now: Timestamp) -> (NewSession, SecretString) {
        let refresh_token = self.tokens.new_refresh();
        let Client {
            user_agent,
            ip_address,
        } = client;
        let token = self.stored(&refresh_token, now);
        (
            NewSession {
                user_agent,
                ip_address,
                token,
                created_at: now,
            },
            refresh_token,
        )
    }

    fn stored(&self, token: &SecretString, now: Timestamp) -> NewRefreshToken {
        NewRefreshToken {
            hash: self.tokens.hash_refresh(token.expose_secret()),
            expires_at: now + self.lifetimes.refresh,
        }
    }

    fn signed_in(
        &self,
        account: Account,
        session: SessionId,
        refresh_token: SecretString,
        now: Timestamp,
    ) -> Result<SignedIn, AccountError> {
        let expires_in = self.lifetimes.access;
        let access_token = self.tokens.issue_access(&AccessClaims {
            user: account.id,
            role: account.role,
            session,
            issued_at: now,
            expires_at: now + expires_in,
        })?;
        Ok(SignedIn {
            account,
            access_token,
            refresh_token,
            expires_in,
        })
    }

    /// Turns a violated uniqueness into one that tells all that is taken: the database stops at
    /// the first.
    async fn taken(
        &self,
        error: RepositoryError,
        account: &NewAccount,
    ) -> Result<AccountError, AccountError> {
        let (mut username, mut email) = match error.violation() {
            Some(Violation::UsernameTaken) => (true, false),
            Some(Violation::EmailTaken) => (false, true),
            _ => return Ok(error.into()),
        };
        let by_name = Identifier::Username(account.username.clone());
        let by_email = Identifier::Email(account.email.clone());
        username = username || self.accounts.find_credentials(&by_name).await?.is_some();
        email = email || self.accounts.find_credentials(&by_email).await?.is_some();
        Ok(AccountError::Taken { username, email })
    }
}
