//! Group chats.

mod create;
mod deletion;
mod owner;
mod participant;
mod rights;

use alumx_tests::{Answer, User};
use reqwest::Method;
use serde_json::{Value, json};

use crate::conversation::items;

/// Asks to place a user in a group.
async fn place(by: &User<'_>, group: &str, user: i64, role: &str) -> Answer {
    let path = format!("{group}/participants/{user}");
    by.send_json(Method::PUT, &path, &json!({"role": role}))
        .await
}

/// Asks to remove a user from a group.
async fn remove(by: &User<'_>, group: &str, user: i64) -> Answer {
    let path = format!("{group}/participants/{user}");
    by.send(Method::DELETE, &path).await
}

/// Asks to hand a group over.
async fn hand_over(by: &User<'_>, group: &str, user: i64) -> Answer {
    let path = format!("{group}/owner");
    by.send_json(Method::PUT, &path, &json!({"userId": user}))
        .await
}

/// Who is in a group, and as what.
async fn participants(viewer: &User<'_>, group: &str) -> Vec<(i64, String)> {
    let answer = viewer.get(&format!("{group}/participants?limit=100")).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let one = |item: &Value| {
        let role = item["role"].as_str().unwrap_or_default().to_owned();
        (item["user"]["id"].as_i64().unwrap_or_default(), role)
    };
    items(&answer.body).iter().map(one).collect()
}

/// The list of participants that a test expects.
fn roles<const N: usize>(expected: [(&User<'_>, &str); N]) -> Vec<(i64, String)> {
    expected
        .map(|(user, role)| (user.id, role.to_owned()))
        .to_vec()
}
