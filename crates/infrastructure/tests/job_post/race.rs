//! Counts stay exact and nobody waits for each other forever, whoever does what at once.

use std::sync::Arc;

use alumx_domain::account::AccountRepository;
use alumx_domain::job_post::{CommentText, JobPostRepository, JobPostWriteError};
use alumx_infrastructure::account::PgAccountRepository;
use alumx_infrastructure::job_post::PgJobPostRepository;
use tokio::task::JoinSet;

use super::job;
use crate::support::{World, at, by, members, value};

#[tokio::test]
async fn counts_are_exact_after_fifty_users_like_unlike_and_comment_at_once() {
    let world = World::new();
    let users = members(&world, 50).await;
    let id = world.job(&users[0], 1, job("Job")).await;
    let posts = Arc::new(PgJobPostRepository::new(world.wide_db()));
    let mut tasks = JoinSet::new();

    for (n, user) in users.iter().map(|user| user.id).enumerate() {
        let posts = posts.clone();
        tasks.spawn(async move {
            let text: CommentText = value("Nice");
            let comment = posts.insert_comment(id, user, &text, at(2)).await.unwrap();
            let (first, second) =
                tokio::join!(posts.like(id, user, at(2)), posts.like(id, user, at(2)));
            first.and(second).unwrap();
            if n % 2 == 0 {
                let (first, second) = tokio::join!(posts.unlike(id, user), posts.unlike(id, user));
                first.and(second).unwrap();
                let delete = || posts.delete_comment(id, comment.id);
                let (first, second) = tokio::join!(delete(), delete());
                assert!(first.unwrap() != second.unwrap());
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }

    assert_eq!(world.counts(id).await, [25, 25, 25, 25]);
}

#[tokio::test]
async fn who_likes_or_comments_while_a_post_is_deleted_finds_it_gone() {
    let world = World::new();
    let users = members(&world, 6).await;
    let posts = Arc::new(PgJobPostRepository::new(world.wide_db()));

    for _ in 0..10 {
        let id = world.job(&users[0], 1, job("Job")).await;
        let mut tasks = JoinSet::new();
        for user in users.iter().map(|user| user.id) {
            let posts = posts.clone();
            tasks.spawn(async move {
                let text: CommentText = value("Nice");
                [
                    posts.like(id, user, at(2)).await,
                    posts.insert_comment(id, user, &text, at(2)).await.map(drop),
                    posts.unlike(id, user).await,
                ]
            });
        }
        assert!(posts.delete(id).await.unwrap().is_some());
        while let Some(results) = tasks.join_next().await {
            for result in results.unwrap() {
                let fine = matches!(result, Ok(()) | Err(JobPostWriteError::NotFound));
                assert!(fine, "{result:?}");
            }
        }
    }
    assert_eq!(world.number("SELECT count(*) FROM job_post_likes"), 0);
    assert_eq!(world.number("SELECT count(*) FROM job_post_comments"), 0);
}

#[tokio::test]
async fn accounts_deleted_while_they_write_leave_nothing_behind_and_no_count_wrong() {
    let world = World::new();
    let users = members(&world, 9).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        // Everybody has posts between those of the others, and likes them all: the deletions want
        // the same rows.
        for user in &users {
            ids.push(world.job(user, 1, job("Job")).await);
        }
    }
    let db = world.wide_db();
    let posts = Arc::new(PgJobPostRepository::new(db.clone()));
    let accounts = Arc::new(PgAccountRepository::new(db));
    for user in &users {
        for id in &ids {
            posts.like(*id, user.id, at(2)).await.unwrap();
        }
    }
    let mut tasks = JoinSet::new();

    for user in users[1..].iter().map(|user| user.id) {
        let (posts, accounts, ids) = (posts.clone(), accounts.clone(), ids.clone());
        tasks.spawn(async move { drop(accounts.delete(user, &by(3)).await.unwrap()) });
        tasks.spawn(async move {
            let text: CommentText = value("Nice");
            for id in ids {
                let done = posts.insert_comment(id, user, &text, at(3)).await;
                let fine = !matches!(done, Err(JobPostWriteError::Repository(_)));
                assert!(fine, "{done:?}");
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }

    let left = ids.iter().step_by(users.len());
    for id in left {
        assert_eq!(world.counts(*id).await, [1, 1, 0, 0]);
    }
    assert_eq!(world.number("SELECT count(*) FROM job_posts"), 3);
}
