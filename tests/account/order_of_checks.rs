//! The order of checks: route, token, parsing, existence and right, state.

use alumx_tests::{Answer, App, User};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

/// A body that can't be parsed, by the status that says why.
const UNPARSABLE: [u16; 4] = [400, 413, 415, 422];

fn unparsable(request: RequestBuilder, status: u16) -> RequestBuilder {
    match status {
        400 => request
            .header("content-type", "application/json")
            .body("{\"role\":"),
        413 => request
            .header("content-type", "application/json")
            .body(" ".repeat(300_000)),
        415 => request.header("content-type", "text/plain").body("role"),
        _ => request.json(&json!({"role": 1, "password": 1, "reason": 1})),
    }
}

fn request(app: &App, user: Option<&User<'_>>, method: Method, path: &str) -> RequestBuilder {
    match user {
        Some(user) => user.request(method, path),
        None => app.request(method, path),
    }
}

#[tokio::test]
async fn the_route_comes_before_the_token() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for user in [None, Some(&ada)] {
        for path in [
            "/me/nothing",
            "/auth",
            "/users/1/role/x",
            "/me/sessions/1/2",
        ] {
            let answer = Answer::of(request(&app, user, Method::GET, path)).await;
            answer.assert_problem(404, "not_found");
        }
        for (method, path, allowed) in [
            (Method::GET, "/auth/register", "POST"),
            (Method::DELETE, "/auth/login", "POST"),
            (Method::GET, "/auth/refresh", "POST"),
            (Method::GET, "/auth/logout", "POST"),
            (Method::PATCH, "/me", "DELETE GET HEAD"),
            (Method::POST, "/me/password", "PUT"),
            (Method::POST, "/me/sessions", "DELETE GET HEAD"),
            (Method::GET, "/me/sessions/x", "DELETE"),
            (Method::POST, "/users/x/role", "PUT"),
            (Method::PATCH, "/users/x/suspension", "DELETE PUT"),
        ] {
            let answer = Answer::of(request(&app, user, method, path)).await;
            answer.assert_problem(405, "method_not_allowed");
            let mut allow: Vec<_> = answer.header("allow").split(", ").collect();
            allow.sort_unstable();
            assert_eq!(allow.join(" "), allowed, "{path}");
        }
    }
}

#[tokio::test]
async fn the_token_comes_before_what_was_sent() {
    let app = App::start();

    for (method, path) in [
        (Method::PUT, "/me/password"),
        (Method::DELETE, "/me"),
        (Method::PUT, "/users/x/role"),
        (Method::PUT, "/users/0/suspension"),
    ] {
        for status in UNPARSABLE {
            let request = app.request(method.clone(), path);
            let answer = Answer::of(unparsable(request, status)).await;
            answer.assert_problem(401, "unauthenticated");
        }
    }
    for path in ["/me/sessions?limit=0", "/me/sessions?x=1"] {
        app.get(path).await.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn what_was_sent_comes_before_who_exists_and_who_may() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);

    for user in [&ada, &admin] {
        for id in [admin.id, 999_999] {
            for rest in ["role", "suspension"] {
                for status in UNPARSABLE {
                    let request = user.request(Method::PUT, &format!("/users/{id}/{rest}"));
                    let answer = Answer::of(unparsable(request, status)).await;
                    assert_eq!(answer.status, status, "{rest} {:?}", answer.body);
                }
            }
        }
        for status in UNPARSABLE {
            let request = user.request(Method::DELETE, "/me");
            let answer = Answer::of(unparsable(request, status)).await;
            assert_eq!(answer.status, status, "{:?}", answer.body);
        }
    }
}

#[tokio::test]
async fn who_may_comes_before_the_state() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);
    let body = json!({"role": "STUDENT"});

    let demoted = ada
        .send_json(Method::PUT, &admin.path("/role"), &body)
        .await;
    let suspended = ada.send(Method::PUT, &admin.path("/suspension")).await;
    let deleted = ada.send(Method::DELETE, &admin.path("")).await;

    for answer in [demoted, suspended, deleted] {
        answer.assert_problem(403, "forbidden");
    }
    let wrong = json!({"password": "not the password"});
    let answer = admin.send_json(Method::DELETE, "/me", &wrong).await;
    answer.assert_problem(422, "invalid_fields");
}
