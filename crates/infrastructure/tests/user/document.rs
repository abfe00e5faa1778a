//! Texts of profiles that are kept beside the tables.

use std::fs;

use alumx_domain::account::{Account, AccountRepository, Role, UserId};
use alumx_domain::user::{
    DocumentFormat, Patch, Profile, ProfileDocument, ProfileList, ProfilePatch, UserRepository,
    Whose,
};
use alumx_infrastructure::import::{ImportPlan, ImportProgress, RefusedRow, import};
use chrono::TimeDelta;
use diesel::prelude::*;

use crate::support::{World, at, by, list, set, unknown_user, value};

const FORMAT: DocumentFormat = DocumentFormat(2);

/// All of a profile that a text could tell.
fn document(profile: &Profile) -> ProfileDocument {
    ProfileDocument {
        head: profile.into(),
        text: format!("{profile:?}"),
    }
}

impl World {
    async fn profile(&self, id: UserId) -> Profile {
        self.users.find(id).await.unwrap().unwrap()
    }

    /// Keeps the text of the profile as it is, as this format.
    async fn keep(&self, id: UserId, format: DocumentFormat) {
        let kept = vec![document(&self.profile(id).await)];
        self.users.keep_documents(format, kept).await.unwrap();
    }

    async fn kept(&self, id: UserId) -> Option<String> {
        let found = self.users.find_document(&Whose::Id(id), FORMAT).await;
        found.unwrap().unwrap().1
    }

    async fn missing(&self, after: Option<UserId>, limit: i64) -> Vec<UserId> {
        let missing = self.users.without_document(FORMAT, after, limit).await;
        let missing = missing.unwrap().into_iter();
        missing.map(|profile| profile.id).collect()
    }
}

struct Silent;

impl ImportProgress for Silent {
    fn advanced(&mut self, _: u64, _: u64) {}

    fn refused(&mut self, row: &RefusedRow) -> std::io::Result<()> {
        panic!("{row:?}")
    }
}

fn import_update(world: &World, account: &Account, role: &str, company: &str) {
    let folder = tempfile::tempdir().unwrap();
    let plan = ImportPlan {
        file: folder.path().join("users.csv"),
        dry_run: false,
        update: true,
        reinvite: false,
        invitations: None,
        invitation_lifetime: TimeDelta::days(90),
    };
    let (name, email) = (&*account.name, &*account.email);
    let row = format!("name,email,role,company\n{name},{email},{role},{company}\n");
    fs::write(&plan.file, row).unwrap();
    import(world.database.url(), &plan, at(10), &mut Silent).unwrap();
}

#[tokio::test]
async fn a_kept_text_is_found_by_id_and_by_username_in_any_letter_case() {
    let world = World::new();
    let ada = world.member("Ada_L").await;
    world.member("AdaXL").await;
    world.keep(ada.id, FORMAT).await;
    let expected = document(&world.profile(ada.id).await);

    for whose in ["Ada_L", "ada_l", "ADA_L"]
        .map(|name| Whose::Username(value(name)))
        .into_iter()
        .chain([Whose::Id(ada.id)])
    {
        let found = world.users.find_document(&whose, FORMAT).await.unwrap();
        let (head, text) = found.unwrap();
        assert_eq!(
            (head, text),
            (expected.head.clone(), Some(expected.text.clone()))
        );
    }
    for whose in [Whose::Id(unknown_user()), Whose::Username(value("ada"))] {
        let found = world.users.find_document(&whose, FORMAT).await.unwrap();
        assert_eq!(found, None);
    }
}

#[tokio::test]
async fn every_change_that_the_profile_shows_makes_its_text_stale() {
    let world = World::new();
    let ada = world.member("ada").await;
    let patches = [
        ProfilePatch {
            username: Some(value("countess")),
            ..ProfilePatch::default()
        },
        ProfilePatch {
            name: Some(value("Ada L")),
            ..ProfilePatch::default()
        },
        ProfilePatch {
            about: set("I count."),
            ..ProfilePatch::default()
        },
        list(ProfileList::Internships, &["Engine"]),
    ];
    for patch in patches {
        world.keep(ada.id, FORMAT).await;
        assert!(world.kept(ada.id).await.is_some());
        world.patch(ada.id, patch.clone()).await;
        assert_eq!(world.kept(ada.id).await, None, "{patch:?}");
    }

    world.keep(ada.id, FORMAT).await;
    let occasion = by(3);
    let role = world.accounts.set_role(ada.id, Role::Professor, &occasion);
    role.await.unwrap();
    assert_eq!(world.kept(ada.id).await, None, "role");
    // The list names people as they are called now.
    let ada = world.accounts.find(ada.id).await.unwrap().unwrap();
    for (role, company) in [("STUDENT", ""), ("STUDENT", "Engine")] {
        world.keep(ada.id, FORMAT).await;
        import_update(&world, &ada, role, company);
        assert_eq!(world.kept(ada.id).await, None, "import of {role} {company}");
    }
}

/// One of all the changes there are, as the dice say.
async fn change(world: &World, id: UserId, dice: usize, step: i64) {
    let odd = dice / 8 % 3;
    let patch = |patch| async move {
        let changed = world.users.update(id, patch, None, at(step)).await;
        changed.unwrap();
    };
    match dice % 8 {
        0 => {
            let name = Some(value(&format!("ada{odd}")));
            let username = ProfilePatch {
                username: name,
                ..ProfilePatch::default()
            };
            patch(username).await;
        }
        1 => {
            let about = if odd == 0 {
                Patch::Clear
            } else {
                set("I count.")
            };
            let about = ProfilePatch {
                about,
                ..ProfilePatch::default()
            };
            patch(about).await;
        }
        2 => patch(list(ProfileList::Skills, &["a", "b"][..odd.min(2)])).await,
        3 => patch(list(ProfileList::Hobbies, &["c"][..odd.min(1)])).await,
        4 => {
            let role = [Role::Alumni, Role::Student, Role::Professor][odd];
            let changed = world.accounts.set_role(id, role, &by(step)).await;
            changed.unwrap();
        }
        5 => {
            let account = world.accounts.find(id).await.unwrap().unwrap();
            let role = ["ALUMNI", "STUDENT", "PROFESSOR"][odd];
            import_update(world, &account, role, ["", "A", "B"][odd]);
        }
        6 => {
            let suspended = world.accounts.suspend(id, None, &by(step)).await;
            suspended.unwrap();
        }
        _ => {
            let lifted = world.accounts.lift_suspension(id, &by(step)).await;
            lifted.unwrap();
        }
    }
}

#[tokio::test]
async fn whatever_happens_a_text_that_is_shown_is_what_the_tables_say() {
    let world = World::new();
    let ada = world.member("ada").await.id;
    let (mut dice, mut shown) = (2026_u64, 0);
    for step in 2..120 {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        change(&world, ada, usize::try_from(dice >> 33).unwrap(), step).await;
        if let Some(text) = world.kept(ada).await {
            shown += 1;
            assert_eq!(
                text,
                document(&world.profile(ada).await).text,
                "step {step}"
            );
        }
        if dice >> 63 == 0 {
            world.keep(ada, FORMAT).await;
        }
    }
    assert!(shown > 10, "{shown}");
}

#[tokio::test]
async fn a_text_that_is_late_is_not_kept() {
    let world = World::new();
    let ada = world.member("ada").await.id;
    let late = document(&world.profile(ada).await);
    world
        .patch(ada, list(ProfileList::Skills, &["maths"]))
        .await;
    let keep = |kept: &ProfileDocument| world.users.keep_documents(FORMAT, vec![kept.clone()]);

    keep(&late).await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM profile_documents"), 0);

    let of_deleted = document(&world.profile(ada).await);
    world.accounts.delete(ada, &by(3)).await.unwrap();
    keep(&of_deleted).await.unwrap();
    // Of a tombstone's own revision neither.
    let mut next = of_deleted;
    next.head.revision.0 += 1;
    keep(&next).await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM profile_documents"), 0);
}

#[tokio::test]
async fn who_is_being_changed_is_passed_over_and_not_waited_for() {
    let world = World::new();
    let [ada, bob] = [world.member("ada").await.id, world.member("bob").await.id];
    let mut other = world.database.connect();
    diesel::sql_query("BEGIN").execute(&mut other).unwrap();
    let lock = format!("SELECT 1 FROM users WHERE id = {ada} FOR NO KEY UPDATE");
    diesel::sql_query(lock).execute(&mut other).unwrap();

    let both = vec![
        document(&world.profile(ada).await),
        document(&world.profile(bob).await),
    ];
    world.users.keep_documents(FORMAT, both).await.unwrap();

    assert_eq!(world.kept(ada).await, None);
    assert!(world.kept(bob).await.is_some());
}

#[tokio::test]
async fn a_text_of_another_format_is_as_good_as_none_and_a_newer_one_is_left() {
    let world = World::new();
    let ada = world.member("ada").await.id;

    world.keep(ada, DocumentFormat(1)).await;
    assert_eq!(
        (world.kept(ada).await, world.missing(None, 9).await),
        (None, vec![ada])
    );
    world.keep(ada, FORMAT).await;
    assert!(world.kept(ada).await.is_some());
    world.keep(ada, DocumentFormat(3)).await;
    world.keep(ada, FORMAT).await;
    assert_eq!(
        (world.kept(ada).await, world.missing(None, 9).await),
        (None, vec![])
    );
}

#[tokio::test]
async fn who_has_no_text_is_found_by_id_a_few_at_a_time() {
    let world = World::new();
    let mut ids = Vec::new();
    for name in ["ada", "bob", "cyd", "dan", "eve"] {
        ids.push(world.member(name).await.id);
    }
    world.keep(ids[1], FORMAT).await;
    world.keep(ids[2], FORMAT).await;
    world
        .patch(ids[2], list(ProfileList::Skills, &["maths"]))
        .await;
    world.accounts.delete(ids[3], &by(3)).await.unwrap();

    assert_eq!(world.missing(None, 2).await, [ids[0], ids[2]]);
    assert_eq!(world.missing(Some(ids[2]), 2).await, [ids[4]]);
}
