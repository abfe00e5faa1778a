//! The lists of chats and of groups: the last active first, page by page.

use alumx_tests::{App, User};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::conversation::{chat, group, items, send};

/// The paths of all conversations of a list, page by page.
async fn walk(user: &User<'_>, list: &str, limit: usize) -> Vec<String> {
    let (mut paths, mut next) = (Vec::new(), String::new());
    loop {
        let page = user.get(&format!("{list}?limit={limit}{next}")).await.body;
        let ids = items(&page);
        assert!(ids.len() <= limit);
        paths.extend(ids.iter().map(|item| format!("{list}/{}", item["id"])));
        match page["nextCursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return paths,
        }
    }
}

/// Five conversations of `user`, the first two made in the same instant.
async fn five(user: &User<'_>, list: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for n in 0..5 {
        let other = user.app.someone().await;
        if n > 1 {
            user.app.clock.advance(TimeDelta::microseconds(1));
        }
        paths.push(match list {
            "/chats" => chat(user, &other).await,
            _ => group(user, &[&other]).await,
        });
    }
    paths
}

#[tokio::test]
async fn the_last_active_come_first_on_pages_of_any_size() {
    let app = App::start();
    for list in ["/chats", "/group-chats"] {
        let ada = app.someone().await;
        assert_eq!(walk(&ada, list, 2).await, [""; 0]);
        let mut paths = five(&ada, list).await;
        app.clock.advance(TimeDelta::microseconds(1));
        send(&ada, &paths[1], "Hello").await;
        let spoken = paths.remove(1);
        paths.push(spoken);
        paths.reverse();

        for limit in [1, 2, 3, 5, 100] {
            assert_eq!(walk(&ada, list, limit).await, paths, "{limit}");
        }
        assert_eq!(ada.get(list).await.body["nextCursor"], Value::Null);
    }
}

#[tokio::test]
async fn conversations_of_one_instant_are_neither_skipped_nor_repeated() {
    let app = App::start();
    for list in ["/chats", "/group-chats"] {
        let ada = app.someone().await;
        for _ in 0..5 {
            let other = app.someone().await;
            match list {
                "/chats" => chat(&ada, &other).await,
                _ => group(&ada, &[&other]).await,
            };
        }
        let all = walk(&ada, list, 100).await;

        assert_eq!(all.len(), 5);
        for limit in 1..=4 {
            assert_eq!(walk(&ada, list, limit).await, all);
        }
    }
}

#[tokio::test]
async fn what_becomes_active_while_one_pages_moves_to_the_front_and_nothing_else_moves() {
    let app = App::start();
    for list in ["/chats", "/group-chats"] {
        let ada = app.someone().await;
        let paths = five(&ada, list).await;
        let first = ada.get(&format!("{list}?limit=2")).await.body;
        app.clock.advance(TimeDelta::seconds(1));

        send(&ada, &paths[0], "Hello").await;

        let cursor = first["nextCursor"].as_str().unwrap_or_default();
        let rest = ada.get(&format!("{list}?cursor={cursor}")).await.body;
        let ids = |page: &Value| -> Vec<String> {
            let paths = items(page).into_iter();
            paths.map(|item| format!("{list}/{}", item["id"])).collect()
        };
        assert_eq!(ids(&first), [paths[4].as_str(), &paths[3]]);
        assert_eq!(ids(&rest), [paths[2].as_str(), &paths[1]]);
        assert_eq!(walk(&ada, list, 1).await[0], paths[0]);
    }
}

#[tokio::test]
async fn everybody_has_a_list_of_the_own_conversations_alone() {
    let app = App::start();
    let (ada, bob, admin) = (app.someone().await, app.someone().await, app.admin().await);
    chat(&ada, &bob).await;
    group(&ada, &[&bob]).await;

    for list in ["/chats", "/group-chats"] {
        assert_eq!(items(&bob.get(list).await.body).len(), 1);
        assert_eq!(admin.get(list).await.body["items"], json!([]));
    }
}

#[tokio::test]
async fn bad_parameters_are_told() {
    let app = App::start();
    let ada = app.someone().await;
    for (list, name) in [("/chats", "chats"), ("/group-chats", "groups")] {
        let cursor = |json: &str| {
            let json = format!(r#"["{name}",{json}]"#);
            format!("cursor={}", URL_SAFE_NO_PAD.encode(json))
        };
        for query in [
            "limit=0",
            "limit=101",
            "limit=x",
            "cursor=",
            "cursor=x",
            "cursor=!",
            "q=x",
            "sort=newest",
            &cursor("{}"),
            &cursor("7"),
            &cursor(r#"{"t":1}"#),
            &cursor(r#"{"t":-1,"id":1}"#),
            &cursor(r#"{"t":9223372036854775807,"id":1}"#),
            &cursor(r#"{"t":-9223372036854775808,"id":1}"#),
            &cursor(r#"{"t":1,"id":0}"#),
            &cursor(r#"{"t":1,"id":9223372036854775808}"#),
            &cursor(r#"{"t":"2027-01-15T08:00:00Z","id":1}"#),
        ] {
            let answer = ada.get(&format!("{list}?{query}")).await;
            answer.assert_problem(400, "invalid_parameter");
        }
        for far in [r#"{"t":0,"id":1}"#, r#"{"t":8200000000000000000,"id":1}"#] {
            let answer = ada.get(&format!("{list}?{}", cursor(far))).await;
            assert_eq!(
                (answer.status.as_u16(), &answer.body["items"]),
                (200, &json!([]))
            );
        }
    }
}
