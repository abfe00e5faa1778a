//! Uploaded images of posts.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use alumx_tests::{Answer, App, PASSWORD, Setup, StoreKind, User};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use super::{job, job_with, posted};
use crate::resume::{MIB, files_in, multipart, send_multipart};

/// One pixel.
pub fn png() -> Vec<u8> {
    let text = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    STANDARD.decode(text).unwrap()
}

pub async fn add(user: &User<'_>, post: &str, bytes: &[u8]) -> Answer {
    let body = multipart(&[("file", "; filename=\"x.png\"", bytes)]);
    send_multipart(user, Method::POST, &format!("{post}/images"), body).await
}

/// The images of a post, their positions checked.
async fn urls(user: &User<'_>, post: &str) -> Vec<Value> {
    let images = user.get(post).await.body["images"].clone();
    let images = images.as_array().cloned().unwrap_or_default();
    for (position, image) in images.iter().enumerate() {
        assert_eq!(image["position"], position);
    }
    images
        .into_iter()
        .map(|mut image| image["url"].take())
        .collect()
}

fn path(app: &App, url: &Value) -> String {
    let base = format!("{}/api/v1", app.root);
    url.as_str()
        .unwrap()
        .strip_prefix(&base)
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn an_image_is_appended_and_everybody_sees_it_by_its_url() {
    let app = App::start();
    let ada = app.someone().await;
    let post = posted(
        &ada,
        &job_with(&json!({"imageUrls": ["https://example.org/a"]})),
    )
    .await;
    let dirty = [png(), b"<script>appended</script>".to_vec()].concat();

    let added = add(&ada, &post, &dirty).await;

    assert_eq!(added.status, 201, "{added:?}");
    assert_eq!(added.body["position"], 1);
    let url = &added.body["url"];
    assert_eq!(
        urls(&ada, &post).await,
        [json!("https://example.org/a"), url.clone()]
    );
    let shown = app
        .request(Method::GET, &path(&app, url))
        .send()
        .await
        .unwrap();
    assert_eq!(shown.status(), 200);
    let headers = shown.headers().clone();
    for (name, value) in [
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("content-security-policy", "default-src 'none'; sandbox"),
    ] {
        assert_eq!(headers[name], value);
    }
    assert_eq!(shown.bytes().await.unwrap(), png());
    let known = app.request(Method::GET, &path(&app, url));
    let known = known.header("if-none-match", &headers["etag"]).send().await;
    assert_eq!(known.unwrap().status(), 304);
    let head = app
        .request(Method::HEAD, &path(&app, url))
        .send()
        .await
        .unwrap();
    assert_eq!(
        head.headers()["content-length"],
        png().len().to_string().as_str()
    );
}

#[tokio::test]
async fn images_move_up_and_what_is_taken_off_is_gone() {
    let app = App::start();
    let ada = app.someone().await;
    let post = posted(&ada, &job("Job")).await;
    for _ in 0..3 {
        assert_eq!(add(&ada, &post, &png()).await.status, 201);
    }
    let before = urls(&ada, &post).await;

    let removed = ada.send(Method::DELETE, &format!("{post}/images/1")).await;

    assert_eq!(removed.status, 204);
    assert_eq!(
        urls(&ada, &post).await,
        [before[0].clone(), before[2].clone()]
    );
    assert_eq!(files_in(app.files.path()), 2);
    app.get(&path(&app, &before[1]))
        .await
        .assert_problem(404, "not_found");
    for (position, status, code) in [
        ("2", 404, "not_found"),
        ("65535", 404, "not_found"),
        ("65536", 400, "invalid_parameter"),
        ("-1", 400, "invalid_parameter"),
        ("x", 400, "invalid_parameter"),
    ] {
        let path = format!("{post}/images/{position}");
        ada.send(Method::DELETE, &path)
            .await
            .assert_problem(status, code);
    }
}

#[tokio::test]
async fn the_eleventh_image_is_refused() {
    let app = App::start();
    let ada = app.someone().await;
    let nine = vec!["https://example.org/a"; 9];
    let post = posted(&ada, &job_with(&json!({ "imageUrls": nine }))).await;

    let image = png();
    let (first, second) = tokio::join!(add(&ada, &post, &image), add(&ada, &post, &image));

    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let eleventh = add(&ada, &post, &png()).await;
    eleventh.assert_problem(409, "too_many_images");
    assert_eq!(urls(&ada, &post).await.len(), 10);
    assert_eq!(files_in(app.files.path()), 1);
}

#[tokio::test]
async fn a_patch_keeps_the_uploads_that_it_names_and_takes_none_of_other_posts() {
    let app = App::start();
    let ada = app.someone().await;
    let (post, other) = (
        posted(&ada, &job("Job")).await,
        posted(&ada, &job("Other")).await,
    );
    for path in [&post, &post, &other] {
        add(&ada, path, &png()).await;
    }
    let mine = urls(&ada, &post).await;
    let foreign = urls(&ada, &other).await;
    let patch = |urls: Value| json!({ "imageUrls": urls });

    let relative = format!("/api/v1{}", path(&app, &mine[1]));
    let body = patch(json!(["https://example.org/a", relative]));
    let kept = ada.send_json(Method::PATCH, &post, &body).await;

    assert_eq!(kept.status, 200, "{kept:?}");
    assert_eq!(
        urls(&ada, &post).await,
        [json!("https://example.org/a"), mine[1].clone()]
    );
    assert_eq!(files_in(app.files.path()), 2);
    let unknown = format!("{}/api/v1/images/nothing.png", app.root);
    for (wrong, field) in [(&foreign[0], 1), (&mine[0], 1), (&json!(unknown), 1)] {
        let body = patch(json!([mine[1], wrong]));
        let refused = ada.send_json(Method::PATCH, &post, &body).await;
        refused.assert_problem(422, "invalid_fields");
        assert_eq!(
            refused.field_errors(),
            [format!("imageUrls[{field}]:unknown_image")]
        );
    }
    let new = job_with(&patch(json!([mine[1]])));
    let refused = ada.send_json(Method::POST, "/job-posts", &new).await;
    assert_eq!(refused.field_errors(), ["imageUrls[0]:unknown_image"]);
    let same = ada
        .send_json(Method::PATCH, &post, &patch(json!([mine[1]])))
        .await;
    assert_eq!(
        same.body["images"],
        json!([{"position": 0, "url": mine[1]}])
    );
}

#[tokio::test]
async fn an_upload_is_kept_under_whatever_name_the_service_is_reached() {
    let app = App::start();
    let ada = app.someone().await;
    let (post, other) = (
        posted(&ada, &job("Job")).await,
        posted(&ada, &job("Other")).await,
    );
    add(&ada, &post, &png()).await;
    let mine = urls(&ada, &post).await;
    let renamed = |url: &Value| format!("https://alumni.example.org/api/v1{}", path(&app, url));
    let body = json!({ "imageUrls": [renamed(&mine[0])] });

    let kept = ada.send_json(Method::PATCH, &post, &body).await;
    let foreign = ada.send_json(Method::PATCH, &other, &body).await;

    assert_eq!(kept.status, 200, "{kept:?}");
    assert_eq!(urls(&ada, &post).await, mine);
    assert_eq!(files_in(app.files.path()), 1);
    foreign.assert_problem(422, "invalid_fields");
    assert_eq!(foreign.field_errors(), ["imageUrls[0]:unknown_image"]);
    // A path that no upload has is one of somebody else.
    let elsewhere = json!({ "imageUrls": ["https://example.org/api/v1/images/logo.png"] });
    let linked = ada.send_json(Method::PATCH, &other, &elsewhere).await;
    assert_eq!(linked.status, 200, "{linked:?}");
}

#[tokio::test]
async fn what_is_no_image_is_refused_and_leaves_nothing() {
    let app = App::start();
    let ada = app.someone().await;
    let post = posted(&ada, &job("Job")).await;
    let mut bomb = png();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    // The checksum of the changed header.
    let sum = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&sum.to_be_bytes());
    let cut = &png()[..50];
    for (bytes, status, fields) in [
        (
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
            415,
            vec![],
        ),
        (b"%PDF-1.7 %%EOF".to_vec(), 415, vec![]),
        (cut.to_vec(), 422, vec!["file:invalid_image"]),
        (bomb, 422, vec!["file:image_too_large"]),
        (vec![], 422, vec!["file:required"]),
        (vec![0; 5 * MIB + 1], 413, vec![]),
    ] {
        let answer = add(&ada, &post, &bytes).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.field_errors(), fields);
    }
    assert_eq!(files_in(app.files.path()), 0);
    assert_eq!(urls(&ada, &post).await, [""; 0]);
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

#[tokio::test]
async fn only_the_author_changes_the_images() {
    let app = App::start();
    let (ada, bob, admin) = (app.someone().await, app.someone().await, app.admin().await);
    let post = posted(&ada, &job("Job")).await;
    add(&ada, &post, &png()).await;
    let image = format!("{post}/images/0");

    for stranger in [&bob, &admin] {
        add(stranger, &post, &png())
            .await
            .assert_problem(403, "forbidden");
        let deleted = stranger.send(Method::DELETE, &image).await;
        deleted.assert_problem(403, "forbidden");
    }
    for path in ["/job-posts/999", "/job-posts/0"] {
        let status = if path.ends_with("/0") { 400 } else { 404 };
        assert_eq!(add(&ada, path, &png()).await.status, status);
    }
    let nobody = Answer::of(app.request(Method::DELETE, &image)).await;
    nobody.assert_problem(401, "unauthenticated");
    let nobody = Answer::of(app.request(Method::POST, &format!("{post}/images"))).await;
    nobody.assert_problem(401, "unauthenticated");
    app.get("/images/nothing")
        .await
        .assert_problem(404, "not_found");
}

#[tokio::test]
async fn files_go_with_the_post_and_the_account() {
    let app = App::start();
    let ada = app.someone().await;
    let (post, other) = (
        posted(&ada, &job("Job")).await,
        posted(&ada, &job("Other")).await,
    );
    for path in [&post, &post, &other] {
        add(&ada, path, &png()).await;
    }

    ada.send(Method::DELETE, &post).await;
    assert_eq!(files_in(app.files.path()), 1);
    let password = json!({"password": PASSWORD});
    ada.send_json(Method::DELETE, "/me", &password).await;
    assert_eq!(files_in(app.files.path()), 0);
}

#[tokio::test]
async fn without_room_no_image_is_taken_and_the_post_stays_as_it_is() {
    let app = App::start_as(Setup {
        store: StoreKind::Full,
        ..Setup::default()
    });
    let ada = app.someone().await;
    let post = posted(&ada, &job("Job")).await;

    let refused = add(&ada, &post, &png()).await;

    refused.assert_problem(507, "insufficient_storage");
    assert_eq!(urls(&ada, &post).await, [""; 0]);
    assert_eq!(files_in(app.files.path()), 0);
    let put = ada.send(Method::PUT, &format!("{post}/like")).await;
    assert_eq!(put.status, 204, "{put:?}");
}
