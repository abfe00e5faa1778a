//! The audit log over HTTP.

use alumx_tests::{Answer, App, User};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

/// The events on a page, in its order.
fn events(page: &Answer) -> Vec<&str> {
    assert_eq!(page.status, 200, "{page:?}");
    let items = page.body["items"].as_array().into_iter().flatten();
    items.filter_map(|entry| entry["event"].as_str()).collect()
}

async fn log(admin: &User<'_>, query: &str) -> Answer {
    admin.get(&format!("/admin/audit-log{query}")).await
}

async fn fail_to_sign_in(app: &App, identifier: &str) {
    let body = json!({"identifier": identifier, "password": "wrong"});
    let refused = app.post("/auth/login", &body).await;
    refused.assert_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn an_admin_reads_who_did_what_from_where_and_with_which_request() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.someone().await);
    let suspension = admin
        .request(Method::PUT, &ada.path("/suspension"))
        .header("x-request-id", "suspend-1");
    assert_eq!(Answer::of(suspension).await.status, 204);

    let page = log(&admin, "?limit=1").await;

    assert_eq!(events(&page), ["SUSPENDED"]);
    let entry = &page.body["items"][0];
    assert_eq!(entry["actorId"], admin.id);
    assert_eq!(entry["targetId"], ada.id);
    assert_eq!(entry["role"], Value::Null);
    assert_eq!(entry["ipAddress"], "127.0.0.1");
    assert_eq!(entry["requestId"], "suspend-1");
    assert!(entry["createdAt"].is_string() && entry["id"].is_i64());
}

#[tokio::test]
async fn the_life_of_an_account_outlives_it() {
    let app = App::start();
    let admin = app.admin().await;
    let ada = app.user("Ada", "ALUMNI").await;
    fail_to_sign_in(&app, "ada").await;
    let again = app.login("ada").await;
    again.send(Method::POST, "/auth/logout").await;
    let role = json!({"role": "PROFESSOR"});
    admin
        .send_json(Method::PUT, &ada.path("/role"), &role)
        .await;
    admin.send(Method::DELETE, &ada.path("")).await;

    let page = log(&admin, &format!("?targetId={}", ada.id)).await;

    let expected = [
        "ACCOUNT_DELETED",
        "ROLE_CHANGED",
        "SESSION_ENDED",
        "SIGNED_IN",
        "SIGN_IN_FAILED",
        "REGISTERED",
    ];
    assert_eq!(events(&page), expected);
    assert_eq!(page.body["items"][1]["role"], "PROFESSOR");
    assert_eq!(page.body["items"][4]["actorId"], Value::Null);
    let text = page.body.to_string();
    // In quotes: a request id may have these letters, too.
    let names = ["\"ada\"", "Ada", "ada@"];
    assert!(names.iter().all(|name| !text.contains(name)), "{text}");
}

#[tokio::test]
async fn others_may_not_read_it() {
    let app = App::start();
    for role in ["STUDENT", "ALUMNI", "PROFESSOR"] {
        let user = app.user(&format!("Some {role}"), role).await;
        log(&user, "").await.assert_problem(403, "forbidden");
    }
    let nobody = app.get("/admin/audit-log").await;
    nobody.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn filters_hold_together_and_pages_follow_each_other() {
    let app = App::start();
    let admin = app.admin().await;
    for _ in 0..3 {
        app.clock.advance(TimeDelta::minutes(1));
        fail_to_sign_in(&app, "nobody").await;
    }

    let failed = log(&admin, "?event=SIGN_IN_FAILED").await;
    assert_eq!(events(&failed), ["SIGN_IN_FAILED"; 3]);
    let middle = failed.body["items"][1]["createdAt"]
        .as_str()
        .unwrap_or_default();
    let count = async |query: String| events(&log(&admin, &query).await).len();
    assert_eq!(
        count(format!("?event=SIGN_IN_FAILED&from={middle}")).await,
        2
    );
    assert_eq!(count(format!("?event=SIGN_IN_FAILED&to={middle}")).await, 1);
    assert_eq!(
        count(format!("?event=SIGN_IN_FAILED&actorId={}", admin.id)).await,
        0
    );

    let first = log(&admin, "?event=SIGN_IN_FAILED&limit=2").await;
    let cursor = first.body["nextCursor"].as_str().unwrap_or_default();
    let second = log(
        &admin,
        &format!("?event=SIGN_IN_FAILED&limit=2&cursor={cursor}"),
    )
    .await;
    assert_eq!(second.body["items"], json!([failed.body["items"][2]]));
    assert_eq!(second.body["nextCursor"], Value::Null);
}

#[tokio::test]
async fn a_flood_of_failures_is_noted_ten_times_a_minute() {
    let app = App::start();
    let admin = app.admin().await;
    for _ in 0..12 {
        fail_to_sign_in(&app, "nobody").await;
    }

    let failed = log(&admin, "?event=SIGN_IN_FAILED").await;

    assert_eq!(events(&failed).len(), 10);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let app = App::start();
    let admin = app.admin().await;

    for (query, wrong) in [
        ("event=signed_in", "event:invalid_event"),
        ("event=", "event:invalid_event"),
        ("actorId=0", "actorId:invalid_id"),
        ("actorId=-1", "actorId:invalid_id"),
        ("targetId=x", "targetId:invalid_id"),
        ("targetId=9223372036854775808", "targetId:invalid_id"),
        ("from=yesterday", "from:invalid_time"),
        ("to=", "to:invalid_time"),
        ("limit=0", "limit:out_of_range"),
        ("limit=101", "limit:out_of_range"),
        ("cursor=x", "cursor:invalid_cursor"),
        ("sort=id", "sort:unknown_parameter"),
    ] {
        let answer = log(&admin, &format!("?{query}")).await;
        answer.assert_problem(400, "invalid_parameter");
        assert_eq!(answer.field_errors(), [wrong]);
    }
}
