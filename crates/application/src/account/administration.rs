//! What admins do with other people's accounts.

use alumx_domain::account::{Account, Caller, Role, SuspensionReason, UserId};

use super::{AccountError, AccountService};

impl AccountService {
    /// Gives a user a role.
    pub async fn set_role(
        &self,
        caller: Caller,
        user: UserId,
        role: Role,
    ) -> Result<Account, AccountError> {
        self.require_admin(caller, user).await?;
        let account = self.accounts.set_role(user, role, self.clock.now()).await?;
        self.account_changed(user);
        Ok(account)
    }

    /// Keeps a user from signing in until the suspension is lifted.
    pub async fn suspend(
        &self,
        caller: Caller,
        user: UserId,
        reason: Option<SuspensionReason>,
    ) -> Result<(), AccountError> {
        self.require_admin(caller, user).await?;
        self.accounts
            .suspend(user, reason, self.clock.now())
            .await?;
        self.account_changed(user);
        Ok(())
    }

    /// Lets a suspended user sign in again.
    pub async fn lift_suspension(&self, caller: Caller, user: UserId) -> Result<(), AccountError> {
        self.require_admin(caller, user).await?;
        Ok(self.accounts.lift_suspension(user).await?)
    }

    /// Deletes a user's account.
    pub async fn delete_user(&self, caller: Caller, user: UserId) -> Result<(), AccountError> {
        self.require_admin(caller, user).await?;
        let remains = self.accounts.delete(user, self.clock.now()).await?;
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
