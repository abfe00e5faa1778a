//! Ending sessions, changing passwords, deleting, and what admins do.

use super::*;

#[tokio::test]
async fn logging_out_ends_the_callers_session_and_forgets_it() {
    let mut ports = Ports::default();
    ports.looks_up_the_session(2);
    ports
        .sessions
        .expect_end()
        .with(eq(ada().id), eq(session(3)), eq(by_caller()))
        .times(2)
        .returning(|_, _, _| Ok(false));
    let service = ports.service();
    service.authenticator.authenticate("access").await.unwrap();

    let ended = service.logout(caller(Role::Alumni), &here()).await;
    let again = service.logout(caller(Role::Alumni), &here()).await;

    assert!(ended.is_ok() && again.is_ok(), "a repeat is no failure");
    service.authenticator.authenticate("access").await.unwrap();
}

#[tokio::test]
async fn only_ones_own_sessions_can_be_ended_one_by_one() {
    let mut ports = Ports::default();
    ports
        .sessions
        .expect_end()
        .returning(|user, ended, _| Ok(user == ada().id && ended == session(4)));
    let service = ports.service();

    let own = service
        .end_session(caller(Role::Admin), session(4), &here())
        .await;
    let other = service
        .end_session(caller(Role::Admin), session(9), &here())
        .await;

    assert!(own.is_ok());
    assert!(matches!(other, Err(AccountError::SessionNotFound)));
}

#[tokio::test]
async fn ending_the_other_sessions_keeps_the_callers() {
    let mut ports = Ports::default();
    ports
        .sessions
        .expect_end_others()
        .with(eq(ada().id), eq(session(3)), eq(by_caller()))
        .times(1)
        .returning(|_, _, _| Ok(()));

    let ended = ports
        .service()
        .end_other_sessions(caller(Role::Alumni), &here())
        .await;

    assert!(ended.is_ok());
}

async fn change_password(ports: Ports) -> Result<(), AccountError> {
    let (current, new) = (password("secret"), password("new secret"));
    ports
        .service()
        .change_password(caller(Role::Alumni), current, new, &here())
        .await
}

/// The store is told to change the password once, and does so or finds another one.
fn changing(changed: bool) -> Ports {
    let mut ports = Ports::default();
    ports.knows(Some(credentials("stored")));
    ports.verifies("secret", Some(hash("stored")), Verdict::Right);
    ports.hashes("new secret", "new");
    ports
        .accounts
        .expect_change_password()
        .with(
            eq(ada().id),
            eq(hash("stored")),
            eq(hash("new")),
            eq(session(3)),
            eq(by_caller()),
        )
        .times(1)
        .returning(move |_, _, _, _, _| Ok(changed));
    ports
}

#[tokio::test]
async fn who_knows_the_password_changes_it() {
    assert!(change_password(changing(true)).await.is_ok());
}

#[tokio::test]
async fn a_password_that_somebody_else_changed_meanwhile_is_incorrect() {
    let raced = change_password(changing(false)).await;

    assert!(matches!(raced, Err(AccountError::IncorrectPassword)));
}

#[tokio::test]
async fn a_wrong_password_changes_and_deletes_nothing() {
    for stored in [Some(hash("stored")), None] {
        let ports = || {
            let mut ports = Ports::default();
            ports.knows(Some(Credentials {
                account: ada(),
                password_hash: stored.clone(),
            }));
            ports.verifies("secret", stored.clone(), Verdict::Wrong);
            ports
        };

        let changed = change_password(ports()).await;
        let deleted = ports()
            .service()
            .delete_own(caller(Role::Alumni), password("secret"), &here())
            .await;

        assert!(matches!(changed, Err(AccountError::IncorrectPassword)));
        assert!(matches!(deleted, Err(AccountError::IncorrectPassword)));
    }
}

#[tokio::test]
async fn a_user_who_is_gone_changes_nothing() {
    let mut ports = Ports::default();
    ports.knows(None);

    let changed = change_password(ports).await;

    assert!(matches!(changed, Err(AccountError::CallerGone)));
}

#[tokio::test]
async fn who_knows_the_password_deletes_the_account_and_is_forgotten() {
    let mut ports = Ports::default();
    ports.looks_up_the_session(2);
    ports.knows(Some(credentials("stored")));
    ports.verifies("secret", Some(hash("stored")), Verdict::Outdated);
    ports
        .accounts
        .expect_delete()
        .with(eq(ada().id), eq(by_caller()))
        .times(1)
        .returning(|_, _| Ok(remains()));
    ports.deletes_the_resume();
    let service = ports.service();
    service.authenticator.authenticate("access").await.unwrap();

    let deleted = service
        .delete_own(caller(Role::Alumni), password("secret"), &here())
        .await;

    assert!(deleted.is_ok());
    let next: Result<Caller, AuthenticationError> =
        service.authenticator.authenticate("access").await;
    next.unwrap();
}

#[tokio::test]
async fn what_is_for_admins_is_refused_to_others_and_tells_them_only_who_exists() {
    for (known, role) in [
        (true, Role::Student),
        (true, Role::Professor),
        (false, Role::Alumni),
    ] {
        let mut ports = Ports::default();
        ports
            .accounts
            .expect_find()
            .with(eq(bob()))
            .times(4)
            .returning(move |_| Ok(known.then(ada)));
        let (service, caller) = (ports.service(), caller(role));

        let refusals = [
            service
                .set_role(caller, bob(), Role::Admin, &here())
                .await
                .err(),
            service.suspend(caller, bob(), None, &here()).await.err(),
            service.lift_suspension(caller, bob(), &here()).await.err(),
            service.delete_user(caller, bob(), &here()).await.err(),
        ];

        for refusal in refusals {
            match refusal {
                Some(AccountError::NotAdmin) => assert!(known),
                Some(AccountError::UserNotFound) => assert!(!known),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn admins_change_other_accounts() {
    let mut ports = Ports::default();
    let accounts = &mut ports.accounts;
    accounts
        .expect_set_role()
        .with(eq(bob()), eq(Role::Professor), eq(by_caller()))
        .times(1)
        .returning(|_, _, _| Ok(ada()));
    accounts
        .expect_suspend()
        .with(eq(bob()), eq(Some(value("spam"))), eq(by_caller()))
        .times(1)
        .returning(|_, _, _| Ok(()));
    accounts
        .expect_lift_suspension()
        .with(eq(bob()), eq(by_caller()))
        .times(1)
        .returning(|_, _| Ok(()));
    accounts
        .expect_delete()
        .with(eq(bob()), eq(by_caller()))
        .times(1)
        .returning(|_, _| Ok(remains()));
    ports.deletes_the_resume();
    let (service, admin) = (ports.service(), caller(Role::Admin));

    let role = service
        .set_role(admin, bob(), Role::Professor, &here())
        .await;
    let suspended = service
        .suspend(admin, bob(), Some(value("spam")), &here())
        .await;
    let lifted = service.lift_suspension(admin, bob(), &here()).await;
    let deleted = service.delete_user(admin, bob(), &here()).await;

    assert_eq!(role.unwrap(), ada());
    assert!(suspended.is_ok() && lifted.is_ok() && deleted.is_ok());
}

#[tokio::test]
async fn a_change_that_the_store_refuses_says_why() {
    let mut ports = Ports::default();
    ports
        .accounts
        .expect_suspend()
        .with(always(), always(), always())
        .returning(|_, _, _| Err(AccountChangeError::LastAdmin));
    ports
        .accounts
        .expect_delete()
        .returning(|_, _| Err(AccountChangeError::NotFound));
    let (service, admin) = (ports.service(), caller(Role::Admin));

    let last = service.suspend(admin, admin.user, None, &here()).await;
    let gone = service.delete_user(admin, bob(), &here()).await;

    assert!(matches!(last, Err(AccountError::LastAdmin)));
    assert!(matches!(gone, Err(AccountError::UserNotFound)));
}
