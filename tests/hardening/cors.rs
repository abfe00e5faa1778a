//! Pages of other origins: what they may do, and that by default they may do nothing.

use alumx_api::hardening::Hardening;
use alumx_api::http::cors::{Cors, origin};
use alumx_tests::{Answer, App, or_panic, unlimited};
use reqwest::Method;

use super::hardened;

const PAGE: &str = "https://app.example.org";

fn open_to(origins: &[&str]) -> App {
    let origins = origins.iter().map(|text| or_panic(origin(text)));
    hardened(Hardening {
        cors: Cors::new(origins),
        ..unlimited()
    })
}

/// What a browser asks before a page of `origin` sends a PATCH.
async fn preflight(app: &App, origin: &str, path: &str) -> Answer {
    let request = app
        .request(Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", "PATCH")
        .header(
            "access-control-request-headers",
            "authorization,content-type,if-match",
        );
    Answer::of(request).await
}

async fn get(app: &App, origin: &str, path: &str) -> Answer {
    Answer::of(app.request(Method::GET, path).header("origin", origin)).await
}

fn assert_closed(answer: &Answer) {
    for name in answer.headers.keys() {
        assert!(!name.as_str().starts_with("access-control-"), "{answer:?}");
    }
}

#[tokio::test]
async fn by_default_no_page_of_another_origin_gets_anything() {
    let app = App::start();

    let asked = preflight(&app, PAGE, "/users/1").await;
    asked.assert_problem(405, "method_not_allowed");
    assert_closed(&asked);
    let read = get(&app, PAGE, "/openapi.json").await;
    assert_eq!(read.status, 200);
    assert_closed(&read);
    assert_eq!(read.header("vary"), "");
}

#[tokio::test]
async fn a_browser_is_told_what_a_page_of_an_allowed_origin_may_do() {
    let app = open_to(&["https://other.example", PAGE]);

    let asked = preflight(&app, PAGE, "/users/1").await;

    assert_eq!(asked.status, 204);
    assert_eq!(asked.header("access-control-allow-origin"), PAGE);
    assert_eq!(
        asked.header("access-control-allow-methods"),
        "DELETE, GET, HEAD, PATCH"
    );
    let headers = asked.header("access-control-allow-headers").to_lowercase();
    for header in [
        "authorization",
        "content-type",
        "if-match",
        "if-none-match",
        "range",
        "x-request-id",
    ] {
        assert!(
            headers.split(", ").any(|allowed| allowed == header),
            "{header}"
        );
    }
    assert_eq!(asked.header("access-control-max-age"), "3600");
    assert_eq!(asked.header("access-control-allow-credentials"), "");
    assert_eq!(asked.header("vary"), "Origin");
    assert_ne!(asked.header("x-request-id"), "");
    // What is no question of a browser is what it was.
    let options = Answer::of(
        app.request(Method::OPTIONS, "/users/1")
            .header("origin", PAGE),
    )
    .await;
    options.assert_problem(405, "method_not_allowed");
    preflight(&app, PAGE, "/nowhere")
        .await
        .assert_problem(404, "not_found");
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_reads_answers_and_problems() {
    let app = open_to(&[PAGE]);

    for path in [
        "/openapi.json",
        "/me",
        "/nowhere",
        "/auth/login",
        "/users?limit=0",
        "//healthz",
    ] {
        let answer = get(&app, PAGE, path).await;

        assert_eq!(answer.header("access-control-allow-origin"), PAGE, "{path}");
        let exposed = answer
            .header("access-control-expose-headers")
            .to_lowercase();
        for header in [
            "location",
            "etag",
            "retry-after",
            "x-request-id",
            "ratelimit",
            "ratelimit-policy",
            "content-disposition",
        ] {
            assert!(exposed.split(", ").any(|name| name == header), "{header}");
        }
        assert_eq!(answer.header("vary"), "Origin");
    }
    // Without an origin as well: what is kept on the way must not be told to others.
    assert_eq!(app.get("/openapi.json").await.header("vary"), "Origin");
}

#[tokio::test]
async fn a_page_of_another_origin_gets_nothing() {
    let app = open_to(&[PAGE]);

    for other in [
        "https://evil.example",
        "http://app.example.org",
        "https://app.example.org:444",
        "null",
        "https://app.example.org.evil.example",
    ] {
        let asked = preflight(&app, other, "/users/1").await;
        asked.assert_problem(405, "method_not_allowed");
        let read = get(&app, other, "/openapi.json").await;
        for answer in [asked, read] {
            assert_closed(&answer);
            assert_eq!(answer.header("vary"), "Origin", "{other}");
        }
    }
}

#[tokio::test]
async fn any_origin_may_be_allowed() {
    let app = open_to(&["*"]);

    for origin in ["https://evil.example", "null"] {
        let asked = preflight(&app, origin, "/users/1").await;
        let read = get(&app, origin, "/openapi.json").await;

        assert_eq!((asked.status.as_u16(), read.status.as_u16()), (204, 200));
        for answer in [asked, read] {
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
    }
}

#[tokio::test]
async fn a_page_opens_a_socket_only_from_the_own_host_or_an_allowed_origin() {
    let closed = App::start();
    let open = open_to(&[PAGE]);
    let any = open_to(&["*"]);
    // Whoever may is told that this is no handshake.
    let refused = (403, "origin_not_allowed");
    let heard = (426, "upgrade_required");

    for (app, origin, (status, code)) in [
        (&closed, closed.root.clone(), heard),
        (&closed, PAGE.to_owned(), refused),
        (&closed, "null".to_owned(), refused),
        (&open, open.root.clone(), heard),
        (&open, PAGE.to_owned(), heard),
        (&open, "https://evil.example".to_owned(), refused),
        (&any, "https://evil.example".to_owned(), heard),
    ] {
        get(app, &origin, "/ws").await.assert_problem(status, code);
    }
}
