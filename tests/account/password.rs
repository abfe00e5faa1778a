//! `PUT /me/password`.

use alumx_tests::{Answer, App, PASSWORD, User};
use reqwest::Method;
use serde_json::{Value, json};

use super::{at_once, count, login, me, refresh};

const NEW: &str = "  analytical engine ";

async fn change(user: &User<'_>, current: &str, new: &str) -> Answer {
    let body = json!({"currentPassword": current, "newPassword": new});
    user.send_json(Method::PUT, "/me/password", &body).await
}

#[tokio::test]
async fn a_changed_password_opens_the_account_and_the_old_one_no_more() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let answer = change(&ada, PASSWORD, NEW).await;

    assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    assert_eq!(login(&app, "ada", NEW).await.status, 200);
    for wrong in [PASSWORD, NEW.trim()] {
        let answer = login(&app, "ada", wrong).await;
        answer.assert_problem(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_this_one_goes_on() {
    let app = App::start();
    let (ada, bob) = (app.user("Ada", "ALUMNI").await, app.someone().await);
    let (this, other) = (app.login("ada").await, app.login("ada").await);
    assert_eq!(other.get("/me").await.status, 200);

    change(&this, PASSWORD, NEW).await;

    for ended in [&ada, &other] {
        let answer = me(&app, &ended.access_token).await;
        answer.assert_problem(401, "unauthenticated");
        let answer = refresh(&app, &ended.refresh_token).await;
        answer.assert_problem(401, "invalid_refresh_token");
    }
    assert_eq!(this.get("/me").await.status, 200);
    assert_eq!(refresh(&app, &this.refresh_token).await.status, 200);
    assert_eq!(bob.get("/me").await.status, 200);
}

#[tokio::test]
async fn an_incorrect_password_changes_nothing() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let other = app.login("ada").await;

    for wrong in ["not her password", "x", " correct horse battery", "\0"] {
        let answer = change(&ada, wrong, NEW).await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), ["currentPassword:incorrect"]);
    }
    assert_eq!(other.get("/me").await.status, 200);
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_new_password_has_8_to_128_characters() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for (new, code) in [
        (json!("1234567"), "too_short"),
        (json!("😀😀😀😀😀😀😀"), "too_short"),
        (json!("😀".repeat(129)), "too_long"),
        (json!("correct\0horse"), "invalid_character"),
        (json!(""), "required"),
        (json!(null), "required"),
        (json!(12_345_678), "invalid_type"),
    ] {
        let body = json!({"currentPassword": PASSWORD, "newPassword": new});
        let answer = ada.send_json(Method::PUT, "/me/password", &body).await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), [format!("newPassword:{code}")]);
    }
    let mut current = PASSWORD.to_owned();
    for new in ["12345678".to_owned(), "🔑".repeat(128)] {
        assert_eq!(change(&ada, &current, &new).await.status, 204);
        current = new;
    }
}

#[tokio::test]
async fn all_wrong_fields_are_told_at_once() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let body = json!({"newPassword": "short", "userId": 1});
    let answer = ada.send_json(Method::PUT, "/me/password", &body).await;

    answer.assert_problem(422, "invalid_fields");
    let wrong = answer.field_errors();
    assert_eq!(
        wrong,
        [
            "currentPassword:required",
            "newPassword:too_short",
            "userId:unknown_field"
        ]
    );
}

#[tokio::test]
async fn of_changes_at_once_exactly_one_succeeds() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let requests = (0..8).map(|n| {
        let body = json!({"currentPassword": PASSWORD, "newPassword": format!("new password {n}")});
        ada.request(Method::PUT, "/me/password").json(&body)
    });
    let answers = at_once(requests).await;

    assert_eq!(count(&answers, 204), 1, "{answers:?}");
    for late in answers.iter().filter(|a| a.status != 204) {
        late.assert_problem(422, "invalid_fields");
        assert_eq!(late.field_errors(), ["currentPassword:incorrect"]);
    }
    assert_eq!(login(&app, "ada", PASSWORD).await.status, 401);
    assert_eq!(ada.get("/me").await.status, 200);
}
