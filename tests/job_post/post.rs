//! Posting, reading, changing and deleting a job.

use alumx_tests::App;
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::{job, job_with, posted, titles};

#[tokio::test]
async fn a_job_is_posted_with_all_its_fields_and_read_back() {
    let app = App::start();
    let ada = app.user("Ada Lovelace", "ALUMNI").await;
    let body = json!({
        "title": " Programmer ", "company": "Engines", "location": "London",
        "employmentType": "CONTRACT", "description": format!(" {}\n\tEnd ", "d".repeat(50)),
        "applyUrl": "https://example.org/apply", "expiresAt": "2027-01-16T10:00:00+02:00",
        "imageUrls": ["https://example.org/b.png", "http://example.org/a.png"],
    });

    let answer = ada.send_json(Method::POST, "/job-posts", &body).await;

    assert_eq!(answer.status, 201);
    let expected = json!({
        "id": 1,
        "author": {"id": ada.id, "username": "ada.lovelace", "name": "Ada Lovelace",
                   "role": "ALUMNI", "deleted": false},
        "title": "Programmer", "company": "Engines", "location": "London",
        "employmentType": "CONTRACT", "description": format!("{}\n\tEnd", "d".repeat(50)),
        "applyUrl": "https://example.org/apply", "expiresAt": "2027-01-16T08:00:00Z",
        "images": [{"position": 0, "url": "https://example.org/b.png"},
                   {"position": 1, "url": "http://example.org/a.png"}],
        "likeCount": 0, "commentCount": 0, "likedByMe": false,
        "createdAt": "2027-01-15T08:00:00Z", "updatedAt": "2027-01-15T08:00:00Z",
    });
    assert_eq!(answer.body, expected);
    assert_eq!(answer.header("location"), "/api/v1/job-posts/1");
    let reader = app.someone().await;
    assert_eq!(reader.get("/job-posts/1").await.body, expected);
}

#[tokio::test]
async fn what_may_be_empty_is_null() {
    let app = App::start();
    let ada = app.someone().await;
    let blank = json!({"company": " ", "location": null, "applyUrl": "", "imageUrls": null});

    let path = posted(&ada, &job_with(&blank)).await;

    let post = ada.get(&path).await.body;
    for field in ["company", "location", "applyUrl", "expiresAt"] {
        assert_eq!(post[field], Value::Null, "{field}");
    }
    assert_eq!(post["images"], json!([]));
}

#[tokio::test]
async fn all_wrong_fields_are_told_at_once() {
    let app = App::start();
    let ada = app.someone().await;
    let body = json!({
        "title": " ", "company": "c".repeat(151), "location": "a\nb", "employmentType": "full_time",
        "description": "d".repeat(49), "applyUrl": "javascript:alert(1)",
        "expiresAt": "2027-01-15T08:00:00Z", "imageUrls": ["https://example.org/a", "file:///etc/passwd", 7],
        "authorId": 1,
    });

    let answer = ada.send_json(Method::POST, "/job-posts", &body).await;

    answer.assert_problem(422, "invalid_fields");
    let expected = [
        "title:required",
        "company:too_long",
        "location:invalid_character",
        "employmentType:invalid_employment_type",
        "description:too_short",
        "applyUrl:invalid_url",
        "expiresAt:not_in_future",
        "imageUrls[1]:invalid_url",
        "imageUrls[2]:invalid_type",
        "authorId:unknown_field",
    ];
    assert_eq!(answer.field_errors(), expected);
}

fn url(length: usize) -> String {
    format!("https://example.org/{}", "a".repeat(length - 20))
}

fn urls(count: usize) -> Value {
    json!(vec!["https://example.org/a.png"; count])
}

#[tokio::test]
async fn every_field_may_be_as_much_as_its_limit() {
    let app = App::start();
    let ada = app.someone().await;

    for fields in [
        json!({"title": "é".repeat(150), "company": "c".repeat(150), "location": "l".repeat(150)}),
        json!({"description": "😀".repeat(5000), "applyUrl": url(2048), "imageUrls": urls(10)}),
        json!({"expiresAt": "2027-01-15T08:00:00.000001Z"}),
    ] {
        posted(&ada, &job_with(&fields)).await;
    }
}

/// Checks that neither a new post nor a change may have these fields, and why.
async fn assert_refused(cases: &[(Value, &str)]) {
    let app = App::start();
    let ada = app.someone().await;
    let path = posted(&ada, &job("Patched")).await;
    for (fields, wrong) in cases {
        let body = job_with(fields);
        let post = ada.send_json(Method::POST, "/job-posts", &body).await;
        assert_eq!(post.field_errors(), [*wrong], "POST {fields}");
        let change = ada.send_json(Method::PATCH, &path, fields).await;
        change.assert_problem(422, "invalid_fields");
        assert_eq!(change.field_errors(), [*wrong], "PATCH {fields}");
    }
}

#[tokio::test]
async fn texts_and_kinds_have_their_limits() {
    assert_refused(&[
        (json!({"title": "t".repeat(151)}), "title:too_long"),
        (json!({"title": null}), "title:required"),
        (json!({"title": 1}), "title:invalid_type"),
        (json!({"title": "a\u{0}b"}), "title:invalid_character"),
        (json!({"location": "l".repeat(151)}), "location:too_long"),
        (
            json!({"description": "d".repeat(5001)}),
            "description:too_long",
        ),
        (
            json!({"description": " ".repeat(60)}),
            "description:required",
        ),
        (json!({"employmentType": null}), "employmentType:required"),
    ])
    .await;
}

#[tokio::test]
async fn addresses_have_their_limits() {
    assert_refused(&[
        (json!({"applyUrl": url(2049)}), "applyUrl:too_long"),
        (
            json!({"applyUrl": "file:///etc/passwd"}),
            "applyUrl:invalid_url",
        ),
        (
            json!({"applyUrl": "ftp://example.org"}),
            "applyUrl:invalid_url",
        ),
        (json!({"imageUrls": urls(11)}), "imageUrls:too_many_items"),
        (
            json!({"imageUrls": "https://example.org"}),
            "imageUrls:invalid_type",
        ),
        (
            json!({"imageUrls": ["javascript:alert(1)"]}),
            "imageUrls[0]:invalid_url",
        ),
        (json!({"imageUrls": [null]}), "imageUrls[0]:required"),
    ])
    .await;
}

#[tokio::test]
async fn the_time_of_expiry_has_its_limits() {
    assert_refused(&[
        (json!({"expiresAt": "tomorrow"}), "expiresAt:invalid_time"),
        (
            json!({"expiresAt": "2028-01-01T00:00:00"}),
            "expiresAt:invalid_time",
        ),
        (json!({"expiresAt": 1}), "expiresAt:invalid_type"),
        (
            json!({"expiresAt": "0001-01-01T00:00:00Z"}),
            "expiresAt:not_in_future",
        ),
        (
            json!({"expiresAt": "0000-01-01T00:00:00Z"}),
            "expiresAt:out_of_range",
        ),
        (
            json!({"expiresAt": "9999-12-31T23:59:59-00:01"}),
            "expiresAt:out_of_range",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_replaces_the_images_whole() {
    let app = App::start();
    let ada = app.someone().await;
    let images = json!(["https://example.org/1", "https://example.org/2"]);
    let body = json!({"company": "Engines", "location": "London", "imageUrls": images});
    let path = posted(&ada, &job_with(&body)).await;
    let before = ada.get(&path).await.body;
    app.clock.advance(TimeDelta::minutes(1));
    let change = json!({"title": "Analyst", "company": null, "expiresAt": "2027-02-01T00:00:00Z",
                       "imageUrls": ["https://example.org/2"]});

    let answer = ada.send_json(Method::PATCH, &path, &change).await;

    let mut expected = before;
    expected["title"] = json!("Analyst");
    expected["company"] = Value::Null;
    expected["expiresAt"] = json!("2027-02-01T00:00:00Z");
    expected["images"] = json!([{"position": 0, "url": "https://example.org/2"}]);
    expected["updatedAt"] = json!("2027-01-15T08:01:00Z");
    assert_eq!((answer.status.as_u16(), &answer.body), (200, &expected));
    app.clock.advance(TimeDelta::minutes(1));
    let nothing = ada.send_json(Method::PATCH, &path, &json!({})).await;
    assert_eq!(nothing.body, expected);
    assert_eq!(ada.get(&path).await.body, expected);
    let null_images = json!({ "imageUrls": null });
    let refused = ada.send_json(Method::PATCH, &path, &null_images).await;
    assert_eq!(refused.field_errors(), ["imageUrls:invalid_type"]);
    let merge = ada.request(Method::PATCH, &path);
    let merge = merge.header("content-type", "application/merge-patch+json");
    let merged = alumx_tests::Answer::of(merge.body(r#"{"expiresAt": null}"#)).await;
    assert_eq!(merged.body["expiresAt"], Value::Null);
}

#[tokio::test]
async fn everybody_but_a_student_may_post_and_a_wrong_body_comes_first() {
    let app = App::start();
    let student = app.user("Stu Dent", "STUDENT").await;

    let post = student
        .send_json(Method::POST, "/job-posts", &job("Job"))
        .await;
    let wrong = student
        .send_json(Method::POST, "/job-posts", &json!({}))
        .await;

    post.assert_problem(403, "forbidden");
    wrong.assert_problem(422, "invalid_fields");
    posted(&app.user("Prof", "PROFESSOR").await, &job("Job")).await;
    posted(&app.admin().await, &job("Job")).await;
}

#[tokio::test]
async fn the_author_changes_a_post_and_the_author_and_admins_delete_it() {
    let app = App::start();
    let (ada, bob, admin) = (app.someone().await, app.someone().await, app.admin().await);
    let (first, second) = (posted(&ada, &job("1")).await, posted(&ada, &job("2")).await);
    let title = json!({"title": "Mine"});

    for other in [&bob, &admin] {
        let changed = other.send_json(Method::PATCH, &first, &title).await;
        changed.assert_problem(403, "forbidden");
    }
    bob.send(Method::DELETE, &first)
        .await
        .assert_problem(403, "forbidden");
    assert_eq!(ada.send(Method::DELETE, &first).await.status, 204);
    assert_eq!(admin.send(Method::DELETE, &second).await.status, 204);
    for user in [&ada, &bob] {
        user.send(Method::DELETE, &first)
            .await
            .assert_problem(404, "not_found");
        user.get(&first).await.assert_problem(404, "not_found");
        let changed = user.send_json(Method::PATCH, &first, &title).await;
        changed.assert_problem(404, "not_found");
    }
}

#[tokio::test]
async fn the_posts_of_a_user_are_all_of_them_newest_first() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let soon = job_with(&json!({"title": "old", "expiresAt": "2027-01-15T08:00:01Z"}));
    posted(&ada, &soon).await;
    posted(&bob, &job("of another")).await;
    posted(&ada, &job("new")).await;
    app.clock.advance(TimeDelta::seconds(1));

    let all = bob.get(&ada.path("/job-posts")).await.body;
    let first = bob.get(&ada.path("/job-posts?limit=1")).await.body;
    let cursor = first["nextCursor"].as_str().unwrap_or_default();
    let next = format!("/job-posts?limit=1&cursor={cursor}");
    let second = bob.get(&ada.path(&next)).await.body;

    assert_eq!(titles(&all), ["new", "old"]);
    assert_eq!(
        (titles(&first), titles(&second)),
        (vec!["new".into()], vec!["old".into()])
    );
    assert_eq!(second["nextCursor"], Value::Null);
    let none = app.someone().await;
    assert_eq!(
        ada.get(&none.path("/job-posts")).await.body["items"],
        json!([])
    );
    ada.get("/users/999/job-posts")
        .await
        .assert_problem(404, "not_found");
    let gone = ada.path("/job-posts");
    let password = json!({"password": alumx_tests::PASSWORD});
    ada.send_json(Method::DELETE, "/me", &password).await;
    bob.get(&gone).await.assert_problem(404, "not_found");
    bob.send(Method::PUT, &gone)
        .await
        .assert_problem(405, "method_not_allowed");
}
