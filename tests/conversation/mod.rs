//! What chats and groups have in common: messages, their numbers, and how far they are read.

mod delete;
mod list;
mod read;
mod search;
mod send;

use alumx_tests::{Answer, User};
use reqwest::Method;
use serde_json::{Value, json};

/// Opens the chat of two users and answers its path.
pub async fn chat(user: &User<'_>, other: &User<'_>) -> String {
    let body = json!({"userId": other.id});
    let answer = user.send_json(Method::POST, "/chats", &body).await;
    assert!(answer.status.is_success(), "{:?}", answer.body);
    format!("/chats/{}", answer.body["id"])
}

/// Makes a group and answers its path.
pub async fn group(owner: &User<'_>, others: &[&User<'_>]) -> String {
    let ids: Vec<i64> = others.iter().map(|user| user.id).collect();
    let body = json!({"name": "Engines", "participantIds": ids});
    let answer = owner.send_json(Method::POST, "/group-chats", &body).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    format!("/group-chats/{}", answer.body["id"])
}

/// A chat and a group of the same two users.
pub async fn both(user: &User<'_>, other: &User<'_>) -> [String; 2] {
    [chat(user, other).await, group(user, &[other]).await]
}

/// Asks to send a message.
pub async fn post(user: &User<'_>, conversation: &str, body: &Value) -> Answer {
    let path = format!("{conversation}/messages");
    user.send_json(Method::POST, &path, body).await
}

/// Sends a message and answers it.
pub async fn send(user: &User<'_>, conversation: &str, content: &str) -> Value {
    let answer = post(user, conversation, &json!({"content": content})).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.body
}

/// Deletes a message.
pub async fn delete(user: &User<'_>, conversation: &str, message: &Value) -> Answer {
    let path = format!("{conversation}/messages/{}", message["id"]);
    user.send(Method::DELETE, &path).await
}

/// Says how far the user has read.
pub async fn read(user: &User<'_>, conversation: &str, seq: i64) -> Answer {
    let path = format!("{conversation}/read");
    user.send_json(Method::PUT, &path, &json!({"seq": seq}))
        .await
}

/// The messages on a page.
pub async fn messages(user: &User<'_>, conversation: &str, query: &str) -> Vec<Value> {
    let path = format!("{conversation}/messages?{query}");
    let answer = user.get(&path).await;
    assert_eq!(answer.status, 200, "{query}: {:?}", answer.body);
    items(&answer.body)
}

/// What is on a page.
pub fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().cloned().unwrap_or_default()
}

/// The numbers of messages.
pub fn seqs(messages: &[Value]) -> Vec<i64> {
    messages
        .iter()
        .map(|message| message["seq"].as_i64().unwrap_or_default())
        .collect()
}

/// What messages say.
pub fn contents(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message["content"].as_str().unwrap_or("-"))
        .collect()
}

/// Whether the JSON of a user who was deleted tells only that.
pub fn is_gone(user: &Value, id: i64) -> bool {
    let gone = json!({"id": id, "username": null, "name": null, "role": null, "deleted": true});
    *user == gone
}
