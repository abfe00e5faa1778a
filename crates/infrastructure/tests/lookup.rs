//! What many callers look for at the same time is found by one statement, for each as if alone.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use alumx_domain::account::{Account, AccountRepository, UserId};
use alumx_domain::chat::ChatRepository;
use alumx_domain::conversation::ConversationId::{Chat, Group};
use alumx_domain::conversation::{ConversationRepository, MessagesFrom};
use alumx_domain::job_post::{FeedFilter, FeedKey, FeedOrder, JobPostRepository};
use alumx_domain::page::PageRequest;
use alumx_domain::repository::RepositoryError;
use alumx_domain::user::{DocumentFormat, ProfileDocument, UserRepository, Whose};
use alumx_infrastructure::account::PgAccountRepository;
use alumx_infrastructure::chat::PgChatRepository;
use alumx_infrastructure::conversation::PgConversationRepository;
use alumx_infrastructure::db::Db;
use alumx_infrastructure::job_post::PgJobPostRepository;
use alumx_infrastructure::user::PgUserRepository;
use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;

use crate::conversation::{seq, size, text};
use crate::job_post::job;
use crate::support::{World, at, by, members, occupy, page, unknown_user};

const FORMAT: DocumentFormat = DocumentFormat(2);

/// What is answered where the only connection is busy until all have asked.
async fn at_the_same_time<T>(db: &Db, asked: impl Iterator<Item: Future<Output = T>>) -> Vec<T> {
    let busy = occupy(db).await;
    // All of them are begun in turn, before what comes after them.
    tokio::join!(join_all(asked), async { drop(busy) }).0
}

/// Asks all of this at the same time; each is answered as if it had been asked alone. How many
/// statements for many callers the connection has prepared for it.
async fn as_if_alone<R, Q: Clone + Debug, F: Future<Output = String>>(
    world: &World,
    repository: fn(Db) -> R,
    questions: &[Q],
    ask: impl Fn(Arc<R>, Q) -> F,
) -> i64 {
    let alone = Arc::new(repository(world.database.db()));
    let mut expected = Vec::new();
    for question in questions {
        expected.push(ask(alone.clone(), question.clone()).await);
    }
    let db = world.single_db();
    let repository = Arc::new(repository(db.clone()));

    let asked = questions.iter().cloned();
    let asked = asked.map(|question| ask(repository.clone(), question));
    let answers = at_the_same_time(&db, asked).await;

    for ((question, answer), expected) in questions.iter().zip(answers).zip(expected) {
        assert_eq!(answer, expected, "{question:?}");
    }
    let prepared = "SELECT count(*) FROM pg_prepared_statements
        WHERE statement LIKE '%unnest(%' AND statement NOT LIKE '%unnest(ARRAY%'";
    let prepared = db.run(|conn| sql::<BigInt>(prepared).get_result(conn));
    prepared.await.unwrap()
}

#[tokio::test]
async fn each_is_told_of_the_account_asked_for() {
    let world = World::new();
    let mut ids: Vec<UserId> = ids(&members(&world, 40).await);
    world.accounts.delete(ids[7], &by(3)).await.unwrap();
    ids.extend([ids[0], ids[39], unknown_user()]);

    let found = async |accounts: Arc<PgAccountRepository>, id| {
        format!("{:?}", accounts.find(id).await.unwrap())
    };
    let shared = as_if_alone(&world, PgAccountRepository::new, &ids, found).await;

    assert_eq!(shared, 1);
}

#[tokio::test]
async fn each_is_told_of_the_profile_asked_for() {
    let world = World::new();
    let mut ids: Vec<UserId> = ids(&members(&world, 5).await);
    for id in &ids[1..] {
        let profile = world.users.find(*id).await.unwrap().unwrap();
        let kept = ProfileDocument {
            head: (&profile).into(),
            text: format!("of {id}"),
        };
        world
            .users
            .keep_documents(FORMAT, vec![kept])
            .await
            .unwrap();
    }
    ids.extend([ids[1], unknown_user(), ids[0]]);

    let found = async |users: Arc<PgUserRepository>, id| {
        let found = users.find_document(&Whose::Id(id), FORMAT).await;
        format!("{:?}", found.unwrap())
    };
    let shared = as_if_alone(&world, PgUserRepository::new, &ids, found).await;

    assert_eq!(shared, 1);
}

#[tokio::test]
async fn each_is_told_of_the_own_chats() {
    let world = World::new();
    let users = members(&world, 6).await;
    for (n, user) in users.iter().enumerate() {
        for other in &users[(n + 1).min(5)..5] {
            let chat = Chat(world.open(user, other).await);
            world.try_send(chat, user.id, &text("Hello")).await.unwrap();
        }
    }
    let chats = PgChatRepository::new(world.database.db());
    let first = chats.list(users[0].id, page(None, 2)).await.unwrap();
    let mut asked = vec![
        (users[0].id, page(first.next, 1)),
        (users[0].id, page(None, 3)),
    ];
    asked.extend(users.iter().map(|user| (user.id, page(None, 100))));

    let found = async |chats: Arc<PgChatRepository>, (viewer, page)| {
        format!("{:?}", chats.list(viewer, page).await.unwrap())
    };
    let shared = as_if_alone(&world, PgChatRepository::new, &asked, found).await;

    assert_eq!(shared, 1);
}

#[tokio::test]
async fn each_is_told_of_the_messages_that_are_for_them() {
    let world = World::new();
    let users = members(&world, 3).await;
    let [ada, bob, eve] = [0, 1, 2].map(|n| users[n].id);
    let chat = Chat(world.open(&users[0], &users[1]).await);
    let empty = Chat(world.open(&users[0], &users[2]).await);
    let group = Group(world.group_of(&users[0], &[&users[1]]).await);
    for (n, conversation) in [chat, group].into_iter().cycle().take(14).enumerate() {
        let message = text(&format!("message {n}"));
        let sent = world.try_send(conversation, users[n % 2].id, &message);
        sent.await.unwrap();
    }
    let mut asked = Vec::new();
    for conversation in [chat, empty, group] {
        for reader in [ada, bob, eve, unknown_user()] {
            let from = [
                MessagesFrom::Newest,
                MessagesFrom::Before(seq(6)),
                MessagesFrom::After(seq(2)),
            ];
            for (from, limit) in from.into_iter().zip([100, 3, 4]) {
                asked.push((conversation, reader, from, size(limit)));
            }
        }
    }

    let found = async |messages: Arc<PgConversationRepository>,
                       (conversation, reader, from, size)| {
        let found = messages.list_messages(conversation, reader, from, None, size);
        format!("{:?}", found.await.unwrap())
    };
    let shared = as_if_alone(&world, PgConversationRepository::new, &asked, found).await;

    // Backwards and forwards, of chats and of groups.
    assert_eq!(shared, 4);
}

#[tokio::test]
async fn who_wants_a_short_page_need_not_wait_for_all_who_want_long_ones() {
    let world = World::new();
    let users = members(&world, 2).await;
    let chat = Chat(world.open(&users[0], &users[1]).await);
    world.send(chat, &users[0], "hello").await;
    let db = world.single_db();
    let messages = PgConversationRepository::new(db.clone());

    // Whoever asks, long pages and in the end a short one, what is done first is told first.
    let sizes = [[21; 10], [100; 10], [22; 10]].concat().into_iter();
    let asked: FuturesUnordered<_> = sizes
        .chain([20])
        .map(|size_of_page| {
            let size = size(size_of_page);
            let page = messages.list_messages(chat, users[0].id, MessagesFrom::Newest, None, size);
            async move {
                assert_eq!(page.await.unwrap().unwrap().items.len(), 1);
                size_of_page
            }
        })
        .collect();
    let busy = occupy(&db).await;
    let (told, ()) = tokio::join!(asked.collect::<Vec<_>>(), async { drop(busy) });

    // A statement finds five times as many short pages as long ones.
    assert_eq!(told.iter().position(|size| *size == 20), Some(32 / 5));
}

#[tokio::test]
async fn each_is_told_what_they_have_not_read() {
    let world = World::new();
    let users = members(&world, 5).await;
    for (n, user) in users.iter().enumerate() {
        let group = Group(world.group_of(&users[0], &[&users[4], user]).await);
        for _ in 0..n {
            world
                .try_send(group, users[0].id, &text("Hello"))
                .await
                .unwrap();
        }
        let chat = Chat(world.open(user, &users[(n + 1) % 5]).await);
        world.try_send(chat, user.id, &text("Hello")).await.unwrap();
    }
    let mut asked = ids(&users);
    asked.push(unknown_user());

    let found = async |conversations: Arc<PgConversationRepository>, user| {
        format!("{:?}", conversations.unread_totals(user).await.unwrap())
    };
    let shared = as_if_alone(&world, PgConversationRepository::new, &asked, found).await;

    assert_eq!(shared, 1);
}

#[tokio::test]
async fn each_is_told_which_posts_of_the_page_they_like() {
    let world = World::new();
    let users = members(&world, 9).await;
    let posts = PgJobPostRepository::new(world.database.db());
    for n in 0..7 {
        let id = world.job(&users[n], 10, job(&format!("post {n}"))).await;
        for user in users.iter().skip(n).step_by(2) {
            posts.like(id, user.id, at(11)).await.unwrap();
        }
    }
    let newest = page(None, 3);
    let second = feed(&posts, users[0].id, FeedOrder::Newest, newest.clone())
        .await
        .1;
    let top = page(None, 5);
    let mut asked = Vec::new();
    for user in ids(&users) {
        asked.push((user, FeedOrder::Newest, newest.clone()));
        asked.push((user, FeedOrder::Newest, page(second, 3)));
        asked.push((user, FeedOrder::Top, top.clone()));
    }

    let found = async |posts: Arc<PgJobPostRepository>, (viewer, order, page)| {
        feed(&posts, viewer, order, page).await.0
    };
    let shared = as_if_alone(&world, PgJobPostRepository::new, &asked, found).await;

    assert_eq!(shared, 2);
}

async fn feed(
    posts: &PgJobPostRepository,
    viewer: UserId,
    order: FeedOrder,
    page: PageRequest<FeedKey>,
) -> (String, Option<FeedKey>) {
    let filter = FeedFilter::default();
    let page = posts.feed(viewer, &filter, order, page, at(100)).await;
    let page = page.unwrap();
    (format!("{page:?}"), page.next)
}

/// Who all like the same page is told by one look at it.
#[tokio::test]
async fn a_page_that_many_want_is_read_once() {
    let world = World::new();
    let users = members(&world, 20).await;
    for n in 0..10 {
        world.job(&users[0], 10, job(&format!("post {n}"))).await;
    }
    let read = async |viewers: &[Account]| {
        let db = world.single_db();
        let before = world.statistic(&db, "idx_tup_fetch", "('job_posts')").await;
        let posts = PgJobPostRepository::new(db.clone());
        let asked = viewers
            .iter()
            .map(|user| feed(&posts, user.id, FeedOrder::Newest, page(None, 10)));
        at_the_same_time(&db, asked).await;
        world.statistic(&db, "idx_tup_fetch", "('job_posts')").await - before
    };

    let by_one = read(&users[..1]).await;

    assert!(by_one > 0);
    assert_eq!(read(&users).await, by_one);
}

/// A row that can't be understood is a matter of whose it is.
#[tokio::test]
async fn who_has_a_broken_row_is_told_so_and_nobody_else() {
    let world = World::new();
    let ids = ids(&members(&world, 3).await);
    world.execute("ALTER TABLE users DROP CONSTRAINT username_is_valid");
    world.execute(&format!(
        "UPDATE users SET username = '' WHERE id = {}",
        ids[1]
    ));
    let db = world.single_db();
    let accounts = PgAccountRepository::new(db.clone());

    let answers = at_the_same_time(&db, ids.iter().map(|id| accounts.find(*id))).await;

    let found: Vec<bool> = answers
        .iter()
        .map(|answer| matches!(answer, Ok(Some(_))))
        .collect();
    assert_eq!(found, [true, false, true]);
    assert!(matches!(answers[1], Err(RepositoryError::Unexpected(_))));
}

/// However few come together, what is planned for them is kept.
#[tokio::test]
async fn the_plan_for_a_few_is_kept() {
    let world = World::new();
    let users = ids(&members(&world, 3).await);
    let db = world.single_db();
    let chats = PgChatRepository::new(db.clone());
    // As if the tables were large: then to plan costs less than to expect too many callers.
    let dear = "SET seq_page_cost = 1000; SET random_page_cost = 1000; SET cpu_tuple_cost = 100";
    db.run(|conn| conn.batch_execute(dear)).await.unwrap();

    for _ in 0..9 {
        let asked = users.iter().map(|user| chats.list(*user, page(None, 20)));
        at_the_same_time(&db, asked).await;
    }

    let kept = "SELECT sum(generic_plans)::bigint FROM pg_prepared_statements
        WHERE statement LIKE '%AS caller%'";
    let kept: i64 = db
        .run(|conn| sql::<BigInt>(kept).get_result(conn))
        .await
        .unwrap();
    assert!(kept > 0, "{kept}");
}

fn ids(accounts: &[Account]) -> Vec<UserId> {
    accounts.iter().map(|account| account.id).collect()
}
