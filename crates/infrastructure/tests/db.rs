//! The seam between async code and blocking SQL, under load and after failures.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use alumx_domain::repository::RepositoryError;
use alumx_infrastructure::db::{Db, DbSettings};
use alumx_infrastructure::testing::TestDatabase;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};

use crate::support::occupy;

/// One connection, and whatever else the test is about.
fn db(database: &TestDatabase, change: impl FnOnce(&mut DbSettings)) -> Db {
    let mut settings = DbSettings {
        connections: 1,
        wait_timeout: Duration::from_secs(20),
        ..DbSettings::new(database.url())
    };
    change(&mut settings);
    Db::new(&settings).unwrap()
}

/// A query that leaves a trace, and the trace.
fn traced(
    db: &Db,
) -> (
    Pin<Box<impl Future<Output = Result<(), RepositoryError>> + use<>>>,
    Arc<AtomicBool>,
) {
    let trace = Arc::new(AtomicBool::new(false));
    let (left, db) = (trace.clone(), db.clone());
    let query = async move {
        db.run(move |_| {
            left.store(true, Ordering::SeqCst);
            Ok(())
        })
        .await
    };
    (Box::pin(query), trace)
}

/// Brings a query into the queue.
async fn enqueue<T>(query: &mut Pin<Box<impl Future<Output = T>>>) {
    poll_fn(|context| {
        assert!(query.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

fn unavailable<T>(result: &Result<T, RepositoryError>) -> bool {
    matches!(result, Err(RepositoryError::Unavailable(_)))
}

async fn backend(db: &Db) -> i32 {
    db.run(|conn| sql::<Integer>("SELECT pg_backend_pid()").get_result(conn))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_query_that_waits_too_long_fails_and_is_never_run() {
    let database = TestDatabase::new();
    let db = db(&database, |settings| {
        settings.wait_timeout = Duration::from_secs(1);
    });
    let release = occupy(&db).await;

    let (late, trace) = traced(&db);
    let late = late.await;
    release.send(()).unwrap();
    db.check_ready().await.unwrap();

    assert!(unavailable(&late));
    assert!(!trace.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_query_beyond_the_queue_fails_at_once() {
    let database = TestDatabase::new();
    let db = db(&database, |settings| settings.queue = 1);
    let release = occupy(&db).await;
    let (mut queued, queued_trace) = traced(&db);
    enqueue(&mut queued).await;
    let (refused, refused_trace) = traced(&db);

    let started = Instant::now();
    let refused = refused.await;
    let waited = started.elapsed();
    release.send(()).unwrap();
    queued.await.unwrap();

    assert!(unavailable(&refused));
    assert!(waited < Duration::from_secs(5), "{waited:?}");
    assert!(queued_trace.load(Ordering::SeqCst) && !refused_trace.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_queued_query_whose_caller_has_gone_is_not_run() {
    let database = TestDatabase::new();
    let db = db(&database, |_| {});
    let release = occupy(&db).await;
    let (mut dropped, trace) = traced(&db);
    enqueue(&mut dropped).await;

    drop(dropped);
    release.send(()).unwrap();
    db.check_ready().await.unwrap();

    assert!(!trace.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_panic_ends_neither_the_worker_nor_leaves_anything_written() {
    let database = TestDatabase::new();
    let db = db(&database, |_| {});

    let panicked: Result<(), _> = db
        .run(|conn| {
            conn.transaction(|conn| {
                diesel::sql_query("CREATE TABLE half_done ()").execute(conn)?;
                panic!("on purpose")
            })
        })
        .await;
    let left = db
        .run(|conn| {
            let query = "SELECT count(*) FROM pg_tables
                         WHERE schemaname = current_schema() AND tablename = 'half_done'";
            sql::<BigInt>(query).get_result::<i64>(conn)
        })
        .await;

    assert!(matches!(panicked, Err(RepositoryError::Unexpected(_))));
    assert_eq!(left.unwrap(), 0);
}

#[tokio::test]
async fn a_statement_that_runs_too_long_is_ended() {
    let database = TestDatabase::new();
    let db = db(&database, |settings| {
        settings.statement_timeout = Duration::from_millis(200);
    });

    let slow = db
        .run(|conn| diesel::sql_query("SELECT pg_sleep(60)").execute(conn))
        .await;

    assert!(unavailable(&slow), "{slow:?}");
    db.check_ready().await.unwrap();
}

#[tokio::test]
async fn a_statement_that_waits_too_long_for_a_lock_is_ended() {
    let database = TestDatabase::new();
    let db = db(&database, |settings| {
        settings.statement_timeout = Duration::from_millis(200);
    });
    let mut other = database.connect();
    diesel::sql_query("BEGIN").execute(&mut other).unwrap();
    diesel::sql_query("LOCK TABLE users")
        .execute(&mut other)
        .unwrap();

    let blocked = db
        .run(|conn| diesel::sql_query("DELETE FROM users").execute(conn))
        .await;

    assert!(unavailable(&blocked), "{blocked:?}");
    db.check_ready().await.unwrap();
}

#[tokio::test]
async fn a_wrong_statement_is_no_passing_failure() {
    let database = TestDatabase::new();
    let db = db(&database, |_| {});

    let wrong = db
        .run(|conn| diesel::sql_query("SELECT nonsense").execute(conn))
        .await;

    assert!(matches!(wrong, Err(RepositoryError::Unexpected(_))));
    db.check_ready().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_ends_in_the_middle_fails_one_query_only() {
    let database = TestDatabase::new();
    let db = db(&database, |_| {});
    let before = backend(&db).await;

    let ended = db
        .run(|conn| {
            conn.transaction(|conn| {
                diesel::sql_query("DELETE FROM users").execute(conn)?;
                diesel::sql_query("SELECT pg_terminate_backend(pg_backend_pid())").execute(conn)
            })
        })
        .await;

    assert!(unavailable(&ended), "{ended:?}");
    assert!(backend(&db).await != before);
}

#[tokio::test]
async fn connections_that_ended_while_idle_fail_one_query_only() {
    let database = TestDatabase::new();
    let db = db(&database, |settings| settings.connections = 2);
    let one = occupy(&db).await;
    let first = backend(&db).await;
    let other = occupy(&db).await;
    one.send(()).unwrap();
    let second = backend(&db).await;
    for pid in [first, second] {
        let end = format!("SELECT pg_terminate_backend({pid}, 5000)");
        diesel::sql_query(end)
            .execute(&mut database.connect())
            .unwrap();
    }

    let hit = db.check_ready().await;
    other.send(()).unwrap();
    let mut after = Vec::new();
    for _ in 0..6 {
        after.push(db.check_ready().await);
    }

    assert!(first != second);
    assert!(unavailable(&hit), "{hit:?}");
    assert!(after.iter().all(Result::is_ok), "{after:?}");
}

#[tokio::test]
async fn a_database_that_is_away_is_unavailable() {
    let settings = DbSettings {
        connections: 1,
        wait_timeout: Duration::from_millis(300),
        ..DbSettings::new("postgres://nobody@127.0.0.1:1/nothing")
    };
    let db = Db::new(&settings).unwrap();

    let ping = db.check_ready().await;

    assert!(unavailable(&ping), "{ping:?}");
}
