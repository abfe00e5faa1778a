//! Sessions and refresh tokens.

use alumx_domain::account::{
    AccountRepository, Caller, NewRefreshToken, NewSession, Role, Rotation, SessionId,
    SessionRepository, UserAgent,
};
use alumx_infrastructure::account::PgSessionRepository;
use tokio::task::JoinSet;

use crate::support::{World, at, by, hash_of, new_session, new_token, page, token, unknown_user};

#[tokio::test]
async fn nobody_signs_in_with_another_hash_or_to_a_suspended_or_missing_account() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let cyd = world.member("cyd").await;
    world.accounts.suspend(bob.id, None, &by(2)).await.unwrap();
    world.accounts.delete(cyd.id, &by(2)).await.unwrap();

    for (user, hash) in [
        (ada.id, "bob"),
        (bob.id, "bob"),
        (cyd.id, "cyd"),
        (unknown_user(), "ada"),
    ] {
        let opened = world
            .sessions
            .open(user, &hash_of(hash), &new_session(1))
            .await;
        assert_eq!(opened.unwrap(), None);
    }
    assert_eq!(world.number("SELECT count(*) FROM sessions"), 0);
    world.sign_in(&ada, 1).await;
}

#[tokio::test]
async fn a_current_token_is_exchanged_and_the_next_one_works() {
    let world = World::new();
    let ada = world.member("ada").await;
    let session = world.sign_in(&ada, 1).await;
    let rotated = Rotation::Rotated {
        account: ada.clone(),
        session,
    };
    let later = NewRefreshToken {
        expires_at: at(2000),
        ..new_token(2)
    };

    let first = world.sessions.rotate(token(1), &later, &by(10)).await;
    let second = world
        .sessions
        .rotate(token(2), &new_token(3), &by(1500))
        .await;

    assert_eq!(first.unwrap(), rotated);
    assert_eq!(second.unwrap(), rotated);
    let sessions = world.sessions.list(ada.id, page(None, 9), at(999)).await;
    let sessions = sessions.unwrap().items;
    assert_eq!(sessions[0].created_at, at(1));
    assert_eq!(sessions[0].last_used_at, at(1500));
}

#[tokio::test]
async fn a_token_that_is_unknown_or_expired_is_refused() {
    let world = World::new();
    let ada = world.member("ada").await;
    let session = world.sign_in(&ada, 1).await;

    let unknown = world
        .sessions
        .rotate(token(9), &new_token(2), &by(10))
        .await;
    let expired = world
        .sessions
        .rotate(token(1), &new_token(2), &by(1000))
        .await;

    assert_eq!(unknown.unwrap(), Rotation::Refused);
    assert_eq!(expired.unwrap(), Rotation::Refused);
    let in_time = world
        .sessions
        .rotate(token(1), &new_token(2), &by(999))
        .await;
    assert!(matches!(in_time.unwrap(), Rotation::Rotated { .. }));
    assert!(world.sessions.find_caller(session).await.unwrap().is_some());
}

#[tokio::test]
async fn a_spent_token_is_forgiven_for_a_moment_and_then_taken_for_theft() {
    let world = World::new();
    let ada = world.member("ada").await;
    let (stolen, other) = (world.sign_in(&ada, 1).await, world.sign_in(&ada, 5).await);
    world
        .sessions
        .rotate(token(1), &new_token(2), &by(10))
        .await
        .unwrap();

    let at_once = world
        .sessions
        .rotate(token(1), &new_token(3), &by(20))
        .await;
    let alive = world.sessions.find_caller(stolen).await.unwrap();
    let later = world
        .sessions
        .rotate(token(1), &new_token(3), &by(21))
        .await;

    assert_eq!(at_once.unwrap(), Rotation::Refused);
    assert!(alive.is_some());
    assert_eq!(later.unwrap(), Rotation::Revoked { session: stolen });
    assert!(world.sessions.find_caller(stolen).await.unwrap().is_none());
    assert!(world.sessions.find_caller(other).await.unwrap().is_some());
    let thief = world
        .sessions
        .rotate(token(2), &new_token(3), &by(22))
        .await;
    assert_eq!(thief.unwrap(), Rotation::Refused);
    let again = world
        .sessions
        .rotate(token(1), &new_token(3), &by(22))
        .await;
    assert_eq!(again.unwrap(), Rotation::Refused);
}

#[tokio::test]
async fn a_spent_token_that_has_expired_means_nothing_any_more() {
    let world = World::new();
    let ada = world.member("ada").await;
    let session = world.sign_in(&ada, 1).await;
    let next = NewRefreshToken {
        expires_at: at(2000),
        ..new_token(2)
    };
    world
        .sessions
        .rotate(token(1), &next, &by(10))
        .await
        .unwrap();

    let replayed = world
        .sessions
        .rotate(token(1), &new_token(3), &by(1000))
        .await;

    assert_eq!(replayed.unwrap(), Rotation::Refused);
    assert!(world.sessions.find_caller(session).await.unwrap().is_some());
}

#[tokio::test]
async fn the_token_of_a_suspended_user_is_refused() {
    let world = World::new();
    let ada = world.member("ada").await;
    world.sign_in(&ada, 1).await;
    // Past the port, which would end the session too.
    world.execute("UPDATE users SET suspended_at = now()");

    let refused = world
        .sessions
        .rotate(token(1), &new_token(2), &by(10))
        .await;

    assert_eq!(refused.unwrap(), Rotation::Refused);
    assert_eq!(world.number("SELECT count(*) FROM refresh_tokens"), 1);
}

#[tokio::test]
async fn of_many_rotations_of_one_token_at_once_exactly_one_succeeds() {
    let world = World::new();
    let ada = world.member("ada").await;
    let session = world.sign_in(&ada, 1).await;
    let db = world.wide_db();
    let mut racers = JoinSet::new();

    for n in 0..20 {
        let sessions = PgSessionRepository(db.clone());
        racers.spawn(async move {
            sessions
                .rotate(token(1), &new_token(100 + n), &by(10))
                .await
        });
    }
    let outcomes = racers.join_all().await.into_iter().map(Result::unwrap);

    let outcomes: Vec<_> = outcomes
        .filter(|outcome| *outcome != Rotation::Refused)
        .collect();
    let rotated = Rotation::Rotated {
        account: ada,
        session,
    };
    assert_eq!(outcomes, [rotated]);
    assert!(world.sessions.find_caller(session).await.unwrap().is_some());
}

#[tokio::test]
async fn the_caller_has_the_role_of_now_and_is_nobody_when_suspended() {
    let world = World::new();
    let ada = world.member("ada").await;
    let session = world.sign_in(&ada, 1).await;
    let role = Role::Professor;
    world.accounts.set_role(ada.id, role, &by(2)).await.unwrap();

    let promoted = world.sessions.find_caller(session).await.unwrap();
    world.execute("UPDATE users SET suspended_at = now()");
    let suspended = world.sessions.find_caller(session).await.unwrap();
    let unknown = SessionId::try_from(i64::MAX).unwrap();

    let user = ada.id;
    assert_eq!(
        promoted,
        Some(Caller {
            user,
            role,
            session
        })
    );
    assert_eq!(suspended, None);
    assert_eq!(world.sessions.find_caller(unknown).await.unwrap(), None);
}

#[tokio::test]
async fn sessions_are_listed_newest_first_with_where_they_come_from() {
    let world = World::new();
    let ada = world.member("ada").await;
    world.sign_in(&world.member("bob").await, 99).await;
    let mut opened = Vec::new();
    for n in 1..=5 {
        let session = NewSession {
            user_agent: UserAgent::new("curl/8"),
            ip_address: "2001:db8::1".parse().ok(),
            ..new_session(n)
        };
        let hash = hash_of("ada");
        let opening = world.sessions.open(ada.id, &hash, &session);
        opened.insert(0, opening.await.unwrap().unwrap());
    }

    let first = world.sessions.list(ada.id, page(None, 2), at(10)).await;
    let first = first.unwrap();
    let newer = world.sign_in(&ada, 6).await;
    let rest = world
        .sessions
        .list(ada.id, page(first.next, 9), at(10))
        .await;
    let rest = rest.unwrap();

    let ids = |items: &[alumx_domain::account::Session]| -> Vec<_> {
        items.iter().map(|session| session.id).collect()
    };
    assert_eq!(ids(&first.items), opened[..2]);
    assert_eq!(ids(&rest.items), opened[2..]);
    assert!(newer.raw() > opened[0].raw() && rest.next.is_none());
    let session = &first.items[0];
    assert_eq!(session.user_agent, UserAgent::new("curl/8"));
    assert_eq!(session.ip_address, "2001:db8::1".parse().ok());
}

#[tokio::test]
async fn an_expired_session_is_not_listed() {
    let world = World::new();
    let ada = world.member("ada").await;
    world.sign_in(&ada, 1).await;

    let before = world.sessions.list(ada.id, page(None, 9), at(999)).await;
    let after = world.sessions.list(ada.id, page(None, 9), at(1000)).await;

    assert_eq!(before.unwrap().items.len(), 1);
    assert_eq!(after.unwrap().items, []);
}

#[tokio::test]
async fn one_ends_only_ones_own_sessions() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let session = world.sign_in(&ada, 1).await;

    let by_another = world.sessions.end(bob.id, session, &by(5)).await.unwrap();
    let alive = world.sessions.find_caller(session).await.unwrap();
    let by_its_user = world.sessions.end(ada.id, session, &by(5)).await.unwrap();
    let repeat = world.sessions.end(ada.id, session, &by(5)).await.unwrap();

    assert!(!by_another && alive.is_some());
    assert!(by_its_user && !repeat);
    assert!(world.sessions.find_caller(session).await.unwrap().is_none());
    assert_eq!(world.number("SELECT count(*) FROM refresh_tokens"), 0);
}

#[tokio::test]
async fn all_other_sessions_of_the_same_user_can_be_ended() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let kept = world.sign_in(&ada, 1).await;
    let ended = [world.sign_in(&ada, 2).await, world.sign_in(&ada, 3).await];
    let of_bob = world.sign_in(&bob, 4).await;

    world
        .sessions
        .end_others(ada.id, kept, &by(5))
        .await
        .unwrap();

    for session in ended {
        assert!(world.sessions.find_caller(session).await.unwrap().is_none());
    }
    for session in [kept, of_bob] {
        assert!(world.sessions.find_caller(session).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn the_purge_forgets_all_that_has_expired_and_nothing_else() {
    let world = World::new();
    let ada = world.member("ada").await;
    let session = world.sign_in(&ada, 1).await;
    world
        .sessions
        .rotate(token(1), &new_token(2), &by(5))
        .await
        .unwrap();
    // More than two batches of ended sessions, and of old tokens of the session that goes on.
    world.execute(&format!(
        "WITH ended AS (
             INSERT INTO sessions (user_id, created_at, last_used_at, expires_at)
             SELECT {}, to_timestamp(1), to_timestamp(1), to_timestamp(400) FROM generate_series(1, 2500)
             RETURNING id
         )
         INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
         SELECT sha256(id::text::bytea), id, to_timestamp(400) FROM ended",
        ada.id
    ));
    world.execute(&format!(
        "INSERT INTO refresh_tokens (token_hash, session_id, expires_at, spent_at)
         SELECT sha256(('old' || n)::bytea), {session}, to_timestamp(500), to_timestamp(2)
         FROM generate_series(1, 2500) n"
    ));

    world.sessions.purge_expired(at(399)).await.unwrap();
    let too_early = world.number("SELECT count(*) FROM sessions");
    world.sessions.purge_expired(at(500)).await.unwrap();

    assert_eq!(too_early, 2501);
    assert_eq!(world.number("SELECT count(*) FROM sessions"), 1);
    assert_eq!(world.number("SELECT count(*) FROM refresh_tokens"), 2);
    let next = world
        .sessions
        .rotate(token(2), &new_token(3), &by(600))
        .await;
    assert!(matches!(next.unwrap(), Rotation::Rotated { .. }));
}
