//! What a route is about, made anew for each route and again after it was changed.

use alumx_domain::account::Role;
use alumx_tests::{Answer, User, or_panic};
use diesel::prelude::*;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::people::People;
use crate::conversation::{chat, group, send};
use crate::job_post::{job, job_with, png, posted};
use crate::resume::{multipart, pdf, send_multipart, upload};

/// Those who come, in the order of the table's columns.
pub const ACTORS: [&str; 7] = [
    "nobody", "revoked", "stranger", "demoted", "member", "owner", "admin",
];

/// Everybody, and the one thing that a route is about.
pub struct World<'a> {
    people: &'a People<'a>,
    stranger: User<'a>,
    demoted: User<'a>,
    member: User<'a>,
    owner: User<'a>,
    admin: User<'a>,
    /// The owner's, in a session that has ended.
    revoked: User<'a>,
    /// In the group as well, and otherwise nobody in particular.
    other: User<'a>,
    /// The path with all of its values.
    path: String,
}

impl<'a> World<'a> {
    pub async fn of(people: &'a People<'a>, method: &str, template: &str) -> Self {
        let member = match template {
            "/job-posts" => Role::Student,
            _ => Role::Alumni,
        };
        let owner = people.with_role(Role::Alumni).await;
        let (revoked, session) = people.again(&owner).await;
        run(
            &owner,
            &format!("DELETE FROM sessions WHERE id = {session}"),
        );
        let mut world = Self {
            people,
            stranger: people.with_role(Role::Alumni).await,
            demoted: people.with_token_of(Role::Alumni, Role::Admin).await,
            member: people.with_role(member).await,
            admin: people.with_role(Role::Admin).await,
            other: people.with_role(Role::Alumni).await,
            owner,
            revoked,
            path: String::new(),
        };
        world.path = world.path_of(method, template).await;
        world
    }

    /// The request of an actor, with a body that has nothing wrong with it.
    pub fn request(&self, actor: &str, method: &str, template: &str) -> RequestBuilder {
        let method: Method = or_panic(method.parse());
        let user = match actor {
            "revoked" => Some(&self.revoked),
            "stranger" => Some(&self.stranger),
            "demoted" => Some(&self.demoted),
            "member" => Some(&self.member),
            "owner" => Some(&self.owner),
            "admin" => Some(&self.admin),
            _ => None,
        };
        let request = match user {
            Some(user) => user.request(method.clone(), &self.path),
            None => self.owner.app.request(method.clone(), &self.path),
        };
        let file = |name: &str, bytes: Vec<u8>| {
            let rest = format!("; filename=\"{name}\"");
            multipart(&[("file", &rest, &bytes)])
        };
        let upload = match (method.as_str(), template) {
            ("PUT", "/users/{id}/resume") => Some(file("cv.pdf", pdf(100))),
            ("POST", "/job-posts/{postId}/images") => Some(file("x.png", png())),
            _ => None,
        };
        match (upload, self.body(method.as_str(), template)) {
            (Some(upload), _) => request
                .header("content-type", "multipart/form-data; boundary=b")
                .body(upload),
            (None, Value::Null) => request,
            (None, body) => request.json(&body),
        }
    }

    fn body(&self, method: &str, template: &str) -> Value {
        let number = self.people.number();
        match (method, template) {
            ("POST", "/auth/register") => json!({
                "username": format!("new{number}"), "name": "New",
                "email": format!("new{number}@example.org"), "password": alumx_tests::PASSWORD,
                "role": "ALUMNI",
            }),
            ("POST", "/auth/login") => {
                json!({"identifier": self.owner.username, "password": alumx_tests::PASSWORD})
            }
            ("POST", "/auth/refresh") => json!({"refreshToken": self.other.refresh_token}),
            ("POST", "/auth/claim") => {
                json!({"token": invitation(&self.other), "password": "long enough"})
            }
            ("DELETE", "/me") => json!({"password": alumx_tests::PASSWORD}),
            ("PUT", "/me/password") => json!({
                "currentPassword": alumx_tests::PASSWORD, "newPassword": "long enough",
            }),
            ("PATCH", "/users/{id}") => json!({"about": "x"}),
            ("PUT", "/users/{id}/{collection}") => json!(["x"]),
            ("PUT", "/users/{id}/role") => json!({"role": "STUDENT"}),
            ("PUT", "/users/{id}/suspension") => json!({"reason": "x"}),
            ("POST", "/job-posts") => job("Programmer"),
            ("PATCH", "/job-posts/{postId}") => json!({"title": "x"}),
            ("POST", path) if path.ends_with("/comments") => json!({"content": "x"}),
            ("PATCH", path) if path.ends_with("/comments/{id}") => json!({"content": "x"}),
            ("POST", "/chats") | ("PUT", "/group-chats/{groupId}/owner") => {
                json!({"userId": self.other.id})
            }
            ("POST", "/group-chats") => json!({"name": "x", "participantIds": [self.other.id]}),
            ("PATCH", "/group-chats/{groupId}") => json!({"name": "x"}),
            ("PUT", path) if path.ends_with("/participants/{userId}") => json!({"role": "ADMIN"}),
            ("POST", path) if path.ends_with("/messages") => json!({"content": "x"}),
            ("PUT", path) if path.ends_with("/read") => json!({"seq": 1}),
            _ => Value::Null,
        }
    }

    /// Makes what the path names.
    async fn path_of(&self, method: &str, template: &str) -> String {
        let owner = &self.owner;
        let (first, rest) = match template.trim_start_matches('/').split_once('/') {
            Some((first, rest)) => (first, format!("/{rest}")),
            None => return template.to_owned(),
        };
        match first {
            "me" => {
                let (_, session) = self.people.again(owner).await;
                format!("/me{rest}").replace("{id}", &session.to_string())
            }
            "users" => {
                if rest.starts_with("/{id}/resume") && method != "PUT" {
                    assert_eq!(upload(owner, "cv.pdf", &pdf(100)).await.status, 201);
                }
                format!("/users{rest}")
                    .replace("{id}", &owner.id.to_string())
                    .replace("{username}", &owner.username)
                    .replace("{collection}", "skills")
            }
            "images" => self.image().await,
            "job-posts" => self.post(&rest).await,
            "chats" => {
                self.conversation(chat(owner, &self.member).await, &rest)
                    .await
            }
            "group-chats" => {
                let group = group(owner, &[&self.member, &self.other]).await;
                self.conversation(group, &rest).await
            }
            _ => template.to_owned(),
        }
    }

    /// An uploaded image.
    async fn image(&self) -> String {
        let post = posted(&self.owner, &job("Programmer")).await;
        let file = multipart(&[("file", "; filename=\"x.png\"", &png())]);
        let path = format!("{post}/images");
        let image = send_multipart(&self.owner, Method::POST, &path, file).await;
        let url = image.body["url"].as_str().unwrap_or_default();
        let (_, name) = url.rsplit_once('/').unwrap_or_default();
        format!("/images/{name}")
    }

    /// The owner's post with an image; or the member's, under which the owner commented.
    async fn post(&self, rest: &str) -> String {
        let images = job_with(&json!({"imageUrls": ["https://example.org/a"]}));
        if !rest.contains("/comments/") {
            let post = posted(&self.owner, &images).await;
            let path = rest.trim_start_matches("/{postId}");
            return format!("{post}{path}").replace("{position}", "0");
        }
        let post = posted(&self.member, &images).await;
        let comments = format!("{post}/comments");
        let content = json!({"content": "x"});
        let comment = self
            .owner
            .send_json(Method::POST, &comments, &content)
            .await;
        format!("{comments}/{}", comment.body["id"])
    }

    /// Where the owner has sent a message.
    async fn conversation(&self, conversation: String, rest: &str) -> String {
        let message = send(&self.owner, &conversation, "x").await;
        let rest = rest
            .trim_start_matches("/{chatId}")
            .trim_start_matches("/{groupId}")
            .replace("{userId}", &self.other.id.to_string())
            .replace("{id}", &message["id"].to_string());
        format!("{conversation}{rest}")
    }
}

/// The token that claims this user's account, as if it had been imported.
fn invitation(user: &User<'_>) -> String {
    let token = format!("{:064x}", user.id);
    for sql in [
        format!(
            "UPDATE users SET password_hash = NULL WHERE id = {}",
            user.id
        ),
        format!("DELETE FROM invitations WHERE user_id = {}", user.id),
        format!(
            "INSERT INTO invitations SELECT {}, sha256('{token}'), '2030-01-01', now()",
            user.id
        ),
    ] {
        run(user, &sql);
    }
    token
}

fn run(user: &User<'_>, sql: &str) {
    or_panic(diesel::sql_query(sql).execute(&mut user.app.database.connect()));
}

/// What an actor gets.
pub async fn ask(world: &World<'_>, actor: &str, method: &str, template: &str) -> Answer {
    Answer::of(world.request(actor, method, template)).await
}
