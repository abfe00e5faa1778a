//! Registering, signing in and refreshing.

use super::*;

/// The store refuses the registration so, and finds who has these names.
fn refused(violation: Violation, username: bool, email: bool) -> Ports {
    let mut ports = Ports::default();
    ports.hashes("secret", "made");
    ports
        .accounts
        .expect_register()
        .times(1)
        .returning(move |_, _| Err(RepositoryError::Violation(violation)));
    let found = |found: bool| found.then(|| credentials("stored"));
    ports
        .accounts
        .expect_find_credentials()
        .returning(move |identifier| {
            Ok(match identifier {
                Identifier::Username(name) if *name == ada().username => found(username),
                Identifier::Email(address) if *address == ada().email => found(email),
                other => panic!("nobody asked for {other:?}"),
            })
        });
    ports
}

#[tokio::test]
async fn who_registers_is_signed_in() {
    let mut ports = Ports::default();
    ports.hashes("secret", "made");
    ports
        .accounts
        .expect_register()
        .withf(|account: &NewAccount, session| {
            account.password_hash == hash("made")
                && (account.role, account.created_at) == (Role::Alumni, at(100))
                && session.token.hash == refresh_hash("next")
                && session.token.expires_at == at(100) + lifetimes().refresh
        })
        .times(1)
        .returning(|_, _| Ok((ada(), session(5))));

    let signed_in = ports
        .service()
        .register(registration(), Client::default())
        .await;

    assert_signed_in(&signed_in.unwrap(), 5);
}

#[tokio::test]
async fn all_that_is_taken_is_told_at_once() {
    for (violation, username, email) in [
        (Violation::UsernameTaken, true, false),
        (Violation::EmailTaken, false, true),
        (Violation::UsernameTaken, true, true),
        (Violation::EmailTaken, true, true),
    ] {
        let service = refused(violation, username, email).service();

        let taken = service.register(registration(), Client::default()).await;

        let Err(AccountError::Taken {
            username: told_username,
            email: told_email,
        }) = taken
        else {
            panic!("{taken:?}");
        };
        assert_eq!((told_username, told_email), (username, email));
    }
}

#[tokio::test]
async fn a_name_that_is_free_again_meanwhile_is_still_told_as_taken() {
    let service = refused(Violation::UsernameTaken, false, false).service();

    let taken = service.register(registration(), Client::default()).await;

    assert!(matches!(
        taken,
        Err(AccountError::Taken {
            username: true,
            email: false
        })
    ));
}

#[tokio::test]
async fn a_store_that_is_away_takes_no_name() {
    let mut ports = Ports::default();
    ports.hashes("secret", "made");
    ports
        .accounts
        .expect_register()
        .returning(|_, _| Err(RepositoryError::Unavailable("away".to_owned())));

    let failed = ports
        .service()
        .register(registration(), Client::default())
        .await;

    assert!(matches!(
        failed,
        Err(AccountError::Repository(RepositoryError::Unavailable(_)))
    ));
}

#[tokio::test]
async fn an_admin_made_on_the_command_line_is_not_signed_in() {
    let mut ports = Ports::default();
    ports.hashes("secret", "made");
    ports
        .accounts
        .expect_insert()
        .withf(|account| account.role == Role::Admin && account.password_hash == hash("made"))
        .times(1)
        .returning(|_| Ok(ada()));

    let made = ports
        .service()
        .create_admin(ada().username, ada().name, ada().email, password("secret"))
        .await;

    assert_eq!(made.unwrap(), ada());
}

#[tokio::test]
async fn the_right_password_signs_in() {
    let mut ports = Ports::default();
    ports.knows(Some(credentials("stored")));
    ports.verifies("secret", Some(hash("stored")), Verdict::Right);
    ports.opens("stored", Some(session(5)));

    let signed_in = login(&ports.service()).await;

    assert_signed_in(&signed_in.unwrap(), 5);
}

#[tokio::test]
async fn unknown_unclaimed_and_wrong_are_compared_and_refused_alike() {
    let unclaimed = Credentials {
        account: ada(),
        password_hash: None,
    };
    for (found, stored) in [
        (None, None),
        (Some(unclaimed), None),
        (Some(credentials("stored")), Some(hash("stored"))),
        (Some(suspended()), Some(hash("stored"))),
    ] {
        let mut ports = Ports::default();
        ports.notes_refused(found.as_ref().map(|found| found.account.id));
        ports.knows(found);
        ports.verifies("secret", stored, Verdict::Wrong);

        let refused = login(&ports.service()).await;

        assert!(matches!(refused, Err(AccountError::InvalidCredentials)));
    }
}

#[tokio::test]
async fn what_is_no_identifier_takes_as_long_as_an_unknown_one() {
    let mut ports = Ports::default();
    ports.accounts.expect_find_credentials().never();
    ports.notes_refused(None);
    ports.verifies("secret", None, Verdict::Wrong);

    let refused = ports
        .service()
        .login("no identifier", password("secret"), here())
        .await;

    assert!(matches!(refused, Err(AccountError::InvalidCredentials)));
}

#[tokio::test]
async fn a_verdict_without_a_hash_opens_nothing() {
    let mut ports = Ports::default();
    ports.knows(None);
    ports.notes_refused(None);
    ports.verifies("secret", None, Verdict::Right);

    let refused = login(&ports.service()).await;

    assert!(matches!(refused, Err(AccountError::InvalidCredentials)));
}

#[tokio::test]
async fn only_the_right_password_tells_of_a_suspension() {
    for verdict in [Verdict::Right, Verdict::Outdated] {
        let mut ports = Ports::default();
        ports.knows(Some(suspended()));
        ports.notes_refused(Some(ada().id));
        ports.verifies("secret", Some(hash("stored")), verdict);

        let refused = login(&ports.service()).await;

        assert!(matches!(refused, Err(AccountError::Suspended)));
    }
}

#[tokio::test]
async fn a_flood_of_refused_sign_ins_is_noted_ten_times_a_minute() {
    let mut ports = Ports::default();
    ports.knows(None);
    ports
        .hasher
        .expect_verify()
        .times(15)
        .returning(|_, _| Ok(Verdict::Wrong));
    ports
        .sessions
        .expect_note_refused()
        .times(10)
        .returning(|_, _| Ok(()));
    let service = ports.service();

    for _ in 0..15 {
        assert!(login(&service).await.is_err());
    }
}

#[tokio::test]
async fn a_refusal_that_cannot_be_noted_is_not_told() {
    let mut ports = Ports::default();
    ports.knows(None);
    ports.verifies("secret", None, Verdict::Wrong);
    ports
        .sessions
        .expect_note_refused()
        .returning(|_, _| Err(RepositoryError::Unavailable("away".to_owned())));

    let failed = login(&ports.service()).await;

    assert!(matches!(failed, Err(AccountError::Repository(_))));
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_when_its_password_is_shown() {
    let mut ports = Ports::default();
    ports.knows(Some(credentials("old")));
    ports.verifies("secret", Some(hash("old")), Verdict::Outdated);
    ports.hashes("secret", "new");
    ports
        .accounts
        .expect_rehash_password()
        .with(eq(ada().id), eq(hash("old")), eq(hash("new")))
        .times(1)
        .returning(|_, _, _| Ok(true));
    ports.opens("new", Some(session(5)));

    let signed_in = login(&ports.service()).await;

    assert_signed_in(&signed_in.unwrap(), 5);
}

#[tokio::test]
async fn two_who_sign_in_at_once_with_an_outdated_hash_both_succeed() {
    let mut ports = Ports::default();
    ports.knows_in_turn(vec![credentials("old"), credentials("other")]);
    ports.verifies("secret", Some(hash("old")), Verdict::Outdated);
    ports.hashes("secret", "new");
    // The other one came first.
    ports
        .accounts
        .expect_rehash_password()
        .times(1)
        .returning(|_, _, _| Ok(false));
    ports.opens("old", None);
    ports.verifies("secret", Some(hash("other")), Verdict::Right);
    ports.opens("other", Some(session(5)));

    let signed_in = login(&ports.service()).await;

    assert_signed_in(&signed_in.unwrap(), 5);
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_signs_nobody_in() {
    let mut ports = Ports::default();
    ports.knows_in_turn(vec![credentials("stored"), credentials("changed")]);
    ports.notes_refused(Some(ada().id));
    ports.verifies("secret", Some(hash("stored")), Verdict::Right);
    ports.opens("stored", None);
    ports.verifies("secret", Some(hash("changed")), Verdict::Wrong);

    let refused = login(&ports.service()).await;

    assert!(matches!(refused, Err(AccountError::InvalidCredentials)));
}

#[tokio::test]
async fn a_refusal_that_lost_every_race_names_the_account() {
    let mut ports = Ports::default();
    ports.knows_in_turn(vec![credentials("one"), credentials("two")]);
    ports.notes_refused(Some(ada().id));
    for stored in ["one", "two"] {
        ports.verifies("secret", Some(hash(stored)), Verdict::Right);
        ports.opens(stored, None);
    }

    let refused = login(&ports.service()).await;

    assert!(matches!(refused, Err(AccountError::InvalidCredentials)));
}

#[tokio::test]
async fn who_is_suspended_meanwhile_is_told_so() {
    let mut ports = Ports::default();
    ports.knows_in_turn(vec![credentials("stored"), suspended()]);
    ports.notes_refused(Some(ada().id));
    ports.verifies("secret", Some(hash("stored")), Verdict::Right);
    ports.opens("stored", None);
    ports.verifies("secret", Some(hash("stored")), Verdict::Right);

    let refused = login(&ports.service()).await;

    assert!(matches!(refused, Err(AccountError::Suspended)));
}

/// What comes of refreshing, when the store says this.
async fn refresh(rotation: Rotation) -> Result<SignedIn, AccountError> {
    let mut ports = Ports::default();
    ports
        .sessions
        .expect_rotate()
        .withf(|shown, next, by| {
            *shown == refresh_hash("shown")
                && next.hash == refresh_hash("next")
                && next.expires_at == at(100) + lifetimes().refresh
                && *by == occasion(None)
        })
        .times(1)
        .return_once(move |_, _, _| Ok(rotation));
    let shown = SecretString::from("shown");
    ports.service().refresh(&shown, &here()).await
}

#[tokio::test]
async fn a_current_refresh_token_is_exchanged_for_a_pair() {
    let rotation = Rotation::Rotated {
        account: ada(),
        session: session(5),
    };

    let signed_in = refresh(rotation).await;

    assert_signed_in(&signed_in.unwrap(), 5);
}

#[tokio::test]
async fn a_refused_and_a_stolen_refresh_token_are_told_alike() {
    let stolen = Rotation::Revoked {
        session: session(5),
    };
    for rotation in [Rotation::Refused, stolen] {
        let refused = refresh(rotation).await;

        assert!(matches!(refused, Err(AccountError::InvalidRefreshToken)));
    }
}

#[tokio::test]
async fn a_session_that_was_revoked_for_theft_is_looked_up_again() {
    let mut ports = Ports::default();
    ports.looks_up_the_session(2);
    ports.sessions.expect_rotate().returning(|_, _, _| {
        Ok(Rotation::Revoked {
            session: session(3),
        })
    });
    let service = ports.service();
    service.authenticator.authenticate("access").await.unwrap();

    service
        .refresh(&SecretString::from("x"), &here())
        .await
        .unwrap_err();

    service.authenticator.authenticate("access").await.unwrap();
}
