//! The bytes of a resume: whole, in part, or not again.

use alumx_tests::{App, User};
use reqwest::{Method, Response};

use super::{pdf, upload};

async fn file(user: &User<'_>, method: Method, headers: &[(&str, &str)]) -> Response {
    let mut request = user.request(method, &user.path("/resume/file"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_file_comes_whole_under_its_name_and_tag() {
    let app = App::start();
    let ada = app.someone().await;
    let bytes = pdf(300_000);
    let resume = upload(&ada, "Grüße \\\"1\\\".pdf", &bytes).await;
    let etag = format!("\"{}\"", resume.body["sha256"].as_str().unwrap());

    let whole = file(&ada, Method::GET, &[]).await;

    assert_eq!(whole.status(), 200);
    for (name, value) in [
        ("content-type", "application/pdf"),
        ("content-length", "300000"),
        ("accept-ranges", "bytes"),
        ("x-content-type-options", "nosniff"),
        ("etag", &etag),
        (
            "content-disposition",
            "attachment; filename=\"Gr__e _1_.pdf\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%221%22.pdf",
        ),
    ] {
        assert_eq!(header(&whole, name), value, "{name}");
    }
    assert_eq!(whole.bytes().await.unwrap(), bytes);
    let head = file(&ada, Method::HEAD, &[]).await;
    assert_eq!(
        (head.status().as_u16(), header(&head, "content-length")),
        (200, "300000")
    );
    assert_eq!(head.bytes().await.unwrap().len(), 0);
    let again = file(&ada, Method::GET, &[("if-none-match", &etag)]).await;
    assert_eq!(
        (again.status().as_u16(), header(&again, "etag")),
        (304, &*etag)
    );
    let other = file(&ada, Method::GET, &[("if-none-match", "\"x\"")]).await;
    assert_eq!(other.status(), 200);
}

#[tokio::test]
async fn a_part_comes_alone() {
    let app = App::start();
    let ada = app.someone().await;
    let bytes = pdf(1000);
    let resume = upload(&ada, "cv.pdf", &bytes).await;
    let etag = format!("\"{}\"", resume.body["sha256"].as_str().unwrap());

    for (range, part) in [
        ("bytes=0-4", 0..5),
        ("bytes=990-", 990..1000),
        ("bytes=-7", 993..1000),
    ] {
        let answer = file(&ada, Method::GET, &[("range", range), ("if-range", &etag)]).await;

        assert_eq!(answer.status(), 206, "{range}");
        let expected = format!("bytes {}-{}/1000", part.start, part.end - 1);
        assert_eq!(header(&answer, "content-range"), expected);
        assert_eq!(answer.bytes().await.unwrap(), bytes[part], "{range}");
    }
    for headers in [
        &[("range", "bytes=0-1,3-4")][..],
        &[("range", "bytes=4-0")],
        &[("range", "bytes=0-4"), ("if-range", "\"x\"")],
    ] {
        let answer = file(&ada, Method::GET, headers).await;
        assert_eq!(answer.status(), 200, "{headers:?}");
        assert_eq!(answer.bytes().await.unwrap(), bytes);
    }
    let request = ada.request(Method::GET, &ada.path("/resume/file"));
    let beyond = alumx_tests::Answer::of(request.header("range", "bytes=1000-")).await;
    beyond.assert_problem(416, "range_not_satisfiable");
    assert_eq!(beyond.header("content-range"), "bytes */1000");
}
