//! Profiles.

mod document;
mod name_words;
mod race;
mod search_row;

use alumx_domain::account::AccountRepository;
use alumx_domain::repository::Violation;
use alumx_domain::user::{
    Patch, ProfileList, ProfilePatch, ProfileUpdateError, Revision, UserRepository,
};

use crate::support::{World, at, by, entries, list, set, unknown_user, value};

fn everything() -> ProfilePatch {
    let lists = ProfileList::all()
        .map(|list| (list, entries(list, &["b=c", "a", list.key()])))
        .collect();
    ProfilePatch {
        username: Some(value("Countess")),
        name: Some(value("Ada Lovelace")),
        about: set("I count.\n\tAnd write."),
        current_company: set("Engine"),
        current_role: set("Analyst"),
        location: set("London"),
        department: set("Maths"),
        graduation_year: Patch::Set(1950.try_into().unwrap()),
        linkedin_url: set("https://example.org/l"),
        github_url: set("https://example.org/g"),
        portfolio_url: set("https://example.org/p"),
        lists,
    }
}

#[tokio::test]
async fn every_field_is_stored_and_read_back() {
    let world = World::new();
    let ada = world.member("ada").await;
    let before = world.users.find(ada.id).await.unwrap().unwrap();

    let updated = world.patch(ada.id, everything()).await;

    assert_eq!(updated, before.patched(everything(), at(2)));
    assert_eq!(updated.revision, Revision(2));
    assert_eq!(updated.updated_at, at(2));
    assert_eq!(updated.created_at, at(1));
    let found = world.users.find(ada.id).await.unwrap();
    assert_eq!(found, Some(updated.clone()));
    assert_eq!(
        updated.lists.get(ProfileList::Hobbies),
        ["b=c", "a", "hobbies"]
    );
}

#[tokio::test]
async fn every_field_that_may_be_empty_can_be_cleared() {
    let world = World::new();
    let ada = world.member("ada").await;
    let empty = world.users.find(ada.id).await.unwrap().unwrap();
    world.patch(ada.id, everything()).await;
    let clear = ProfilePatch {
        username: Some(ada.username.clone()),
        name: Some(ada.name.clone()),
        about: Patch::Clear,
        current_company: Patch::Clear,
        current_role: Patch::Clear,
        location: Patch::Clear,
        department: Patch::Clear,
        graduation_year: Patch::Clear,
        linkedin_url: Patch::Clear,
        github_url: Patch::Clear,
        portfolio_url: Patch::Clear,
        lists: ProfileList::all()
            .map(|list| (list, entries(list, &[])))
            .collect(),
    };

    world.patch(ada.id, clear).await;

    let cleared = world.users.find(ada.id).await.unwrap().unwrap();
    assert_eq!(cleared.revision, Revision(3));
    let same = alumx_domain::user::Profile {
        revision: empty.revision,
        updated_at: empty.updated_at,
        ..cleared
    };
    assert_eq!(same, empty);
}

#[tokio::test]
async fn a_list_is_replaced_whole_in_its_order_and_the_others_stay() {
    let world = World::new();
    let ada = world.member("ada").await;
    let numbers: Vec<String> = (0..100).rev().map(|n| n.to_string()).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    world
        .patch(ada.id, list(ProfileList::Hobbies, &["Chess"]))
        .await;
    world
        .patch(ada.id, list(ProfileList::Skills, &["old"]))
        .await;

    world
        .patch(ada.id, list(ProfileList::Skills, &numbers))
        .await;

    let profile = world.users.find(ada.id).await.unwrap().unwrap();
    assert_eq!(profile.lists.get(ProfileList::Skills), numbers);
    assert_eq!(profile.lists.get(ProfileList::Hobbies), ["Chess"]);
}

#[tokio::test]
async fn a_stale_revision_changes_nothing() {
    let world = World::new();
    let ada = world.member("ada").await;
    let patch = || list(ProfileList::Skills, &["maths"]);
    let update = |expected| world.users.update(ada.id, patch(), expected, at(2));

    let stale = update(Some(vec![Revision(7), Revision(9)])).await;
    let none = update(Some(Vec::new())).await;
    let unchanged = world.users.find(ada.id).await.unwrap().unwrap();
    let current = update(Some(vec![Revision(7), Revision(1)])).await;

    assert!(matches!(stale, Err(ProfileUpdateError::RevisionMismatch)));
    assert!(matches!(none, Err(ProfileUpdateError::RevisionMismatch)));
    assert_eq!(unchanged.revision, Revision(1));
    assert_eq!(current.unwrap().revision, Revision(2));
}

#[tokio::test]
async fn a_patch_that_says_nothing_new_keeps_the_revision() {
    let world = World::new();
    let ada = world.member("ada").await;
    let first = world.patch(ada.id, everything()).await;

    let repeat = world.users.update(ada.id, everything(), None, at(3)).await;

    assert_eq!(repeat.unwrap(), first);
    assert_eq!(world.users.find(ada.id).await.unwrap(), Some(first));
}

#[tokio::test]
async fn a_username_of_another_is_taken_in_any_letter_case_and_ones_own_is_not() {
    let world = World::new();
    let (ada, _) = (world.member("ada").await, world.member("bob").await);
    let rename = |name: &str| ProfilePatch {
        username: Some(value(name)),
        ..everything()
    };

    let taken = world.users.update(ada.id, rename("BOB"), None, at(2)).await;
    let unchanged = world.users.find(ada.id).await.unwrap().unwrap();
    let own = world.users.update(ada.id, rename("ADA"), None, at(2)).await;

    let Err(ProfileUpdateError::Repository(error)) = taken else {
        panic!("{taken:?}");
    };
    assert_eq!(error.violation(), Some(Violation::UsernameTaken));
    assert_eq!(unchanged.revision, Revision(1));
    assert_eq!(&*own.unwrap().username, "ADA");
}

#[tokio::test]
async fn the_profile_of_nobody_cannot_be_updated() {
    let world = World::new();
    let gone = world.member("ada").await.id;
    world.accounts.delete(gone, &by(2)).await.unwrap();

    for id in [gone, unknown_user()] {
        let update = world.users.update(id, everything(), None, at(3)).await;
        assert!(matches!(update, Err(ProfileUpdateError::NotFound)));
    }
    assert_eq!(world.number("SELECT count(*) FROM user_search"), 0);
}

#[tokio::test]
async fn the_completeness_of_a_profile_is_stored_with_it() {
    let world = World::new();
    let ada = world.member("ada").await;
    let stored = || world.number("SELECT profile_completed::int::bigint FROM users") == 1;

    let at_first = stored();
    world.patch(ada.id, everything()).await;
    let complete = stored();
    world.patch(ada.id, list(ProfileList::Skills, &[])).await;
    let at_last = stored();

    assert_eq!((at_first, complete, at_last), (false, true, false));
}
