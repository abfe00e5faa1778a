//! Opening a chat, and how its two users see it.

use alumx_tests::{App, User};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::account::at_once;
use crate::conversation::{chat, read, send};

async fn open(user: &User<'_>, body: Value) -> alumx_tests::Answer {
    user.send_json(Method::POST, "/chats", &body).await
}

#[tokio::test]
async fn two_users_have_one_chat_whoever_opens_it() {
    let app = App::start();
    let ada = app.user("Ada Lovelace", "ALUMNI").await;
    let bob = app.user("Bob", "STUDENT").await;

    let new = open(&ada, json!({"userId": bob.id})).await;
    let again = open(&ada, json!({"userId": bob.id})).await;
    let back = open(&bob, json!({"userId": ada.id})).await;

    let as_ada = json!({
        "id": 1,
        "otherUser": {"id": bob.id, "username": "bob", "name": "Bob", "role": "STUDENT",
                      "deleted": false},
        "lastMessage": null,
        "lastSeq": 0, "lastReadSeq": 0, "otherUserLastReadSeq": 0, "unreadCount": 0,
        "createdAt": "2027-01-15T08:00:00Z", "lastActivityAt": "2027-01-15T08:00:00Z",
    });
    let mut as_bob = as_ada.clone();
    as_bob["otherUser"] = json!({
        "id": ada.id, "username": "ada.lovelace", "name": "Ada Lovelace", "role": "ALUMNI",
        "deleted": false,
    });
    assert_eq!((new.status.as_u16(), &new.body), (201, &as_ada));
    assert_eq!(new.header("location"), "/api/v1/chats/1");
    assert_eq!((again.status.as_u16(), &again.body), (200, &as_ada));
    assert_eq!((back.status.as_u16(), &back.body), (200, &as_bob));
    assert_eq!(again.header("location"), "");
    assert_eq!(ada.get("/chats/1").await.body, as_ada);
    assert_eq!(bob.get("/chats").await.body["items"], json!([as_bob]));
}

#[tokio::test]
async fn what_was_written_is_seen_from_both_sides() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let path = chat(&ada, &bob).await;
    app.clock.advance(TimeDelta::microseconds(1));
    send(&ada, &path, "1").await;
    let second = send(&ada, &path, "2").await;
    read(&bob, &path, 1).await;

    let opened = open(&bob, json!({"userId": ada.id})).await.body;
    let seen = ada.get(&path).await.body;

    for (side, read, other_read, unread) in [(&opened, 1, 2, 1), (&seen, 2, 1, 0)] {
        assert_eq!(side["lastMessage"], second);
        assert_eq!(side["lastSeq"], 2);
        assert_eq!(side["lastReadSeq"], read);
        assert_eq!(side["otherUserLastReadSeq"], other_read);
        assert_eq!(side["unreadCount"], unread);
        assert_eq!(side["createdAt"], "2027-01-15T08:00:00Z");
        assert_eq!(side["lastActivityAt"], "2027-01-15T08:00:00.000001Z");
    }
}

#[tokio::test]
async fn nobody_chats_alone_or_with_nobody() {
    let app = App::start();
    let (ada, gone) = (app.someone().await, app.someone().await);
    let password = json!({"password": alumx_tests::PASSWORD});
    gone.send_json(Method::DELETE, "/me", &password).await;

    for (body, wrong) in [
        (json!({"userId": ada.id}), "userId:oneself"),
        (json!({"userId": gone.id}), "userId:unknown_user"),
        (json!({"userId": 999}), "userId:unknown_user"),
        (json!({"userId": i64::MAX}), "userId:unknown_user"),
        (json!({"userId": 0}), "userId:invalid_id"),
        (json!({"userId": -1}), "userId:invalid_id"),
        (json!({"userId": u64::MAX}), "userId:invalid_type"),
        (json!({"userId": "1"}), "userId:invalid_type"),
        (json!({"userId": 1.5}), "userId:invalid_type"),
        (json!({"userId": [1]}), "userId:invalid_type"),
        (json!({"userId": null}), "userId:required"),
        (json!({}), "userId:required"),
        (json!({"userId": 999, "name": "x"}), "name:unknown_field"),
    ] {
        let answer = open(&ada, body).await;
        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), [wrong]);
    }
    let array = open(&ada, json!([ada.id])).await;
    array.assert_problem(422, "invalid_fields");
    assert_eq!(ada.get("/chats").await.body["items"], json!([]));
}

#[tokio::test]
async fn a_chat_that_both_open_at_once_is_one() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let request = |n| {
        let (user, other) = if n % 2 == 0 {
            (&ada, &bob)
        } else {
            (&bob, &ada)
        };
        let request = user.request(Method::POST, "/chats");
        request.json(&json!({"userId": other.id}))
    };

    let answers = at_once((0..20).map(request)).await;

    let new = answers.iter().filter(|answer| answer.status == 201).count();
    let old = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((new, old), (1, 19));
    assert!(
        answers
            .iter()
            .all(|answer| answer.body["id"] == answers[0].body["id"])
    );
}
