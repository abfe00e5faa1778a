//! Clients that write all the time, and what of it must be there afterwards.

use std::collections::HashMap;
use std::process::Command;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use crate::support::{Service, alumx, registration};

/// What is asked of the service.
pub struct Ask {
    pub method: Method,
    pub path: String,
    pub token: String,
    /// Null for none.
    pub body: Value,
}

impl Ask {
    pub fn get(token: &str, path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            token: token.to_owned(),
            body: Value::Null,
        }
    }

    pub async fn send(&self, http: &Client, root: &str) -> reqwest::Result<Response> {
        let url = format!("{root}/api/v1{}", self.path);
        let mut request = http.request(self.method.clone(), url);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if !self.body.is_null() {
            request = request.json(&self.body);
        }
        request.send().await
    }
}

/// How what is asked reaches a service.
pub trait Door {
    /// Status and body of the answer; `None` if there is none, and so nobody knows what was done.
    async fn ask(&self, ask: &Ask) -> Option<(u16, Value)>;

    /// What must be there.
    async fn read(&self, token: &str, path: String) -> Value {
        let answer = self.ask(&Ask::get(token, path.as_str())).await;
        let (status, body) = answer.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
}

impl Door for Service {
    async fn ask(&self, ask: &Ask) -> Option<(u16, Value)> {
        let answer = ask.send(&self.http, &self.root).await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

/// What somebody writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Register,
    Profile,
    /// A job post, and then a like of it.
    Post,
    Comment,
    Chat,
    Group,
}

/// Somebody who writes the same kind of thing again and again, each time another text.
pub struct Writer {
    kind: Kind,
    user: i64,
    token: String,
    /// Where it is written.
    place: String,
    count: usize,
    acknowledged: Vec<String>,
    /// What may have been done: no answer came, or one that it wasn't.
    open: Vec<String>,
    liked: Vec<i64>,
}

/// A service that takes as much as comes.
pub fn unlimited(arguments: &[&str]) -> Command {
    let mut command = alumx(&["serve", "--rate-limits=off"]);
    command.args(arguments);
    command
}

/// One of each kind.
pub async fn writers(service: &Service) -> Vec<Writer> {
    let mut members = Vec::new();
    for name in ["ada", "bob", "cleo", "dan", "eve", "fay"] {
        members.push(service.member(name).await);
    }
    let create = async |path: &str, body: Value, id: &str| {
        let ask = Ask {
            method: Method::POST,
            path: path.to_owned(),
            token: members[0].1.clone(),
            body,
        };
        let (status, body) = service.ask(&ask).await.unwrap();
        assert_eq!(status, 201, "{body}");
        body[id].as_i64().unwrap()
    };
    let post = create("/job-posts", job_post("to be commented on"), "id").await;
    let chat = create("/chats", json!({"userId": members[4].0}), "id").await;
    let group = json!({"name": "all", "participantIds": [members[5].0]});
    let group = create("/group-chats", group, "id").await;
    let kinds = [
        (Kind::Register, "/auth/register".to_owned()),
        (Kind::Profile, format!("/users/{}", members[1].0)),
        (Kind::Post, "/job-posts".to_owned()),
        (Kind::Comment, format!("/job-posts/{post}/comments")),
        (Kind::Chat, format!("/chats/{chat}/messages")),
        (Kind::Group, format!("/group-chats/{group}/messages")),
    ];
    let writer = |((user, token), (kind, place))| Writer {
        kind,
        user,
        token,
        place,
        count: 0,
        acknowledged: Vec::new(),
        open: Vec::new(),
        liked: Vec::new(),
    };
    members.into_iter().zip(kinds).map(writer).collect()
}

pub fn job_post(title: &str) -> Value {
    json!({
        "title": title, "employmentType": "FULL_TIME",
        "description": "Write programs for an engine that weaves algebraic patterns.",
    })
}

impl Writer {
    /// Writes until it is told not to. `goes_on` is asked after every answer with its status, and
    /// with `None` if there was none.
    pub async fn run(&mut self, door: &impl Door, goes_on: impl Fn(Option<u16>) -> bool) {
        while goes_on(self.write(door).await) {}
    }

    async fn write(&mut self, door: &impl Door) -> Option<u16> {
        let text = format!("text{}", self.count);
        let answer = door.ask(&self.ask(&text)).await;
        let status = answer.as_ref().map(|(status, _)| *status);
        match answer {
            Some((200..=299, body)) => {
                self.count += 1;
                // A client that has an answer knows what became of the attempts before, too.
                if matches!(self.kind, Kind::Profile | Kind::Chat) {
                    self.open.clear();
                }
                self.acknowledged.push(text);
                if self.kind == Kind::Post {
                    return self.like(door, body["id"].as_i64().unwrap()).await;
                }
            }
            // The same once more, under the same `clientMessageId`.
            _ if self.kind == Kind::Chat => self.open = vec![text],
            _ => {
                self.count += 1;
                self.open.push(text);
            }
        }
        status
    }

    fn ask(&self, text: &str) -> Ask {
        let (method, body) = match self.kind {
            Kind::Register => (Method::POST, registration(text)),
            Kind::Profile => (Method::PATCH, json!({"about": text})),
            Kind::Post => (Method::POST, job_post(text)),
            Kind::Comment | Kind::Group => (Method::POST, json!({"content": text})),
            Kind::Chat => {
                let id = format!("00000000-0000-4000-8000-{:012}", self.count);
                let body = json!({"content": text, "clientMessageId": id});
                (Method::POST, body)
            }
        };
        let token = match self.kind {
            Kind::Register => String::new(),
            _ => self.token.clone(),
        };
        Ask {
            method,
            path: self.place.clone(),
            token,
            body,
        }
    }

    async fn like(&mut self, door: &impl Door, post: i64) -> Option<u16> {
        let ask = Ask {
            method: Method::PUT,
            path: format!("/job-posts/{post}/like"),
            token: self.token.clone(),
            body: Value::Null,
        };
        let (status, _) = door.ask(&ask).await?;
        if status == 204 {
            self.liked.push(post);
        }
        Some(status)
    }

    /// Whose token it is, for what else this user may do.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// How many texts were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    /// All that was acknowledged is there, once; nothing is there twice, and nothing that was not
    /// written.
    pub async fn assert_nothing_lost(&self, door: &impl Door) {
        match self.kind {
            Kind::Register => self.assert_registered(door).await,
            Kind::Profile => self.assert_last(door).await,
            Kind::Post => {
                let path = format!("/job-posts?authorId={}", self.user);
                let posts = self.items(door, &path).await;
                self.assert_once(&posts, "title");
                self.assert_liked(&posts);
            }
            Kind::Comment => {
                let comments = self.items(door, &format!("{}?", self.place)).await;
                self.assert_once(&comments, "content");
            }
            Kind::Chat | Kind::Group => {
                let path = format!("{}?afterSeq=0", self.place);
                let messages = self.items(door, &path).await;
                self.assert_once(&messages, "content");
                let seqs = messages.iter().map(|message| message["seq"].as_u64());
                assert!(seqs.eq((1..=messages.len() as u64).map(Some)), "a gap");
            }
        }
    }

    async fn assert_registered(&self, door: &impl Door) {
        for name in &self.acknowledged {
            let path = format!("/users/by-username/{name}");
            let user = door.read(&self.token, path).await;
            assert_eq!(user["username"], name.as_str());
        }
    }

    async fn assert_last(&self, door: &impl Door) {
        let profile = door.read(&self.token, self.place.clone()).await;
        let about = profile["about"].as_str().map(str::to_owned);
        let mut possible = self.open.iter().chain(self.acknowledged.last());
        assert!(
            possible.any(|text| Some(text) == about.as_ref()),
            "{about:?}"
        );
    }

    fn assert_once(&self, items: &[Value], field: &str) {
        let mut found: HashMap<&str, usize> = HashMap::new();
        for item in items {
            *found.entry(item[field].as_str().unwrap()).or_default() += 1;
        }
        for text in &self.acknowledged {
            let times = found.remove(text.as_str()).unwrap_or_default();
            assert_eq!(times, 1, "{:?}: {text}", self.kind);
        }
        for text in &self.open {
            let times = found.remove(text.as_str()).unwrap_or_default();
            assert!(times <= 1, "{:?}: {text} {times} times", self.kind);
        }
        assert!(found.is_empty(), "{:?}: {found:?}", self.kind);
    }

    fn assert_liked(&self, posts: &[Value]) {
        let likes: HashMap<i64, &Value> = posts
            .iter()
            .map(|post| (post["id"].as_i64().unwrap(), post))
            .collect();
        for post in &self.liked {
            assert_eq!(likes[post]["likeCount"], 1);
            assert_eq!(likes[post]["likedByMe"], true);
        }
    }

    /// All pages of a list.
    async fn items(&self, door: &impl Door, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut page = format!("{path}&limit=100");
        loop {
            let mut answer = door.read(&self.token, page).await;
            items.append(answer["items"].as_array_mut().unwrap());
            let Some(cursor) = answer["nextCursor"].as_str() else {
                return items;
            };
            let (path, _) = path.split_once("afterSeq").unwrap_or((path, ""));
            page = format!("{path}&limit=100&cursor={cursor}");
        }
    }
}
