//! Claiming imported accounts.

use super::*;
use diesel::prelude::*;

const TOKEN: &str = "6f1c2d9be0a7483fb0c95d2a7e41f8835b7de4c1a9f02368d4e7b1c05a9f3e62";

/// Makes this user's account one that was imported and never claimed; until the clock's year 2030
/// [`TOKEN`] claims it.
fn unclaim(user: &User<'_>) {
    for sql in [
        format!(
            "UPDATE users SET password_hash = NULL WHERE id = {}",
            user.id
        ),
        format!("DELETE FROM sessions WHERE user_id = {}", user.id),
        format!(
            "INSERT INTO invitations SELECT {}, sha256('{TOKEN}'), '2030-01-01', now()",
            user.id
        ),
    ] {
        or_panic(diesel::sql_query(sql).execute(&mut user.app.database.connect()));
    }
}

fn body(token: &str) -> Value {
    json!({"token": token, "password": "my first password"})
}

async fn claim(app: &App, token: &str) -> Answer {
    app.post("/auth/claim", &body(token)).await
}

#[tokio::test]
async fn a_claim_signs_in_once_and_the_password_opens_the_account() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    unclaim(&ada);
    login(&app, "ada", "")
        .await
        .assert_problem(422, "invalid_fields");
    login(&app, "ada", "x")
        .await
        .assert_problem(401, "invalid_credentials");

    let claimed = claim(&app, TOKEN).await;

    assert_eq!(claimed.status, 200, "{claimed:?}");
    assert_eq!(claimed.header("cache-control"), "no-store");
    assert_eq!(claimed.body["user"]["id"], ada.id);
    assert_eq!(claimed.body["tokenType"], "Bearer");
    let access = text(&claimed.body["accessToken"]);
    assert_eq!(me(&app, access).await.status, 200);
    assert_eq!(login(&app, "ada", "my first password").await.status, 200);
    claim(&app, TOKEN)
        .await
        .assert_problem(401, "invalid_invitation");
}

#[tokio::test]
async fn what_is_no_invitation_claims_nothing() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    unclaim(&ada);

    for wrong in ["x", &TOKEN[1..], &TOKEN.to_uppercase(), "\u{0}"] {
        claim(&app, wrong)
            .await
            .assert_problem(401, "invalid_invitation");
    }
    app.clock.advance(chrono::TimeDelta::days(5 * 365));
    claim(&app, TOKEN)
        .await
        .assert_problem(401, "invalid_invitation");
}

#[tokio::test]
async fn suspended_and_deleted_accounts_are_not_claimed() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);
    unclaim(&ada);

    suspend(&admin, &ada).await;
    claim(&app, TOKEN)
        .await
        .assert_problem(403, "account_suspended");
    admin.send(Method::DELETE, &ada.path("")).await;
    claim(&app, TOKEN)
        .await
        .assert_problem(401, "invalid_invitation");
}

#[tokio::test]
async fn of_many_claims_at_once_one_wins() {
    let app = App::start();
    unclaim(&app.user("Ada", "ALUMNI").await);
    let requests = (0..6).map(|_| app.request(Method::POST, "/auth/claim").json(&body(TOKEN)));

    let answers = at_once(requests).await;

    assert_eq!((count(&answers, 200), count(&answers, 401)), (1, 5));
}

#[tokio::test]
async fn token_and_password_are_required_and_checked() {
    let app = App::start();
    for (body, wrong) in [
        (json!({}), vec!["token:required", "password:required"]),
        (
            json!({"token": " ", "password": "long enough"}),
            vec!["token:required"],
        ),
        (
            json!({"token": 1, "password": "long enough"}),
            vec!["token:invalid_type"],
        ),
        (
            json!({"token": "x", "password": "1234567"}),
            vec!["password:too_short"],
        ),
        (
            json!({"token": "x", "password": "x".repeat(129)}),
            vec!["password:too_long"],
        ),
        (
            json!({"token": "x", "password": "long enough", "email": "a"}),
            vec!["email:unknown_field"],
        ),
    ] {
        let answer = app.post("/auth/claim", &body).await;
        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), wrong);
    }
    for password in ["x".repeat(8), "x".repeat(128)] {
        let body = json!({"token": "x", "password": password});
        let answer = app.post("/auth/claim", &body).await;
        answer.assert_problem(401, "invalid_invitation");
    }
}
