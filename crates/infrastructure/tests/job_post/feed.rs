//! What the feed lists, and in which order.

use alumx_domain::account::Account;
use alumx_domain::job_post::{
    EmploymentType, Expiry, FeedFilter, FeedOrder, JobPostRepository, NewJobPost,
};

use super::job;
use crate::support::{World, at, value};

fn search(typed: &str) -> FeedFilter {
    FeedFilter {
        search: Some(value(typed)),
        ..FeedFilter::default()
    }
}

/// A post of Ada's that never expires, and a later one of Bob's that has.
async fn two_posts() -> (World, Account) {
    let world = World::new();
    let (ada, bob) = (world.member("ada").await, world.member("bob").await);
    let first = NewJobPost {
        company: Some(value("Analytical ENGINES")),
        location: Some(value("London")),
        employment_type: EmploymentType::Contract,
        ..job("first")
    };
    let second = NewJobPost {
        company: Some(value("50%_Łódź")),
        expires_at: Some(Expiry::after(at(1), at(100)).unwrap()),
        ..job("second")
    };
    world.job(&ada, 10, first).await;
    world.job(&bob, 20, second).await;
    (world, ada)
}

#[tokio::test]
async fn each_filter_lets_through_what_it_says() {
    let (world, ada) = two_posts().await;
    let only = |change: fn(&mut FeedFilter)| {
        let mut filter = FeedFilter {
            include_expired: true,
            ..FeedFilter::default()
        };
        change(&mut filter);
        filter
    };
    let author = FeedFilter {
        author: Some(ada.id),
        ..FeedFilter::default()
    };

    for (filter, found) in [
        (FeedFilter::default(), vec!["first"]),
        (only(|_| ()), vec!["second", "first"]),
        (author, vec!["first"]),
        (
            only(|f| f.employment_type = Some(EmploymentType::Contract)),
            vec!["first"],
        ),
        (only(|f| f.company = Some(value("engin"))), vec!["first"]),
        (only(|f| f.company = Some(value("%_lodz"))), vec!["second"]),
        (only(|f| f.company = Some(value("l%l"))), vec![]),
        (only(|f| f.location = Some(value("ONDO"))), vec!["first"]),
        (only(|f| f.from = Some(at(20))), vec!["second"]),
        (only(|f| f.to = Some(at(20))), vec!["first"]),
        (
            only(|f| (f.from, f.to) = (Some(at(10)), Some(at(21)))),
            vec!["second", "first"],
        ),
        (
            only(|f| (f.from, f.to) = (Some(at(21)), Some(at(10)))),
            vec![],
        ),
    ] {
        for order in [FeedOrder::Newest, FeedOrder::Top] {
            assert_eq!(
                world.feed(&filter, order).await,
                found,
                "{filter:?} {order:?}"
            );
        }
    }
}

/// What means something to a parser of searches, or nothing to anybody.
const HOSTILE: &[&str] = &[
    "'", "\"", "\"\"", "-", "--", "- -", "-\"", "or", "or or", "and", "not", "!", "!!!", "&", "|",
    "()", "(", ":*", "a:*", "<->", "a <-> b", "\\", "\\\\", "%", "_", "$1", "?", "😀", "\u{301}",
    "-\u{301}", "\"job", "job\"", "or job", "job or", "-job -", "http://", "a@b", "1e999", "-1",
    "/", "...", "the", "\u{fdfa}", "\u{200b}",
];

#[tokio::test]
async fn no_search_is_an_error() {
    let world = World::new();
    let ada = world.member("ada").await;
    world
        .job(&ada, 1, job("It's a C++/Node.js job & more"))
        .await;

    let long = ["x".repeat(200), "\"-or ".repeat(40), "😀".repeat(200)];
    for typed in HOSTILE
        .iter()
        .copied()
        .chain(long.iter().map(|text| &**text))
    {
        let viewer = ada.id;
        for order in [FeedOrder::Newest, FeedOrder::Top] {
            let filter = search(typed);
            let posts = world.posts();
            let list = posts.feed(viewer, &filter, order, crate::support::page(None, 9), at(2));
            assert!(list.await.is_ok(), "{typed:?}");
        }
    }
    for typed in [
        "job",
        "JOBS",
        "it",
        "it's",
        "c++",
        "node",
        "node.js",
        "\"node js\"",
        "x or more",
        "job -x",
    ] {
        assert_eq!(
            world.feed(&search(typed), FeedOrder::Newest).await.len(),
            1,
            "{typed}"
        );
    }
    for typed in ["c", "painter", "\"js node\"", "job -more", "jo"] {
        assert_eq!(
            world.feed(&search(typed), FeedOrder::Newest).await.len(),
            0,
            "{typed}"
        );
    }
}

#[tokio::test]
async fn in_top_each_doubling_of_engagement_is_worth_a_day() {
    let world = World::new();
    let ada = world.member("ada").await;
    let day = 86_400;
    for (title, days, likes, comments) in [
        ("a week old, 7 likes", 0, 7, 0),
        ("3 days of 1 like and 3 comments", 1, 1, 3),
        ("4 days newer, nothing", 4, 0, 0),
        ("3 days newer, 1 like", 3, 1, 0),
    ] {
        let id = world.job(&ada, days * day, job(title)).await;
        world.execute(&format!(
            "UPDATE job_posts SET like_count = {likes}, comment_count = {comments} WHERE post_id = {id}"
        ));
    }

    let ranked = world.feed(&FeedFilter::default(), FeedOrder::Top).await;

    // 3 days and 1 like is 4 days, as is 1 day and 8 = 2³; among equals the newest is first.
    let expected = [
        "3 days newer, 1 like",
        "4 days newer, nothing",
        "3 days of 1 like and 3 comments",
        "a week old, 7 likes",
    ];
    assert_eq!(ranked, expected);
}
