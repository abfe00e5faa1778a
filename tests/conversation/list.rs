//! Pages of messages, in both directions.

use alumx_tests::{App, User};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::{both, delete, items, messages, send, seqs};

async fn fill(user: &User<'_>, path: &str, count: i64) {
    for n in 1..=count {
        send(user, path, &format!("{n}")).await;
    }
}

/// The numbers on all pages of a query, asked for one after the other.
async fn walk(user: &User<'_>, path: &str, query: &str) -> Vec<Vec<i64>> {
    let (mut pages, mut next) = (Vec::new(), query.to_owned());
    loop {
        let page = user.get(&format!("{path}/messages?{next}")).await;
        assert_eq!(page.status, 200, "{next}: {:?}", page.body);
        pages.push(seqs(&items(&page.body)));
        let Some(cursor) = page.body["nextCursor"].as_str() else {
            return pages;
        };
        let kept = query
            .split('&')
            .filter(|part| part.starts_with("limit") || part.starts_with('q'));
        let kept: Vec<&str> = kept.collect();
        next = format!("{}&cursor={cursor}", kept.join("&"));
    }
}

#[tokio::test]
async fn the_newest_come_first_and_pages_go_back_to_the_first() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        assert_eq!(walk(&ada, &path, "").await, [[0; 0]]);
        fill(&ada, &path, 5).await;

        assert_eq!(walk(&ada, &path, "").await, [[5, 4, 3, 2, 1]]);
        assert_eq!(
            walk(&bob, &path, "limit=2").await,
            [vec![5, 4], vec![3, 2], vec![1]]
        );
        assert_eq!(walk(&bob, &path, "limit=5").await, [[5, 4, 3, 2, 1]]);
        assert_eq!(
            walk(&bob, &path, "limit=2&beforeSeq=4").await,
            [vec![3, 2], vec![1]]
        );
        assert_eq!(walk(&bob, &path, "beforeSeq=1").await, [[0; 0]]);
        assert_eq!(walk(&bob, &path, "beforeSeq=0").await, [[0; 0]]);
        let far = format!("beforeSeq={}", i64::MAX);
        assert_eq!(walk(&bob, &path, &far).await, [[5, 4, 3, 2, 1]]);
    }
}

#[tokio::test]
async fn after_a_number_the_oldest_come_first_and_pages_go_on() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        fill(&ada, &path, 5).await;

        assert_eq!(
            walk(&bob, &path, "limit=2&afterSeq=0").await,
            [vec![1, 2], vec![3, 4], vec![5]]
        );
        assert_eq!(walk(&bob, &path, "afterSeq=3").await, [[4, 5]]);
        assert_eq!(walk(&bob, &path, "afterSeq=5").await, [[0; 0]]);
        let far = format!("afterSeq={}", i64::MAX);
        assert_eq!(walk(&bob, &path, &far).await, [[0; 0]]);
    }
}

#[tokio::test]
async fn nothing_is_skipped_or_repeated_while_messages_arrive() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        fill(&ada, &path, 6).await;
        let (mut back, mut on) = (Vec::new(), Vec::new());
        let (mut backwards, mut forwards) = (String::new(), "&afterSeq=0".to_owned());

        for _ in 0..3 {
            for (seen, next) in [(&mut back, &mut backwards), (&mut on, &mut forwards)] {
                let query = format!("{path}/messages?limit=2{next}");
                let page = bob.get(&query).await.body;
                seen.extend(seqs(&items(&page)));
                let cursor = page["nextCursor"].as_str().unwrap_or_default();
                *next = format!("&cursor={cursor}");
                send(&ada, &path, "arrives").await;
            }
        }

        assert_eq!(back, [6, 5, 4, 3, 2, 1]);
        assert_eq!(on, [1, 2, 3, 4, 5, 6]);
        let rest = messages(&bob, &path, &format!("limit=100{forwards}")).await;
        assert_eq!(seqs(&rest), [7, 8, 9, 10, 11, 12]);
    }
}

#[tokio::test]
async fn deleted_messages_keep_their_place_on_a_page() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        fill(&ada, &path, 4).await;
        let second = messages(&ada, &path, "afterSeq=1&limit=1").await;
        delete(&ada, &path, &second[0]).await;

        assert_eq!(walk(&bob, &path, "limit=1").await, [[4], [3], [2], [1]]);
        let tombstone = &messages(&bob, &path, "afterSeq=1&limit=1").await[0];
        let mut expected = second[0].clone();
        expected["content"] = Value::Null;
        expected["deletedAt"] = "2027-01-15T08:00:00Z".into();
        assert_eq!(*tombstone, expected);
    }
}

#[tokio::test]
async fn bad_parameters_are_told() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let bad = [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "beforeSeq=-1",
        "afterSeq=-1",
        "beforeSeq=x",
        "afterSeq=",
        "afterSeq=1.5",
        "afterSeq=9223372036854775808",
        "beforeSeq=3&afterSeq=1",
        "afterSeq=1&afterSeq=1",
        "cursor=",
        "cursor=x",
        "q=",
        "q=+",
        "q=%00",
        "q=a%0Ab",
        &format!("q={}", "x".repeat(201)),
        "page=2",
    ];
    let lists = ["chat-messages", "group-messages"];

    for (path, list) in both(&ada, &bob).await.iter().zip(lists) {
        let cursor = |json: &str| {
            let json = format!(r#"["{list}",{json}]"#);
            format!("cursor={}", URL_SAFE_NO_PAD.encode(json))
        };
        let bad_cursors = [
            cursor(r#"{"b":-1}"#),
            cursor(r#"{"a":-9223372036854775808}"#),
            cursor(r#"{"a":9223372036854775808}"#),
            cursor(r#"{"b":"1"}"#),
            cursor("{}"),
            cursor("7"),
            cursor("null"),
            format!("{}&beforeSeq=3", cursor(r#"{"b":1}"#)),
            format!("{}&afterSeq=3", cursor(r#"{"a":1}"#)),
        ];
        for query in bad
            .into_iter()
            .chain(bad_cursors.iter().map(|query| &**query))
        {
            let answer = ada.get(&format!("{path}/messages?{query}")).await;
            answer.assert_problem(400, "invalid_parameter");
        }
        let kept = ada
            .get(&format!("{path}/messages?{}", cursor(r#"{"b":1}"#)))
            .await;
        assert_eq!(kept.status, 200, "{kept:?}");
        let longest = format!("q={}", "x".repeat(200));
        assert_eq!(messages(&ada, path, &longest).await, [Value::Null; 0]);
    }
}
