//! What is told live, over real sockets.
#![expect(
    clippy::unwrap_used,
    reason = "a test, or what prepares it, fails by panicking"
)]

mod client;
mod document;
mod events;
mod instances;
mod order;
mod ready;
mod sessions;
mod slow;
mod socket;
mod typing;

use alumx_tests::{Answer, User};
use reqwest::Method;
use serde_json::{Value, json};

pub use client::Socket;

/// Opens a chat; its id.
async fn chat(user: &User<'_>, other: &User<'_>) -> i64 {
    let body = json!({"userId": other.id});
    let answer = user.send_json(Method::POST, "/chats", &body).await;
    assert!(answer.status.is_success(), "{answer:?}");
    answer.body["id"].as_i64().unwrap()
}

/// Makes a group; its id.
async fn group(owner: &User<'_>, members: &[&User<'_>]) -> i64 {
    let ids: Vec<i64> = members.iter().map(|member| member.id).collect();
    let body = json!({"name": "Alumni", "participantIds": ids});
    let answer = owner.send_json(Method::POST, "/group-chats", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body["id"].as_i64().unwrap()
}

/// Sends a message to `/chats/…` or `/group-chats/…`.
async fn say(user: &User<'_>, path: &str, text: &str) -> Answer {
    let path = format!("{path}/messages");
    let answer = user
        .send_json(Method::POST, &path, &json!({"content": text}))
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}

fn chat_ref(id: i64) -> Value {
    json!({"kind": "CHAT", "id": id})
}

fn group_ref(id: i64) -> Value {
    json!({"kind": "GROUP", "id": id})
}
