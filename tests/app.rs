//! A running service, and what is asked of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use alumx_infrastructure::testing::TestDatabase;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::{Answer, ManualClock, PASSWORD, Setup, User, or_panic};

/// A service that runs until it is dropped.
pub struct App {
    /// `http://127.0.0.1:…`
    pub root: String,
    /// Its time.
    pub clock: Arc<ManualClock>,
    /// Its database, shared with further instances.
    pub database: Arc<TestDatabase>,
    /// Its files, shared with further instances.
    pub files: Arc<tempfile::TempDir>,
    pub(crate) http: reqwest::Client,
    pub(crate) users: AtomicU64,
    pub(crate) stop: actix_web::dev::ServerHandle,
    pub(crate) setup: Setup,
}

impl App {
    /// A request as nobody; `path` is below `/api/v1` unless it starts with `//`, which stands for
    /// the root.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = match path.strip_prefix("//") {
            Some(path) => format!("{}/{path}", self.root),
            None => format!("{}/api/v1{path}", self.root),
        };
        self.http.request(method, url)
    }

    /// GET as nobody.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// POST of JSON as nobody.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// A new user named `name`, signed in; the username is the name in lower case.
    ///
    /// # Panics
    /// If the name is taken.
    pub async fn user(&self, name: &str, role: &str) -> User<'_> {
        let username = name.to_lowercase().replace(' ', ".");
        let body = json!({
            "username": username,
            "name": name,
            "email": format!("{username}@example.org"),
            "password": PASSWORD,
            "role": role,
        });
        let answer = self.post("/auth/register", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        User::signed_in(self, &answer.body)
    }

    /// A new alumnus with a name of no interest.
    pub async fn someone(&self) -> User<'_> {
        let n = self.users.fetch_add(1, Ordering::Relaxed);
        self.user(&format!("Someone{n}"), "ALUMNI").await
    }

    /// A new admin, signed in: made behind the API, which makes none.
    pub async fn admin(&self) -> User<'_> {
        use diesel::prelude::*;
        let user = self.someone().await;
        for table in ["users", "user_search"] {
            let id = if table == "users" { "id" } else { "user_id" };
            let sql = format!("UPDATE {table} SET role = 'ADMIN' WHERE {id} = {}", user.id);
            or_panic(diesel::sql_query(sql).execute(&mut self.database.connect()));
        }
        self.login(&user.username).await
    }

    /// Signs a user in once more.
    ///
    /// # Panics
    /// If that is refused.
    pub async fn login(&self, identifier: &str) -> User<'_> {
        let body = json!({"identifier": identifier, "password": PASSWORD});
        let answer = self.post("/auth/login", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        User::signed_in(self, &answer.body)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // Sent at once; the answer would come when the server has ended.
        drop(self.stop.stop(false));
    }
}
