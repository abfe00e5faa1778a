//! Claiming imported accounts.

use alumx_domain::account::{Claim, InvitationHash};

use super::*;

/// The token of every invitation here.
fn invitation() -> InvitationHash {
    InvitationHash(refresh_hash("token").0)
}

/// Ports that know the invitation or not.
fn invited(open: bool) -> Ports {
    let mut ports = Ports::default();
    ports
        .accounts
        .expect_is_invited()
        .with(eq(invitation()), eq(at(100)))
        .times(1)
        .returning(move |_, _| Ok(open));
    ports
}

/// What comes of a claim, when the store says this.
async fn claim(outcome: Claim) -> Result<SignedIn, AccountError> {
    let mut ports = invited(true);
    ports.hashes("secret", "made");
    ports
        .accounts
        .expect_claim()
        .withf(|shown, password, session| {
            *shown == invitation()
                && *password == hash("made")
                && session.created_at == at(100)
                && session.token.hash == refresh_hash("next")
                && session.ip_address == here().ip_address
                && session.request_id == here().request_id
        })
        .times(1)
        .return_once(move |_, _, _| Ok(outcome));
    claim_with(&ports.service()).await
}

async fn claim_with(service: &AccountService) -> Result<SignedIn, AccountError> {
    let token = SecretString::from("token");
    service.claim(&token, password("secret"), here()).await
}

#[tokio::test]
async fn who_is_invited_claims_the_account_and_is_signed_in() {
    let signed_in = claim(Claim::Claimed(ada(), session(5))).await;

    assert_signed_in(&signed_in.unwrap(), 5);
}

#[tokio::test]
async fn without_an_invitation_no_password_is_hashed() {
    let refused = claim_with(&invited(false).service()).await;

    assert!(matches!(refused, Err(AccountError::InvalidInvitation)));
}

#[tokio::test]
async fn who_comes_second_is_refused_and_who_is_suspended_is_told_so() {
    let second = claim(Claim::Refused).await;
    let suspended = claim(Claim::Suspended).await;

    assert!(matches!(second, Err(AccountError::InvalidInvitation)));
    assert!(matches!(suspended, Err(AccountError::Suspended)));
}
