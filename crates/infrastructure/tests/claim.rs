//! Claiming accounts that were imported.

use alumx_domain::account::{
    Account, AccountRepository, Claim, InvitationHash, NewSession, SessionRepository,
};
use alumx_infrastructure::account::PgAccountRepository;

use crate::support::{World, at, by, hash_of, new_session};

/// The invitation of this number.
fn invitation(number: u8) -> InvitationHash {
    InvitationHash([number; 32])
}

/// A session opened at this second.
fn session(number: u64, second: i64) -> NewSession {
    NewSession {
        created_at: at(second),
        ..new_session(number)
    }
}

impl World {
    /// A member whose account waits to be claimed until second 100.
    async fn invited(&self, username: &str, number: u8) -> Account {
        let account = self.member(username).await;
        self.execute(&format!(
            "UPDATE users SET password_hash = NULL WHERE id = {id};",
            id = account.id
        ));
        self.execute(&format!(
            "INSERT INTO invitations SELECT {id}, decode(repeat('{number:02x}', 32), 'hex'),
                    to_timestamp(100), to_timestamp(1)",
            id = account.id
        ));
        account
    }

    async fn claim(&self, number: u8, second: i64) -> Claim {
        let session = session(u64::from(number), second);
        let password = hash_of("claimed");
        let claimed = self.accounts.claim(invitation(number), &password, &session);
        claimed.await.unwrap()
    }
}

#[tokio::test]
async fn a_claim_sets_the_password_opens_a_session_and_spends_the_invitation() {
    let world = World::new();
    let ada = world.invited("ada", 1).await;
    let invited = world.accounts.is_invited(invitation(1), at(99)).await;
    assert!(invited.unwrap());

    let Claim::Claimed(account, session) = world.claim(1, 99).await else {
        panic!("refused");
    };

    assert_eq!(account, ada);
    let caller = world.sessions.find_caller(session).await.unwrap();
    assert_eq!(caller.unwrap().user, ada.id);
    let stored = world.accounts.find_credentials_by_id(ada.id).await.unwrap();
    assert_eq!(stored.unwrap().password_hash, Some(hash_of("claimed")));
    assert_eq!(world.claim(1, 99).await, Claim::Refused);
    assert_eq!(world.number("SELECT count(*) FROM invitations"), 0);
    let claims = "SELECT count(*) FROM audit_log WHERE event = 'ACCOUNT_CLAIMED'";
    assert_eq!(world.number(claims), 1);
}

#[tokio::test]
async fn unknown_and_expired_invitations_claim_nothing() {
    let world = World::new();
    world.invited("ada", 1).await;

    assert_eq!(world.claim(2, 50).await, Claim::Refused);
    assert_eq!(world.claim(1, 100).await, Claim::Refused);
    let late = world.accounts.is_invited(invitation(1), at(100)).await;
    assert!(!late.unwrap());
    assert_eq!(world.number("SELECT count(*) FROM sessions"), 0);
}

#[tokio::test]
async fn suspended_and_deleted_accounts_are_not_claimed() {
    let world = World::new();
    let (ada, bob) = (world.invited("ada", 1).await, world.invited("bob", 2).await);
    world.accounts.suspend(ada.id, None, &by(2)).await.unwrap();
    world.accounts.delete(bob.id, &by(2)).await.unwrap();

    assert_eq!(world.claim(1, 50).await, Claim::Suspended);
    assert_eq!(world.claim(2, 50).await, Claim::Refused);

    world
        .accounts
        .lift_suspension(ada.id, &by(3))
        .await
        .unwrap();
    assert!(matches!(world.claim(1, 50).await, Claim::Claimed(..)));
}

#[tokio::test]
async fn of_many_claims_at_once_one_wins() {
    let world = World::new();
    world.invited("ada", 1).await;
    let wide = world.wide_db();
    let mut claims = tokio::task::JoinSet::new();
    for number in 0..8 {
        let accounts = PgAccountRepository::new(wide.clone());
        claims.spawn(async move {
            let password = hash_of(&format!("claimed{number}"));
            let session = session(number, 50);
            let claimed = accounts.claim(invitation(1), &password, &session);
            matches!(claimed.await.unwrap(), Claim::Claimed(..))
        });
    }

    let won = claims.join_all().await;

    assert_eq!(won.into_iter().filter(|won| *won).count(), 1);
    assert_eq!(world.number("SELECT count(*) FROM sessions"), 1);
}
