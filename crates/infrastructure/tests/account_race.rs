//! Registrations at the same time.

use alumx_domain::account::{AccountRepository, NewAccount};
use alumx_domain::repository::{RepositoryError, Violation};
use alumx_infrastructure::account::PgAccountRepository;
use diesel::connection::SimpleConnection;
use tokio::task::JoinSet;

use crate::support::{World, backend_pid, new_account, new_session, value};

#[tokio::test]
async fn of_many_who_register_one_name_at_once_exactly_one_gets_it() {
    let world = World::new();
    let db = world.wide_db();
    let mut racers = JoinSet::new();

    for n in 0..24 {
        let username = if n % 2 == 0 { "ada" } else { "ADA" };
        let account = NewAccount {
            email: value(&format!("{n}@example.org")),
            ..new_account(username)
        };
        let accounts = PgAccountRepository::new(db.clone());
        racers.spawn(async move { accounts.register(&account, &new_session(n)).await });
    }
    let results = racers.join_all().await;

    let taken = |error: &RepositoryError| error.violation() == Some(Violation::UsernameTaken);
    let losers: Vec<_> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    assert_eq!(losers.len(), 23);
    assert!(losers.into_iter().all(taken));
    assert_eq!(world.number("SELECT count(*) FROM sessions"), 1);
}

#[tokio::test]
async fn who_registers_and_another_who_wait_for_each_other_go_one_after_the_other() {
    let world = World::new();
    let mut other = world.database.connect();
    let pid = backend_pid(&mut other);
    let lovelace = "BEGIN; INSERT INTO user_name_words (word) VALUES ('lovelace')";
    other.batch_execute(lovelace).unwrap();
    let accounts = PgAccountRepository::new(world.wide_db());
    let account = NewAccount {
        name: value("Ada Lovelace"),
        ..new_account("ada")
    };
    let registering =
        tokio::spawn(async move { accounts.register(&account, &new_session(1)).await });
    world.until_waited_for(pid).await;

    // Whichever of the two PostgreSQL ends; it is the one that began to wait first, mostly.
    let other = tokio::task::spawn_blocking(move || {
        let name = "INSERT INTO users (username, name, email, role, created_at, updated_at)
                    VALUES ('ada', 'Lovelace', 'l@example.org', 'ALUMNI', now(), now())";
        drop(other.batch_execute(name));
        other.batch_execute("ROLLBACK").unwrap();
    });

    other.await.unwrap();
    let (registered, _) = registering.await.unwrap().unwrap();
    assert_eq!(&*registered.username, "ada");
    assert_eq!(world.number("SELECT count(*) FROM users"), 1);
}
