//! Several instances: what one does counts on the others within a minute.

use alumx_tests::{Answer, App, PASSWORD, User};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use super::{me, put_role, refresh, session_of, suspend};

const A_MINUTE: TimeDelta = TimeDelta::seconds(60);

/// What somebody does on one instance that ends a session.
async fn end(how: &str, admin: &User<'_>, user: &User<'_>) -> Answer {
    match how {
        "logout" => user.send(Method::POST, "/auth/logout").await,
        "end one" => {
            let path = format!("/me/sessions/{}", session_of(user));
            user.app
                .login(&user.username)
                .await
                .send(Method::DELETE, &path)
                .await
        }
        "end others" => {
            let other = user.app.login(&user.username).await;
            other.send(Method::DELETE, "/me/sessions").await
        }
        "password" => {
            let body = json!({"currentPassword": PASSWORD, "newPassword": "another password"});
            let other = user.app.login(&user.username).await;
            other.send_json(Method::PUT, "/me/password", &body).await
        }
        "delete own" => {
            let body = json!({"password": PASSWORD});
            user.send_json(Method::DELETE, "/me", &body).await
        }
        "suspend" => suspend(admin, user).await,
        "delete" => admin.send(Method::DELETE, &user.path("")).await,
        unknown => panic!("{unknown}"),
    }
}

#[tokio::test]
async fn an_ended_session_stops_at_once_here_and_within_a_minute_elsewhere() {
    let app = App::start();
    let other = app.another();

    for how in [
        "logout",
        "end one",
        "end others",
        "password",
        "delete own",
        "suspend",
        "delete",
    ] {
        let (admin, user) = (app.admin().await, app.someone().await);
        for instance in [&app, &other] {
            assert_eq!(me(instance, &user.access_token).await.status, 200);
        }

        assert_eq!(end(how, &admin, &user).await.status, 204, "{how}");

        let here = me(&app, &user.access_token).await;
        assert_eq!(here.status, 401, "{how}");
        app.clock.advance(A_MINUTE);
        let elsewhere = me(&other, &user.access_token).await;
        elsewhere.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_new_role_counts_at_once_here_and_within_a_minute_elsewhere() {
    let app = App::start();
    let other = app.another();
    let (admin, user, target) = (app.admin().await, app.someone().await, app.someone().await);
    // What only admins may do, and which changes nothing.
    let try_on = async |instance: &App| {
        let request = instance.request(Method::DELETE, &target.path("/suspension"));
        Answer::of(request.bearer_auth(&user.access_token))
            .await
            .status
    };
    for instance in [&app, &other] {
        assert_eq!(try_on(instance).await, 403);
    }

    for (role, status) in [("ADMIN", 204), ("STUDENT", 403)] {
        assert_eq!(put_role(&admin, &user, role).await.status, 200);

        assert_eq!(try_on(&app).await, status);
        app.clock.advance(A_MINUTE);
        assert_eq!(try_on(&other).await, status);
    }
}

#[tokio::test]
async fn tokens_of_one_instance_count_on_all() {
    let app = App::start();
    let other = app.another();
    let ada = app.user("Ada", "ALUMNI").await;

    assert_eq!(me(&other, &ada.access_token).await.status, 200);
    let refreshed = refresh(&other, &ada.refresh_token).await;

    assert_eq!(refreshed.status, 200);
    let next = User::signed_in(&app, &refreshed.body);
    assert_eq!(next.get("/me").await.status, 200);
    let again = refresh(&app, &ada.refresh_token).await;
    again.assert_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn a_stolen_token_that_turns_up_elsewhere_ends_the_session_everywhere() {
    let app = App::start();
    let other = app.another();
    let ada = app.user("Ada", "ALUMNI").await;
    let next = User::signed_in(&app, &refresh(&app, &ada.refresh_token).await.body);
    for instance in [&app, &other] {
        assert_eq!(me(instance, &next.access_token).await.status, 200);
    }
    app.clock.advance(TimeDelta::seconds(11));

    let stolen = refresh(&other, &ada.refresh_token).await;

    stolen.assert_problem(401, "invalid_refresh_token");
    assert_eq!(me(&other, &next.access_token).await.status, 401);
    app.clock.advance(A_MINUTE);
    assert_eq!(me(&app, &next.access_token).await.status, 401);
    assert_eq!(refresh(&app, &next.refresh_token).await.status, 401);
}
