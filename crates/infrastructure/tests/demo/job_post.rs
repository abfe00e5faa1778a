//! The demo network's job board.

use alumx_domain::account::UserId;
use alumx_domain::clock::Timestamp;
use alumx_domain::job_post::{
    FeedFilter, FeedOrder, JobPostId, JobPostPatch, JobPostRepository, PostTitle,
};
use alumx_domain::page::{PageRequest, PageSize};
use alumx_infrastructure::demo::DemoPlan;
use alumx_infrastructure::job_post::PgJobPostRepository;
use alumx_infrastructure::testing::TestDatabase;
use chrono::TimeDelta;

use super::{PLAN, contents, count, fill_with, now, rows};

#[test]
fn there_are_as_many_posts_and_reactions_as_were_asked_for() {
    let database = TestDatabase::new();

    let summary = fill_with(&database, &PLAN);

    assert_eq!(summary.posts, 600);
    assert_eq!(summary.comments + summary.likes, 3000);
    assert!((800..1200).contains(&summary.comments), "{summary:?}");
    assert!((100..300).contains(&summary.images), "{summary:?}");
    let counted = |table| u64::try_from(count(&database, table)).unwrap();
    assert_eq!(counted("job_posts"), summary.posts);
    assert_eq!(counted("job_post_comments"), summary.comments);
    assert_eq!(counted("job_post_likes"), summary.likes);
    assert_eq!(counted("job_post_images"), summary.images);
    assert_eq!(counted("job_post_search"), summary.posts);
}

#[test]
fn what_is_derived_is_right() {
    let database = TestDatabase::new();
    fill_with(&database, &PLAN);

    for broken in [
        "job_posts p WHERE like_count <>
            (SELECT count(*) FROM job_post_likes l WHERE l.post_id = p.post_id)",
        "job_posts p WHERE comment_count <>
            (SELECT count(*) FROM job_post_comments c WHERE c.post_id = p.post_id)",
        "(SELECT max(position) + 1 <> count(*) AS gap FROM job_post_images GROUP BY post_id)
            images WHERE gap",
    ] {
        assert_eq!(count(&database, broken), 0, "{broken}");
    }
}

#[test]
fn students_post_nothing_and_nothing_happens_before_its_time() {
    let database = TestDatabase::new();
    fill_with(&database, &PLAN);
    let now = format!("'{}'", now().to_rfc3339());
    let authors = "job_posts p JOIN users u ON u.id = p.author_id WHERE ";
    let comments = "job_post_comments c JOIN job_posts p USING (post_id)
         JOIN users u ON u.id = c.user_id WHERE ";
    let likes = "job_post_likes l JOIN job_posts p USING (post_id)
         JOIN users u ON u.id = l.user_id WHERE ";

    for broken in [
        format!("{authors} u.role NOT IN ('ALUMNI', 'PROFESSOR')"),
        format!("{authors} p.created_at < u.created_at"),
        format!("{authors} p.updated_at < p.created_at OR p.updated_at > {now}"),
        format!("{authors} p.expires_at <= p.created_at"),
        format!("{comments} c.created_at < p.created_at OR c.created_at < u.created_at"),
        format!("{comments} c.updated_at < c.created_at OR c.updated_at > {now}"),
        format!("{likes} l.created_at < p.created_at OR l.created_at < u.created_at"),
        format!("{likes} l.created_at > {now}"),
    ] {
        assert_eq!(count(&database, &broken), 0, "{broken}");
    }
}

#[test]
fn ids_are_in_the_order_of_time() {
    let database = TestDatabase::new();
    fill_with(&database, &PLAN);

    for (table, id, within) in [
        ("job_posts", "post_id", "TRUE"),
        ("job_post_comments", "id", "post_id"),
        ("job_post_likes", "id", "post_id"),
    ] {
        let broken = format!(
            "(SELECT created_at < lag(created_at) OVER (PARTITION BY {within} ORDER BY {id}) AS back
              FROM {table}) t WHERE back"
        );
        assert_eq!(count(&database, &broken), 0, "{table}");
    }
}

#[test]
fn a_few_posts_are_popular_and_some_are_out_of_date() {
    let database = TestDatabase::new();
    fill_with(&database, &PLAN);
    let now = now().to_rfc3339();

    let most = rows(
        &database,
        "SELECT max(like_count)::text AS line FROM job_posts",
    );
    let quiet = count(&database, "job_posts WHERE like_count + comment_count <= 3");
    let expired = count(&database, &format!("job_posts WHERE expires_at <= '{now}'"));
    let recent = format!("job_posts WHERE created_at > '{now}'::timestamptz - interval '184 days'");

    assert!(most[0].parse::<i32>().unwrap() > 20, "{most:?}");
    assert!(quiet > 150, "{quiet}");
    assert!((150..450).contains(&expired), "{expired}");
    assert!((290..310).contains(&count(&database, &recent)));
}

#[tokio::test]
async fn the_feed_finds_the_same_as_if_each_had_been_posted_by_hand() {
    let database = TestDatabase::new();
    let plan = DemoPlan { users: 30, ..PLAN };
    fill_with(&database, &plan);
    let derived_in_bulk = contents(&database, "job_post_search");
    let posts = PgJobPostRepository::new(database.db());
    let reader = UserId::try_from(1).unwrap();

    for id in 1..=60 {
        let id = JobPostId::try_from(id).unwrap();
        let post = posts.find(id, reader).await.unwrap().unwrap();
        // There and back, so that the repository derives everything anew.
        for title in [PostTitle::try_from("Other".to_owned()).unwrap(), post.title] {
            let patch = JobPostPatch {
                title: Some(title),
                ..JobPostPatch::default()
            };
            posts
                .update(id, post.author.id, patch, now())
                .await
                .unwrap();
        }
    }

    assert_eq!(derived_in_bulk.len(), 60);
    assert_eq!(contents(&database, "job_post_search"), derived_in_bulk);
}

#[tokio::test]
async fn the_feed_shows_posts_of_today() {
    let database = TestDatabase::new();
    fill_with(&database, &PLAN);
    let page = PageRequest {
        after: None,
        limit: PageSize::default(),
    };

    for order in [FeedOrder::Newest, FeedOrder::Top] {
        let feed = PgJobPostRepository::new(database.db())
            .feed(
                UserId::try_from(1).unwrap(),
                &FeedFilter::default(),
                order,
                page.clone(),
                now(),
            )
            .await
            .unwrap();

        assert_eq!(feed.items.len(), 20);
        let month_ago: Timestamp = now() - TimeDelta::days(60);
        assert!(feed.items.iter().all(|post| post.created_at > month_ago));
    }
}
