//! What admins do with accounts: roles and suspensions.

use alumx_tests::{Answer, App, PASSWORD, User, or_panic};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use reqwest::Method;
use serde_json::{Value, json};

use super::{login, me, put_role, refresh, suspend};

/// The reason that is kept of a user's suspension.
fn reason(user: &User<'_>) -> Option<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        suspension_reason: Option<String>,
    }
    let sql = format!("SELECT suspension_reason FROM users WHERE id = {}", user.id);
    let row: Row = or_panic(diesel::sql_query(sql).get_result(&mut user.app.database.connect()));
    row.suspension_reason
}

async fn suspend_with(admin: &User<'_>, user: &User<'_>, body: &Value) -> Answer {
    admin
        .send_json(Method::PUT, &user.path("/suspension"), body)
        .await
}

async fn lift(admin: &User<'_>, user: &User<'_>) -> Answer {
    admin.send(Method::DELETE, &user.path("/suspension")).await
}

#[tokio::test]
async fn an_admin_gives_any_role_and_everybody_sees_it() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "STUDENT").await);

    for role in ["ALUMNI", "PROFESSOR", "ADMIN", "ADMIN", "STUDENT"] {
        let answer = put_role(&admin, &ada, role).await;

        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, ada.get("/me").await.body);
        assert_eq!(answer.body["role"], role);
        assert_eq!(answer.body["email"], "ada@example.org");
        assert_eq!(admin.get(&ada.path("")).await.body["role"], role);
        let listed = admin.get(&format!("/users?role={role}&q=ada")).await;
        assert_eq!(listed.body["items"][0]["id"], ada.id);
    }
}

#[tokio::test]
async fn a_new_admin_may_at_once_what_a_former_one_may_no_more() {
    let app = App::start();
    let (admin, ada, bob) = (app.admin().await, app.someone().await, app.someone().await);
    put_role(&ada, &bob, "STUDENT")
        .await
        .assert_problem(403, "forbidden");

    put_role(&admin, &ada, "ADMIN").await;
    let demoted = put_role(&ada, &admin, "ALUMNI").await;

    assert_eq!(demoted.status, 200);
    put_role(&admin, &bob, "STUDENT")
        .await
        .assert_problem(403, "forbidden");
    assert_eq!(put_role(&ada, &bob, "PROFESSOR").await.status, 200);
}

#[tokio::test]
async fn a_role_is_a_required_role_and_the_only_field() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "STUDENT").await);

    for (body, wrong) in [
        (json!({}), "role:required"),
        (json!({"role": null}), "role:required"),
        (json!({"role": 1}), "role:invalid_type"),
        (json!({"role": "admin"}), "role:invalid_role"),
        (json!({"role": "OWNER"}), "role:invalid_role"),
        (json!({"role": "ADMIN\0"}), "role:invalid_role"),
        (json!({"role": "ADMIN", "id": 1}), "id:unknown_field"),
    ] {
        let answer = admin
            .send_json(Method::PUT, &ada.path("/role"), &body)
            .await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), [wrong]);
    }
    assert_eq!(ada.get("/me").await.body["role"], "STUDENT");
}

#[tokio::test]
async fn a_suspension_ends_all_sessions_until_it_is_lifted() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);
    let elsewhere = app.login("ada").await;
    for user in [&ada, &elsewhere] {
        assert_eq!(user.get("/me").await.status, 200);
    }

    for _ in 0..2 {
        let answer = suspend(&admin, &ada).await;
        assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    }

    for user in [&ada, &elsewhere] {
        let answer = me(&app, &user.access_token).await;
        answer.assert_problem(401, "unauthenticated");
        let answer = refresh(&app, &user.refresh_token).await;
        answer.assert_problem(401, "invalid_refresh_token");
    }
    let refused = login(&app, "ada", PASSWORD).await;
    refused.assert_problem(403, "account_suspended");

    for _ in 0..2 {
        let answer = lift(&admin, &ada).await;
        assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    }
    assert_eq!(app.login("ada").await.get("/me").await.status, 200);
    assert_eq!(me(&app, &ada.access_token).await.status, 401);
}

#[tokio::test]
async fn a_suspension_may_have_a_reason() {
    let app = App::start();
    let admin = app.admin().await;
    let (longest, trimmed) = ("😀".repeat(500), format!(" {} ", "a".repeat(500)));

    for (body, kept) in [
        (json!({"reason": "Sold a thesis."}), Some("Sold a thesis.")),
        (
            json!({"reason": "First.\n\tSecond."}),
            Some("First.\n\tSecond."),
        ),
        (json!({"reason": longest}), Some(&*longest)),
        (json!({"reason": trimmed}), Some(trimmed.trim())),
        (json!({"reason": "  \n"}), None),
        (json!({"reason": null}), None),
        (json!({}), None),
    ] {
        let user = app.someone().await;
        let answer = suspend_with(&admin, &user, &body).await;

        assert_eq!(answer.status, 204, "{body}");
        assert_eq!(reason(&user).as_deref(), kept);
        let refused = login(&app, &user.username, PASSWORD).await;
        refused.assert_problem(403, "account_suspended");
    }
}

#[tokio::test]
async fn a_body_that_is_empty_is_none_whatever_its_type() {
    let app = App::start();
    let admin = app.admin().await;

    for content_type in [None, Some("application/json"), Some("text/plain")] {
        let user = app.someone().await;
        let mut request = admin.request(Method::PUT, &user.path("/suspension"));
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = Answer::of(request).await;

        assert_eq!(answer.status, 204, "{content_type:?} {:?}", answer.body);
    }
}

#[tokio::test]
async fn a_reason_that_breaks_its_rules_suspends_nobody() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);

    for (body, wrong) in [
        (json!({"reason": "a".repeat(501)}), "reason:too_long"),
        (json!({"reason": "😀".repeat(501)}), "reason:too_long"),
        (json!({"reason": "a\0b"}), "reason:invalid_character"),
        (json!({"reason": 1}), "reason:invalid_type"),
        (json!({"reason": ["x"]}), "reason:invalid_type"),
        (json!({"until": "2030-01-01"}), "until:unknown_field"),
    ] {
        let answer = suspend_with(&admin, &ada, &body).await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), [wrong]);
    }
    for body in [json!(null), json!([]), json!("Sold a thesis.")] {
        let answer = suspend_with(&admin, &ada, &body).await;
        answer.assert_problem(422, "invalid_fields");
    }
    assert_eq!(ada.get("/me").await.status, 200);
}

#[tokio::test]
async fn a_suspended_users_profile_stays_and_the_names_stay_taken() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);

    suspend(&admin, &ada).await;

    assert_eq!(admin.get(&ada.path("")).await.status, 200);
    let body = json!({
        "username": "ada", "name": "Ada", "email": "ada@example.org",
        "password": PASSWORD, "role": "ALUMNI",
    });
    let taken = app.post("/auth/register", &body).await;
    taken.assert_problem(409, "taken");
}
