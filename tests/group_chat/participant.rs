//! Coming into a group, going, and coming back.

use alumx_tests::App;
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::{participants, place, remove, roles};
use crate::conversation::{contents, group, items, messages, post, send};

#[tokio::test]
async fn a_participant_has_all_its_fields_and_those_who_joined_first_come_first() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let eve = app.user("Eve Newcomer", "STUDENT").await;
    let path = group(&ada, &[&bob]).await;
    send(&ada, &path, "1").await;
    send(&ada, &path, "2").await;
    app.clock.advance(TimeDelta::seconds(1));

    let added = place(&bob, &path, eve.id, "MEMBER").await;
    added.assert_problem(403, "not_group_admin");
    let added = place(&ada, &path, eve.id, "MEMBER").await;
    let again = place(&ada, &path, eve.id, "MEMBER").await;

    let mut expected = json!({
        "user": {"id": eve.id, "username": "eve.newcomer", "name": "Eve Newcomer",
                 "role": "STUDENT", "deleted": false},
        "role": "MEMBER", "joinedAt": "2027-01-15T08:00:01Z", "lastReadSeq": 2,
    });
    assert_eq!((added.status.as_u16(), &added.body), (201, &expected));
    assert_eq!(added.header("location"), "");
    assert_eq!((again.status.as_u16(), &again.body), (200, &expected));
    let promoted = place(&ada, &path, eve.id, "ADMIN").await;
    expected["role"] = json!("ADMIN");
    assert_eq!((promoted.status.as_u16(), &promoted.body), (200, &expected));
    let everybody = roles([(&ada, "OWNER"), (&bob, "MEMBER"), (&eve, "ADMIN")]);
    assert_eq!(participants(&bob, &path).await, everybody);
    let list = format!("{path}/participants");
    let first = bob.get(&format!("{list}?limit=2")).await.body;
    let cursor = first["nextCursor"].as_str().unwrap_or_default();
    let rest = bob.get(&format!("{list}?cursor={cursor}")).await.body;
    assert_eq!(items(&first).len(), 2);
    assert_eq!(rest["items"], json!([expected]));
    assert_eq!(rest["nextCursor"], Value::Null);
    assert_eq!(ada.get(&path).await.body["participantCount"], 3);
}

#[tokio::test]
async fn a_new_and_a_returning_member_see_the_history_with_nothing_unread() {
    let app = App::start();
    let (ada, bob, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let path = group(&ada, &[&bob]).await;
    send(&ada, &path, "1").await;
    place(&ada, &path, eve.id, "MEMBER").await;
    assert_eq!(eve.get(&path).await.body["unreadCount"], 0);
    send(&ada, &path, "2").await;
    assert_eq!(eve.get(&path).await.body["unreadCount"], 1);
    assert_eq!(remove(&ada, &path, eve.id).await.status, 204);
    send(&ada, &path, "3").await;
    assert_eq!(eve.get("/me/unread").await.body["total"], 0);

    place(&ada, &path, eve.id, "MEMBER").await;

    let seen = eve.get(&path).await.body;
    let position = [&seen["lastSeq"], &seen["lastReadSeq"], &seen["unreadCount"]];
    assert_eq!(position, [&json!(3), &json!(3), &json!(0)]);
    assert_eq!(contents(&messages(&eve, &path, "").await), ["3", "2", "1"]);
    send(&bob, &path, "4").await;
    assert_eq!(eve.get("/me/unread").await.body["groupMessages"], 1);
}

#[tokio::test]
async fn a_removed_member_is_a_stranger_at_once() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let path = group(&ada, &[&bob]).await;
    let id = "0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b1e";
    let body = json!({"content": "Mine", "clientMessageId": id});
    let mine = post(&bob, &path, &body).await.body;

    assert_eq!(remove(&ada, &path, bob.id).await.status, 204);

    // Also a repeat of what was sent before.
    for body in [json!({"content": "Another"}), body] {
        let late = post(&bob, &path, &body).await;
        late.assert_problem(404, "not_found");
    }
    let own = format!("{path}/messages/{}", mine["id"]);
    let own = bob.send(Method::DELETE, &own).await;
    own.assert_problem(404, "not_found");
    for rest in ["", "/messages", "/participants"] {
        let answer = bob.get(&format!("{path}{rest}")).await;
        answer.assert_problem(404, "not_found");
    }
    assert_eq!(bob.get("/group-chats").await.body["items"], json!([]));
    // What was said stays.
    assert_eq!(messages(&ada, &path, "").await, [mine]);
    assert_eq!(ada.get(&path).await.body["participantCount"], 1);
    let again = remove(&ada, &path, bob.id).await;
    again.assert_problem(404, "not_found");
}

#[tokio::test]
async fn nothing_of_a_removed_member_is_stored_after_the_answer() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let path = group(&ada, &[&bob]).await;
    let url = format!("{path}/messages");
    let sends = crate::account::at_once((0..40).map(|n: i64| {
        let body = json!({"content": n.to_string()});
        bob.request(Method::POST, &url).json(&body)
    }));

    let removal = async {
        assert_eq!(remove(&ada, &path, bob.id).await.status, 204);
        ada.get(&path).await.body["lastSeq"].clone()
    };
    let (sent, at_removal) = tokio::join!(sends, removal);

    let stored = sent.iter().filter(|answer| answer.status == 201).count();
    for answer in sent.iter().filter(|answer| answer.status != 201) {
        answer.assert_problem(404, "not_found");
    }
    assert_eq!(ada.get(&path).await.body["lastSeq"], at_removal);
    assert_eq!(at_removal, json!(stored));
}

#[tokio::test]
async fn bad_roles_and_ids_are_told() {
    let app = App::start();
    let (ada, bob, gone) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let path = group(&ada, &[&bob]).await;
    let password = json!({"password": alumx_tests::PASSWORD});
    gone.send_json(Method::DELETE, "/me", &password).await;

    for (body, wrong) in [
        (json!({}), "role:required"),
        (json!({"role": null}), "role:required"),
        (json!({"role": "OWNER"}), "role:invalid_role"),
        (json!({"role": "member"}), "role:invalid_role"),
        (json!({"role": "STUDENT"}), "role:invalid_role"),
        (json!({"role": 1}), "role:invalid_type"),
        (
            json!({"role": "MEMBER", "userId": 1}),
            "userId:unknown_field",
        ),
    ] {
        let url = format!("{path}/participants/{}", bob.id);
        let answer = ada.send_json(Method::PUT, &url, &body).await;
        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), [wrong]);
    }
    for (id, status, code) in [
        (gone.id.to_string(), 404, "not_found"),
        ("999".to_owned(), 404, "not_found"),
        ("9223372036854775807".to_owned(), 404, "not_found"),
        ("0".to_owned(), 400, "invalid_parameter"),
        ("-1".to_owned(), 400, "invalid_parameter"),
        ("x".to_owned(), 400, "invalid_parameter"),
        ("9223372036854775808".to_owned(), 400, "invalid_parameter"),
    ] {
        let url = format!("{path}/participants/{id}");
        let placed = ada
            .send_json(Method::PUT, &url, &json!({"role": "MEMBER"}))
            .await;
        placed.assert_problem(status, code);
        let removed = ada.send(Method::DELETE, &url).await;
        removed.assert_problem(status, code);
    }
    for query in ["limit=0", "limit=101", "cursor=x", "cursor=MA", "q=x"] {
        let answer = ada.get(&format!("{path}/participants?{query}")).await;
        answer.assert_problem(400, "invalid_parameter");
    }
}
