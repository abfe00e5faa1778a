//! Real answers are as the document says: their status is documented, and their body fits the
//! schema of that status.

use alumx_tests::{Answer, App, PASSWORD, User};
use reqwest::Method;
use serde_json::{Value, json};

use super::schema;

/// The documented answers of one operation.
struct Documented<'a> {
    document: &'a Value,
    method: Method,
    template: &'static str,
}

impl Documented<'_> {
    #[track_caller]
    fn fits(&self, answer: &Answer) {
        let Self {
            document,
            method,
            template,
        } = self;
        let operation = &document["paths"][*template][method.as_str().to_lowercase()];
        let documented = &operation["responses"][answer.status.as_str()];
        assert!(
            documented.is_object(),
            "{method} {template} answered {}",
            answer.status
        );
        let content = documented["content"]
            .as_object()
            .into_iter()
            .flatten()
            .next();
        let Some((media_type, content)) = content else {
            assert_eq!(answer.body, Value::Null);
            return;
        };
        assert_eq!(
            answer.header("content-type"),
            media_type,
            "{method} {template}"
        );
        let wrong = schema::errors(document, &content["schema"], &answer.body);
        assert_eq!(wrong, [""; 0], "{method} {template} {}", answer.body);
    }
}

async fn full(app: &App) -> User<'_> {
    let ada = app.user("Ada", "ALUMNI").await;
    let patch = json!({
        "about": "x", "currentCompany": "Engines", "currentRole": "Programmer",
        "location": "London", "department": "Maths", "graduationYear": 2000,
        "linkedinUrl": "https://example.org/l", "githubUrl": "https://example.org/g",
        "portfolioUrl": "https://example.org/p", "skills": ["Maths"], "experience": ["Engines"],
    });
    ada.patch(patch).await;
    ada
}

#[tokio::test]
async fn answers_to_users_fit_their_schemas() {
    let app = App::start();
    let document = app.get("/openapi.json").await.body;
    let ada = full(&app).await;
    let empty = app.user("Bob", "STUDENT").await;
    let admin = app.admin().await;
    let get = |template| Documented {
        document: &document,
        method: Method::GET,
        template,
    };

    for viewer in [&ada, &empty, &admin] {
        for user in [&ada, &empty] {
            get("/api/v1/users/{id}").fits(&viewer.get(&user.path("")).await);
            get("/api/v1/users/{id}/{collection}").fits(&viewer.get(&user.path("/skills")).await);
        }
        get("/api/v1/users").fits(&viewer.get("/users").await);
        get("/api/v1/users").fits(&viewer.get("/users?limit=1&q=o").await);
        get("/api/v1/me").fits(&viewer.get("/me").await);
        get("/api/v1/me/sessions").fits(&viewer.get("/me/sessions").await);
        let by_name = viewer.get("/users/by-username/ada").await;
        get("/api/v1/users/by-username/{username}").fits(&by_name);
    }
}

#[tokio::test]
async fn answers_to_changes_fit_their_schemas() {
    let app = App::start();
    let document = app.get("/openapi.json").await.body;
    let ada = full(&app).await;
    let admin = app.admin().await;
    let of = |method, template| Documented {
        document: &document,
        method,
        template,
    };
    let role = json!({"role": "STUDENT"});
    let register = json!({
        "username": "new", "name": "New", "email": "new@example.org", "password": PASSWORD,
        "role": "STUDENT",
    });
    let login = json!({"identifier": "ada", "password": PASSWORD});
    let refresh = json!({"refreshToken": ada.refresh_token});

    of(Method::PATCH, "/api/v1/users/{id}").fits(&ada.patch(json!({"about": null})).await);
    let list = ada
        .send_json(Method::PUT, &ada.path("/skills"), &json!(["x"]))
        .await;
    of(Method::PUT, "/api/v1/users/{id}/{collection}").fits(&list);
    let changed = admin
        .send_json(Method::PUT, &ada.path("/role"), &role)
        .await;
    of(Method::PUT, "/api/v1/users/{id}/role").fits(&changed);
    let suspended = admin.send(Method::PUT, "/users/999/suspension").await;
    of(Method::PUT, "/api/v1/users/{id}/suspension").fits(&suspended);
    let registered = app.post("/auth/register", &register).await;
    of(Method::POST, "/api/v1/auth/register").fits(&registered);
    of(Method::POST, "/api/v1/auth/login").fits(&app.post("/auth/login", &login).await);
    of(Method::POST, "/api/v1/auth/refresh").fits(&app.post("/auth/refresh", &refresh).await);
    of(Method::POST, "/api/v1/auth/logout").fits(&ada.send(Method::POST, "/auth/logout").await);
}

#[tokio::test]
async fn problems_of_every_kind_fit_their_schema() {
    let app = App::start();
    let document = app.get("/openapi.json").await.body;
    let ada = full(&app).await;
    let bob = app.user("Bob", "STUDENT").await;
    let patch = Documented {
        document: &document,
        method: Method::PATCH,
        template: "/api/v1/users/{id}",
    };
    let send = |user: &User<'_>, path: String, body: &'static str| {
        let request = user.request(Method::PATCH, &path);
        Answer::of(
            request
                .header("content-type", "application/json")
                .body(body),
        )
    };
    let stale = ada
        .request(Method::PATCH, &ada.path(""))
        .header("if-match", "\"x\"");
    let large = ada
        .request(Method::PATCH, &ada.path(""))
        .json(&"x".repeat(300_000));
    let text = ada.request(Method::PATCH, &ada.path("")).body("{}");
    let nobody = app.request(Method::PATCH, &ada.path("")).json(&json!({}));

    let answers = [
        (400, send(&ada, ada.path(""), "{").await),
        (400, send(&ada, "/users/x".to_owned(), "{}").await),
        (401, Answer::of(nobody).await),
        (403, send(&bob, ada.path(""), "{}").await),
        (404, send(&bob, "/users/999".to_owned(), "{}").await),
        (
            409,
            send(&bob, bob.path(""), r#"{"username": "ada"}"#).await,
        ),
        (412, Answer::of(stale.json(&json!({}))).await),
        (413, Answer::of(large).await),
        (415, Answer::of(text).await),
        (
            422,
            send(&ada, ada.path(""), r#"{"name": 1, "x": 2}"#).await,
        ),
    ];

    for (status, answer) in answers {
        assert_eq!(answer.status.as_u16(), status);
        patch.fits(&answer);
    }
    let outside = [app.get("/nowhere").await, app.get("/auth/login").await];
    for answer in outside {
        let problem = schema::component(&document, "Problem");
        assert_eq!(schema::errors(&document, problem, &answer.body), [""; 0]);
    }
}

#[tokio::test]
async fn answers_of_conversations_fit_their_schemas() {
    let app = App::start();
    let document = app.get("/openapi.json").await.body;
    let (ada, bob) = (app.someone().await, app.user("Bob", "STUDENT").await);
    let fits = |method, template, answer: Answer| {
        let document = &document;
        Documented {
            document,
            method,
            template,
        }
        .fits(&answer);
    };
    let (get, put, post) = (Method::GET, Method::PUT, Method::POST);
    let body = json!({"userId": bob.id});
    for _ in 0..2 {
        let opened = ada.send_json(Method::POST, "/chats", &body).await;
        fits(post.clone(), "/api/v1/chats", opened);
    }
    let body = json!({"name": "Engines", "participantIds": [bob.id]});
    let made = ada.send_json(Method::POST, "/group-chats", &body).await;
    fits(post.clone(), "/api/v1/group-chats", made);
    let named = json!({"content": "x", "clientMessageId": "0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b1e"});
    let read = json!({"seq": 1});

    for (list, one, all, reading) in [
        (
            "/chats",
            "/api/v1/chats/{chatId}",
            "/api/v1/chats/{chatId}/messages",
            "/api/v1/chats/{chatId}/read",
        ),
        (
            "/group-chats",
            "/api/v1/group-chats/{groupId}",
            "/api/v1/group-chats/{groupId}/messages",
            "/api/v1/group-chats/{groupId}/read",
        ),
    ] {
        let messages = format!("{list}/1/messages");
        fits(get.clone(), one, ada.get(&format!("{list}/1")).await);
        for body in [&named, &named, &json!({"content": "y"}), &json!({})] {
            let sent = ada.send_json(Method::POST, &messages, body).await;
            fits(post.clone(), all, sent);
        }
        let gone = format!("{messages}/2");
        ada.send(Method::DELETE, &gone).await;
        fits(
            get.clone(),
            all,
            bob.get(&format!("{messages}?limit=1")).await,
        );
        fits(get.clone(), all, bob.get(&messages).await);
        fits(get.clone(), one, bob.get(&format!("{list}/1")).await);
        let url = format!("{list}/1/read");
        fits(
            put.clone(),
            reading,
            bob.send_json(Method::PUT, &url, &read).await,
        );
    }
    fits(get.clone(), "/api/v1/chats", ada.get("/chats").await);
    fits(
        get.clone(),
        "/api/v1/group-chats",
        ada.get("/group-chats").await,
    );
    fits(
        get.clone(),
        "/api/v1/me/unread",
        ada.get("/me/unread").await,
    );
    let url = "/group-chats/1/participants";
    let listed = "/api/v1/group-chats/{groupId}/participants";
    fits(get, listed, ada.get(url).await);
    let placed = format!("{url}/{}", bob.id);
    let placed = ada
        .send_json(Method::PUT, &placed, &json!({"role": "ADMIN"}))
        .await;
    let placing = "/api/v1/group-chats/{groupId}/participants/{userId}";
    fits(put.clone(), placing, placed);
    let handed = json!({"userId": bob.id});
    let handed = ada
        .send_json(Method::PUT, "/group-chats/1/owner", &handed)
        .await;
    fits(put, "/api/v1/group-chats/{groupId}/owner", handed);
}
