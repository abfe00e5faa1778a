//! Accounts: registering, finding, passwords, roles and suspensions.

use alumx_domain::account::{
    AccountChangeError, AccountRepository, Caller, Identifier, NewAccount, Role, SessionRepository,
    SuspensionReason,
};
use alumx_domain::repository::{RepositoryError, Violation};
use alumx_domain::user::{Revision, UserRepository};
use alumx_infrastructure::account::PgAccountRepository;

use crate::support::{World, at, by, hash_of, new_account, new_session, unknown_user, value};

#[tokio::test]
async fn registering_makes_an_account_and_opens_its_first_session() {
    let world = World::new();

    let (account, session) = world
        .accounts
        .register(&new_account("Ada"), &new_session(1))
        .await
        .unwrap();

    assert_eq!((&*account.username, &*account.name), ("Ada", "Ada"));
    assert_eq!(&*account.email, "ada@example.org");
    assert_eq!((account.role, account.created_at), (Role::Alumni, at(1)));
    assert_eq!(account.suspended_at, None);
    let caller = Caller {
        user: account.id,
        role: Role::Alumni,
        session,
    };
    let found = world.sessions.find_caller(session).await.unwrap();
    assert_eq!(found, Some(caller));
    let stored = world.accounts.find(account.id).await.unwrap();
    assert_eq!(stored, Some(account));
}

#[tokio::test]
async fn an_account_whose_session_cannot_be_opened_is_not_kept() {
    let world = World::new();
    let ada = world.member("ada").await;
    world.sign_in(&ada, 1).await;

    let refused = world
        .accounts
        .register(&new_account("bob"), &new_session(1))
        .await;

    assert!(matches!(refused, Err(RepositoryError::Unexpected(_))));
    assert_eq!(world.number("SELECT count(*) FROM users"), 1);
    assert_eq!(world.number("SELECT count(*) FROM user_search"), 1);
    assert_eq!(world.number("SELECT count(*) FROM sessions"), 1);
}

#[tokio::test]
async fn a_username_or_address_is_taken_in_any_letter_case() {
    let world = World::new();
    world.member("ada").await;
    let same_name = NewAccount {
        email: value("other@example.org"),
        ..new_account("ADA")
    };
    let same_address = NewAccount {
        email: value("ADA@Example.org"),
        ..new_account("other")
    };

    let name = world.accounts.register(&same_name, &new_session(1)).await;
    let address = world.accounts.insert(&same_address).await;
    let past_the_service = world.try_execute(
        "INSERT INTO users (username, name, email, role, created_at, updated_at)
         VALUES ('other', 'Other', 'ADA@EXAMPLE.ORG', 'ALUMNI', now(), now())",
    );

    assert_eq!(
        name.unwrap_err().violation(),
        Some(Violation::UsernameTaken)
    );
    assert_eq!(
        address.unwrap_err().violation(),
        Some(Violation::EmailTaken)
    );
    let refused = past_the_service.unwrap_err().to_string();
    assert!(refused.contains("email_taken"), "{refused}");
    assert_eq!(world.number("SELECT count(*) FROM sessions"), 0);
}

#[tokio::test]
async fn credentials_are_found_by_username_and_address_in_any_letter_case() {
    let world = World::new();
    let ada = world.member("Ada").await;
    world.member("bob").await;

    for identifier in ["ada", "ADA", "ada@example.org", "ADA@EXAMPLE.ORG"] {
        let identifier: Identifier = identifier.parse().unwrap();
        let found = world.accounts.find_credentials(&identifier).await.unwrap();
        let found = found.unwrap();
        assert_eq!(found.account, ada);
        assert_eq!(found.password_hash, Some(hash_of("ada")));
    }
    for identifier in ["ad", "ada_", "_@example.org", "cyd@example.org"] {
        if let Ok(identifier) = identifier.parse::<Identifier>() {
            let found = world.accounts.find_credentials(&identifier).await.unwrap();
            assert!(found.is_none(), "{identifier:?}");
        }
    }
    let by_id = world.accounts.find_credentials_by_id(ada.id).await.unwrap();
    assert_eq!(by_id.unwrap().account, ada);
    let unknown = world.accounts.find_credentials_by_id(unknown_user()).await;
    assert!(unknown.unwrap().is_none());
    assert_eq!(world.accounts.find(unknown_user()).await.unwrap(), None);
}

#[tokio::test]
async fn an_account_that_was_never_claimed_has_no_password() {
    let world = World::new();
    let ada = world.member("ada").await;
    world.execute("UPDATE users SET password_hash = NULL");

    let found = world.accounts.find_credentials_by_id(ada.id).await.unwrap();

    assert_eq!(found.unwrap().password_hash, None);
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_but_the_one_that_set_it() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let kept = world.sign_in(&ada, 1).await;
    let ended = world.sign_in(&ada, 2).await;
    let of_bob = world.sign_in(&bob, 3).await;

    let changed = world
        .accounts
        .change_password(ada.id, &hash_of("ada"), &hash_of("new"), kept, &by(3))
        .await
        .unwrap();

    assert!(changed);
    assert!(world.sessions.find_caller(kept).await.unwrap().is_some());
    assert!(world.sessions.find_caller(ended).await.unwrap().is_none());
    assert!(world.sessions.find_caller(of_bob).await.unwrap().is_some());
    let stored = world.accounts.find_credentials_by_id(ada.id).await.unwrap();
    assert_eq!(stored.unwrap().password_hash, Some(hash_of("new")));
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_is_not_changed_again() {
    let world = World::new();
    let ada = world.member("ada").await;
    let kept = world.sign_in(&ada, 1).await;
    let other = world.sign_in(&ada, 2).await;
    let (stale, new) = (hash_of("somebody else"), hash_of("new"));

    let changed = world
        .accounts
        .change_password(ada.id, &stale, &new, kept, &by(3))
        .await
        .unwrap();
    let rehashed = world
        .accounts
        .rehash_password(ada.id, &stale, &new)
        .await
        .unwrap();
    let unknown = world
        .accounts
        .change_password(unknown_user(), &hash_of("ada"), &new, kept, &by(3))
        .await
        .unwrap();

    assert!(!changed && !rehashed && !unknown);
    assert!(world.sessions.find_caller(other).await.unwrap().is_some());
    let stored = world.accounts.find_credentials_by_id(ada.id).await.unwrap();
    assert_eq!(stored.unwrap().password_hash, Some(hash_of("ada")));
}

#[tokio::test]
async fn a_new_hash_of_the_same_password_ends_no_session() {
    let world = World::new();
    let ada = world.member("ada").await;
    let session = world.sign_in(&ada, 1).await;

    let rehashed = world
        .accounts
        .rehash_password(ada.id, &hash_of("ada"), &hash_of("new"))
        .await
        .unwrap();

    assert!(rehashed);
    assert!(world.sessions.find_caller(session).await.unwrap().is_some());
    let stored = world.accounts.find_credentials_by_id(ada.id).await.unwrap();
    assert_eq!(stored.unwrap().password_hash, Some(hash_of("new")));
}

#[tokio::test]
async fn only_a_real_change_of_role_makes_a_new_revision() {
    let world = World::new();
    let ada = world.member("ada").await;

    let same = world.accounts.set_role(ada.id, Role::Alumni, &by(5)).await;
    let unchanged = world.users.find(ada.id).await.unwrap().unwrap();
    let promoted = world
        .accounts
        .set_role(ada.id, Role::Professor, &by(6))
        .await;
    let changed = world.users.find(ada.id).await.unwrap().unwrap();

    assert_eq!(same.unwrap(), ada);
    let revision = (unchanged.revision, unchanged.updated_at);
    assert_eq!(revision, (Revision(1), at(1)));
    assert_eq!(promoted.unwrap().role, Role::Professor);
    let revision = (changed.role, changed.revision, changed.updated_at);
    assert_eq!(revision, (Role::Professor, Revision(2), at(6)));
    let searched = world.texts("SELECT role FROM user_search");
    assert_eq!(searched, [Some("PROFESSOR".to_owned())]);
}

#[tokio::test]
async fn what_nobody_has_cannot_be_changed() {
    let world = World::new();
    let gone = world.member("ada").await.id;
    world.accounts.delete(gone, &by(2)).await.unwrap();

    for id in [gone, unknown_user()] {
        let not_found = |error| matches!(error, AccountChangeError::NotFound);
        let role = world.accounts.set_role(id, Role::Student, &by(3)).await;
        let admin = world.accounts.set_role(id, Role::Admin, &by(3)).await;
        let suspended = world.accounts.suspend(id, None, &by(3)).await;
        let lifted = world.accounts.lift_suspension(id, &by(4)).await;
        let deleted = world.accounts.delete(id, &by(3)).await;
        assert!(not_found(role.unwrap_err()) && not_found(admin.unwrap_err()));
        assert!(not_found(suspended.unwrap_err()) && not_found(lifted.unwrap_err()));
        assert!(not_found(deleted.unwrap_err()));
    }
}

#[tokio::test]
async fn the_last_admin_who_can_sign_in_stays_one() {
    let world = World::new();
    let (ada, bob) = (world.admin("ada").await, world.admin("bob").await);
    world.accounts.suspend(bob.id, None, &by(2)).await.unwrap();

    let last = |error| matches!(error, AccountChangeError::LastAdmin);
    let demoted = world.accounts.set_role(ada.id, Role::Alumni, &by(3)).await;
    let suspended = world.accounts.suspend(ada.id, None, &by(3)).await;
    let deleted = world.accounts.delete(ada.id, &by(3)).await;
    let same = world.accounts.set_role(ada.id, Role::Admin, &by(3)).await;

    assert!(last(demoted.unwrap_err()) && last(suspended.unwrap_err()));
    assert!(last(deleted.unwrap_err()) && same.is_ok());
    assert_eq!(world.accounts.find(ada.id).await.unwrap(), Some(ada));
    let demoted = world.accounts.set_role(bob.id, Role::Alumni, &by(3)).await;
    assert!(demoted.is_ok(), "a suspended admin isn't the last one");
}

#[tokio::test]
async fn two_admins_cannot_remove_each_other_at_once() {
    let now = by(2);
    let world = World::new();
    let (ada, bob) = (world.admin("ada").await.id, world.admin("bob").await.id);
    let accounts = PgAccountRepository::new(world.wide_db());

    for round in 0..20 {
        let (first, second) = if round % 2 == 0 {
            let first = accounts.set_role(ada, Role::Alumni, &now);
            let (first, second) = tokio::join!(first, accounts.set_role(bob, Role::Alumni, &now));
            (first.map(drop), second.map(drop))
        } else {
            let first = accounts.suspend(ada, None, &now);
            let (first, second) = tokio::join!(first, accounts.set_role(bob, Role::Alumni, &now));
            (first, second.map(drop))
        };

        let refused: Vec<_> = [first, second]
            .into_iter()
            .filter_map(Result::err)
            .collect();
        assert!(matches!(refused[..], [AccountChangeError::LastAdmin]));
        for admin in [ada, bob] {
            accounts.set_role(admin, Role::Admin, &by(3)).await.unwrap();
            accounts.lift_suspension(admin, &by(4)).await.unwrap();
        }
    }
    let later = by(4);
    let (first, second) = tokio::join!(accounts.delete(ada, &later), accounts.delete(bob, &later));
    assert!(first.is_ok() != second.is_ok());
}

#[tokio::test]
async fn a_suspension_ends_all_sessions_and_a_repeat_changes_only_the_reason() {
    let world = World::new();
    let ada = world.member("ada").await;
    let session = world.sign_in(&ada, 1).await;
    let reason = |text| Some(value::<SuspensionReason>(text));

    let first = world.accounts.suspend(ada.id, reason("spam"), &by(2)).await;
    let repeat = world
        .accounts
        .suspend(ada.id, reason("more spam"), &by(3))
        .await;

    assert!(first.is_ok() && repeat.is_ok());
    assert!(world.sessions.find_caller(session).await.unwrap().is_none());
    assert_eq!(world.number("SELECT count(*) FROM sessions"), 0);
    let suspended = world.accounts.find(ada.id).await.unwrap().unwrap();
    assert_eq!(suspended.suspended_at, Some(at(2)));
    let reasons = world.texts("SELECT suspension_reason FROM users");
    assert_eq!(reasons, [Some("more spam".to_owned())]);
}

#[tokio::test]
async fn a_lifted_suspension_leaves_no_trace_and_may_be_lifted_again() {
    let world = World::new();
    let ada = world.member("ada").await;
    let reason = Some(value("spam"));
    world
        .accounts
        .suspend(ada.id, reason, &by(2))
        .await
        .unwrap();

    world
        .accounts
        .lift_suspension(ada.id, &by(4))
        .await
        .unwrap();
    world
        .accounts
        .lift_suspension(ada.id, &by(4))
        .await
        .unwrap();

    assert_eq!(
        world.accounts.find(ada.id).await.unwrap(),
        Some(ada.clone())
    );
    assert_eq!(world.texts("SELECT suspension_reason FROM users"), [None]);
    world.sign_in(&ada, 1).await;
}
