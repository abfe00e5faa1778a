//! The demo network on a real database.

mod conversation;
mod job_post;
mod resume;

use alumx_domain::account::{AccountRepository, NewAccount, PasswordHash, Role, UserId};
use alumx_domain::clock::Timestamp;
use alumx_domain::page::{PageRequest, PageSize};
use alumx_domain::user::{
    DirectoryFilter, DirectoryOrder, Patch, Profile, ProfilePatch, SearchText, UserRepository,
};
use alumx_infrastructure::account::PgAccountRepository;
use alumx_infrastructure::demo::{DemoPlan, DemoStage, DemoSummary, fill};
use alumx_infrastructure::files::ObjectFileStore;
use alumx_infrastructure::testing::TestDatabase;
use alumx_infrastructure::user::PgUserRepository;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use tempfile::TempDir;

const PLAN: DemoPlan = DemoPlan {
    users: 300,
    seed: 7,
};

const STAGES: [DemoStage; 5] = [
    DemoStage::People,
    DemoStage::Resumes,
    DemoStage::Jobs,
    DemoStage::Chats,
    DemoStage::Groups,
];

/// What is filled beside profiles.
const TABLES: [&str; 10] = [
    "job_posts",
    "job_post_images",
    "job_post_search",
    "job_post_comments",
    "job_post_likes",
    "chats",
    "messages",
    "group_chats",
    "group_chat_participants",
    "group_messages",
];

fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
}

/// What is in a table, but for what differs each time.
fn contents(database: &TestDatabase, table: &str) -> Vec<String> {
    let sql = format!("SELECT t::text AS line FROM {table} t ORDER BY 1");
    rows(database, &sql)
}

/// How many rows of something break a rule.
fn count(database: &TestDatabase, from: &str) -> i64 {
    diesel::sql_query(format!("SELECT count(*) AS count FROM {from}"))
        .get_result::<Count>(&mut database.connect())
        .unwrap()
        .count
}

fn fill_with(database: &TestDatabase, plan: &DemoPlan) -> DemoSummary {
    let (_folder, store) = store();
    fill(database.url(), plan, &store, now(), &mut |_| {}).unwrap()
}

/// A place for files, gone with the folder.
fn store() -> (TempDir, ObjectFileStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = ObjectFileStore::local(folder.path()).unwrap();
    (folder, store)
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Rows as text, to compare them whole.
fn rows(database: &TestDatabase, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = diesel::sql_query(sql)
        .load(&mut database.connect())
        .unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

async fn profiles(users: &PgUserRepository, ids: std::ops::RangeInclusive<i64>) -> Vec<Profile> {
    let mut profiles = Vec::new();
    for id in ids {
        let id = UserId::try_from(id).unwrap();
        profiles.push(users.find(id).await.unwrap().unwrap());
    }
    profiles
}

#[tokio::test]
async fn a_second_network_is_added_to_the_first() {
    let database = TestDatabase::new();

    let first = fill_with(&database, &PLAN);
    let second = fill_with(&database, &PLAN);

    assert_eq!((first.users, second.users), (300, 300));
    let people = profiles(&PgUserRepository::new(database.db()), 1..=600).await;
    assert!(people.is_sorted_by_key(|person| (person.id.raw() > 300, person.created_at)));
    assert_eq!(people[299].created_at, now());
    let items: usize = people
        .iter()
        .flat_map(|person| person.lists.iter().map(|(_, items)| items.len()))
        .sum();
    assert_eq!(first.list_items + second.list_items, items as u64);
    assert_eq!(second.example.as_ref(), Some(&people[300].username));
    let complete = rows(
        &database,
        "SELECT profile_completed::text AS line FROM users ORDER BY id",
    );
    for (person, complete) in people.iter().zip(complete) {
        assert_eq!(person.is_completed().to_string(), complete);
    }
}

#[test]
fn progress_goes_through_the_stages_until_all_is_there() {
    let database = TestDatabase::new();
    let (_folder, store) = store();
    let mut told = Vec::new();

    fill(database.url(), &PLAN, &store, now(), &mut |progress| {
        told.push(progress);
    })
    .unwrap();

    let mut stages: Vec<_> = told.iter().map(|progress| progress.stage).collect();
    stages.dedup();
    assert_eq!(stages, STAGES);
    assert!(told.is_sorted_by_key(|progress| progress.done));
    let last = told.last().unwrap();
    assert_eq!(last.done, last.all);
}

#[test]
fn a_network_may_be_as_small_as_one_likes() {
    for users in 1..=5 {
        let database = TestDatabase::new();

        let summary = fill_with(&database, &DemoPlan { users, seed: 7 });

        assert_eq!(summary.users, u64::from(users));
        assert!(summary.example.is_some());
    }
}

#[tokio::test]
async fn the_same_seed_makes_the_same_network_again() {
    let (one, other, different) = (
        TestDatabase::new(),
        TestDatabase::new(),
        TestDatabase::new(),
    );
    let other_seed = DemoPlan { seed: 8, ..PLAN };

    fill_with(&one, &PLAN);
    fill_with(&other, &PLAN);
    fill_with(&different, &other_seed);

    let all = async |database: &TestDatabase| {
        profiles(&PgUserRepository::new(database.db()), 1..=300).await
    };
    assert_eq!(all(&one).await, all(&other).await);
    assert_ne!(all(&one).await, all(&different).await);
    for table in TABLES {
        assert_eq!(contents(&one, table), contents(&other, table), "{table}");
        assert_ne!(
            contents(&one, table),
            contents(&different, table),
            "{table}"
        );
    }
}

#[tokio::test]
async fn the_directory_finds_the_same_as_if_each_had_written_their_profile() {
    let database = TestDatabase::new();
    fill_with(&database, &PLAN);
    let documents = || {
        rows(
            &database,
            "SELECT s::text AS line FROM user_search s ORDER BY user_id",
        )
    };
    let derived_in_bulk = documents();
    let users = PgUserRepository::new(database.db());

    for person in profiles(&users, 1..=300).await {
        // Another link is not searched for, but makes the repository derive everything anew.
        let patch = ProfilePatch {
            portfolio_url: Patch::Set("https://example.net/".to_owned().try_into().unwrap()),
            ..ProfilePatch::default()
        };
        users.update(person.id, patch, None, now()).await.unwrap();
    }

    assert_eq!(derived_in_bulk.len(), 300);
    assert_eq!(documents(), derived_in_bulk);
}

#[tokio::test]
async fn people_are_found_by_their_username_at_once() {
    let database = TestDatabase::new();
    let example = fill_with(&database, &PLAN).example.unwrap();

    let filter = DirectoryFilter {
        search: Some(SearchText::try_from(String::from(example.clone())).unwrap()),
        ..DirectoryFilter::default()
    };
    let page = PageRequest {
        after: None,
        limit: PageSize::default(),
    };
    let found = PgUserRepository::new(database.db())
        .list(&filter, DirectoryOrder::Relevance, page)
        .await
        .unwrap();

    assert_eq!(found.items[0].username, example);
}

#[tokio::test]
async fn the_indexes_are_left_as_they_were() {
    let database = TestDatabase::new();
    let options = || {
        rows(
            &database,
            "SELECT c.relname || coalesce(c.reloptions::text, '') AS line
             FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             WHERE i.indrelid IN ('user_search'::regclass, 'job_post_search'::regclass) ORDER BY 1",
        )
    };
    let before = options();

    fill_with(&database, &PLAN);

    assert_eq!(options(), before);
}

#[tokio::test]
async fn who_came_before_keeps_the_name() {
    let (database, empty) = (TestDatabase::new(), TestDatabase::new());
    let one = DemoPlan { users: 2, ..PLAN };
    fill_with(&empty, &one);
    let second = profiles(&PgUserRepository::new(empty.db()), 2..=2)
        .await
        .remove(0);
    // The account is the first user, so that the demo network is numbered from 2 on.
    let account = NewAccount {
        username: second.username.to_uppercase().try_into().unwrap(),
        name: second.name.clone(),
        email: "somebody@example.net".to_owned().try_into().unwrap(),
        role: Role::Alumni,
        password_hash: PasswordHash::from_phc(String::new()),
        created_at: now(),
    };
    PgAccountRepository::new(database.db())
        .insert(&account)
        .await
        .unwrap();

    let summary = fill_with(&database, &one);

    let expected = format!("{}-2", &*second.username);
    assert_eq!(summary.example.as_deref(), Some(expected.as_str()));
}

#[test]
fn nothing_is_left_of_a_network_that_could_not_be_finished() {
    let database = TestDatabase::new();
    diesel::sql_query("DROP TABLE group_messages CASCADE")
        .execute(&mut database.connect())
        .unwrap();

    let (_folder, store) = store();
    let failed = fill(database.url(), &PLAN, &store, now(), &mut |_| {});

    assert!(failed.is_err());
    assert_eq!(count(&database, "users"), 0);
    assert_eq!(count(&database, "resume"), 0);
    assert_eq!(count(&database, "job_posts"), 0);
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}
