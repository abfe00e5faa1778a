//! Whose sockets close, and that nobody's do when nothing has changed.

use alumx_domain::conversation::{ConversationEvent, ConversationId, Happening, MembershipVersion};
use alumx_domain::group_chat::{Departure, GroupId, ParticipantRole};

use super::*;
use alumx_domain::account::Remains;

/// Only what ends one session, so that the store is asked once.
fn ending(found: bool) -> Ports {
    let mut ports = Ports::default();
    ports
        .sessions
        .expect_end()
        .returning(move |_, _, _| Ok(found));
    ports
}

#[tokio::test]
async fn sockets_of_a_session_that_was_ended_close() {
    let (service, listener) = ending(true).service_and_listener();

    service.logout(caller(Role::Alumni), &here()).await.unwrap();
    assert_eq!(listener.told(), [Told::SessionEnded(session(3))]);
    service
        .end_session(caller(Role::Alumni), session(4), &here())
        .await
        .unwrap();
    assert_eq!(listener.told(), [Told::SessionEnded(session(4))]);
}

#[tokio::test]
async fn a_session_of_somebody_else_stays_open() {
    let (service, listener) = ending(false).service_and_listener();

    let ended = service
        .end_session(caller(Role::Alumni), session(9), &here())
        .await;

    assert!(ended.is_err());
    assert_eq!(listener.told(), []);
}

#[tokio::test]
async fn sockets_of_a_session_that_was_revoked_for_theft_close() {
    let mut ports = Ports::default();
    ports.sessions.expect_rotate().returning(|_, _, _| {
        Ok(Rotation::Revoked {
            session: session(3),
        })
    });
    let (service, listener) = ports.service_and_listener();

    let refreshed = service.refresh(&SecretString::from("spent"), &here()).await;

    assert!(refreshed.is_err());
    assert_eq!(listener.told(), [Told::SessionEnded(session(3))]);
}

#[tokio::test]
async fn sockets_of_other_sessions_close_when_those_are_ended() {
    let mut ports = Ports::default();
    ports.knows(Some(credentials("stored")));
    ports.verifies("secret", Some(hash("stored")), Verdict::Right);
    ports.hashes("new secret", "new");
    ports
        .accounts
        .expect_change_password()
        .returning(|_, _, _, _, _| Ok(true));
    ports
        .sessions
        .expect_end_others()
        .returning(|_, _, _| Ok(()));
    let (service, listener) = ports.service_and_listener();
    let caller = caller(Role::Alumni);

    service.end_other_sessions(caller, &here()).await.unwrap();
    assert_eq!(listener.told(), [Told::AccountChanged(ada().id)]);
    let (current, new) = (password("secret"), password("new secret"));
    service
        .change_password(caller, current, new, &here())
        .await
        .unwrap();
    assert_eq!(listener.told(), [Told::AccountChanged(ada().id)]);
}

#[tokio::test]
async fn sockets_of_a_user_with_another_role_or_suspended_are_looked_at() {
    let mut ports = Ports::default();
    ports
        .accounts
        .expect_set_role()
        .returning(|_, _, _| Ok(ada()));
    ports.accounts.expect_suspend().returning(|_, _, _| Ok(()));
    ports
        .accounts
        .expect_lift_suspension()
        .returning(|_, _| Ok(()));
    let (service, listener) = ports.service_and_listener();
    let admin = caller(Role::Admin);

    service
        .set_role(admin, bob(), Role::Professor, &here())
        .await
        .unwrap();
    assert_eq!(listener.told(), [Told::AccountChanged(bob())]);
    service.suspend(admin, bob(), None, &here()).await.unwrap();
    assert_eq!(listener.told(), [Told::AccountChanged(bob())]);
    service
        .lift_suspension(admin, bob(), &here())
        .await
        .unwrap();
    assert_eq!(listener.told(), []);
}

fn event(group: i64, version: i64, happening: Happening) -> Told {
    Told::Event(ConversationEvent {
        conversation: ConversationId::Group(GroupId::try_from(group).unwrap()),
        membership: MembershipVersion(version),
        happening,
    })
}

/// Who is deleted was in group 1, and owned group 2, which somebody has now, and group 3, in which
/// nobody is left.
fn departures() -> Vec<Departure> {
    let departure = |group: i64, heir| Departure {
        group: GroupId::try_from(group).unwrap(),
        heir,
        membership: MembershipVersion(group * 10),
    };
    let heir = UserId::try_from(9).unwrap();
    vec![
        departure(1, None),
        departure(2, Some(heir)),
        departure(3, None),
    ]
}

/// What is told of it.
fn farewells(user: UserId) -> [Told; 5] {
    let gone = Happening::ParticipantRemoved { user };
    let inherited = Happening::RoleChanged {
        user: UserId::try_from(9).unwrap(),
        role: ParticipantRole::Owner,
    };
    [
        event(1, 10, gone.clone()),
        event(2, 20, gone.clone()),
        event(2, 20, inherited),
        event(3, 30, gone),
        Told::AccountChanged(user),
    ]
}

#[tokio::test]
async fn who_deletes_the_account_leaves_groups_and_the_sockets_close() {
    let mut ports = Ports::default();
    ports.knows(Some(credentials("stored")));
    ports.verifies("secret", Some(hash("stored")), Verdict::Right);
    ports.accounts.expect_delete().returning(|_, _| {
        Ok(Remains {
            departures: departures(),
            unused_files: vec![],
        })
    });
    let (service, listener) = ports.service_and_listener();

    let deleted = service
        .delete_own(caller(Role::Alumni), password("secret"), &here())
        .await;

    assert!(deleted.is_ok());
    assert_eq!(listener.told(), farewells(ada().id));
}

#[tokio::test]
async fn whom_an_admin_deletes_leaves_groups_and_the_sockets_close() {
    let mut ports = Ports::default();
    ports.accounts.expect_delete().returning(|_, _| {
        Ok(Remains {
            departures: departures(),
            unused_files: vec![],
        })
    });
    let (service, listener) = ports.service_and_listener();

    let deleted = service
        .delete_user(caller(Role::Admin), bob(), &here())
        .await;

    assert!(deleted.is_ok());
    assert_eq!(listener.told(), farewells(bob()));
}

#[tokio::test]
async fn a_change_that_failed_closes_nothing() {
    let mut ports = Ports::default();
    ports
        .accounts
        .expect_set_role()
        .returning(|_, _, _| Err(AccountChangeError::LastAdmin));
    ports
        .accounts
        .expect_suspend()
        .returning(|_, _, _| Err(AccountChangeError::LastAdmin));
    ports
        .accounts
        .expect_delete()
        .returning(|_, _| Err(AccountChangeError::LastAdmin));
    let (service, listener) = ports.service_and_listener();
    let admin = caller(Role::Admin);

    let failures = [
        service
            .set_role(admin, bob(), Role::Alumni, &here())
            .await
            .is_err(),
        service.suspend(admin, bob(), None, &here()).await.is_err(),
        service.delete_user(admin, bob(), &here()).await.is_err(),
    ];

    assert_eq!(failures, [true; 3]);
    assert_eq!(listener.told(), []);
}
