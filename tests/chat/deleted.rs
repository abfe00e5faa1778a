//! Chats with users who have deleted the account.

use alumx_tests::{App, PASSWORD, User};
use reqwest::Method;
use serde_json::{Value, json};

use crate::conversation::{chat, contents, delete, is_gone, messages, post, read, send};

async fn delete_account(user: &User<'_>) {
    let password = json!({"password": PASSWORD});
    let deleted = user.send_json(Method::DELETE, "/me", &password).await;
    assert_eq!(deleted.status, 204);
}

#[tokio::test]
async fn what_was_said_stays_and_names_nobody() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let path = chat(&ada, &bob).await;
    send(&ada, &path, "Hello").await;
    let last = send(&bob, &path, "Goodbye").await;

    delete_account(&bob).await;

    let seen = ada.get(&path).await.body;
    assert!(is_gone(&seen["otherUser"], bob.id), "{seen}");
    assert!(is_gone(&seen["lastMessage"]["sender"], bob.id));
    assert_eq!(seen["lastMessage"]["content"], last["content"]);
    assert_eq!(
        (&seen["lastSeq"], &seen["unreadCount"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(ada.get("/chats").await.body["items"], json!([seen]));
    let all = messages(&ada, &path, "").await;
    assert_eq!(contents(&all), ["Goodbye", "Hello"]);
    assert!(is_gone(&all[0]["sender"], bob.id));
}

#[tokio::test]
async fn nobody_writes_to_who_is_gone_but_reads_searches_and_deletes() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let path = chat(&ada, &bob).await;
    let id = "0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b1e";
    let first = json!({"content": "Hello", "clientMessageId": id});
    let sent = post(&ada, &path, &first).await.body;
    send(&bob, &path, "Goodbye").await;
    delete_account(&bob).await;

    let refused = post(&ada, &path, &json!({"content": "Still there?"})).await;
    let invalid = post(&ada, &path, &json!({"content": " "})).await;
    let opened = ada
        .send_json(Method::POST, "/chats", &json!({"userId": bob.id}))
        .await;

    refused.assert_problem(409, "recipient_deleted");
    invalid.assert_problem(422, "invalid_fields");
    assert_eq!(opened.field_errors(), ["userId:unknown_user"]);
    let found = messages(&ada, &path, "q=GOOD").await;
    assert_eq!(contents(&found), ["Goodbye"]);
    assert_eq!(read(&ada, &path, 2).await.body["unreadCount"], 0);
    assert_eq!(delete(&ada, &path, &sent).await.status, 204);
    let by_ada = delete(&ada, &path, &found[0]).await;
    by_ada.assert_problem(403, "not_message_sender");
    assert_eq!(bob.get(&path).await.status, 401);
}

#[tokio::test]
async fn a_chat_goes_with_the_second_of_its_users() {
    let app = App::start();
    let (ada, bob, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let path = chat(&ada, &bob).await;
    send(&ada, &path, "Hello").await;
    let other = chat(&ada, &eve).await;

    delete_account(&bob).await;
    delete_account(&ada).await;

    let left = eve.get(&other).await.body;
    assert!(is_gone(&left["otherUser"], ada.id));
    assert_eq!(left["lastMessage"], Value::Null);
    eve.get(&path).await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn an_account_that_was_deleted_elsewhere_writes_nothing() {
    let app = App::start();
    let other = app.another();
    let (ada, bob, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let [chat, group] = crate::conversation::both(&ada, &bob).await;
    let stale = User {
        app: &other,
        id: bob.id,
        username: bob.username.clone(),
        access_token: bob.access_token.clone(),
        refresh_token: bob.refresh_token.clone(),
    };
    // From now on the other instance trusts the session for a while.
    assert_eq!(stale.get("/me").await.status, 200);

    delete_account(&bob).await;

    let hello = json!({"content": "Hello"});
    let with_eve = json!({"userId": eve.id});
    let of_eve = json!({"name": "Engines", "participantIds": [eve.id]});
    for (path, body) in [
        (format!("{chat}/messages"), &hello),
        (format!("{group}/messages"), &hello),
        ("/chats".to_owned(), &with_eve),
        ("/group-chats".to_owned(), &of_eve),
    ] {
        let answer = stale.send_json(Method::POST, &path, body).await;
        answer.assert_problem(401, "unauthenticated");
    }
    assert_eq!(messages(&ada, &chat, "").await, [Value::Null; 0]);
    assert_eq!(eve.get("/chats").await.body["items"], json!([]));
}
