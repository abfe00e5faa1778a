//! Accounts, sessions, tokens and administration.

mod administration;
mod claim;
mod deletion;
mod export;
mod flood;
mod instances;
mod last_admin;
mod login;
mod order_of_checks;
mod password;
mod refresh;
mod register;
mod register_fields;
mod sessions;
mod strangers;
mod tokens;

use alumx_tests::{Answer, App, PASSWORD, User, or_panic};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::task::JoinSet;

async fn login(app: &App, identifier: &str, password: &str) -> Answer {
    let body = json!({"identifier": identifier, "password": password});
    app.post("/auth/login", &body).await
}

async fn refresh(app: &App, token: &str) -> Answer {
    app.post("/auth/refresh", &json!({"refreshToken": token}))
        .await
}

/// GET /me with this access token.
async fn me(app: &App, token: &str) -> Answer {
    Answer::of(app.request(Method::GET, "/me").bearer_auth(token)).await
}

async fn put_role(admin: &User<'_>, user: &User<'_>, role: &str) -> Answer {
    let body = json!({"role": role});
    admin
        .send_json(Method::PUT, &user.path("/role"), &body)
        .await
}

async fn suspend(admin: &User<'_>, user: &User<'_>) -> Answer {
    admin.send(Method::PUT, &user.path("/suspension")).await
}

/// Sends all requests at once and waits for all answers, in the order in which they came.
pub async fn at_once(requests: impl IntoIterator<Item = RequestBuilder>) -> Vec<Answer> {
    let answers: JoinSet<Answer> = requests.into_iter().map(Answer::of).collect();
    answers.join_all().await
}

/// How many of the answers have this status.
fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|a| a.status == status).count()
}

/// One of the three parts of a token, read.
fn part_of(token: &str, part: usize) -> Value {
    let encoded = token.split('.').nth(part).unwrap_or_default();
    or_panic(serde_json::from_slice(&or_panic(
        URL_SAFE_NO_PAD.decode(encoded),
    )))
}

/// The session that an access token was issued to.
fn session_of(user: &User<'_>) -> i64 {
    part_of(&user.access_token, 1)["sid"]
        .as_i64()
        .unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
