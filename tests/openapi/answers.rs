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

/// What the document says of an operation below the base path, and what is asked of it.
struct Asked<'a> {
    document: &'a Value,
    user: &'a User<'a>,
}

impl Asked<'_> {
    /// Asks `path`, one of those that `template` stands for, and checks the answer.
    async fn fits(&self, method: Method, template: &'static str, path: &str, body: Value) {
        let answer = match &body {
            Value::Null => self.user.send(method.clone(), path).await,
            body => self.user.send_json(method.clone(), path, body).await,
        };
        let document = self.document;
        Documented {
            document,
            method,
            template,
        }
        .fits(&answer);
    }

    async fn reads(&self, template: &'static str, path: &str) {
        self.fits(Method::GET, template, path, Value::Null).await;
    }
}

#[tokio::test]
async fn answers_of_conversations_fit_their_schemas() {
    let app = App::start();
    let document = &app.get("/openapi.json").await.body;
    let (ada, bob) = (&app.someone().await, &app.user("Bob", "STUDENT").await);
    let [ada, bob] = [ada, bob].map(|user| Asked { document, user });
    let post = Method::POST;
    for _ in 0..2 {
        let body = json!({"userId": bob.user.id});
        ada.fits(post.clone(), "/api/v1/chats", "/chats", body)
            .await;
    }
    let body = json!({"name": "Engines", "participantIds": [bob.user.id]});
    let made = "/api/v1/group-chats";
    ada.fits(post.clone(), made, "/group-chats", body).await;

    let templates = [
        "/api/v1/chats/{chatId}",
        "/api/v1/chats/{chatId}/messages",
        "/api/v1/chats/{chatId}/read",
    ];
    answers_of_one_fit(&ada, &bob, "/chats/1", templates).await;
    let templates = [
        "/api/v1/group-chats/{groupId}",
        "/api/v1/group-chats/{groupId}/messages",
        "/api/v1/group-chats/{groupId}/read",
    ];
    answers_of_one_fit(&ada, &bob, "/group-chats/1", templates).await;

    ada.reads("/api/v1/chats", "/chats").await;
    ada.reads("/api/v1/group-chats", "/group-chats").await;
    ada.reads("/api/v1/me/unread", "/me/unread").await;
    answers_of_participants_fit(&ada, &bob).await;
}

/// Messages are sent, sent again, refused, deleted and read in a conversation of both.
async fn answers_of_one_fit(
    ada: &Asked<'_>,
    bob: &Asked<'_>,
    path: &str,
    [one, messages, read]: [&'static str; 3],
) {
    let list = format!("{path}/messages");
    let named = json!({"content": "x", "clientMessageId": "0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b1e"});
    ada.reads(one, path).await;
    for body in [named.clone(), named, json!({"content": "y"}), json!({})] {
        ada.fits(Method::POST, messages, &list, body).await;
    }
    ada.user.send(Method::DELETE, &format!("{list}/2")).await;
    bob.reads(messages, &format!("{list}?limit=1")).await;
    bob.reads(messages, &list).await;
    bob.reads(one, path).await;
    let body = json!({"seq": 1});
    bob.fits(Method::PUT, read, &format!("{path}/read"), body)
        .await;
}

async fn answers_of_participants_fit(ada: &Asked<'_>, bob: &Asked<'_>) {
    let list = "/group-chats/1/participants";
    ada.reads("/api/v1/group-chats/{groupId}/participants", list)
        .await;
    let placing = "/api/v1/group-chats/{groupId}/participants/{userId}";
    let (one, role) = (format!("{list}/{}", bob.user.id), json!({"role": "ADMIN"}));
    ada.fits(Method::PUT, placing, &one, role).await;
    let handing = "/api/v1/group-chats/{groupId}/owner";
    let owner = json!({"userId": bob.user.id});
    ada.fits(Method::PUT, handing, "/group-chats/1/owner", owner)
        .await;
}

#[tokio::test]
async fn unknown_parameters_are_refused_as_the_document_says() {
    let app = App::start();
    let document = &app.get("/openapi.json").await.body;
    let user = &app.someone().await;
    let ada = Asked { document, user };

    for (method, template) in [
        (Method::GET, "/api/v1/me"),
        (Method::GET, "/api/v1/me/unread"),
        (Method::POST, "/api/v1/auth/logout"),
        (Method::DELETE, "/api/v1/me/sessions"),
        (Method::GET, "/api/v1/openapi.json"),
    ] {
        let path = format!("{}?x=1", template.trim_start_matches("/api/v1"));
        ada.fits(method, template, &path, Value::Null).await;
    }
}
