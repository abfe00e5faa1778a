//! What admins do with other people's accounts.

use alumx_domain::account::{Account, Caller, Role, SuspensionReason, UserId};

use super::{AccountError, AccountService, Client};

impl AccountService {
    /// Gives a user a role.
    pub async fn set_role(
        &self,
        caller: Caller,
        user: UserId,
        role: Role,
        client: &Client,
    ) -> Result<Account, AccountError> {
        self.require_admin(caller, user).await?;
        let by = self.occasion(caller, client);
        let account = self.accounts.set_role(user, role, &by).await?;
        self.account_changed(user);
        Ok(account)
    }

    /// Keeps a user from signing in until the suspension is lifted.
    pub async fn suspend(
        &self,
        caller: Caller,
        user: UserId,
        reason: Option<SuspensionReason>,
        client: &Client,
    ) -> Result<(), AccountError> {
        self.require_admin(caller, user).await?;
        let by = self.occasion(caller, client);
        self.accounts.suspend(user, reason, &by).await?;
        self.account_changed(user);
        Ok(())
    }

    /// Lets a suspended user sign in again.
    pub async fn lift_suspension(
        &self,
        caller: Caller,
        user: UserId,
        client: &Client,
    ) -> Result<(), AccountError> {
        self.require_admin(caller, user).await?;
        let by = self.occasion(caller, client);
        Ok(self.accounts.lift_suspension(user, &by).await?)
    }

    /// Deletes a user's account.
    pub async fn delete_user(
        &self,
        caller: Caller,
        user: UserId,
        client: &Client,
    ) -> Result<(), AccountError> {
        self.require_admin(caller, user).await?;
        let by = self.occasion(caller, client);
        let remains = self.accounts.delete(user, &by).await?;
        self.account_deleted(user, remains).await;
        Ok(())
    }

    /// Refuses everybody else. Any user may know who exists, so an unknown `user` comes first.
    async fn require_admin(&self, caller: Caller, user: UserId) -> Result<(), AccountError> {
        if caller.is_admin() {
            return Ok(());
        }
        self.accounts
            .find(user)
            .await?
            .ok_or(AccountError::UserNotFound)?;
        Err(AccountError::NotAdmin)
    }
}
