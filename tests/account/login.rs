//! `POST /auth/login`.

use alumx_tests::{Answer, App, PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

use super::{login, me, session_of, suspend};

/// What an answer tells, without what differs from request to request.
fn told(mut body: Value) -> Value {
    body["requestId"] = json!("");
    body
}

#[tokio::test]
async fn username_and_email_sign_in_in_any_letter_case() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for identifier in [
        "ada",
        "ADA",
        "aDa",
        "ada@example.org",
        "ADA@EXAMPLE.ORG",
        " Ada@Example.org ",
    ] {
        let answer = login(&app, identifier, PASSWORD).await;

        assert_eq!(answer.status, 200, "{identifier}");
        assert_eq!(answer.body["tokenType"], "Bearer");
        assert_eq!(answer.body["expiresIn"], 900);
        assert_eq!(answer.body["user"], ada.get("/me").await.body);
    }
}

#[tokio::test]
async fn every_sign_in_is_a_session_of_its_own() {
    let app = App::start();
    let first = app.user("Ada", "ALUMNI").await;

    let second = app.login("ada").await;

    assert_ne!(session_of(&first), session_of(&second));
    assert_ne!(first.refresh_token, second.refresh_token);
    assert_eq!(first.get("/me").await.status, 200);
    assert_eq!(second.get("/me").await.status, 200);
}

#[tokio::test]
async fn a_wrong_password_tells_no_more_than_an_unknown_user() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;
    let gone = app.user("Gone", "ALUMNI").await;
    let body = json!({"password": PASSWORD});
    gone.send_json(Method::DELETE, "/me", &body).await;

    let wrong = login(&app, "ada", "not her password").await;

    wrong.assert_problem(401, "invalid_credentials");
    let long = format!("{}@example.org", "a".repeat(10_000));
    for identifier in [
        "nobody",
        "nobody@example.org",
        "gone",
        "gone@example.org",
        "Ada Lovelace",
        "ad_",
        "ad%",
        "ada\0",
        "a\nda",
        "' OR 1=1 --",
        "@",
        "ada@",
        "😀",
        "1",
        "null",
        &long,
    ] {
        let unknown = login(&app, identifier, PASSWORD).await;

        unknown.assert_problem(401, "invalid_credentials");
        assert_eq!(told(unknown.body), told(wrong.body.clone()), "{identifier}");
        let headers = |answer: &reqwest::header::HeaderMap| {
            let mut names: Vec<_> = answer.keys().map(ToString::to_string).collect();
            names.sort();
            names
        };
        assert_eq!(headers(&unknown.headers), headers(&wrong.headers));
    }
}

#[tokio::test]
async fn a_password_that_none_could_choose_is_just_wrong() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;
    let long = "x".repeat(10_000);
    let longer = format!("{PASSWORD}{}", "x".repeat(129));

    for password in [
        "x",
        " ",
        "\0",
        "😀",
        "Correct horse battery",
        " correct horse battery",
        "correct horse battery\0",
        &long,
        &longer,
    ] {
        let answer = login(&app, "ada", password).await;

        answer.assert_problem(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn both_fields_are_required_strings_and_no_others_known() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;

    for (body, wrong) in [
        (json!({}), vec!["identifier:required", "password:required"]),
        (
            json!({"identifier": null, "password": ""}),
            vec!["identifier:required", "password:required"],
        ),
        (
            json!({"identifier": 1, "password": [PASSWORD]}),
            vec!["identifier:invalid_type", "password:invalid_type"],
        ),
        (
            json!({"username": "ada", "identifier": "ada", "password": PASSWORD}),
            vec!["username:unknown_field"],
        ),
    ] {
        let answer = app.post("/auth/login", &body).await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), wrong);
    }
}

#[tokio::test]
async fn only_the_right_password_tells_that_an_account_is_suspended() {
    let app = App::start();
    let admin = app.admin().await;
    let ada = app.user("Ada", "ALUMNI").await;
    assert_eq!(suspend(&admin, &ada).await.status, 204);

    let right = login(&app, "ADA@example.org", PASSWORD).await;
    let wrong = login(&app, "ADA@example.org", "not her password").await;

    right.assert_problem(403, "account_suspended");
    wrong.assert_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn a_bad_token_keeps_nobody_from_signing_in() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;
    let body = json!({"identifier": "ada", "password": PASSWORD});

    let request = app.request(Method::POST, "/auth/login").json(&body);
    let answer = Answer::of(request.bearer_auth("expired")).await;

    assert_eq!(answer.status, 200);
    let token = answer.body["accessToken"].as_str().unwrap_or_default();
    assert_eq!(me(&app, token).await.status, 200);
}
