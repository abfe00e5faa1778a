//! `X-Request-Id`: the client's if it is a good one, else a new one.

use std::collections::HashSet;

use alumx_tests::{Answer, App};
use reqwest::Method;

async fn echoed(app: &App, path: &str, id: &str) -> Answer {
    let request = app.request(Method::GET, path).header("x-request-id", id);
    Answer::of(request).await
}

#[tokio::test]
async fn a_good_id_is_kept_in_the_answer_and_the_problem() {
    let app = App::start();
    let longest = "x".repeat(128);

    for id in ["a", "0192F0C1-6a7e_7c1c.9f55", "---", &longest] {
        for (path, status) in [
            ("//healthz", 200),
            ("/me", 401),
            ("/nowhere", 404),
            ("/auth/login", 405),
        ] {
            let answer = echoed(&app, path, id).await;

            assert_eq!(answer.status.as_u16(), status);
            assert_eq!(answer.header("x-request-id"), id);
            if status >= 400 {
                assert_eq!(answer.body["requestId"], id);
            }
        }
    }
}

#[tokio::test]
async fn a_bad_id_is_replaced() {
    let app = App::start();
    let too_long = "x".repeat(129);

    for id in [
        "", " ", "a b", "a/b", "ä", "<script>", "a;b", "a:b", "a,b", "{}", &too_long,
    ] {
        let answer = echoed(&app, "/me", id).await;

        let made = answer.header("x-request-id");
        assert!(made != id && made.len() == 36, "{id} {made}");
        answer.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn every_request_without_an_id_gets_one_of_its_own() {
    let app = App::start();

    let mut ids = HashSet::new();
    for path in [
        "//healthz",
        "//healthz",
        "/me",
        "/nowhere",
        "//docs/",
        "/openapi.json",
    ] {
        ids.insert(app.get(path).await.header("x-request-id").to_owned());
    }

    assert_eq!(ids.len(), 6);
    assert!(!ids.contains(""));
}
