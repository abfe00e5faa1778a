//! Comments.

use alumx_tests::App;
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::{job, posted};

#[tokio::test]
async fn comments_are_counted_and_listed_oldest_first() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.user("Bob", "STUDENT").await);
    let path = posted(&ada, &job("Job")).await;
    let comments = format!("{path}/comments");

    let body = json!({"content": " One\nmore "});
    let answer = bob.send_json(Method::POST, &comments, &body).await;
    for n in 2..=3 {
        ada.send_json(Method::POST, &comments, &json!({"content": format!("{n}")}))
            .await;
    }

    let expected = json!({
        "id": 1, "postId": 1,
        "author": {"id": bob.id, "username": "bob", "name": "Bob", "role": "STUDENT", "deleted": false},
        "content": "One\nmore",
        "createdAt": "2027-01-15T08:00:00Z", "updatedAt": "2027-01-15T08:00:00Z",
    });
    assert_eq!((answer.status.as_u16(), &answer.body), (201, &expected));
    let first = ada.get(&format!("{comments}?limit=2")).await.body;
    let cursor = first["nextCursor"].as_str().unwrap_or_default();
    let second = ada
        .get(&format!("{comments}?limit=2&cursor={cursor}"))
        .await
        .body;
    assert_eq!(first["items"][0], expected);
    assert_eq!(first["items"][1]["content"], "2");
    assert_eq!(second["items"][0]["content"], "3");
    assert_eq!(second["nextCursor"], Value::Null);
    assert_eq!(ada.get(&path).await.body["commentCount"], 3);
}

#[tokio::test]
async fn a_comment_has_1_to_500_characters() {
    let app = App::start();
    let ada = app.someone().await;
    let comments = format!("{}/comments", posted(&ada, &job("Job")).await);
    let longest = json!({"content": "😀".repeat(500)});
    let first = ada.send_json(Method::POST, &comments, &longest).await;
    assert_eq!(first.status, 201);
    let comment = format!("{comments}/{}", first.body["id"]);

    for (body, wrong) in [
        (json!({"content": "x".repeat(501)}), "content:too_long"),
        (json!({"content": " \n"}), "content:required"),
        (json!({}), "content:required"),
        (json!({"content": 1}), "content:invalid_type"),
        (json!({"content": "a\u{7}"}), "content:invalid_character"),
    ] {
        for (method, path) in [(Method::POST, &comments), (Method::PATCH, &comment)] {
            let answer = ada.send_json(method, path, &body).await;
            answer.assert_problem(422, "invalid_fields");
            assert_eq!(answer.field_errors(), [wrong], "{body}");
        }
    }
}

#[tokio::test]
async fn its_author_changes_a_comment_and_the_posts_author_and_admins_may_delete_it() {
    let app = App::start();
    let (ada, bob, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let admin = app.admin().await;
    let path = posted(&ada, &job("Job")).await;
    let mut comments = Vec::new();
    for _ in 0..3 {
        let body = json!({"content": "Nice"});
        let answer = bob
            .send_json(Method::POST, &format!("{path}/comments"), &body)
            .await;
        comments.push(format!("{path}/comments/{}", answer.body["id"]));
    }
    app.clock.advance(TimeDelta::minutes(1));
    let change = json!({"content": "Nicer"});

    for other in [&ada, &eve, &admin] {
        let changed = other.send_json(Method::PATCH, &comments[0], &change).await;
        changed.assert_problem(403, "forbidden");
    }
    let changed = bob.send_json(Method::PATCH, &comments[0], &change).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.body["content"], "Nicer");
    assert_eq!(changed.body["createdAt"], "2027-01-15T08:00:00Z");
    assert_eq!(changed.body["updatedAt"], "2027-01-15T08:01:00Z");
    eve.send(Method::DELETE, &comments[0])
        .await
        .assert_problem(403, "forbidden");
    for (user, comment) in [&bob, &ada, &admin].into_iter().zip(&comments) {
        assert_eq!(user.send(Method::DELETE, comment).await.status, 204);
        user.send(Method::DELETE, comment)
            .await
            .assert_problem(404, "not_found");
    }
    assert_eq!(ada.get(&path).await.body["commentCount"], 0);
}

#[tokio::test]
async fn a_comment_is_found_on_its_own_post_only() {
    let app = App::start();
    let ada = app.someone().await;
    let (first, second) = (posted(&ada, &job("1")).await, posted(&ada, &job("2")).await);
    let body = json!({"content": "Nice"});
    let answer = ada
        .send_json(Method::POST, &format!("{first}/comments"), &body)
        .await;
    let elsewhere = format!("{second}/comments/{}", answer.body["id"]);

    let changed = ada.send_json(Method::PATCH, &elsewhere, &body).await;
    let deleted = ada.send(Method::DELETE, &elsewhere).await;

    changed.assert_problem(404, "not_found");
    deleted.assert_problem(404, "not_found");
    assert_eq!(ada.get(&first).await.body["commentCount"], 1);
}
