//! JSON bodies that are malformed, too large, or of another media type.

use alumx_tests::{Answer, App, User};
use reqwest::Method;
use serde_json::{Value, json};

const LIMIT: usize = 256 * 1024;

async fn patch(user: &User<'_>, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = user.request(Method::PATCH, &user.path(""));
    Answer::of(request.header("content-type", content_type).body(body)).await
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let nested = "[".repeat(10_000);
    let nested_objects = "{\"a\":".repeat(10_000);
    let bodies: [&[u8]; 21] = [
        b"",
        b" ",
        b"{",
        b"{\"about\": \"x\"",
        b"{\"about\": \"x\"}}",
        b"{\"about\": \"x\"} {}",
        b"{about: 1}",
        b"{'about': 1}",
        b"{\"about\": \"x\",}",
        b"{\"about\": NaN}",
        b"{\"graduationYear\": 01}",
        b"{\"graduationYear\": 1e999}",
        b"{\"about\": \"a\nb\"}",
        b"{\"about\": \"a\0b\"}",
        b"{\"about\": \"\xff\"}",
        b"{\"about\": \"\xc3\x28\"}",
        b"{\"about\": \"\\ud800\"}",
        b"\xef\xbb\xbf{}",
        b"about=x",
        nested.as_bytes(),
        nested_objects.as_bytes(),
    ];

    for body in bodies {
        let answer = patch(&ada, "application/json", body.to_vec()).await;

        answer.assert_problem(400, "malformed_body");
    }
    assert_eq!(ada.get(&ada.path("")).await.body["about"], Value::Null);
}

#[tokio::test]
async fn nul_in_a_text_is_json_but_an_invalid_field() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let answer = patch(
        &ada,
        "application/json",
        r#"{"about": "a\u0000b", "a\u0000": 1}"#,
    )
    .await;

    answer.assert_problem(422, "invalid_fields");
    let wrong = ["about:invalid_character", "a\u{0}:unknown_field"];
    assert_eq!(answer.field_errors(), wrong);
}

#[tokio::test]
async fn of_a_repeated_key_the_last_counts() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let answer = patch(&ada, "application/json", r#"{"about": 1, "about": "last"}"#).await;

    assert_eq!(
        (answer.status.as_u16(), &answer.body["about"]),
        (200, &json!("last"))
    );
}

#[tokio::test]
async fn a_body_may_have_256_kib_and_no_byte_more() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let body = |size: usize| {
        let json = r#"{"about": "x"}"#;
        format!("{json}{}", " ".repeat(size - json.len()))
    };

    let full = patch(&ada, "application/json", body(LIMIT)).await;
    let above = patch(&ada, "application/json", body(LIMIT + 1)).await;
    let megabyte = patch(&ada, "application/json", body(1_000_000)).await;

    assert_eq!(full.status, 200);
    above.assert_problem(413, "payload_too_large");
    megabyte.assert_problem(413, "payload_too_large");
}

#[tokio::test]
async fn the_limit_holds_for_every_route_that_reads_a_body() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let large = format!("[{}]", " ".repeat(LIMIT));

    for (method, path) in [
        (Method::POST, "/auth/register"),
        (Method::POST, "/auth/login"),
        (Method::POST, "/auth/refresh"),
        (Method::DELETE, "/me"),
        (Method::PUT, "/me/password"),
        (Method::PATCH, "/users/1"),
        (Method::PUT, "/users/1/skills"),
        (Method::PUT, "/users/1/role"),
        (Method::PUT, "/users/1/suspension"),
    ] {
        let send = |content_type: &str, body: String| {
            let request = ada.request(method.clone(), path);
            Answer::of(request.header("content-type", content_type).body(body))
        };

        send("application/json", large.clone())
            .await
            .assert_problem(413, "payload_too_large");
        send("text/plain", "{}".to_owned())
            .await
            .assert_problem(415, "unsupported_media_type");
        send("application/json", "{".to_owned())
            .await
            .assert_problem(400, "malformed_body");
        send("application/json", "7".to_owned())
            .await
            .assert_problem(422, "invalid_fields");
    }
}

fn chunked(user: &User<'_>, chunks: &[&[u8]]) -> Vec<u8> {
    let path = user.path("");
    let mut request = format!(
        "PATCH /api/v1{path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\
         Authorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        user.access_token
    )
    .into_bytes();
    for chunk in chunks {
        request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    request
}

#[tokio::test]
async fn the_limit_holds_for_bodies_that_do_not_tell_their_length() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let spaces = vec![b' '; 64 * 1024];
    let json = br#"{"about": "chunked"}"#;

    let small = app.send_raw(&chunked(&ada, &[&json[..7], &json[7..], b""]));
    let large = app.send_raw(&chunked(
        &ada,
        &[&spaces, &spaces, &spaces, &spaces, b" ", b""],
    ));

    assert_eq!(
        (small.status.as_u16(), &small.body["about"]),
        (200, &json!("chunked"))
    );
    large.assert_problem(413, "payload_too_large");
}

#[tokio::test]
async fn a_body_that_is_told_to_be_too_large_is_not_waited_for() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let told = |length: u128| {
        let head = format!(
            "PATCH /api/v1{} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\
             Authorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n",
            ada.path(""),
            ada.access_token
        );
        app.send_raw(head.as_bytes())
    };

    for length in [LIMIT as u128 + 1, 1 << 40, u64::MAX.into()] {
        told(length).assert_problem(413, "payload_too_large");
    }
}

#[tokio::test]
async fn other_media_types_are_refused() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for content_type in [
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json-patch+json",
        "application/xml",
        "application/jsonx",
        "application/json, text/plain",
        "application/json; charset=latin1",
        "application/json; charset=iso-8859-1",
        "application/json;charset=utf-16",
        "*/*",
    ] {
        let answer = patch(&ada, content_type, r#"{"about": "x"}"#).await;

        answer.assert_problem(415, "unsupported_media_type");
    }
    let without = ada.request(Method::PATCH, &ada.path("")).body("{}");
    Answer::of(without)
        .await
        .assert_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn json_in_other_spellings_is_read() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for content_type in [
        "application/json",
        "APPLICATION/JSON",
        "application/json;charset=utf-8",
        "application/json ; charset=\"UTF-8\"",
        "application/json; version=1",
    ] {
        let answer = patch(&ada, content_type, r#"{"about": "x"}"#).await;

        assert_eq!(answer.status, 200, "{content_type}");
    }
}

#[tokio::test]
async fn a_merge_patch_is_for_patch_alone() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let request = ada.request(Method::PUT, &ada.path("/skills"));
    let request = request.header("content-type", "application/merge-patch+json");

    Answer::of(request.body("[]"))
        .await
        .assert_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn encoded_bodies_are_refused() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for coding in ["gzip", "deflate", "br", "zstd", "identity, gzip", "GZIP"] {
        let request = ada.request(Method::PATCH, &ada.path(""));
        let request = request.header("content-encoding", coding);
        let answer = Answer::of(request.json(&json!({"about": "x"}))).await;

        answer.assert_problem(415, "unsupported_media_type");
    }
    let request = ada.request(Method::PATCH, &ada.path(""));
    let request = request.header("content-encoding", "identity");
    assert_eq!(Answer::of(request.json(&json!({}))).await.status, 200);
}

#[tokio::test]
async fn errors_repeat_nothing_private() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let secret = "my-most-secret-words";

    let malformed = patch(&ada, "application/json", format!("{{\"about\": {secret}}}")).await;
    let long = format!("{secret}{}", "x".repeat(2000));
    let invalid = ada
        .patch(json!({"about": long, "githubUrl": secret, "skills": [{"a": secret}]}))
        .await;
    let parameter = ada
        .get(&format!("/users?role={secret}&limit={secret}"))
        .await;
    let password = json!({"identifier": secret, "password": secret});
    let login = app.post("/auth/login", &password).await;

    for (answer, status) in [
        (malformed, 400),
        (invalid, 422),
        (parameter, 400),
        (login, 401),
    ] {
        let text = answer.body.to_string();
        assert_eq!(answer.status.as_u16(), status, "{text}");
        for word in [
            secret, "diesel", "postgres", "SELECT", "serde", "panicked", ".rs",
        ] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}
