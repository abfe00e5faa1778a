//! Sessions that go on or end.

use alumx_domain::account::{Caller, Rotation, Session, SessionId};
use alumx_domain::page::{Page, PageRequest};
use secrecy::{ExposeSecret, SecretString};

use super::{AccountError, AccountService, Client, SignedIn};

impl AccountService {
    /// Exchanges a refresh token for the next pair of tokens.
    pub async fn refresh(
        &self,
        token: &SecretString,
        client: &Client,
    ) -> Result<SignedIn, AccountError> {
        let now = self.clock.now();
        let next = self.tokens.new_refresh();
        let shown = self.tokens.hash_refresh(token.expose_secret());
        let by = client.occasion(None, now);
        match self
            .sessions
            .rotate(shown, &self.stored(&next, now), &by)
            .await?
        {
            Rotation::Rotated { account, session } => self.signed_in(account, session, next, now),
            Rotation::Refused => Err(AccountError::InvalidRefreshToken),
            Rotation::Revoked { session } => {
                tracing::warn!(session.id = %session, "a spent refresh token turned up again: session revoked");
                self.session_ended(session);
                Err(AccountError::InvalidRefreshToken)
            }
        }
    }

    /// Ends the caller's session.
    pub async fn logout(&self, caller: Caller, client: &Client) -> Result<(), AccountError> {
        let by = self.occasion(caller, client);
        self.sessions.end(caller.user, caller.session, &by).await?;
        self.session_ended(caller.session);
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
        client: &Client,
    ) -> Result<(), AccountError> {
        let by = self.occasion(caller, client);
        if !self.sessions.end(caller.user, session, &by).await? {
            return Err(AccountError::SessionNotFound);
        }
        self.session_ended(session);
        Ok(())
    }

    /// Ends all of the caller's sessions but this one.
    pub async fn end_other_sessions(
        &self,
        caller: Caller,
        client: &Client,
    ) -> Result<(), AccountError> {
        let by = self.occasion(caller, client);
        self.sessions
            .end_others(caller.user, caller.session, &by)
            .await?;
        self.account_changed(caller.user);
        Ok(())
    }
}
