//! What every answer tells browsers not to do with it.

use alumx_api::hardening::Hardening;
use alumx_tests::{Answer, App, unlimited};
use reqwest::Method;

use super::hardened;
use crate::job_post::{job, png, posted};
use crate::resume::{multipart, send_multipart};

const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

fn assert_secured(answer: &Answer, policy: &str, cache: &str, what: &str) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
    assert_eq!(answer.header("x-frame-options"), "DENY", "{what}");
    assert_eq!(answer.header("content-security-policy"), policy, "{what}");
    assert_eq!(answer.header("cache-control"), cache, "{what}");
    assert_eq!(answer.header("strict-transport-security"), "", "{what}");
}

#[tokio::test]
async fn answers_of_the_api_are_data_and_nobody_keeps_them() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let post = posted(&ada, &job("Programmer")).await;

    for (answer, what) in [
        (ada.get("/me").await, "private data"),
        (
            app.login("ada")
                .await
                .send(Method::POST, "/auth/logout")
                .await,
            "no content",
        ),
        (ada.get(&format!("{post}/comments")).await, "a list"),
        (app.get("/me").await, "a problem"),
        (app.get("/nowhere").await, "no route"),
        (app.get("//nowhere").await, "no route at the root"),
        (app.get("/auth/login").await, "another method"),
        (app.get("//healthz").await, "health"),
        (app.get("//metrics").await, "metrics"),
        (app.get("/openapi.json").await, "the document"),
        (
            app.send_target("GET", "/api/v1/%2e%2e/x", ""),
            "an odd path",
        ),
    ] {
        assert_secured(&answer, NOTHING, "no-store", what);
    }
    let body = serde_json::json!({"identifier": "ada", "password": alumx_tests::PASSWORD});
    assert_secured(
        &app.post("/auth/login", &body).await,
        NOTHING,
        "no-store",
        "tokens",
    );
}

#[tokio::test]
async fn a_route_says_by_itself_how_long_its_answer_may_be_kept() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let post = posted(&ada, &job("Programmer")).await;
    let body = multipart(&[("file", "; filename=\"x.png\"", &png())]);
    let image = send_multipart(&ada, Method::POST, &format!("{post}/images"), body).await;
    let url = image.body["url"].as_str().unwrap_or_default().to_owned();
    let path = url.replacen(&format!("{}/api/v1", app.root), "", 1);

    let profile = ada.get(&ada.path("")).await;
    assert_secured(&profile, NOTHING, "private, no-cache", "a profile");
    let image = app.get(&path).await;
    let forever = "public, max-age=31536000, immutable";
    assert_secured(&image, "default-src 'none'; sandbox", forever, "an image");
}

#[tokio::test]
async fn the_docs_run_their_own_scripts_and_no_others() {
    let app = App::start();

    for path in [
        "//docs",
        "//docs/",
        "//docs/realtime",
        "//docs/realtime.js",
        "//docs/swagger-ui.css",
    ] {
        let answer = app.get(path).await;

        assert_eq!(answer.status, 200, "{path}");
        let policy = answer.header("content-security-policy").to_owned();
        assert_secured(&answer, &policy, "", path);
        assert!(
            policy.contains("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
    // Only what is below them.
    assert_secured(
        &app.get("//docsx").await,
        NOTHING,
        "no-store",
        "beside the docs",
    );
    for page in ["//docs/", "//docs/realtime"] {
        let response = app.request(Method::GET, page).send().await;
        let page = alumx_tests::or_panic(alumx_tests::or_panic(response).text().await);
        let scripts: Vec<_> = page.split("<script").skip(1).collect();
        assert!(!scripts.is_empty());
        for script in scripts {
            let (attributes, code) = script.split_once('>').unwrap_or_default();
            assert!(attributes.contains("src="), "{script}");
            assert!(code.trim_start().starts_with("</script>"), "{script}");
        }
    }
}

#[tokio::test]
async fn browsers_are_told_to_come_by_https_only_if_that_was_set() {
    let app = hardened(Hardening {
        https_only: true,
        ..unlimited()
    });

    for path in ["/me", "//docs/", "//healthz", "/nowhere"] {
        let answer = app.get(path).await;
        assert_eq!(
            answer.header("strict-transport-security"),
            "max-age=31536000"
        );
    }
}
