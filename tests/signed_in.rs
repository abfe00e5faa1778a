//! Users who talk to the service.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::{Answer, App};

/// A signed-in user.
pub struct User<'a> {
    /// Where.
    pub app: &'a App,
    /// The user's id.
    pub id: i64,
    /// The username.
    pub username: String,
    /// What opens the routes.
    pub access_token: String,
    /// What is exchanged for the next pair.
    pub refresh_token: String,
}

impl<'a> User<'a> {
    /// The user that a pair of tokens was issued to.
    pub fn signed_in(app: &'a App, body: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            app,
            id: body["user"]["id"].as_i64().unwrap_or_default(),
            username: text(&body["user"]["username"]),
            access_token: text(&body["accessToken"]),
            refresh_token: text(&body["refreshToken"]),
        }
    }

    /// A request as this user.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app
            .request(method, path)
            .bearer_auth(&self.access_token)
    }

    /// Sends a request without a body.
    pub async fn send(&self, method: Method, path: &str) -> Answer {
        Answer::of(self.request(method, path)).await
    }

    /// Sends a request with JSON.
    pub async fn send_json(&self, method: Method, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(method, path).json(body)).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path).await
    }

    /// The path of this user below `/users`.
    pub fn path(&self, rest: &str) -> String {
        format!("/users/{}{rest}", self.id)
    }

    /// Changes the own profile.
    pub async fn patch(&self, body: Value) -> Answer {
        self.send_json(Method::PATCH, &self.path(""), &body).await
    }
}
