//! `POST /auth/refresh`.

use alumx_tests::{App, PASSWORD, User};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use super::{at_once, count, me, part_of, put_role, refresh, session_of, suspend};

const GRACE: TimeDelta = TimeDelta::seconds(10);

async fn refreshed<'a>(user: &User<'a>) -> User<'a> {
    let answer = refresh(user.app, &user.refresh_token).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    User::signed_in(user.app, &answer.body)
}

async fn assert_refused(app: &App, token: &str) {
    refresh(app, token)
        .await
        .assert_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_for_the_next_pair_of_the_same_session() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    app.clock.advance(TimeDelta::minutes(20));

    let answer = refresh(&app, &ada.refresh_token).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["tokenType"], "Bearer");
    assert_eq!(answer.body["expiresIn"], 900);
    assert_eq!(answer.body["user"]["username"], "ada");
    let next = User::signed_in(&app, &answer.body);
    assert_eq!(session_of(&next), session_of(&ada));
    assert_ne!(next.refresh_token, ada.refresh_token);
    assert_eq!(next.get("/me").await.status, 200);
    refreshed(&next).await;
}

#[tokio::test]
async fn the_new_pair_has_the_role_of_today() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "STUDENT").await);
    put_role(&admin, &ada, "PROFESSOR").await;

    let answer = refresh(&app, &ada.refresh_token).await;

    assert_eq!(answer.body["user"]["role"], "PROFESSOR");
    let next = User::signed_in(&app, &answer.body);
    assert_eq!(part_of(&next.access_token, 1)["role"], "PROFESSOR");
}

#[tokio::test]
async fn a_token_spent_a_moment_ago_is_refused_and_the_session_goes_on() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let next = refreshed(&ada).await;

    for wait in [
        TimeDelta::zero(),
        TimeDelta::seconds(9),
        TimeDelta::seconds(1),
    ] {
        app.clock.advance(wait);
        assert_refused(&app, &ada.refresh_token).await;
    }

    assert_eq!(ada.get("/me").await.status, 200);
    assert_eq!(next.get("/me").await.status, 200);
    refreshed(&next).await;
}

#[tokio::test]
async fn a_token_spent_long_ago_ends_its_whole_session_and_no_other() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let elsewhere = app.login("ada").await;
    let next = refreshed(&ada).await;
    let last = refreshed(&next).await;
    assert_eq!(last.get("/me").await.status, 200);
    app.clock.advance(GRACE + TimeDelta::seconds(1));

    assert_refused(&app, &ada.refresh_token).await;

    for token in [&ada, &next, &last].map(|user| &user.access_token) {
        me(&app, token).await.assert_problem(401, "unauthenticated");
    }
    for token in [&ada, &next, &last].map(|user| &user.refresh_token) {
        assert_refused(&app, token).await;
    }
    assert_eq!(elsewhere.get("/me").await.status, 200);
    refreshed(&elsewhere).await;
}

#[tokio::test]
async fn a_token_lives_for_thirty_days_from_its_own_issue() {
    let app = App::start();
    let month = TimeDelta::days(30);
    let ada = app.user("Ada", "ALUMNI").await;
    let unused = app.login("ada").await;

    app.clock.advance(month - TimeDelta::seconds(1));
    let next = refreshed(&ada).await;
    app.clock.advance(TimeDelta::seconds(1));

    assert_refused(&app, &unused.refresh_token).await;
    app.clock.advance(month - TimeDelta::seconds(2));
    let last = refreshed(&next).await;
    app.clock.advance(month);
    assert_refused(&app, &last.refresh_token).await;
}

#[tokio::test]
async fn a_token_of_a_session_that_was_ended_is_refused() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);
    let (closed, kept) = (app.login("ada").await, app.login("ada").await);
    let (suspended, deleted) = (app.someone().await, app.someone().await);
    ada.send(Method::POST, "/auth/logout").await;
    let path = format!("/me/sessions/{}", session_of(&closed));
    kept.send(Method::DELETE, &path).await;
    suspend(&admin, &suspended).await;
    admin.send(Method::DELETE, &deleted.path("")).await;

    for user in [&ada, &closed, &suspended, &deleted] {
        assert_refused(&app, &user.refresh_token).await;
    }

    refreshed(&kept).await;
    let path = suspended.path("/suspension");
    admin.send(Method::DELETE, &path).await;
    assert_refused(&app, &suspended.refresh_token).await;
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let (upper, spaced) = (
        ada.refresh_token.to_uppercase(),
        format!(" {} ", ada.refresh_token),
    );
    let long = "A".repeat(100_000);

    for token in [
        "x",
        "\0",
        "😀",
        "WmWQ2xX7e3sM0nY4o1bZr6aC9dEfGhIjKlMnOpQrStU",
        &ada.access_token,
        &ada.refresh_token[1..],
        &upper,
        &spaced,
        &long,
    ] {
        assert_refused(&app, token).await;
    }
    me(&app, &ada.refresh_token)
        .await
        .assert_problem(401, "unauthenticated");
    refreshed(&ada).await;
}

#[tokio::test]
async fn the_token_is_a_required_string_and_the_only_field() {
    let app = App::start();

    for (body, wrong) in [
        (json!({}), "refreshToken:required"),
        (json!({"refreshToken": null}), "refreshToken:required"),
        (json!({"refreshToken": ""}), "refreshToken:required"),
        (json!({"refreshToken": 1}), "refreshToken:invalid_type"),
        (
            json!({"refreshToken": "x", "password": PASSWORD}),
            "password:unknown_field",
        ),
    ] {
        let answer = app.post("/auth/refresh", &body).await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), [wrong]);
    }
}

#[tokio::test]
async fn of_twenty_exchanges_at_once_exactly_one_succeeds_and_the_session_goes_on() {
    let app = App::start();
    let mut ada = app.user("Ada", "ALUMNI").await;

    for round in 0..5 {
        let body = json!({"refreshToken": ada.refresh_token});
        let requests = (0..20).map(|_| app.request(Method::POST, "/auth/refresh").json(&body));
        let answers = at_once(requests).await;

        assert_eq!(count(&answers, 200), 1, "{round}: {answers:?}");
        assert_eq!(count(&answers, 401), 19, "{round}: {answers:?}");
        assert_eq!(ada.get("/me").await.status, 200);
        for winner in answers.iter().filter(|a| a.status == 200) {
            ada = User::signed_in(&app, &winner.body);
        }
    }
    refreshed(&ada).await;
}
