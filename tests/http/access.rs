//! Who may come in, route by route, and in which order a request is checked.

use alumx_tests::{Answer, App, User};
use reqwest::Method;
use serde_json::{Value, json};

/// All routes of accounts, profiles and the directory: method, path, body, and what a stranger
/// gets who is signed in and names the user with id 1.
fn routes() -> Vec<(Method, &'static str, Value, u16)> {
    let suspension = json!({"reason": "x"});
    vec![
        (Method::GET, "/me", Value::Null, 200),
        (Method::GET, "/me/sessions", Value::Null, 200),
        (Method::GET, "/me/export", Value::Null, 200),
        (Method::GET, "/admin/audit-log", Value::Null, 403),
        (Method::DELETE, "/me/sessions/1", Value::Null, 404),
        (Method::GET, "/users", Value::Null, 200),
        (Method::GET, "/users/1", Value::Null, 200),
        (Method::GET, "/users/by-username/ada", Value::Null, 200),
        (Method::GET, "/users/1/tech-stack", Value::Null, 200),
        (Method::PATCH, "/users/1", json!({"about": "x"}), 403),
        (Method::PUT, "/users/1/tech-stack", json!(["x"]), 403),
        (Method::PUT, "/users/1/role", json!({"role": "ADMIN"}), 403),
        (Method::PUT, "/users/1/suspension", suspension, 403),
        (Method::PUT, "/users/1/suspension", Value::Null, 403),
        (Method::DELETE, "/users/1/suspension", Value::Null, 403),
        (Method::DELETE, "/users/1", Value::Null, 403),
        (
            Method::PUT,
            "/me/password",
            json!({"currentPassword": "x", "newPassword": "long enough"}),
            422,
        ),
        (Method::DELETE, "/me", json!({"password": "x"}), 422),
        (Method::DELETE, "/me/sessions", Value::Null, 204),
        (Method::POST, "/auth/logout", Value::Null, 204),
    ]
}

async fn send(request: reqwest::RequestBuilder, body: &Value) -> Answer {
    if body.is_null() {
        Answer::of(request).await
    } else {
        Answer::of(request.json(body)).await
    }
}

#[tokio::test]
async fn nobody_comes_in_anywhere_with_any_method() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;

    for (method, path, body, _) in routes() {
        let without = send(app.request(method.clone(), path), &body).await;
        let garbled = send(app.request(method, path).bearer_auth("x"), &body).await;

        without.assert_problem(401, "unauthenticated");
        garbled.assert_problem(401, "unauthenticated");
    }
    app.login("ada").await;
}

#[tokio::test]
async fn a_stranger_may_read_and_change_nothing_of_another() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    assert_eq!(ada.id, 1);
    let stranger = app.user("Bob", "PROFESSOR").await;
    let before = stranger.get("/users/1").await.body;

    for (method, path, body, status) in routes() {
        let answer = send(stranger.request(method.clone(), path), &body).await;

        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
        if status == 403 {
            answer.assert_problem(403, "forbidden");
        }
    }
    let again = app.login("bob").await;
    assert_eq!(again.get("/users/1").await.body, before);
    assert_eq!(ada.get("/me").await.status, 200);
}

#[tokio::test]
async fn a_stranger_learns_that_an_unknown_user_is_unknown() {
    let app = App::start();
    let stranger = app.someone().await;

    for (method, path, body, status) in routes() {
        if path.starts_with("/users/1") && status != 403 {
            let unknown = path.replace("/1", "/999");
            let answer = send(stranger.request(method, &unknown), &body).await;
            answer.assert_problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn the_token_must_be_a_bearer_token() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let token = &ada.access_token;
    let with = |header: String| {
        let request = app.request(Method::GET, "/me");
        Answer::of(request.header("authorization", header))
    };

    for wrong in [
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer{token}"),
        format!("Bearer {token}x"),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Token Bearer {token}"),
    ] {
        with(wrong).await.assert_problem(401, "unauthenticated");
    }
    for right in [format!("Bearer {token}"), format!("bEARER {token}")] {
        assert_eq!(with(right).await.status, 200);
    }
    let in_query = app.get(&format!("/me?access_token={token}")).await;
    in_query.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_caller_is_the_tokens_user_whatever_else_is_said() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;

    for header in ["x-user-id", "x-forwarded-user", "user-id", "from"] {
        let request = bob.request(Method::GET, "/me");
        let answer = Answer::of(request.header(header, ada.id.to_string())).await;

        assert_eq!(answer.body["username"], "bob", "{header}");
    }
}

async fn raw(user: Option<&User<'_>>, app: &App, method: &str, path: &str, body: &str) -> Answer {
    let method = method.parse().unwrap_or_default();
    let request = match user {
        Some(user) => user.request(method, path),
        None => app.request(method, path),
    };
    let request = request.header("content-type", "application/json");
    Answer::of(request.body(body.to_owned())).await
}

#[tokio::test]
async fn route_then_token_then_parsing_then_right_then_state_is_checked() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;
    let malformed = "{";
    let taken = r#"{"username": "ada"}"#;

    // No route, and everything else wrong as well.
    raw(None, &app, "PATCH", "/nowhere", malformed)
        .await
        .assert_problem(404, "not_found");
    raw(None, &app, "POST", "/users/x", malformed)
        .await
        .assert_problem(405, "method_not_allowed");
    // A route, no token, and everything behind it wrong.
    raw(None, &app, "PATCH", "/users/x", malformed)
        .await
        .assert_problem(401, "unauthenticated");
    raw(None, &app, "GET", "/users?limit=0", "")
        .await
        .assert_problem(401, "unauthenticated");
    // A token, the path wrong before the body.
    raw(Some(&bob), &app, "PATCH", "/users/x", malformed)
        .await
        .assert_problem(400, "invalid_parameter");
    // The body wrong, of a user who is unknown or somebody else.
    raw(Some(&bob), &app, "PATCH", "/users/999", malformed)
        .await
        .assert_problem(400, "malformed_body");
    raw(Some(&bob), &app, "PATCH", &ada.path(""), r#"{"x": 1}"#)
        .await
        .assert_problem(422, "invalid_fields");
    raw(Some(&bob), &app, "PUT", "/users/999/role", r#"{"role": 1}"#)
        .await
        .assert_problem(422, "invalid_fields");
    // All well-formed: existence and right before the state.
    raw(Some(&bob), &app, "PATCH", "/users/999", taken)
        .await
        .assert_problem(404, "not_found");
    raw(Some(&bob), &app, "PATCH", &ada.path(""), taken)
        .await
        .assert_problem(403, "forbidden");
    raw(Some(&bob), &app, "PATCH", &bob.path(""), taken)
        .await
        .assert_problem(409, "taken");
}

#[tokio::test]
async fn the_public_routes_need_no_token_and_mind_no_bad_one() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;
    let login = json!({"identifier": "ada", "password": alumx_tests::PASSWORD});

    for (method, path, body) in [
        (Method::GET, "//healthz", Value::Null),
        (Method::GET, "//readyz", Value::Null),
        (Method::GET, "//docs/", Value::Null),
        (Method::GET, "/openapi.json", Value::Null),
        (Method::POST, "/auth/login", login),
    ] {
        let without = send(app.request(method.clone(), path), &body).await;
        let garbled = send(app.request(method, path).bearer_auth("x"), &body).await;

        assert_eq!(
            (without.status.as_u16(), garbled.status.as_u16()),
            (200, 200),
            "{path}"
        );
    }
}
