//! The feed.

use alumx_tests::{App, User};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use super::{job, job_with, posted, titles};

async fn feed(user: &User<'_>, query: &str) -> Vec<String> {
    let answer = user.get(&format!("/job-posts?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {:?}", answer.body);
    titles(&answer.body)
}

#[tokio::test]
async fn the_feed_is_newest_first_and_top_by_engagement() {
    let app = App::start();
    let ada = app.someone().await;
    let first = posted(&ada, &job("liked")).await;
    posted(&ada, &job("plain")).await;
    ada.send(Method::PUT, &format!("{first}/like")).await;

    assert_eq!(feed(&ada, "").await, ["plain", "liked"]);
    assert_eq!(feed(&ada, "sort=newest").await, ["plain", "liked"]);
    assert_eq!(feed(&ada, "sort=top").await, ["liked", "plain"]);
    // One like is worth a day.
    app.clock.advance(TimeDelta::hours(25));
    let ada = app.login(&ada.username).await;
    posted(&ada, &job("fresh")).await;
    assert_eq!(feed(&ada, "sort=top").await, ["fresh", "liked", "plain"]);
}

#[tokio::test]
async fn a_page_says_where_the_next_one_begins() {
    let app = App::start();
    let ada = app.someone().await;
    for n in 0..5 {
        posted(&ada, &job(&n.to_string())).await;
    }

    for sort in ["newest", "top"] {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/job-posts?sort={sort}&limit=2{cursor}");
            let page = ada.get(&path).await.body;
            all.extend(titles(&page));
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(all, ["4", "3", "2", "1", "0"], "{sort}");
        let other = if sort == "top" { "newest" } else { "top" };
        let foreign = ada.get(&format!("/job-posts?sort={other}{cursor}")).await;
        foreign.assert_problem(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn expired_posts_leave_by_themselves() {
    let app = App::start();
    let ada = app.someone().await;
    let soon = json!({"title": "soon", "expiresAt": "2027-01-15T08:00:01Z"});
    let path = posted(&ada, &job_with(&soon)).await;
    posted(&ada, &job("ever")).await;

    let before = feed(&ada, "").await;
    app.clock.advance(TimeDelta::seconds(1));

    assert_eq!(before, ["ever", "soon"]);
    for sort in ["newest", "top"] {
        assert_eq!(feed(&ada, &format!("sort={sort}")).await, ["ever"]);
        let with = format!("sort={sort}&includeExpired=true");
        assert_eq!(feed(&ada, &with).await, ["ever", "soon"]);
        let without = format!("sort={sort}&includeExpired=false");
        assert_eq!(feed(&ada, &without).await, ["ever"]);
    }
    assert_eq!(ada.get(&path).await.status, 200);
}

/// A post of each of them, a second after each other.
async fn two_posts(app: &App, ada: &User<'_>, bob: &User<'_>) {
    let post = |title: &str, company: &str, place: &str, kind: &str| {
        job_with(
            &json!({"title": title, "company": company, "location": place, "employmentType": kind}),
        )
    };
    posted(
        ada,
        &post("Rust/Go engineers", "Engines Ltd", "London", "CONTRACT"),
    )
    .await;
    app.clock.advance(TimeDelta::seconds(1));
    posted(
        bob,
        &post("C++ engineer", "100% Müller_AG", "Zürich", "FULL_TIME"),
    )
    .await;
}

#[tokio::test]
async fn filters_hold_together() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    two_posts(&app, &ada, &bob).await;

    for (query, found) in [
        ("q=engineer", vec!["C++ engineer", "Rust/Go engineers"]),
        ("q=ENGINEERS+go", vec!["Rust/Go engineers"]),
        ("q=engineer+-rust", vec!["C++ engineer"]),
        (
            "q=%22go+engineers%22+or+c%2B%2B",
            vec!["C++ engineer", "Rust/Go engineers"],
        ),
        ("q=muller", vec!["C++ engineer"]),
        ("q=painter", vec![]),
        ("employmentType=CONTRACT", vec!["Rust/Go engineers"]),
        ("company=GINES", vec!["Rust/Go engineers"]),
        ("company=0%25", vec!["C++ engineer"]),
        ("company=_", vec!["C++ engineer"]),
        ("location=Z%C3%9CR", vec!["C++ engineer"]),
        (&format!("authorId={}", bob.id), vec!["C++ engineer"]),
        ("authorId=999", vec![]),
        ("from=2027-01-15T08:00:01Z", vec!["C++ engineer"]),
        ("to=2027-01-15T08:00:01Z", vec!["Rust/Go engineers"]),
        (
            "from=2027-01-15T10:00:00%2B02:00&to=2027-01-15T08:00:01Z",
            vec!["Rust/Go engineers"],
        ),
        (
            "q=engineer&company=engines&location=lon&employmentType=CONTRACT",
            vec!["Rust/Go engineers"],
        ),
        (
            "q=engineer&company=engines&employmentType=FULL_TIME",
            vec![],
        ),
    ] {
        for sort in ["newest", "top"] {
            assert_eq!(
                feed(&ada, &format!("{query}&sort={sort}")).await,
                found,
                "{query} {sort}"
            );
        }
    }
}

#[tokio::test]
async fn bad_parameters_are_told() {
    let app = App::start();
    let ada = app.someone().await;
    let long = format!("q={}", "x".repeat(201));

    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "cursor=x",
        "sort=TOP",
        "sort=relevance",
        "q=+",
        &long,
        "q=%00",
        "employmentType=full_time",
        "company=",
        "location=+",
        "authorId=0",
        "authorId=x",
        "from=yesterday",
        "from=2027-01-15",
        "to=2027-01-15T08:00:00",
        "from=9999-12-31T23:59:59-00:01",
        "to=0000-01-01T00:00:00Z",
        "includeExpired=1",
        "includeExpired=TRUE",
        "page=2",
        "sort=top&sort=top",
    ] {
        let answer = ada.get(&format!("/job-posts?{query}")).await;
        answer.assert_problem(400, "invalid_parameter");
    }
}
