//! Pages that stay whole while posts and likes arrive.

use alumx_domain::account::Account;
use alumx_domain::job_post::{CommentText, FeedOrder, JobPostId, JobPostRepository};

use super::{job, paged};
use crate::support::{World, at, page, value};

async fn ten() -> (World, Account, Vec<JobPostId>) {
    let world = World::new();
    let ada = world.member("ada").await;
    let mut ids = Vec::new();
    for n in 0..10 {
        // Pairs of the same rank.
        ids.push(world.job(&ada, 1 + n / 2, job(&format!("job{n}"))).await);
    }
    (world, ada, ids)
}

#[tokio::test]
async fn pages_of_every_size_make_the_whole_feed() {
    let (world, ..) = ten().await;
    let whole: Vec<String> = (0..10).rev().map(|n| format!("job{n}")).collect();

    for order in [FeedOrder::Newest, FeedOrder::Top] {
        for size in [1, 2, 3, 10, 11] {
            let pages = paged(&world, order, size, async |_| {}).await;
            assert_eq!(pages, whole, "{order:?} by {size}");
        }
    }
}

#[tokio::test]
async fn in_newest_nothing_is_listed_twice_or_skipped_while_posts_and_likes_arrive() {
    let (world, ada, ids) = ten().await;

    let pages = paged(&world, FeedOrder::Newest, 2, async |n| {
        world.job(&ada, 50, job("new")).await;
        world
            .posts()
            .like(ids[n * 7 % 10], ada.id, at(50))
            .await
            .unwrap();
    })
    .await;

    let whole: Vec<String> = (0..10).rev().map(|n| format!("job{n}")).collect();
    assert_eq!(pages, whole);
}

#[tokio::test]
async fn in_top_no_post_but_those_whose_rank_changes_is_repeated_or_skipped() {
    let (world, ada, ids) = ten().await;
    // One from the pages still to come, and one from those already seen.
    let (rising, seen) = (2, 9);

    let pages = paged(&world, FeedOrder::Top, 2, async |n| {
        world.job(&ada, 50, job("new")).await;
        if n == 1 {
            for moved in [rising, seen] {
                world
                    .posts()
                    .like(ids[moved], ada.id, at(50))
                    .await
                    .unwrap();
            }
        }
    })
    .await;

    let untouched: Vec<String> = pages
        .into_iter()
        .filter(|title| !["job2", "job9"].contains(&title.as_str()))
        .collect();
    let expected: Vec<String> = (0..10)
        .rev()
        .filter(|n| ![rising, seen].contains(n))
        .map(|n| format!("job{n}"))
        .collect();
    assert_eq!(untouched, expected);
}

#[tokio::test]
async fn comments_are_paged_oldest_first_and_likes_newest_first_while_more_arrive() {
    let (world, ada, ids) = ten().await;
    let posts = world.posts();
    let comment = async |n: i64| {
        let text: CommentText = value(&n.to_string());
        posts
            .insert_comment(ids[0], ada.id, &text, at(5))
            .await
            .unwrap();
        let user = world.member(&format!("user{n}")).await;
        posts.like(ids[0], user.id, at(5)).await.unwrap();
    };
    for n in 0..5 {
        comment(n).await;
    }

    let first = posts
        .list_comments(ids[0], page(None, 3))
        .await
        .unwrap()
        .unwrap();
    let newest = posts
        .list_likes(ids[0], page(None, 3))
        .await
        .unwrap()
        .unwrap();
    comment(5).await;
    let second = posts
        .list_comments(ids[0], page(first.next, 3))
        .await
        .unwrap()
        .unwrap();
    let oldest = posts
        .list_likes(ids[0], page(newest.next, 3))
        .await
        .unwrap()
        .unwrap();

    let texts = first
        .items
        .iter()
        .chain(&second.items)
        .map(|comment| comment.content.to_string())
        .collect::<Vec<_>>();
    assert_eq!(texts, ["0", "1", "2", "3", "4", "5"]);
    assert_eq!(second.next, None);
    let names = newest.items.iter().chain(&oldest.items);
    let names: Vec<String> = names
        .map(|like| like.user.identity.as_ref().unwrap().username.to_string())
        .collect();
    assert_eq!(names, ["user4", "user3", "user2", "user1", "user0"]);
    let all = posts
        .list_by_author(ada.id, ada.id, page(None, 4))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(all.next, Some(ids[6]));
}

#[tokio::test]
async fn the_comments_and_likes_of_one_user_are_paged_oldest_first() {
    let (world, ada, ids) = ten().await;
    let bob = world.member("bob").await;
    let (posts, text) = (world.posts(), value::<CommentText>("Hi"));
    for (user, id) in [&ada, &bob]
        .into_iter()
        .flat_map(|user| ids.iter().map(move |id| (user, *id)))
    {
        posts.like(id, user.id, at(3)).await.unwrap();
        let comment = posts.insert_comment(id, user.id, &text, at(3));
        comment.await.unwrap();
    }
    let (mut commented, mut liked, mut comment, mut like) = (vec![], vec![], None, None);

    loop {
        let comments = posts
            .list_comments_by(bob.id, page(comment, 3))
            .await
            .unwrap();
        assert!(
            comments
                .items
                .iter()
                .all(|comment| comment.author.id == bob.id)
        );
        commented.extend(comments.items.iter().map(|comment| comment.post));
        let listed = posts.list_likes_by(bob.id, page(like, 3)).await.unwrap();
        liked.extend(listed.items.iter().map(|like| like.post));
        (comment, like) = (comments.next, listed.next);
        if comment.is_none() && like.is_none() {
            break;
        }
    }

    assert_eq!((&commented, &liked), (&ids, &ids));
}
