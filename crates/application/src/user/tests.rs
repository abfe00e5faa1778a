//! Use cases of profiles, over mocks.

use std::sync::Mutex;

use alumx_domain::account::Role;
use alumx_domain::user::MockUserRepository;

use super::*;
use crate::testing::{account, caller_as as caller, clock};

fn profile(id: UserId) -> Profile {
    Profile::of_new(account(id))
}

fn service(users: MockUserRepository) -> UserService {
    let format = ProfileFormat {
        format: FORMAT,
        render: |profile| Ok(profile.username.to_string()),
    };
    UserService::new(Arc::new(users), Arc::new(clock()), format)
}

const FORMAT: DocumentFormat = DocumentFormat(7);

fn document(id: UserId) -> ProfileDocument {
    ProfileDocument {
        head: (&profile(id)).into(),
        text: "ada".to_owned(),
    }
}

#[tokio::test]
async fn a_text_that_is_kept_is_shown_and_nothing_else_is_read() {
    let ada = UserId::try_from(1).unwrap();
    let mut users = MockUserRepository::new();
    users
        .expect_find_document()
        .withf(|_, format| *format == FORMAT)
        .once()
        .returning(move |_, _| Ok(Some((document(ada).head, Some("kept".to_owned())))));
    let shown = service(users).document(&Whose::Id(ada)).await.unwrap();
    let text = "kept".to_owned();
    assert_eq!(
        shown,
        Told::Kept(ProfileDocument {
            text,
            ..document(ada)
        })
    );
}

#[tokio::test]
async fn a_text_that_is_not_kept_is_made_and_may_be_kept_later() {
    let ada = UserId::try_from(1).unwrap();
    let mut users = MockUserRepository::new();
    users
        .expect_find_document()
        .returning(move |_, _| Ok(Some((document(ada).head, None))));
    users.expect_find().returning(|id| Ok(Some(profile(id))));
    users
        .expect_keep_documents()
        .withf(move |format, kept| *format == FORMAT && *kept == [document(ada)])
        .once()
        .returning(|_, _| Err(RepositoryError::Unavailable(String::new())));
    let service = service(users);

    let shown = service.document(&Whose::Id(ada)).await.unwrap();

    assert_eq!(shown, Told::Anew(document(ada)));
    // That it fails is nobody's failure.
    service.keep_document(document(ada)).await;
}

#[tokio::test]
async fn an_unknown_user_has_no_text() {
    let mut users = MockUserRepository::new();
    users.expect_find_document().returning(|_, _| Ok(None));
    let ada = UserId::try_from(1).unwrap();
    let shown = service(users).document(&Whose::Id(ada)).await;
    assert!(matches!(shown, Err(UserError::NotFound)));
}

#[tokio::test]
async fn texts_are_made_batch_after_batch_until_none_is_missing() {
    let [ada, bob] = [1, 2].map(|id| UserId::try_from(id).unwrap());
    let mut users = MockUserRepository::new();
    users
        .expect_without_document()
        .times(3)
        .returning(move |_, after, _| {
            Ok(match after {
                None => vec![profile(ada)],
                Some(after) if after == ada => vec![profile(bob)],
                Some(_) => vec![],
            })
        });
    users
        .expect_keep_documents()
        .times(2)
        .returning(|_, _| Ok(()));
    service(users).keep_all_documents().await.unwrap();
}

/// Repositories with Ada, Bob and Cyd, none of whom has a text yet.
fn three_without_texts() -> MockUserRepository {
    let mut users = MockUserRepository::new();
    users.expect_without_document().returning(|_, after, _| {
        let ids = [1, 2, 3].map(|id| UserId::try_from(id).unwrap());
        let later = ids.into_iter().filter(|id| Some(*id) > after);
        Ok(later.map(profile).collect())
    });
    users
}

fn unexpected() -> RepositoryError {
    RepositoryError::Unexpected("too large".into())
}

#[tokio::test]
async fn a_text_that_cannot_be_kept_keeps_no_other_from_it() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let mut users = three_without_texts();
    let keeps = kept.clone();
    users.expect_keep_documents().returning(move |_, texts| {
        let ids: Vec<i64> = texts.iter().map(|text| text.head.id.raw()).collect();
        if ids.contains(&2) {
            return Err(unexpected());
        }
        keeps.lock().unwrap().extend(ids);
        Ok(())
    });

    service(users).keep_all_documents().await.unwrap();

    assert_eq!(*kept.lock().unwrap(), [1, 3]);
}

#[tokio::test]
async fn a_profile_that_cannot_be_told_keeps_no_other_from_it() {
    let mut users = three_without_texts();
    users
        .expect_keep_documents()
        .withf(|_, texts| {
            let ids: Vec<i64> = texts.iter().map(|text| text.head.id.raw()).collect();
            ids == [1, 3]
        })
        .once()
        .returning(|_, _| Ok(()));
    let mut service = service(users);
    service.format.render = |profile| match profile.id.raw() {
        2 => Err("too odd".to_owned()),
        _ => Ok(String::new()),
    };

    service.keep_all_documents().await.unwrap();
}

#[tokio::test]
async fn a_pass_ends_where_the_store_is_away() {
    let mut users = three_without_texts();
    let mut calls = 0;
    users
        .expect_keep_documents()
        .times(2)
        .returning(move |_, _| {
            calls += 1;
            Err(match calls {
                1 => unexpected(),
                _ => RepositoryError::Unavailable(String::new()),
            })
        });

    let ended = service(users).keep_all_documents().await;

    assert!(matches!(
        ended,
        Err(UserError::Repository(RepositoryError::Unavailable(_)))
    ));
}

async fn update(users: MockUserRepository, caller: Caller) -> Result<Profile, UserError> {
    let ada = UserId::try_from(1).unwrap();
    service(users)
        .update_profile(caller, ada, ProfilePatch::default(), None)
        .await
}

#[tokio::test]
async fn the_user_and_admins_may_change_a_profile() {
    for caller in [caller(1, Role::Student), caller(2, Role::Admin)] {
        let mut users = MockUserRepository::new();
        users
            .expect_update()
            .once()
            .returning(|id, _, _, _| Ok(profile(id)));

        assert!(update(users, caller).await.is_ok());
    }
}

#[tokio::test]
async fn a_stranger_may_not_and_nothing_is_written() {
    let mut users = MockUserRepository::new();
    users
        .expect_find()
        .once()
        .returning(|id| Ok(Some(profile(id))));

    let result = update(users, caller(2, Role::Professor)).await;

    assert!(matches!(result, Err(UserError::NotAllowed)));
}

#[tokio::test]
async fn a_stranger_learns_that_an_unknown_user_is_unknown() {
    let mut users = MockUserRepository::new();
    users.expect_find().once().returning(|_| Ok(None));

    let result = update(users, caller(2, Role::Professor)).await;

    assert!(matches!(result, Err(UserError::NotFound)));
}

#[tokio::test]
async fn a_taken_username_has_an_error_of_its_own() {
    let mut users = MockUserRepository::new();
    users
        .expect_update()
        .once()
        .returning(|_, _, _, _| Err(RepositoryError::Violation(Violation::UsernameTaken).into()));

    let result = update(users, caller(1, Role::Student)).await;

    assert!(matches!(result, Err(UserError::UsernameTaken)));
}
