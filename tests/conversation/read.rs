//! How far messages are read.

use alumx_tests::{App, User};
use reqwest::Method;
use serde_json::{Value, json};

use super::{both, chat, delete, group, read, send};

/// `(lastSeq, lastReadSeq, unreadCount)` as a user sees a conversation.
async fn state(user: &User<'_>, path: &str) -> [i64; 3] {
    let body = user.get(path).await.body;
    ["lastSeq", "lastReadSeq", "unreadCount"].map(|name| body[name].as_i64().unwrap_or(-1))
}

async fn totals(user: &User<'_>) -> Value {
    let answer = user.get("/me/unread").await;
    assert_eq!(answer.status, 200);
    answer.body
}

#[tokio::test]
async fn what_others_write_is_unread_and_what_one_writes_is_read() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        assert_eq!(state(&bob, &path).await, [0, 0, 0]);
        send(&ada, &path, "1").await;
        send(&ada, &path, "2").await;
        assert_eq!(state(&ada, &path).await, [2, 2, 0]);
        assert_eq!(state(&bob, &path).await, [2, 0, 2]);

        send(&bob, &path, "3").await;

        // Who answers has read what was written before.
        assert_eq!(state(&bob, &path).await, [3, 3, 0]);
        assert_eq!(state(&ada, &path).await, [3, 2, 1]);
    }
}

#[tokio::test]
async fn a_read_position_moves_forward_only() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        for n in 1..=3 {
            send(&ada, &path, &n.to_string()).await;
        }

        for (seq, last_read, unread) in [(0, 0, 3), (2, 2, 1), (1, 2, 1), (0, 2, 1), (3, 3, 0)] {
            for _ in 0..2 {
                let answer = read(&bob, &path, seq).await;
                let expected = json!({"lastReadSeq": last_read, "unreadCount": unread});
                assert_eq!((answer.status.as_u16(), answer.body), (200, expected));
            }
            assert_eq!(state(&bob, &path).await, [3, last_read, unread]);
        }
        assert_eq!(state(&ada, &path).await, [3, 3, 0]);
    }
}

#[tokio::test]
async fn what_is_not_there_yet_cannot_be_read() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        let longer = chat(&ada, &app.someone().await).await;
        for n in 1..=3 {
            send(&ada, &longer, &n.to_string()).await;
        }
        send(&ada, &path, "1").await;

        for (body, wrong) in [
            (json!({"seq": 2}), "seq:out_of_range"),
            (json!({"seq": 3}), "seq:out_of_range"),
            (json!({"seq": i64::MAX}), "seq:out_of_range"),
            (json!({"seq": -1}), "seq:out_of_range"),
            (json!({"seq": i64::MIN}), "seq:out_of_range"),
            (json!({"seq": u64::MAX}), "seq:invalid_type"),
            (json!({"seq": 0.5}), "seq:invalid_type"),
            (json!({"seq": "1"}), "seq:invalid_type"),
            (json!({"seq": null}), "seq:required"),
            (json!({}), "seq:required"),
            (json!({"seq": 1, "userId": ada.id}), "userId:unknown_field"),
        ] {
            let url = format!("{path}/read");
            let answer = bob.send_json(Method::PUT, &url, &body).await;
            answer.assert_problem(422, "invalid_fields");
            assert_eq!(answer.field_errors(), [wrong], "{body}");
        }
        assert_eq!(state(&bob, &path).await, [1, 0, 1]);
    }
}

#[tokio::test]
async fn each_conversation_has_a_position_of_its_own_and_the_totals_add_up() {
    let app = App::start();
    let (ada, bob, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let none = json!({"chatMessages": 0, "groupMessages": 0, "total": 0});
    assert_eq!(totals(&bob).await, none);
    let (first, second) = (chat(&ada, &bob).await, chat(&eve, &bob).await);
    let group = group(&ada, &[&bob, &eve]).await;
    for (sender, path, count) in [(&ada, &first, 3), (&eve, &second, 2), (&eve, &group, 4)] {
        for n in 0..count {
            send(sender, path, &n.to_string()).await;
        }
    }

    let all = totals(&bob).await;
    read(&bob, &first, 2).await;
    read(&bob, &group, 4).await;
    let rest = totals(&bob).await;

    assert_eq!(
        all,
        json!({"chatMessages": 5, "groupMessages": 4, "total": 9})
    );
    assert_eq!(
        rest,
        json!({"chatMessages": 3, "groupMessages": 0, "total": 3})
    );
    assert_eq!(state(&bob, &second).await, [2, 0, 2]);
    let adas = json!({"chatMessages": 0, "groupMessages": 4, "total": 4});
    assert_eq!(totals(&ada).await, adas);
    let nobody = app.get("/me/unread").await;
    nobody.assert_problem(401, "unauthenticated");
    let odd = bob.get("/me/unread?limit=1").await;
    odd.assert_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn the_other_user_sees_how_far_one_has_read() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let path = chat(&ada, &bob).await;
    for n in 1..=3 {
        send(&ada, &path, &n.to_string()).await;
    }

    read(&bob, &path, 2).await;

    let seen = |body: Value| {
        (
            body["lastReadSeq"].clone(),
            body["otherUserLastReadSeq"].clone(),
        )
    };
    assert_eq!(seen(ada.get(&path).await.body), (json!(3), json!(2)));
    assert_eq!(seen(bob.get(&path).await.body), (json!(2), json!(3)));
}

#[tokio::test]
async fn a_deleted_message_is_counted_like_any_other() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        send(&ada, &path, "1").await;
        let second = send(&ada, &path, "2").await;

        delete(&ada, &path, &second).await;

        assert_eq!(state(&bob, &path).await, [2, 0, 2]);
        assert_eq!(read(&bob, &path, 2).await.body["unreadCount"], 0);
    }
}
