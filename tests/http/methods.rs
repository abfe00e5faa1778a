//! Methods: wrong ones, HEAD, OPTIONS.

use alumx_tests::{Answer, App};
use reqwest::Method;

/// Every path of this part of the service, with the methods that it has.
const PATHS: [(&str, &str); 18] = [
    ("//healthz", "GET, HEAD"),
    ("//readyz", "GET, HEAD"),
    ("/openapi.json", "GET, HEAD"),
    ("/auth/register", "POST"),
    ("/auth/login", "POST"),
    ("/auth/refresh", "POST"),
    ("/auth/logout", "POST"),
    ("/me", "DELETE, GET, HEAD"),
    ("/me/password", "PUT"),
    ("/me/sessions", "DELETE, GET, HEAD"),
    ("/me/sessions/1", "DELETE"),
    ("/users", "GET, HEAD"),
    ("/users/1", "DELETE, GET, HEAD, PATCH"),
    ("/users/by-username/ada", "GET, HEAD"),
    ("/users/1/skills", "GET, HEAD, PUT"),
    ("/users/1/soft-skills", "GET, HEAD, PUT"),
    ("/users/1/role", "PUT"),
    ("/users/1/suspension", "DELETE, PUT"),
];

const METHODS: [&str; 10] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get",
];

#[tokio::test]
async fn wrong_methods_are_refused_with_the_right_ones_whoever_asks() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for (path, allow) in PATHS {
        for name in METHODS {
            if allow.split(", ").any(|allowed| allowed == name) {
                continue;
            }
            let method = Method::from_bytes(name.as_bytes()).unwrap_or_default();
            let nobody = Answer::of(app.request(method.clone(), path)).await;
            let user = ada.send(method, path).await;

            for answer in [nobody, user] {
                if name != "HEAD" {
                    answer.assert_problem(405, "method_not_allowed");
                }
                assert_eq!(answer.status, 405, "{name} {path}");
                assert_eq!(answer.header("allow"), allow, "{name} {path}");
            }
        }
    }
}

#[tokio::test]
async fn right_methods_are_never_refused_as_wrong() {
    let app = App::start();

    for (path, allow) in PATHS {
        for name in allow.split(", ") {
            let method = Method::from_bytes(name.as_bytes()).unwrap_or_default();
            let answer = Answer::of(app.request(method, path)).await;

            assert!(
                ![404, 405].contains(&answer.status.as_u16()),
                "{name} {path}"
            );
        }
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let token = format!("Authorization: Bearer {}\r\n", ada.access_token);

    for path in [
        "/healthz",
        "/readyz",
        "/docs/",
        "/api/v1/openapi.json",
        "/api/v1/me",
        "/api/v1/users",
        "/api/v1/users/1",
        "/api/v1/users/by-username/ada",
        "/api/v1/users/1/skills",
        "/api/v1/users/999",
        "/api/v1/nowhere",
        "/api/v1/users?limit=0",
    ] {
        let get = app.send_target("GET", path, &token);
        let head = app.send_target("HEAD", path, &token);

        assert_eq!(head.status, get.status, "{path}");
        for header in ["content-type", "content-length", "etag"] {
            assert_eq!(
                head.header(header),
                get.header(header),
                "{header} of {path}"
            );
        }
        assert!(head.body.is_null(), "{path}");
    }
}

#[tokio::test]
async fn head_needs_the_token_that_get_needs() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;

    for path in ["/api/v1/me", "/api/v1/users/1", "/api/v1/users/1/skills"] {
        assert_eq!(app.send_target("HEAD", path, "").status, 401, "{path}");
    }
}
