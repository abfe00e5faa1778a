//! `DELETE /me` and `DELETE /users/{id}`: what is left of an account.

use alumx_tests::{Answer, App, PASSWORD, User, or_panic};
use reqwest::Method;
use serde_json::{Value, json};

use super::{login, me, refresh};

async fn delete_own(user: &User<'_>, password: &str) -> Answer {
    let body = json!({"password": password});
    user.send_json(Method::DELETE, "/me", &body).await
}

async fn assert_gone(user: &User<'_>, others: &[&User<'_>]) {
    let app = user.app;
    me(app, &user.access_token)
        .await
        .assert_problem(401, "unauthenticated");
    refresh(app, &user.refresh_token)
        .await
        .assert_problem(401, "invalid_refresh_token");
    let email = format!("{}@example.org", user.username);
    for identifier in [&user.username, &email] {
        login(app, identifier, PASSWORD)
            .await
            .assert_problem(401, "invalid_credentials");
    }
    let by_name = format!("/users/by-username/{}", user.username);
    for other in others {
        for path in [&user.path(""), &user.path("/skills"), &by_name] {
            other.get(path).await.assert_problem(404, "not_found");
        }
        let directory = other.get(&format!("/users?q={}", user.username)).await;
        assert_eq!(directory.body["items"], json!([]));
    }
}

#[tokio::test]
async fn who_deletes_the_own_account_is_gone_for_everybody() {
    let app = App::start();
    let (admin, bob) = (app.admin().await, app.user("Bob", "STUDENT").await);
    let ada = app.user("Ada", "ALUMNI").await;
    ada.patch(json!({"skills": ["Analysis"], "about": "Wrote notes."}))
        .await;
    let elsewhere = app.login("ada").await;
    assert_eq!(elsewhere.get("/me").await.status, 200);

    let answer = delete_own(&ada, PASSWORD).await;

    assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    assert_gone(&ada, &[&bob, &admin]).await;
    assert_gone(&elsewhere, &[&bob]).await;
    assert_eq!(delete_own(&ada, PASSWORD).await.status, 401);
}

#[tokio::test]
async fn whom_an_admin_deletes_is_gone_for_everybody() {
    let app = App::start();
    let (admin, bob) = (app.admin().await, app.user("Bob", "STUDENT").await);
    let ada = app.user("Ada", "ALUMNI").await;
    assert_eq!(ada.get("/me").await.status, 200);

    let answer = admin.send(Method::DELETE, &ada.path("")).await;

    assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    assert_gone(&ada, &[&bob, &admin]).await;
    let again = admin.send(Method::DELETE, &ada.path("")).await;
    again.assert_problem(404, "not_found");
}

#[tokio::test]
async fn both_names_of_a_deleted_user_are_free_and_lead_to_the_next_one_only() {
    let app = App::start();
    let old = app.user("Ada", "ALUMNI").await;
    delete_own(&old, PASSWORD).await;

    let new = app.user("ADA", "STUDENT").await;

    assert_ne!(new.id, old.id);
    assert_eq!(app.login("ada@example.org").await.id, new.id);
    assert_eq!(old.get("/me").await.status, 401);
    let found = new.get("/users/by-username/ada").await;
    assert_eq!(found.body["id"], new.id);
    let profile = new.get(&old.path("")).await;
    profile.assert_problem(404, "not_found");
}

#[tokio::test]
async fn nothing_personal_is_left_in_the_row_of_a_deleted_user() {
    use diesel::prelude::*;
    use diesel::sql_types::Text;

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        left: String,
    }

    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    ada.patch(json!({
        "about": "Wrote notes.", "currentCompany": "Engines", "skills": ["Analysis"],
        "linkedinUrl": "https://linkedin.example/ada",
    }))
    .await;

    delete_own(&ada, PASSWORD).await;

    let sql = "SELECT string_agg(kept.key, ' ' ORDER BY kept.key) AS left \
               FROM users, jsonb_each(jsonb_strip_nulls(to_jsonb(users))) AS kept";
    let row: Row = or_panic(diesel::sql_query(sql).get_result(&mut app.database.connect()));
    assert_eq!(
        row.left,
        "created_at deleted_at id profile_completed revision updated_at"
    );
}

#[tokio::test]
async fn a_wrong_or_missing_password_deletes_nothing() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for (body, wrong) in [
        (
            json!({"password": "not her password"}),
            "password:incorrect",
        ),
        (json!({"password": "x"}), "password:incorrect"),
        (
            json!({"password": "correct horse battery "}),
            "password:incorrect",
        ),
        (json!({"password": ""}), "password:required"),
        (json!({"password": null}), "password:required"),
        (json!({}), "password:required"),
        (json!({"password": 1}), "password:invalid_type"),
        (json!({"password": PASSWORD, "id": 1}), "id:unknown_field"),
    ] {
        let answer = ada.send_json(Method::DELETE, "/me", &body).await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), [wrong]);
    }
    let bodiless = ada.send(Method::DELETE, "/me").await;
    bodiless.assert_problem(415, "unsupported_media_type");
    assert_eq!(ada.get("/me").await.status, 200);
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 200);
}
