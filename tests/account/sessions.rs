//! Sessions: signing out, `/me/sessions`.

use alumx_tests::{Answer, App, PASSWORD, User};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::{me, refresh, session_of, text};

async fn assert_ended(user: &User<'_>) {
    let answer = me(user.app, &user.access_token).await;
    answer.assert_problem(401, "unauthenticated");
    let answer = refresh(user.app, &user.refresh_token).await;
    answer.assert_problem(401, "invalid_refresh_token");
}

fn items(answer: &Answer) -> &[Value] {
    answer.body["items"].as_array().map_or(&[], Vec::as_slice)
}

fn ids(answer: &Answer) -> Vec<i64> {
    let id = |item: &Value| item["id"].as_i64();
    items(answer).iter().filter_map(id).collect()
}

#[tokio::test]
async fn signing_out_ends_this_session_at_once_and_no_other() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let elsewhere = app.login("ada").await;
    assert_eq!(ada.get("/me").await.status, 200);

    let answer = ada.send(Method::POST, "/auth/logout").await;

    assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    assert_ended(&ada).await;
    assert_eq!(elsewhere.get("/me").await.status, 200);
    let again = ada.send(Method::POST, "/auth/logout").await;
    again.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_session_tells_when_where_and_with_what_it_was_opened() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;
    app.clock.advance(TimeDelta::hours(1));
    let body = json!({"identifier": "ada", "password": PASSWORD});
    let request = app.request(Method::POST, "/auth/login").json(&body);
    let answer = Answer::of(request.header("user-agent", "AlumX/1.0 (Android 16)")).await;
    app.clock.advance(TimeDelta::minutes(10));
    let refreshed = refresh(&app, text(&answer.body["refreshToken"])).await;
    let ada = User::signed_in(&app, &refreshed.body);

    let sessions = ada.get("/me/sessions").await;

    assert_eq!(sessions.status, 200);
    assert_eq!(
        sessions.body,
        json!({
            "items": [
                {
                    "id": session_of(&ada), "createdAt": "2027-01-15T09:00:00Z",
                    "lastUsedAt": "2027-01-15T09:10:00Z",
                    "userAgent": "AlumX/1.0 (Android 16)", "ipAddress": "127.0.0.1",
                    "current": true,
                },
                {
                    "id": session_of(&ada) - 1, "createdAt": "2027-01-15T08:00:00Z",
                    "lastUsedAt": "2027-01-15T08:00:00Z",
                    "userAgent": null, "ipAddress": "127.0.0.1", "current": false,
                },
            ],
            "nextCursor": null,
        })
    );
}

#[tokio::test]
async fn a_client_may_call_itself_anything() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;
    let body = json!({"identifier": "ada", "password": PASSWORD});
    let long = "x".repeat(2000);

    for (sent, kept) in [
        (long.as_bytes(), json!(long[..512])),
        (b"  ", json!(null)),
        (b"a\tb", json!("ab")),
        ("Ädäptör/1 😀".as_bytes(), json!("Ädäptör/1 😀")),
        (b"latin \xe9", json!("latin \u{fffd}")),
    ] {
        let request = app.request(Method::POST, "/auth/login").json(&body);
        let answer = Answer::of(request.header("user-agent", sent)).await;
        assert_eq!(answer.status, 200, "{sent:?}");
        let ada = User::signed_in(&app, &answer.body);

        let sessions = ada.get("/me/sessions?limit=1").await;

        assert_eq!(items(&sessions)[0]["userAgent"], kept);
    }
}

#[tokio::test]
async fn sessions_come_in_pages_newest_first() {
    let app = App::start();
    let first = app.user("Ada", "ALUMNI").await;
    app.someone().await;
    let mut opened = vec![session_of(&first)];
    for _ in 0..4 {
        opened.push(session_of(&app.login("ada").await));
    }
    opened.reverse();

    let mut seen = Vec::new();
    let mut path = "/me/sessions?limit=2".to_owned();
    let mut sizes = Vec::new();
    loop {
        let page = first.get(&path).await;
        sizes.push(items(&page).len());
        seen.extend(ids(&page));
        if let Some(cursor) = page.body["nextCursor"].as_str() {
            // One that is opened meanwhile moves nothing.
            app.login("ada").await;
            path = format!("/me/sessions?limit=2&cursor={cursor}");
        } else {
            break;
        }
    }

    assert_eq!(seen, opened);
    assert_eq!(sizes, [2, 2, 1]);
    let current = first.get("/me/sessions").await;
    for item in items(&current) {
        assert_eq!(item["current"], item["id"] == session_of(&first), "{item}");
    }
}

#[tokio::test]
async fn a_page_that_ends_with_the_list_has_no_next_one() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    app.login("ada").await;

    for limit in [2, 3, 100] {
        let page = ada.get(&format!("/me/sessions?limit={limit}")).await;

        assert_eq!(items(&page).len(), 2);
        assert_eq!(page.body["nextCursor"], json!(null));
    }
}

#[tokio::test]
async fn parameters_of_the_list_are_checked() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for (query, wrong) in [
        ("limit=0", "limit:out_of_range"),
        ("limit=-1", "limit:out_of_range"),
        ("limit=101", "limit:out_of_range"),
        ("limit=ten", "limit:invalid_number"),
        ("limit=", "limit:invalid_number"),
        ("limit=99999999999999999999", "limit:invalid_number"),
        ("cursor=", "cursor:invalid_cursor"),
        ("cursor=x", "cursor:invalid_cursor"),
        ("cursor=%00", "cursor:invalid_cursor"),
        ("offset=1", "offset:unknown_parameter"),
        ("limit=1&limit=1", "limit:unknown_parameter"),
    ] {
        let answer = ada.get(&format!("/me/sessions?{query}")).await;

        answer.assert_problem(400, "invalid_parameter");
        assert_eq!(answer.field_errors(), [wrong]);
    }
}

#[tokio::test]
async fn expired_and_ended_sessions_are_not_listed() {
    let app = App::start();
    app.user("Ada", "ALUMNI").await;
    app.clock.advance(TimeDelta::days(30));
    let ada = app.login("ada").await;
    let ended = app.login("ada").await;
    ended.send(Method::POST, "/auth/logout").await;

    let sessions = ada.get("/me/sessions").await;

    assert_eq!(ids(&sessions), [session_of(&ada)]);
}

#[tokio::test]
async fn a_session_is_ended_once() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let elsewhere = app.login("ada").await;
    assert_eq!(elsewhere.get("/me").await.status, 200);
    let path = format!("/me/sessions/{}", session_of(&elsewhere));

    let ended = ada.send(Method::DELETE, &path).await;

    assert_eq!((ended.status.as_u16(), ended.body), (204, Value::Null));
    assert_ended(&elsewhere).await;
    let again = ada.send(Method::DELETE, &path).await;
    again.assert_problem(404, "not_found");
    assert_eq!(ada.get("/me").await.status, 200);
}

#[tokio::test]
async fn ending_the_own_session_signs_out() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let path = format!("/me/sessions/{}", session_of(&ada));
    let ended = ada.send(Method::DELETE, &path).await;

    assert_eq!(ended.status, 204);
    assert_ended(&ada).await;
}

#[tokio::test]
async fn nobody_sees_or_ends_sessions_of_others() {
    let app = App::start();
    let (admin, ada) = (app.admin().await, app.user("Ada", "ALUMNI").await);
    let eve = app.user("Eve", "ALUMNI").await;

    for stranger in [&eve, &admin] {
        let path = format!("/me/sessions/{}", session_of(&ada));
        let answer = stranger.send(Method::DELETE, &path).await;
        answer.assert_problem(404, "not_found");
        let sessions = stranger.get("/me/sessions").await;
        assert!(!ids(&sessions).contains(&session_of(&ada)));
        let others = stranger.send(Method::DELETE, "/me/sessions").await;
        assert_eq!(others.status, 204);
    }

    assert_eq!(ada.get("/me").await.status, 200);
    assert_eq!(refresh(&app, &ada.refresh_token).await.status, 200);
}

#[tokio::test]
async fn an_id_of_no_session_is_not_found_and_what_is_no_id_refused() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for id in ["999999", "9223372036854775807"] {
        let answer = ada
            .send(Method::DELETE, &format!("/me/sessions/{id}"))
            .await;
        answer.assert_problem(404, "not_found");
    }
    for id in ["0", "-1", "9223372036854775808", "x", "1.0", "%00", "+1"] {
        let answer = ada
            .send(Method::DELETE, &format!("/me/sessions/{id}"))
            .await;
        answer.assert_problem(400, "invalid_parameter");
        assert_eq!(answer.field_errors().len(), 1, "{id}");
    }
}

#[tokio::test]
async fn all_other_sessions_end_together_and_this_one_goes_on() {
    let app = App::start();
    let (first, bob) = (app.user("Ada", "ALUMNI").await, app.someone().await);
    let (this, last) = (app.login("ada").await, app.login("ada").await);
    for user in [&first, &last] {
        assert_eq!(user.get("/me").await.status, 200);
    }

    for _ in 0..2 {
        let answer = this.send(Method::DELETE, "/me/sessions").await;
        assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    }

    assert_ended(&first).await;
    assert_ended(&last).await;
    assert_eq!(ids(&this.get("/me/sessions").await), [session_of(&this)]);
    assert_eq!(refresh(&app, &this.refresh_token).await.status, 200);
    assert_eq!(bob.get("/me").await.status, 200);
}
