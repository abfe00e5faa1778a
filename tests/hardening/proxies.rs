//! Where requests come from: only trusted proxies are believed.

use alumx_api::hardening::Hardening;
use alumx_api::http::client_address::{ProxyHeaders, TrustedProxies, network};
use alumx_tests::{Answer, App, PASSWORD, User, or_panic, unlimited};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use super::hardened;
use crate::job_post::{job, png, posted};
use crate::resume::multipart;

fn behind(proxy: &str, headers: ProxyHeaders) -> App {
    hardened(Hardening {
        proxies: TrustedProxies::new([or_panic(network(proxy))], headers),
        ..unlimited()
    })
}

/// All that a client may claim, in every header there is for it.
fn claims() -> HeaderMap {
    let claims = [
        (
            "forwarded",
            "for=203.0.113.1;host=standard.example;proto=https",
        ),
        ("x-forwarded-for", "6.6.6.6, 203.0.113.2"),
        ("x-forwarded-host", "plain.example"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "203.0.113.3"),
    ];
    let header = |(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    };
    claims.into_iter().map(header).collect()
}

/// The address that a sign-in with these claims is noted under, and the start of the URL of an
/// image uploaded with them.
async fn seen(app: &App) -> (String, String) {
    app.user("Ada", "ALUMNI").await;
    let login = json!({"identifier": "ada", "password": PASSWORD});
    let login = app.request(Method::POST, "/auth/login").json(&login);
    let ada = User::signed_in(app, &Answer::of(login.headers(claims())).await.body);
    let sessions = ada.get("/me/sessions").await.body;
    let post = posted(&ada, &job("Programmer")).await;
    let body = multipart(&[("file", "; filename=\"x.png\"", &png())]);
    let upload = ada.request(Method::POST, &format!("{post}/images"));
    let upload = upload
        .header("content-type", "multipart/form-data; boundary=b")
        .headers(claims());
    let added = Answer::of(upload.body(body)).await;
    assert_eq!(added.status, 201, "{added:?}");
    assert_eq!(
        added.header("location"),
        added.body["url"].as_str().unwrap_or_default()
    );
    let url = added.body["url"].as_str().unwrap_or_default();
    let (base, _) = url.split_once("/api/v1/images/").unwrap_or_default();
    let address = sessions["items"][0]["ipAddress"].as_str();
    (address.unwrap_or_default().to_owned(), base.to_owned())
}

#[tokio::test]
async fn what_a_client_claims_is_not_believed() {
    let app = App::start();
    let elsewhere = behind("10.0.0.0/8", ProxyHeaders::XForwarded);

    for app in [app, elsewhere] {
        let (address, base) = seen(&app).await;

        assert_eq!(address, "127.0.0.1");
        assert_eq!(base, app.root);
    }
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_in_the_headers_that_it_writes() {
    let plain = behind("127.0.0.0/8", ProxyHeaders::XForwarded);
    let standard = behind("127.0.0.1", ProxyHeaders::Forwarded);

    let (address, base) = seen(&plain).await;
    assert_eq!(
        (address.as_str(), base.as_str()),
        ("203.0.113.2", "https://plain.example")
    );
    let (address, base) = seen(&standard).await;
    assert_eq!(
        (address.as_str(), base.as_str()),
        ("203.0.113.1", "https://standard.example")
    );
}
