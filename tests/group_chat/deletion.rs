//! What becomes of groups when somebody in them deletes the account.

use alumx_tests::{App, PASSWORD, User};
use chrono::TimeDelta;
use diesel::RunQueryDsl;
use reqwest::Method;
use serde_json::json;

use super::{participants, place, roles};
use crate::conversation::{contents, group, is_gone, messages, send};

async fn delete_account(user: &User<'_>) {
    let password = json!({"password": PASSWORD});
    let deleted = user.send_json(Method::DELETE, "/me", &password).await;
    assert_eq!(deleted.status, 204);
}

#[tokio::test]
async fn who_deletes_the_account_leaves_and_what_was_said_stays() {
    let app = App::start();
    let (ada, bob, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let path = group(&ada, &[&bob, &eve]).await;
    send(&bob, &path, "Goodbye").await;

    delete_account(&bob).await;

    let everybody = roles([(&ada, "OWNER"), (&eve, "MEMBER")]);
    assert_eq!(participants(&eve, &path).await, everybody);
    let seen = eve.get(&path).await.body;
    assert_eq!(seen["participantCount"], 2);
    assert!(is_gone(&seen["lastMessage"]["sender"], bob.id), "{seen}");
    let all = messages(&eve, &path, "").await;
    assert_eq!(contents(&all), ["Goodbye"]);
    assert!(is_gone(&all[0]["sender"], bob.id));
    let back = place(&ada, &path, bob.id, "MEMBER").await;
    back.assert_problem(404, "not_found");
}

#[tokio::test]
async fn an_owned_group_passes_to_the_first_admin_else_to_the_first_member() {
    let app = App::start();
    let (ada, first, second) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let with_admin = group(&ada, &[&first]).await;
    let without = group(&ada, &[&first]).await;
    let alone = group(&ada, &[&first]).await;
    app.clock.advance(TimeDelta::seconds(1));
    place(&ada, &with_admin, second.id, "ADMIN").await;
    place(&ada, &without, second.id, "MEMBER").await;
    super::remove(&ada, &alone, first.id).await;

    delete_account(&ada).await;

    let owned = async |path: &str| participants(&second, path).await;
    let expected = roles([(&first, "MEMBER"), (&second, "OWNER")]);
    assert_eq!(owned(&with_admin).await, expected);
    let expected = roles([(&first, "OWNER"), (&second, "MEMBER")]);
    assert_eq!(owned(&without).await, expected);
    let seen = second.get(&with_admin).await.body;
    assert_eq!(
        (&seen["owner"]["id"], &seen["myRole"]),
        (&json!(second.id), &json!("OWNER"))
    );
    assert_eq!(first.send(Method::DELETE, &without).await.status, 204);
}

#[tokio::test]
async fn a_group_of_nobody_is_gone() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let admin = app.admin().await;
    let path = group(&ada, &[&bob]).await;
    send(&ada, &path, "Hello").await;

    delete_account(&ada).await;
    assert_eq!(bob.get(&path).await.body["myRole"], "OWNER");
    let removed = admin.send(Method::DELETE, &bob.path("")).await;

    assert_eq!(removed.status, 204);
    admin.get(&path).await.assert_problem(404, "not_found");
    let left = diesel::sql_query("SELECT FROM group_chats UNION ALL SELECT FROM group_messages")
        .execute(&mut app.database.connect());
    assert_eq!(left.ok(), Some(0));
}
