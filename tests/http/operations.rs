//! What those see who run the service, and the docs page.

use alumx_tests::{App, or_panic};
use reqwest::Method;

async fn text(app: &App, path: &str) -> (u16, String, String) {
    let response = or_panic(app.request(Method::GET, path).send().await);
    let status = response.status().as_u16();
    let content_type = response.headers().get("content-type").cloned();
    let content_type = content_type.map(|value| value.to_str().unwrap_or_default().to_owned());
    (
        status,
        content_type.unwrap_or_default(),
        or_panic(response.text().await),
    )
}

#[tokio::test]
async fn a_service_with_its_database_is_alive_and_ready() {
    let app = App::start();

    for (path, says) in [("//healthz", "ok"), ("//readyz", "ready")] {
        let (status, content_type, body) = text(&app, path).await;

        assert_eq!((status, body.as_str()), (200, says));
        assert!(content_type.starts_with("text/plain"), "{content_type}");
    }
}

#[tokio::test]
async fn a_service_without_its_database_is_alive_but_not_ready() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let cut_off = app.another_without_database();

    let alive = cut_off.get("//healthz").await;
    let ready = cut_off.get("//readyz").await;
    let body = serde_json::json!({"identifier": "ada", "password": alumx_tests::PASSWORD});
    let login = cut_off.post("/auth/login", &body).await;
    let request = cut_off
        .request(Method::GET, "/me")
        .bearer_auth(&ada.access_token);
    let me = alumx_tests::Answer::of(request).await;

    assert_eq!(alive.status, 200);
    for answer in [ready, login, me] {
        answer.assert_problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "1");
        for word in ["127.0.0.1", "connection", "postgres", "nowhere"] {
            assert!(!answer.body.to_string().contains(word), "{word}");
        }
    }
}

#[tokio::test]
async fn a_service_whose_database_is_not_migrated_is_not_ready() {
    use diesel::prelude::*;
    let app = App::start();
    let forget = "DELETE FROM __diesel_schema_migrations WHERE version =
        (SELECT max(version) FROM __diesel_schema_migrations)";
    or_panic(diesel::sql_query(forget).execute(&mut app.database.connect()));

    let ready = app.get("//readyz").await;

    ready.assert_problem(503, "unavailable");
    assert_eq!(ready.header("retry-after"), "1");
    assert_eq!(app.get("//healthz").await.status, 200);
}

#[tokio::test]
async fn the_docs_page_and_all_it_loads_come_from_the_service() {
    let app = App::start();

    let (status, content_type, page) = text(&app, "//docs/").await;

    assert_eq!(status, 200);
    assert!(content_type.starts_with("text/html"), "{content_type}");
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "{page}"
    );
    let assets: Vec<_> = page
        .split(['"', '\''])
        .filter(|part| {
            [".js", ".css", ".png"]
                .iter()
                .any(|end| part.ends_with(end))
        })
        .collect();
    assert!(assets.len() >= 4, "{assets:?}");
    for asset in assets {
        assert!(!asset.starts_with("//"), "{asset}");
        let (status, content_type, content) = text(&app, &format!("//docs/{asset}")).await;

        assert_eq!(status, 200, "{asset}");
        assert!(
            !content_type.starts_with("text/html") && !content.is_empty(),
            "{asset}"
        );
    }
    let (_, _, initializer) = text(&app, "//docs/swagger-initializer.js").await;
    assert!(initializer.contains("/api/v1/openapi.json"));
    assert!(!initializer.contains("://"), "{initializer}");
}

#[tokio::test]
async fn the_docs_are_found_without_the_slash_and_nothing_else_is_below_them() {
    let app = App::start();

    let redirect = app.send_target("GET", "/docs", "");
    assert_eq!(redirect.status.as_u16(), 308);
    assert_eq!(redirect.header("location"), "/docs/");
    for path in ["//docs/nothing.js", "//docs/a/b", "//docs/etc/passwd"] {
        app.get(path).await.assert_problem(404, "not_found");
    }
    for path in ["/docs", "/docs/"] {
        let answer = app.send_target("POST", path, "");
        answer.assert_problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), "GET, HEAD");
    }
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status_and_nobody_is_named() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    ada.get(&ada.path("")).await;
    ada.get("/users/999999").await;
    app.get("/nowhere").await;
    app.send_target("BREW", "/api/v1/me", "");

    let (status, content_type, body) = text(&app, "//metrics").await;

    assert_eq!(status, 200);
    assert!(content_type.starts_with("text/plain"), "{content_type}");
    let count = |method: &str, route: &str, status: u16| {
        let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
        body.lines()
            .find_map(|line| {
                line.strip_prefix(&format!(
                    "alumx_http_request_duration_seconds_count{labels} "
                ))
            })
            .map(str::to_owned)
    };
    let one = Some("1".to_owned());
    assert_eq!(count("GET", "/api/v1/users/{id}", 200), one, "{body}");
    assert_eq!(count("GET", "/api/v1/users/{id}", 404), one);
    assert_eq!(count("GET", "none", 404), one);
    assert_eq!(count("other", "/api/v1/me", 405), one);
    for gauge in [
        "database_connections{database=\"primary\"} 3",
        "database_waiting{database=\"primary\"} 0",
        "password_hashes_waiting 0",
    ] {
        assert!(body.contains(&format!("alumx_{gauge}\n")), "{gauge}");
    }
    assert!(!body.contains("999999") && !body.contains("nowhere"));
}
