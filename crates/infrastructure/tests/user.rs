//! Profiles, and the search row that follows them.

use std::collections::BTreeMap;

use alumx_domain::account::{AccountRepository, NewAccount, Role, Username};
use alumx_domain::repository::Violation;
use alumx_domain::user::{
    Patch, ProfileList, ProfilePatch, ProfileUpdateError, Revision, UserRepository,
};
use alumx_infrastructure::user::PgUserRepository;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::Integer;
use diesel::{Connection, PgConnection, RunQueryDsl};

use crate::support::{World, at, by, entries, list, new_account, set, unknown_user, value};

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
async fn a_profile_is_found_by_username_in_any_letter_case() {
    let world = World::new();
    let ada = world.member("Ada_L").await;
    world.member("AdaXL").await;

    for name in ["Ada_L", "ada_l", "ADA_L"] {
        let found = world.users.find_by_username(&value(name)).await.unwrap();
        assert_eq!(found.unwrap().id, ada.id);
    }
    let unknown: Username = value("ada");
    assert_eq!(world.users.find_by_username(&unknown).await.unwrap(), None);
    assert_eq!(world.users.find(unknown_user()).await.unwrap(), None);
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

#[tokio::test]
async fn patches_of_different_fields_at_once_all_survive() {
    let world = World::new();
    let ada = world.member("ada").await;
    let users = PgUserRepository(world.wide_db());

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
    let users = PgUserRepository(world.wide_db());
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

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's MMIX generator; its high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())]
    }

    fn text<T: TryFrom<String, Error: std::fmt::Debug>>(&mut self) -> Patch<T> {
        match self.roll(3) {
            0 => Patch::Keep,
            1 => Patch::Clear,
            _ => set(self.one_of(TEXTS)),
        }
    }

    fn patch(&mut self) -> ProfilePatch {
        let mut lists = BTreeMap::new();
        for list in ProfileList::all() {
            if self.roll(4) == 0 {
                let items: Vec<_> = (0..self.roll(4)).map(|_| self.one_of(TEXTS)).collect();
                lists.insert(list, entries(list, &items));
            }
        }
        let rename = self.roll(3) == 0;
        ProfilePatch {
            username: rename.then(|| value(self.one_of(&["ada", "Ada.L", "a-da"]))),
            name: rename.then(|| value(self.one_of(TEXTS))),
            current_company: self.text(),
            current_role: self.text(),
            location: self.text(),
            department: self.text(),
            graduation_year: match self.roll(3) {
                0 => Patch::Clear,
                n => Patch::Set((2000 + i64::try_from(n).unwrap()).try_into().unwrap()),
            },
            lists,
            ..ProfilePatch::default()
        }
    }
}

const TEXTS: &[&str] = &[
    "Zoë Müller",
    "C++",
    "node.js & co",
    "I'm\\%_",
    "\u{301}",
    "Łódź 東京",
];

const SEARCH_ROW: &str = "SELECT unnest(ARRAY[role, graduation_year::text, name, username, company,
    location, department, name_terms::text, terms::text]) FROM user_search";

#[tokio::test]
async fn the_search_row_is_that_of_a_new_account_with_the_same_profile() {
    let (world, mirror) = (World::new(), World::new());
    let ada = world.member("ada").await;
    let mut dice = Dice(42);

    for step in 0..40 {
        if dice.roll(3) == 0 {
            let role = dice.one_of(&[Role::Student, Role::Alumni, Role::Professor]);
            world.accounts.set_role(ada.id, role, &by(3)).await.unwrap();
        } else {
            world.patch(ada.id, dice.patch()).await;
        }
        let profile = world.users.find(ada.id).await.unwrap().unwrap();
        let fresh = NewAccount {
            name: profile.name.clone(),
            role: profile.role,
            ..new_account(&profile.username)
        };
        let fresh = mirror.accounts.insert(&fresh).await.unwrap();
        let lists = ProfileList::all().map(|list| {
            let items = profile.lists.get(list).to_vec();
            (list, list.parse(items).unwrap())
        });
        let same = ProfilePatch {
            current_company: profile.current_company.map_or(Patch::Clear, Patch::Set),
            current_role: profile.current_role.map_or(Patch::Clear, Patch::Set),
            location: profile.location.map_or(Patch::Clear, Patch::Set),
            department: profile.department.map_or(Patch::Clear, Patch::Set),
            graduation_year: profile.graduation_year.map_or(Patch::Clear, Patch::Set),
            lists: lists.collect(),
            ..ProfilePatch::default()
        };
        mirror.patch(fresh.id, same).await;

        assert_eq!(world.texts(SEARCH_ROW), mirror.texts(SEARCH_ROW), "{step}");
        mirror.accounts.delete(fresh.id, &by(3)).await.unwrap();
    }
}

#[tokio::test]
async fn users_who_swap_usernames_at_once_are_told_that_they_are_taken() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let mut other = PgConnection::establish(world.database.url()).unwrap();
    let pid: i32 = diesel::select(sql::<Integer>("pg_backend_pid()"))
        .get_result(&mut other)
        .unwrap();
    let rename = format!(
        "BEGIN; UPDATE users SET username = 'robert' WHERE id = {}",
        bob.id
    );
    other.batch_execute(&rename).unwrap();
    let users = PgUserRepository(world.wide_db());
    let patch = ProfilePatch {
        username: Some(value("bob")),
        ..ProfilePatch::default()
    };
    let change = tokio::spawn(async move { users.update(ada.id, patch, None, at(2)).await });
    let waiting =
        format!("SELECT count(*) FROM pg_stat_activity WHERE {pid} = ANY(pg_blocking_pids(pid))");
    while world.number(&waiting) == 0 {
        tokio::task::yield_now().await;
    }

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
