//! The words of names, with which misspelt ones are compared.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use alumx_domain::account::{AccountRepository, UserId};
use alumx_domain::user::{ProfilePatch, UserRepository};
use alumx_infrastructure::user::PgUserRepository;
use diesel::connection::SimpleConnection as _;
use tokio::task::JoinSet;

use crate::support::{World, at, backend_pid, by, members, value};

fn words(world: &World) -> Vec<String> {
    let words = world.texts("SELECT word FROM user_name_words ORDER BY word");
    words.into_iter().flatten().collect()
}

async fn rename(users: &PgUserRepository, user: UserId, name: &str) {
    let patch = ProfilePatch {
        name: Some(value(name)),
        ..ProfilePatch::default()
    };
    users.update(user, patch, None, at(9)).await.unwrap();
}

#[tokio::test]
async fn they_come_with_a_name_and_go_after_the_last_who_has_it() {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    for user in [&ada, &bob] {
        rename(&world.users, user.id, "Zoë O'Neil-Żak").await;
    }
    // Their usernames were their names before, and are looked for as well.
    let all = [
        "'neil-zak",
        "-zak",
        "ada",
        "bob",
        "neil-zak",
        "o'neil-zak",
        "zak",
        "zoe",
    ];
    world.users.keep_words().await.unwrap();
    assert_eq!(words(&world), all);

    rename(&world.users, ada.id, "Ada Ada").await;
    world.users.keep_words().await.unwrap();
    assert_eq!(words(&world), all);

    // Of the last who deletes the account, they go with it.
    world.accounts.delete(bob.id, &by(10)).await.unwrap();
    assert_eq!(words(&world), ["ada"]);
}

#[tokio::test]
async fn all_unused_ones_go_however_many_and_whatever_they_look_like() {
    let world = World::new();
    let ada = world.member("ada").await;
    rename(&world.users, ada.id, r"It's \ & | ! 'quoted'").await;
    let kept = words(&world);
    world.execute(
        "INSERT INTO user_name_words SELECT 'unused' || n FROM generate_series(1, 2500) n",
    );
    world.execute(
        r"INSERT INTO user_name_words VALUES ('un\\used'), ('un''used'), ('un:*'), ('&&')",
    );

    world.users.keep_words().await.unwrap();

    assert_eq!(words(&world), kept);
}

#[tokio::test]
async fn what_an_older_service_did_not_add_is_added_by_and_by() {
    let world = World::new();
    members(&world, 3).await;
    let all = words(&world);
    world.execute("DELETE FROM user_name_words WHERE word <> 'user1'");

    world.users.keep_words().await.unwrap();

    assert_eq!(words(&world), all);
}

#[tokio::test]
async fn what_somebody_is_about_to_use_stays() {
    let world = World::new();
    let ada = world.member("ada").await;
    world.execute("INSERT INTO user_name_words VALUES ('lovelace'), ('unused')");
    let mut other = world.database.connect();
    let pid = backend_pid(&mut other);
    other
        .batch_execute("BEGIN; SELECT FROM user_search FOR UPDATE")
        .unwrap();
    let users = PgUserRepository::new(world.wide_db());
    let renaming = tokio::spawn(async move { rename(&users, ada.id, "Lovelace").await });
    // It has its words, and waits to be found under them.
    world.until_waited_for(pid).await;

    world.users.keep_words().await.unwrap();
    other.batch_execute("COMMIT").unwrap();
    renaming.await.unwrap();

    assert_eq!(words(&world), ["ada", "lovelace"]);
}

#[tokio::test]
async fn whoever_changes_names_while_words_are_taken_away_every_name_keeps_its_own() {
    let world = World::new();
    let users = Arc::new(PgUserRepository::new(world.wide_db()));
    let everybody = members(&world, 6).await;
    let done = Arc::new(AtomicBool::new(false));
    let sweeping = {
        let (users, done) = (users.clone(), done.clone());
        tokio::spawn(async move {
            while !done.load(Ordering::Acquire) {
                users.keep_words().await.unwrap();
            }
        })
    };
    let mut renaming = JoinSet::new();
    for (n, user) in everybody.into_iter().enumerate() {
        let users = users.clone();
        renaming.spawn(async move {
            for round in 0..25 {
                // Few words, in either order, that often nobody else has.
                let (one, other) = ((n + round) % 5, (n * round) % 5);
                rename(&users, user.id, &format!("Word{one} Word{other}")).await;
            }
        });
    }
    renaming.join_all().await;
    done.store(true, Ordering::Release);
    sweeping.await.unwrap();

    let lacking = "SELECT count(*) FROM user_search, unnest(string_to_array(name, ' ')) AS had
         WHERE NOT EXISTS (SELECT FROM user_name_words WHERE word = had)";
    assert_eq!(world.number(lacking), 0);
}
