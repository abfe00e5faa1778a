//! Access tokens: what they carry, and which of them are refused.

use alumx_tests::{Answer, App, SECRET, User, or_panic};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

use super::{me, part_of, session_of};

async fn assert_refused(app: &App, token: &str) {
    let answer = me(app, token).await;
    answer.assert_problem(401, "unauthenticated");
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// The claims under this header, with the signature that `secret` makes.
fn signed(header: &Header, claims: &Value, secret: &[u8]) -> String {
    let key = EncodingKey::from_secret(secret);
    or_panic(jsonwebtoken::encode(header, claims, &key))
}

/// The header of the service's own tokens.
fn header(user: &User<'_>) -> Header {
    or_panic(jsonwebtoken::decode_header(&user.access_token))
}

#[tokio::test]
async fn a_token_carries_user_role_session_issuer_audience_expiry_and_key() {
    let app = App::start();
    let ada = app.user("Ada", "PROFESSOR").await;

    let (header, claims) = (part_of(&ada.access_token, 0), part_of(&ada.access_token, 1));

    assert_eq!(header["alg"], "HS256");
    assert!(header["kid"].as_str().is_some_and(|kid| !kid.is_empty()));
    assert_eq!(claims["sub"], ada.id.to_string());
    assert_eq!(claims["role"], "PROFESSOR");
    assert_eq!(claims["iss"], "alumx");
    assert_eq!(claims["aud"], "alumx");
    assert_eq!(claims["exp"], 1_800_000_900);
    let sessions = ada.get("/me/sessions").await;
    assert_eq!(claims["sid"], sessions.body["items"][0]["id"]);
}

#[tokio::test]
async fn a_token_expires_after_a_quarter_of_an_hour() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    app.clock.advance(TimeDelta::seconds(899));
    assert_eq!(ada.get("/me").await.status, 200);
    app.clock.advance(TimeDelta::seconds(1));

    assert_refused(&app, &ada.access_token).await;
}

#[tokio::test]
async fn a_token_that_says_something_else_than_was_signed_is_refused() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);
    let parts: Vec<&str> = ada.access_token.split('.').collect();
    let (header, claims) = (part_of(&ada.access_token, 0), part_of(&ada.access_token, 1));
    let changed = |part: &Value, key: &str, value: Value| {
        let mut part = part.clone();
        part[key] = value;
        encoded(&part)
    };

    for (key, value) in [
        ("sub", json!(admin.id.to_string())),
        ("sid", json!(session_of(&admin))),
        ("role", json!("ADMIN")),
        ("exp", json!(2_000_000_000)),
    ] {
        let claims = changed(&claims, key, value);
        assert_refused(&app, &[parts[0], &claims, parts[2]].join(".")).await;
    }
    let none = changed(&header, "alg", json!("none"));
    for forged in [
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{none}.{}", parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.{}x", parts[0], parts[1], parts[2]),
    ] {
        assert_refused(&app, &forged).await;
    }
    assert_eq!(ada.get("/me").await.status, 200);
}

#[tokio::test]
async fn only_the_services_own_key_and_algorithm_count() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let (own, claims) = (header(&ada), part_of(&ada.access_token, 1));
    let with = |alg, kid: Option<&str>| Header {
        kid: kid.map(str::to_owned),
        ..Header::new(alg)
    };
    let kid = own.kid.as_deref();

    let same = signed(&with(Algorithm::HS256, kid), &claims, SECRET);
    assert_eq!(
        me(&app, &same).await.status,
        200,
        "else this test says nothing"
    );

    for (header, secret) in [
        (
            with(Algorithm::HS256, kid),
            &b"another secret of at least 32 bytes"[..],
        ),
        (with(Algorithm::HS256, kid), b""),
        (with(Algorithm::HS384, kid), SECRET),
        (with(Algorithm::HS512, kid), SECRET),
        (with(Algorithm::HS256, None), SECRET),
        (with(Algorithm::HS256, Some("")), SECRET),
        (with(Algorithm::HS256, Some("another")), SECRET),
    ] {
        assert_refused(&app, &signed(&header, &claims, secret)).await;
    }
}

#[tokio::test]
async fn claims_that_the_service_would_not_make_are_refused_even_if_signed() {
    let app = App::start();
    let (ada, bob) = (app.user("Ada", "ALUMNI").await, app.someone().await);
    let (header, claims) = (header(&ada), part_of(&ada.access_token, 1));

    for (key, value) in [
        ("iss", json!("somebody")),
        ("iss", json!(null)),
        ("aud", json!("somebody")),
        ("aud", json!(null)),
        ("exp", json!(1_800_000_000)),
        ("exp", json!(null)),
        ("exp", json!("2000000000")),
        ("exp", json!(i64::MAX)),
        ("sub", json!(bob.id.to_string())),
        ("sub", json!("0")),
        ("sub", json!("ada")),
        ("sub", json!(null)),
        ("sid", json!(session_of(&bob))),
        ("sid", json!(0)),
        ("sid", json!(999_999)),
        ("sid", json!(null)),
        ("role", json!("KING")),
    ] {
        let mut claims = claims.clone();
        claims[key] = value;
        assert_refused(&app, &signed(&header, &claims, SECRET)).await;
    }
    for key in ["iss", "aud", "exp", "sub", "sid"] {
        let mut claims = claims.clone();
        claims.as_object_mut().map(|object| object.remove(key));
        assert_refused(&app, &signed(&header, &claims, SECRET)).await;
    }
}

#[tokio::test]
async fn the_role_that_counts_is_the_one_the_user_has_now() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let mut claims = part_of(&ada.access_token, 1);
    claims["role"] = json!("ADMIN");
    let token = signed(&header(&ada), &claims, SECRET);

    let request = app
        .request(Method::DELETE, &ada.path(""))
        .bearer_auth(token);
    let answer = Answer::of(request).await;

    answer.assert_problem(403, "forbidden");
}

#[tokio::test]
async fn garbage_is_refused() {
    let app = App::start();
    let long = "A".repeat(8_000);

    for token in [
        "",
        " ",
        "x",
        ".",
        "..",
        "...",
        "a.b.c",
        "null",
        "e30.e30.e30",
        &long,
    ] {
        assert_refused(&app, token).await;
    }
}

#[tokio::test]
async fn the_scheme_is_bearer_in_any_letter_case_and_the_header_is_sent_once() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let token = &ada.access_token;
    let send = async |values: &[String]| {
        let mut request = app.request(Method::GET, "/me");
        for value in values {
            request = request.header("authorization", value);
        }
        Answer::of(request).await
    };

    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(send(&[format!("{scheme} {token}")]).await.status, 200);
    }
    for values in [
        vec![],
        vec![String::new()],
        vec![token.clone()],
        vec!["Bearer".to_owned()],
        vec!["Bearer ".to_owned()],
        vec![format!("Bearer{token}")],
        vec![format!("Basic {token}")],
        vec![format!("Token {token}")],
        vec![format!("Bearer Bearer {token}")],
        vec![format!("Bearer {token} {token}")],
        vec![format!("Bearer {token}, Bearer {token}")],
        vec![format!("Bearer {token}"), "Bearer x".to_owned()],
        vec!["Bearer x".to_owned(), format!("Bearer {token}")],
        vec![format!("Bearer {token}"), format!("Bearer {token}")],
    ] {
        let answer = send(&values).await;
        assert_eq!(answer.status, 401, "{values:?}");
        answer.assert_problem(401, "unauthenticated");
    }
    for (values, detail) in [
        (vec![], "no access token was sent"),
        (
            vec![format!("Bearer {token}"), format!("Bearer {token}")],
            "the header Authorization was sent twice",
        ),
        (
            vec![format!("Basic {token}")],
            "the header Authorization is not `Bearer` and an access token",
        ),
    ] {
        assert_eq!(send(&values).await.body["detail"], detail);
    }
}

#[tokio::test]
async fn a_token_counts_in_its_header_only() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for name in ["access_token", "accessToken", "token"] {
        let path = format!("/me?{name}={}", ada.access_token);
        let in_query = app.get(&path).await;
        in_query.assert_problem(401, "unauthenticated");
        let cookie = format!("{name}={}", ada.access_token);
        let request = app.request(Method::GET, "/me").header("cookie", cookie);
        Answer::of(request)
            .await
            .assert_problem(401, "unauthenticated");
    }
}
