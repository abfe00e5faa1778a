//! Taking a message back.

use alumx_tests::App;
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::Value;

use super::{both, chat, delete, group, messages, send};

#[tokio::test]
async fn a_deleted_message_is_a_tombstone_for_everybody() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        let first = send(&ada, &path, "First").await;
        let second = send(&ada, &path, "Last").await;
        let before = bob.get(&path).await.body;
        app.clock.advance(TimeDelta::seconds(1));

        let answer = delete(&ada, &path, &second).await;

        assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
        let mut tombstone = second.clone();
        tombstone["content"] = Value::Null;
        tombstone["deletedAt"] = messages(&ada, &path, "").await[0]["deletedAt"].clone();
        assert!(tombstone["deletedAt"].is_string());
        assert_ne!(tombstone["deletedAt"], tombstone["createdAt"]);
        for reader in [&ada, &bob] {
            let all = messages(reader, &path, "").await;
            assert_eq!(all, [tombstone.clone(), first.clone()]);
        }
        let mut after = before;
        after["lastMessage"] = tombstone.clone();
        assert_eq!(bob.get(&path).await.body, after);
        let list = path.rsplit_once('/').map_or("", |(list, _)| list);
        let inbox = bob.get(list).await.body;
        assert_eq!(inbox["items"][0]["lastMessage"], tombstone);
        assert_eq!(send(&bob, &path, "Next").await["seq"], 3);
    }
}

#[tokio::test]
async fn a_message_is_deleted_once_by_its_sender() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let path = chat(&ada, &bob).await;
    let message = send(&ada, &path, "Hello").await;

    let by_another = delete(&bob, &path, &message).await;
    let by_sender = delete(&ada, &path, &message).await;
    let again = delete(&ada, &path, &message).await;
    let again_by_another = delete(&bob, &path, &message).await;

    by_another.assert_problem(403, "not_message_sender");
    assert_eq!(by_sender.status, 204);
    again.assert_problem(404, "not_found");
    again_by_another.assert_problem(404, "not_found");
}

#[tokio::test]
async fn in_a_group_its_owner_and_admins_delete_any_message() {
    let app = App::start();
    let [owner, admin, member, other] = [
        app.someone().await,
        app.someone().await,
        app.someone().await,
        app.someone().await,
    ];
    let path = group(&owner, &[&admin, &member, &other]).await;
    let place = format!("{path}/participants/{}", admin.id);
    let role = serde_json::json!({"role": "ADMIN"});
    admin.app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(
        owner.send_json(Method::PUT, &place, &role).await.status,
        200
    );

    for (deleter, sender, may) in [
        (&owner, &admin, true),
        (&owner, &member, true),
        (&admin, &owner, true),
        (&admin, &member, true),
        (&member, &other, false),
        (&member, &admin, false),
        (&member, &owner, false),
        (&member, &member, true),
    ] {
        let message = send(sender, &path, "Hello").await;
        let deleted = delete(deleter, &path, &message).await;
        if may {
            assert_eq!(deleted.status, 204);
        } else {
            deleted.assert_problem(403, "not_message_sender");
        }
    }
}

#[tokio::test]
async fn a_message_is_found_only_where_it_was_sent() {
    let app = App::start();
    let (ada, bob, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let here = both(&ada, &bob).await;
    let there = both(&ada, &eve).await;
    for (here, there) in here.iter().zip(&there) {
        send(&ada, there, "Not this one").await;
        let message = send(&ada, there, "Elsewhere").await;

        let wrong_place = delete(&ada, here, &message).await;
        wrong_place.assert_problem(404, "not_found");

        for (id, status, code) in [
            ("999", 404, "not_found"),
            ("9223372036854775807", 404, "not_found"),
            ("0", 400, "invalid_parameter"),
            ("-1", 400, "invalid_parameter"),
            ("x", 400, "invalid_parameter"),
            ("9223372036854775808", 400, "invalid_parameter"),
        ] {
            let path = format!("{here}/messages/{id}");
            let answer = ada.send(Method::DELETE, &path).await;
            answer.assert_problem(status, code);
        }
        assert_eq!(messages(&eve, there, "").await[0]["content"], "Elsewhere");
    }
}
