//! Changes of profiles at the same time.

use alumx_domain::repository::Violation;
use alumx_domain::user::{ProfileList, ProfilePatch, ProfileUpdateError, Revision, UserRepository};
use alumx_infrastructure::user::PgUserRepository;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::support::{World, at, backend_pid, list, set, value};

#[tokio::test]
async fn patches_of_different_fields_at_once_all_survive() {
    let world = World::new();
    let ada = world.member("ada").await;
    let users = PgUserRepository::new(world.wide_db());

    for round in 0..10 {
        let about = ProfilePatch {
            about: set(&format!("about {round}")),
            ..ProfilePatch::default()
        };
        let skills = list(ProfileList::Skills, &[&format!("skill {round}")]);
        let hobbies = list(ProfileList::Hobbies, &[&format!("hobby {round}")]);

        let (first, second, third) = tokio::join!(
            users.update(ada.id, about, None, at(2)),
            users.update(ada.id, skills, None, at(2)),
            users.update(ada.id, hobbies, None, at(2)),
        );

        assert!(first.is_ok() && second.is_ok() && third.is_ok());
        let profile = world.users.find(ada.id).await.unwrap().unwrap();
        assert_eq!(profile.about.as_deref(), Some(&*format!("about {round}")));
        let skill = [format!("skill {round}")];
        assert_eq!(profile.lists.get(ProfileList::Skills), skill);
        let hobby = [format!("hobby {round}")];
        assert_eq!(profile.lists.get(ProfileList::Hobbies), hobby);
        assert_eq!(profile.revision, Revision(1 + 3 * (round + 1)));
    }
}

#[tokio::test]
async fn of_two_who_expect_the_same_revision_one_is_told() {
    let world = World::new();
    let ada = world.member("ada").await;
    let users = PgUserRepository::new(world.wide_db());
    let expected = || Some(vec![Revision(1)]);
    let skills = list(ProfileList::Skills, &["maths"]);
    let hobbies = list(ProfileList::Hobbies, &["chess"]);

    let (first, second) = tokio::join!(
        users.update(ada.id, skills, expected(), at(2)),
        users.update(ada.id, hobbies, expected(), at(2)),
    );

    let refused: Vec<_> = [first, second]
        .into_iter()
        .filter_map(Result::err)
        .collect();
    assert!(matches!(
        refused[..],
        [ProfileUpdateError::RevisionMismatch]
    ));
}

#[tokio::test]
async fn users_who_swap_usernames_at_once_are_told_that_they_are_taken() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let mut other = PgConnection::establish(world.database.url()).unwrap();
    let pid = backend_pid(&mut other);
    let rename = format!(
        "BEGIN; UPDATE users SET username = 'robert' WHERE id = {}",
        bob.id
    );
    other.batch_execute(&rename).unwrap();
    let users = PgUserRepository::new(world.wide_db());
    let patch = ProfilePatch {
        username: Some(value("bob")),
        ..ProfilePatch::default()
    };
    let change = tokio::spawn(async move { users.update(ada.id, patch, None, at(2)).await });
    world.until_waited_for(pid).await;

    // Whichever of the two PostgreSQL ends, neither gets the name that the other one keeps.
    let swap = format!("UPDATE users SET username = 'ada' WHERE id = {}", bob.id);
    let other = tokio::task::spawn_blocking(move || {
        let swapped = other.batch_execute(&swap);
        other.batch_execute("ROLLBACK").unwrap();
        swapped
    });

    assert!(other.await.unwrap().is_err());
    let Err(ProfileUpdateError::Repository(error)) = change.await.unwrap() else {
        panic!("bob kept his name");
    };
    assert_eq!(error.violation(), Some(Violation::UsernameTaken), "{error}");
}
