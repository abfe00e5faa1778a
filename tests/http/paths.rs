//! Paths that lead nowhere, and spellings that could lead past the checks.

use alumx_tests::App;

#[tokio::test]
async fn unknown_paths_are_not_found_whoever_asks() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let token = format!("Authorization: Bearer {}\r\n", ada.access_token);

    for path in [
        "/",
        "/nowhere",
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/me",
        "/api/v1/nowhere",
        "/api/v1/users/1/skills/1",
        "/api/v1/auth",
        "/api/v1/users/by-username",
        "/api/v1/me/sessions/1/2",
        "/API/V1/me",
        "/api/v1/Me",
        "/metrics/x",
        "/favicon.ico",
        "/.env",
        "/api/v1/users/by-username/",
        "/docsx",
        "/healthz/",
        "/index.html",
    ] {
        for (method, headers) in [
            ("GET", ""),
            ("GET", token.as_str()),
            ("POST", ""),
            ("DELETE", &token),
        ] {
            let answer = app.send_target(method, path, headers);

            // Paths such as /users/by-username could be a user's, but for their id.
            if !path.ends_with("/by-username") {
                answer.assert_problem(404, "not_found");
            }
            assert!(answer.status.is_client_error(), "{path}");
        }
    }
}

/// Other spellings of paths that want a user.
const TARGETS: &[&str] = &[
    "/api/v1/me",
    "/api/v1/%6De",
    "/api/v1/m%65",
    "/%61pi/v1/me",
    "/api/v1%2Fme",
    "/api/v1%2fme",
    "/api%2Fv1%2Fme",
    "//api/v1/me",
    "/api//v1/me",
    "/api/v1//me",
    "/api/v1/me/",
    "/api/v1/me//",
    "/api/v1/./me",
    "/api/v1/%2e/me",
    "/api/v1/x/../me",
    "/api/v1/x/%2e%2e/me",
    "/healthz/../api/v1/me",
    "/docs/../api/v1/me",
    "/docs/%2e%2e/api/v1/me",
    "/docs/..%2Fapi/v1/me",
    "/api/v1/openapi.json/../me",
    "/api/v1/me;x=1",
    "/api/v1/me%00",
    "/api/v1/me%20",
    "/api/v1/me%3F",
    "/api/v1/me%23",
    "/api/v1/me?",
    "/api/v1/me?x=/auth/login",
    "/api/v1\\me",
    "/api/v1/%25%36%44e",
    "/api/v1/%256De",
    "/api/v1/me%FF",
    "/api/v1/users/%31",
    "/api/v1/users/1%2Fskills",
    "/api/v1/users/1/%73kills",
    "/api/v1/users/by-username/%61da",
    "http://test/api/v1/me",
    "http://test//api/v1/me",
];

#[tokio::test]
async fn no_spelling_of_a_path_leads_past_authentication() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;

    for target in TARGETS {
        for headers in [
            "",
            "X-Original-URL: /healthz\r\n",
            "X-HTTP-Method-Override: POST\r\n",
        ] {
            let answer = app.send_target("GET", target, headers);

            let status = answer.status.as_u16();
            assert!([400, 401, 404].contains(&status), "{target} {status}");
            assert!(
                !answer.body.to_string().contains("ada@example.org"),
                "{target}"
            );
            if status == 401 {
                answer.assert_problem(401, "unauthenticated");
            }
        }
    }
}

#[tokio::test]
async fn an_encoded_letter_is_that_letter() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let token = format!("Authorization: Bearer {}\r\n", ada.access_token);

    for path in [
        "/api/v1/%6De",
        "/api/v1/m%65",
        "/%61pi/v1/me",
        "/api/v1/me?",
    ] {
        let with = app.send_target("GET", path, &token);
        let without = app.send_target("GET", path, "");

        assert_eq!(
            (with.status.as_u16(), &with.body["username"]),
            (200, &"ada".into()),
            "{path}"
        );
        without.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_slash_more_is_another_path() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let token = format!("Authorization: Bearer {}\r\n", ada.access_token);

    for path in [
        "/api/v1/me/",
        "//api/v1/me",
        "/api/v1//me",
        "/api/v1/users/",
        "/api/v1/users/1/",
        "/api/v1/./me",
        "/api/v1/users/1/skills/",
        "/api/v1/users/1%2Fskills",
    ] {
        let answer = app.send_target("GET", path, &token);

        assert!(
            [400, 404].contains(&answer.status.as_u16()),
            "{path} {}",
            answer.status
        );
        answer.assert_problem(
            answer.status.as_u16(),
            if answer.status == 404 {
                "not_found"
            } else {
                "invalid_parameter"
            },
        );
    }
}
