//! Sockets end with what let them in.

use std::time::Duration;

use alumx_api::realtime::LiveOptions;
use alumx_tests::{App, PASSWORD, Setup};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use super::Socket;

fn connected() -> App {
    App::start_as(Setup {
        bus: true,
        ..Setup::default()
    })
}

#[actix_web::test]
async fn a_session_that_ends_closes_its_sockets_on_all_instances_and_no_others() {
    let app = connected();
    let other = app.another();
    let user = app.someone().await;
    let again = app.login(&user.username).await;
    let (mut here, _) = Socket::open(&user).await;
    let (mut there, _) = Socket::open_on(&other, &user).await;
    let (mut stays, _) = Socket::open_on(&other, &again).await;

    assert_eq!(user.send(Method::POST, "/auth/logout").await.status, 204);

    assert_eq!(here.closed().await, 4401);
    assert_eq!(there.closed().await, 4401);
    stays.assert_quiet().await;
    assert_eq!(again.send(Method::DELETE, "/me/sessions").await.status, 204);
    stays.assert_quiet().await;
}

#[actix_web::test]
async fn suspension_and_deletion_close_sockets_on_all_instances_and_a_new_role_does_not() {
    let app = connected();
    let other = app.another();
    let admin = app.admin().await;
    let (one, two) = (app.someone().await, app.someone().await);
    let (mut here, _) = Socket::open(&one).await;
    let (mut there, _) = Socket::open_on(&other, &one).await;
    let (mut second, _) = Socket::open_on(&other, &two).await;

    let role = json!({"role": "PROFESSOR"});
    let path = one.path("/role");
    assert_eq!(admin.send_json(Method::PUT, &path, &role).await.status, 200);
    here.assert_quiet().await;
    let path = one.path("/suspension");
    assert_eq!(admin.send(Method::PUT, &path).await.status, 204);
    assert_eq!(here.closed().await, 4401);
    assert_eq!(there.closed().await, 4401);

    let body = json!({"password": PASSWORD});
    let deleted = two.send_json(Method::DELETE, "/me", &body).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(second.closed().await, 4401);
}

#[actix_web::test]
async fn a_token_that_expires_closes_the_socket() {
    let app = App::start_as(Setup {
        live: LiveOptions {
            recheck_every: Duration::from_millis(200),
            ..LiveOptions::default()
        },
        ..Setup::default()
    });
    let user = app.someone().await;
    let (mut socket, _) = Socket::open(&user).await;
    let (mut renewed, _) = Socket::open(&user).await;

    app.clock.advance(TimeDelta::minutes(14));
    let next = app.login(&user.username).await.access_token;
    renewed
        .send(&json!({"type": "authenticate", "accessToken": next}))
        .await;
    renewed.assert_quiet().await;
    socket.assert_quiet().await;
    app.clock.advance(TimeDelta::minutes(2));

    assert_eq!(socket.closed().await, 4401);
    renewed.assert_quiet().await;
}
