//! Sending: what is stored, in what order, and once.

use alumx_tests::{Answer, App, User};
use reqwest::Method;
use serde_json::{Value, json};

use super::{both, contents, delete, messages, post, send, seqs};
use crate::account::at_once;

const ID: &str = "0192f0c1-6a7e-7c1c-9f55-0d6b1f0f6b1e";

#[tokio::test]
async fn a_message_has_all_its_fields_and_is_read_back_by_both() {
    let app = App::start();
    let ada = app.user("Ada Lovelace", "ALUMNI").await;
    let bob = app.someone().await;
    for (path, place) in both(&ada, &bob).await.iter().zip(["chatId", "groupId"]) {
        let body = json!({"content": " Hello\n\tthere ", "clientMessageId": ID});

        let answer = post(&ada, path, &body).await;
        let without_id = post(
            &bob,
            path,
            &json!({"content": "Hi", "clientMessageId": null}),
        )
        .await;

        let expected = json!({
            "id": 1, place: 1, "seq": 1,
            "sender": {"id": ada.id, "username": "ada.lovelace", "name": "Ada Lovelace",
                       "role": "ALUMNI", "deleted": false},
            "content": "Hello\n\tthere", "clientMessageId": ID,
            "createdAt": "2027-01-15T08:00:00Z", "deletedAt": null,
        });
        assert_eq!((answer.status.as_u16(), &answer.body), (201, &expected));
        assert_eq!(answer.header("location"), "");
        assert_eq!(without_id.status, 201);
        assert_eq!(without_id.body["clientMessageId"], Value::Null);
        for reader in [&ada, &bob] {
            let all = messages(reader, path, "").await;
            assert_eq!(all, [without_id.body.clone(), expected.clone()]);
        }
    }
}

#[tokio::test]
async fn texts_of_every_kind_are_kept_as_they_are() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let longest = "x".repeat(4000);
    let emoji = "😀".repeat(4000);
    let kept = [
        "x",
        &longest,
        &emoji,
        "שלום עולם مرحبا \u{202e}abc",
        "e\u{301} ≠ é",
        "👩‍👩‍👧‍👦",
        "a\r\nb\tc",
        "<script>alert('\"')</script> -- '; DROP TABLE messages",
        "\\ % _ \u{feff}",
    ];

    for path in both(&ada, &bob).await {
        for text in kept {
            let sent = send(&ada, &path, text).await;
            assert_eq!(sent["content"], text);
        }
        let mut all = messages(&bob, &path, "").await;
        all.reverse();
        assert_eq!(contents(&all), kept);
        assert_eq!(seqs(&all), (1..=9).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_is_no_message_is_told_field_by_field() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let bad = [
        (json!({}), "content:required"),
        (json!({"content": null}), "content:required"),
        (json!({"content": ""}), "content:required"),
        (json!({"content": " \n\t\u{a0} "}), "content:required"),
        (json!({"content": "x".repeat(4001)}), "content:too_long"),
        (json!({"content": "😀".repeat(4001)}), "content:too_long"),
        (json!({"content": "a\u{0}b"}), "content:invalid_character"),
        (
            json!({"content": "\u{1b}[31m"}),
            "content:invalid_character",
        ),
        (json!({"content": 1}), "content:invalid_type"),
        (json!({"content": ["x"]}), "content:invalid_type"),
        (
            json!({"content": "x", "clientMessageId": "x"}),
            "clientMessageId:invalid_uuid",
        ),
        (
            json!({"content": "x", "clientMessageId": ID.replace('-', "")}),
            "clientMessageId:invalid_uuid",
        ),
        (
            json!({"content": "x", "clientMessageId": 7}),
            "clientMessageId:invalid_type",
        ),
        (
            json!({"content": "x", "senderId": bob.id}),
            "senderId:unknown_field",
        ),
        (json!({"content": "x", "seq": 9}), "seq:unknown_field"),
    ];

    for path in both(&ada, &bob).await {
        for (body, wrong) in &bad {
            let answer = post(&ada, &path, body).await;
            answer.assert_problem(422, "invalid_fields");
            assert_eq!(answer.field_errors(), [*wrong]);
        }
        let all = json!({"content": " ", "clientMessageId": "x", "y": 1});
        let all = post(&ada, &path, &all).await;
        assert_eq!(
            all.field_errors(),
            [
                "content:required",
                "clientMessageId:invalid_uuid",
                "y:unknown_field"
            ]
        );
        assert_eq!(messages(&ada, &path, "").await, [Value::Null; 0]);
    }
}

#[tokio::test]
async fn bodies_that_are_none_are_refused_before_the_conversation_is_looked_at() {
    let app = App::start();
    let ada = app.someone().await;
    let path = "/chats/999/messages";
    let request = || ada.request(Method::POST, path);
    let typed = |body: &str| {
        let body = body.to_owned();
        request()
            .header("content-type", "application/json")
            .body(body)
    };

    let malformed = Answer::of(typed("{")).await;
    let array = Answer::of(typed("[]")).await;
    let half = Answer::of(typed(r#"{"content": "\ud83d"}"#)).await;
    let text = Answer::of(request().body(r#"{"content": "x"}"#)).await;
    let huge = json!({"content": "x".repeat(300_000)});
    let huge = Answer::of(request().json(&huge)).await;
    let good = Answer::of(request().json(&json!({"content": "x"}))).await;

    malformed.assert_problem(400, "malformed_body");
    array.assert_problem(422, "invalid_fields");
    half.assert_problem(400, "malformed_body");
    text.assert_problem(415, "unsupported_media_type");
    huge.assert_problem(413, "payload_too_large");
    good.assert_problem(404, "not_found");
}

async fn named(user: &User<'_>, path: &str, content: &str, id: &str) -> Answer {
    let body = json!({"content": content, "clientMessageId": id});
    post(user, path, &body).await
}

#[tokio::test]
async fn a_repeat_answers_the_first_message_and_other_content_is_refused() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        let first = named(&ada, &path, "Hello", ID).await;
        send(&bob, &path, "In between").await;

        let repeat = named(&ada, &path, " Hello ", ID).await;
        let upper = named(&ada, &path, "Hello", &ID.to_uppercase()).await;
        let other = named(&ada, &path, "hello", ID).await;

        assert_eq!(first.status, 201);
        for again in [repeat, upper] {
            assert_eq!((again.status.as_u16(), &again.body), (200, &first.body));
        }
        other.assert_problem(409, "client_message_id_reused");
        assert_eq!(other.field_errors(), ["clientMessageId:reused"]);
        assert_eq!(messages(&ada, &path, "").await.len(), 2);
        // A repeat reads nothing.
        assert_eq!(ada.get(&path).await.body["unreadCount"], 1);
    }
}

#[tokio::test]
async fn the_same_id_of_another_sender_or_elsewhere_is_another_message() {
    let app = App::start();
    let (ada, bob, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let mut paths = both(&ada, &bob).await.to_vec();
    paths.extend(both(&ada, &eve).await);

    for path in &paths {
        assert_eq!(named(&ada, path, "Mine", ID).await.status, 201, "{path}");
    }
    for path in &paths[..2] {
        assert_eq!(named(&bob, path, "His", ID).await.status, 201, "{path}");
        assert_eq!(contents(&messages(&ada, path, "").await), ["His", "Mine"]);
    }
}

#[tokio::test]
async fn a_repeat_of_what_was_deleted_meets_the_tombstone() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        let first = named(&ada, &path, "Hello", ID).await;
        delete(&ada, &path, &first.body).await;

        for content in ["Hello", "Something else"] {
            let repeat = named(&ada, &path, content, ID).await;
            assert_eq!(repeat.status, 200);
            assert_eq!(repeat.body["content"], Value::Null);
            assert_eq!(repeat.body["deletedAt"], "2027-01-15T08:00:00Z");
        }
        assert_eq!(messages(&ada, &path, "").await.len(), 1);
    }
}

#[tokio::test]
async fn the_same_message_from_twenty_connections_at_once_is_stored_once() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        let body = json!({"content": "Hello", "clientMessageId": ID});
        let url = format!("{path}/messages");
        let request = |_| ada.request(Method::POST, &url).json(&body);

        let answers = at_once((0..20).map(request)).await;

        let statuses = answers.iter().map(|answer| answer.status.as_u16());
        let (new, old): (Vec<_>, Vec<_>) = statuses.partition(|status| *status == 201);
        assert_eq!((new.len(), old), (1, vec![200; 19]));
        assert!(answers.iter().all(|answer| answer.body == answers[0].body));
        assert_eq!(seqs(&messages(&bob, &path, "").await), [1]);
    }
}

#[tokio::test]
async fn two_hundred_messages_at_once_are_numbered_without_a_gap() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    for path in both(&ada, &bob).await {
        let url = format!("{path}/messages");
        let request = |n: usize| {
            let sender = if n.is_multiple_of(2) { &ada } else { &bob };
            let body = json!({"content": n.to_string()});
            sender.request(Method::POST, &url).json(&body)
        };

        let sent = at_once((0..200).map(request)).await;

        assert!(sent.iter().all(|answer| answer.status == 201));
        let sent: Vec<Value> = sent.into_iter().map(|answer| answer.body).collect();
        let mut numbers = seqs(&sent);
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
        let mut all = messages(&ada, &path, "afterSeq=0&limit=100").await;
        all.extend(messages(&ada, &path, "afterSeq=100&limit=100").await);
        assert_eq!(seqs(&all), numbers);
        let mut said = contents(&all);
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), 200);
        for message in &sent {
            assert!(all.contains(message), "{message}");
        }
        let last = ada.get(&path).await.body;
        assert_eq!(
            (&last["lastSeq"], &last["lastMessage"]),
            (&json!(200), &all[199])
        );
    }
}
