//! Signing up and in, and passwords.

use std::sync::Arc;

use alumx_domain::account::{
    Account, AccountChangeError, AccountRepository, Caller, Credentials, EmailAddress, Identifier,
    NewAccount, NewRefreshToken, NewSession, Password, PasswordHash, PersonName, Role, SessionId,
    SessionRepository, Username,
};
use alumx_domain::audit::Occasion;
use alumx_domain::clock::{Clock, Timestamp};
use alumx_domain::repository::{RepositoryError, Violation};
use secrecy::{ExposeSecret, SecretString};

use super::refused::RefusedSignIns;
use super::{AccountError, AccountPorts, Client, Registration, SignedIn, TokenLifetimes};
use crate::authentication::Authenticator;
use crate::ports::{AccessClaims, FileStore, PasswordHasher, Realtime, TokenIssuer, Verdict};

/// What people do with accounts.
pub struct AccountService {
    pub(super) accounts: Arc<dyn AccountRepository>,
    pub(super) sessions: Arc<dyn SessionRepository>,
    pub(super) hasher: Arc<dyn PasswordHasher>,
    pub(super) tokens: Arc<dyn TokenIssuer>,
    pub(super) authenticator: Arc<Authenticator>,
    pub(super) realtime: Arc<dyn Realtime>,
    pub(super) files: Arc<dyn FileStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) lifetimes: TokenLifetimes,
    pub(super) refused: RefusedSignIns,
}

impl AccountService {
    /// A service over these ports.
    pub fn new(ports: AccountPorts, lifetimes: TokenLifetimes) -> Self {
        let AccountPorts {
            accounts,
            sessions,
            hasher,
            tokens,
            authenticator,
            realtime,
            files,
            clock,
        } = ports;
        Self {
            accounts,
            sessions,
            hasher,
            tokens,
            authenticator,
            realtime,
            files,
            clock,
            lifetimes,
            refused: RefusedSignIns::default(),
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
        let typed = identifier;
        // What can't be anybody's identifier takes the same way, and time, as an unknown one.
        let identifier = identifier.parse::<Identifier>().ok();
        // Another sign-in may replace an outdated hash between the look at it and the opening of
        // the session: the second look sees the new one.
        let mut user = None;
        for _ in 0..2 {
            let found = match &identifier {
                Some(identifier) => self.accounts.find_credentials(identifier).await?,
                None => None,
            };
            user = found.as_ref().map(|found| found.account.id);
            let (account, hash) = match self.verified(found, &password).await {
                Err(refusal) => return Err(self.note(refusal, typed, user, &client).await),
                Ok(verified) => verified,
            };
            let now = self.clock.now();
            let (session, refresh_token) = self.new_session(client.clone(), now);
            if let Some(id) = self.sessions.open(account.id, &hash, &session).await? {
                return self.signed_in(account, id, refresh_token, now);
            }
        }
        let refusal = AccountError::InvalidCredentials;
        Err(self.note(refusal, typed, user, &client).await)
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
        client: &Client,
    ) -> Result<(), AccountError> {
        let old = self.confirm(caller, current).await?;
        let new = self.hasher.hash(new).await?;
        let (user, keep) = (caller.user, caller.session);
        let by = self.occasion(caller, client);
        if !self
            .accounts
            .change_password(user, &old, &new, keep, &by)
            .await?
        {
            // Somebody else changed it in the meantime: what was confirmed isn't it any more.
            return Err(AccountError::IncorrectPassword);
        }
        self.account_changed(user);
        Ok(())
    }

    /// Deletes the caller's account.
    pub async fn delete_own(
        &self,
        caller: Caller,
        password: Password,
        client: &Client,
    ) -> Result<(), AccountError> {
        self.confirm(caller, password).await?;
        let by = self.occasion(caller, client);
        let remains = match self.accounts.delete(caller.user, &by).await {
            Err(AccountChangeError::NotFound) => return Err(self.caller_gone(caller)),
            done => done?,
        };
        self.account_deleted(caller.user, remains).await;
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
        self.account_changed(caller.user);
        AccountError::CallerGone
    }

    /// That the caller does something now, from there.
    pub(super) fn occasion(&self, caller: Caller, client: &Client) -> Occasion {
        client.occasion(Some(caller.user), self.clock.now())
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

    pub(super) fn new_session(&self, client: Client, now: Timestamp) -> (NewSession, SecretString) {
        let refresh_token = self.tokens.new_refresh();
        let Client {
            user_agent,
            ip_address,
            request_id,
        } = client;
        let token = self.stored(&refresh_token, now);
        (
            NewSession {
                user_agent,
                ip_address,
                token,
                created_at: now,
                request_id,
            },
            refresh_token,
        )
    }

    pub(super) fn stored(&self, token: &SecretString, now: Timestamp) -> NewRefreshToken {
        NewRefreshToken {
            hash: self.tokens.hash_refresh(token.expose_secret()),
            expires_at: now + self.lifetimes.refresh,
        }
    }

    pub(super) fn signed_in(
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
