//! A nobody and a stranger on every route of accounts and administration.

use alumx_tests::{Answer, App, PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

use super::{login, session_of};

/// Routes that want a user; `{id}` stands for a user and `{session}` for a session of that user.
fn routes_of_users() -> Vec<(Method, &'static str, Value)> {
    let passwords = json!({"currentPassword": PASSWORD, "newPassword": "another password"});
    vec![
        (Method::GET, "/me", json!(null)),
        (Method::GET, "/me/sessions", json!(null)),
        (Method::DELETE, "/me/sessions/{session}", json!(null)),
        (Method::DELETE, "/me/sessions", json!(null)),
        (Method::PUT, "/me/password", passwords),
        (Method::POST, "/auth/logout", json!(null)),
        (Method::DELETE, "/me", json!({"password": PASSWORD})),
    ]
}

fn routes_of_admins() -> Vec<(Method, &'static str, Value)> {
    vec![
        (Method::PUT, "/users/{id}/role", json!({"role": "ADMIN"})),
        (
            Method::PUT,
            "/users/{id}/suspension",
            json!({"reason": "x"}),
        ),
        (Method::PUT, "/users/{id}/suspension", json!(null)),
        (Method::DELETE, "/users/{id}/suspension", json!(null)),
        (Method::DELETE, "/users/{id}", json!(null)),
    ]
}

async fn send(
    app: &App,
    token: Option<&str>,
    (method, path, body): (Method, &str, &Value),
) -> Answer {
    let mut request = app.request(method, path);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if !body.is_null() {
        request = request.json(body);
    }
    Answer::of(request).await
}

#[tokio::test]
async fn a_nobody_may_nothing_and_changes_nothing() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let ended = app.login("ada").await;
    ended.send(Method::POST, "/auth/logout").await;

    for token in [None, Some("x"), Some(&*ended.access_token)] {
        for (method, path, body) in routes_of_users().into_iter().chain(routes_of_admins()) {
            let path = path
                .replace("{id}", &ada.id.to_string())
                .replace("{session}", &session_of(&ada).to_string());
            let answer = send(&app, token, (method, &path, &body)).await;

            answer.assert_problem(401, "unauthenticated");
        }
    }
    assert_eq!(ada.get("/me").await.body["role"], "ALUMNI");
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_nobody_cannot_tell_who_exists() {
    let app = App::start();

    for (method, path, body) in routes_of_admins() {
        let path = path.replace("{id}", "999999");
        let answer = send(&app, None, (method, &path, &body)).await;

        answer.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn only_admins_administer_and_others_learn_who_exists() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);
    let deleted = app.someone().await;
    admin.send(Method::DELETE, &deleted.path("")).await;

    for role in ["STUDENT", "ALUMNI", "PROFESSOR"] {
        let stranger = app.user(&format!("Eve {role}"), role).await;
        let token = Some(&*stranger.access_token);
        for (method, path, body) in routes_of_admins() {
            for (id, status, code) in [
                (ada.id, 403, "forbidden"),
                (admin.id, 403, "forbidden"),
                (stranger.id, 403, "forbidden"),
                (deleted.id, 404, "not_found"),
                (999_999, 404, "not_found"),
                (i64::MAX, 404, "not_found"),
            ] {
                let path = path.replace("{id}", &id.to_string());
                let answer = send(&app, token, (method.clone(), &path, &body)).await;

                answer.assert_problem(status, code);
            }
        }
        assert_eq!(stranger.get("/me").await.body["role"], role);
    }
    assert_eq!(ada.get("/me").await.body["role"], "ALUMNI");
}

#[tokio::test]
async fn an_admin_finds_no_unknown_or_deleted_user_and_no_id_that_is_none() {
    let app = App::start();
    let (admin, deleted) = (app.admin().await, app.someone().await);
    admin.send(Method::DELETE, &deleted.path("")).await;
    let token = Some(&*admin.access_token);
    let deleted = deleted.id.to_string();

    for (method, path, body) in routes_of_admins() {
        for id in [&*deleted, "999999", "9223372036854775807"] {
            let path = path.replace("{id}", id);
            let answer = send(&app, token, (method.clone(), &path, &body)).await;
            answer.assert_problem(404, "not_found");
        }
        for id in ["0", "-1", "9223372036854775808", "x", "1.5", "01", "%00"] {
            let path = path.replace("{id}", id);
            let answer = send(&app, token, (method.clone(), &path, &body)).await;
            answer.assert_problem(400, "invalid_parameter");
            assert_eq!(answer.body["errors"][0]["field"], "id", "{path}");
        }
    }
}

#[tokio::test]
async fn no_body_and_no_header_says_who_is_calling() {
    let app = App::start();
    let (ada, eve) = (
        app.user("Ada", "ALUMNI").await,
        app.user("Eve", "ALUMNI").await,
    );

    let header = eve.request(Method::GET, "/me").header("x-user-id", ada.id);
    assert_eq!(Answer::of(header).await.body["id"], eve.id);
    let query = eve.get(&format!("/me?id={}", ada.id)).await;
    query.assert_problem(400, "invalid_parameter");
    assert_eq!(query.field_errors(), ["id:unknown_parameter"]);
    let body = json!({"password": PASSWORD, "userId": ada.id});
    let answer = eve.send_json(Method::DELETE, "/me", &body).await;
    answer.assert_problem(422, "invalid_fields");
    assert_eq!(ada.get("/me").await.status, 200);
}
