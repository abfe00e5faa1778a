//! Claiming an imported account.

use alumx_domain::account::{Claim, InvitationHash, Password};
use secrecy::{ExposeSecret, SecretString};

use super::{AccountError, AccountService, Client, SignedIn};

impl AccountService {
    /// Gives an imported account the password by which it opens from now on, and signs in.
    pub async fn claim(
        &self,
        token: &SecretString,
        password: Password,
        client: Client,
    ) -> Result<SignedIn, AccountError> {
        let invitation = InvitationHash(self.tokens.hash_refresh(token.expose_secret()).0);
        // First: who has no invitation must not make the service hash passwords.
        let now = self.clock.now();
        if !self.accounts.is_invited(invitation, now).await? {
            return Err(AccountError::InvalidInvitation);
        }
        let hash = self.hasher.hash(password).await?;
        let now = self.clock.now();
        let (session, refresh_token) = self.new_session(client, now);
        match self.accounts.claim(invitation, &hash, &session).await? {
            Claim::Claimed(account, id) => self.signed_in(account, id, refresh_token, now),
            Claim::Refused => Err(AccountError::InvalidInvitation),
            Claim::Suspended => Err(AccountError::Suspended),
        }
    }
}
