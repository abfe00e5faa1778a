//! Making, renaming and deleting groups.

use alumx_tests::{Answer, App, User};
use reqwest::Method;
use serde_json::{Value, json};

use super::{participants, place, roles};
use crate::conversation::{group, post, send};

async fn create(user: &User<'_>, body: Value) -> Answer {
    user.send_json(Method::POST, "/group-chats", &body).await
}

/// Users who sign in nowhere, made behind the API: only their ids matter.
fn crowd(app: &App, count: i64) -> Vec<i64> {
    use diesel::prelude::*;
    use diesel::sql_types::BigInt;

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }

    let sql = format!(
        "INSERT INTO users (username, name, email, role, created_at, updated_at)
         SELECT 'crowd' || n, 'Crowd', 'crowd' || n || '@example.org', 'STUDENT', now(), now()
         FROM generate_series(1, {count}) AS n RETURNING id"
    );
    let rows: Vec<Row> =
        alumx_tests::or_panic(diesel::sql_query(sql).load(&mut app.database.connect()));
    rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_group_has_all_its_fields_and_is_seen_by_all_in_it() {
    let app = App::start();
    let ada = app.user("Ada Lovelace", "ALUMNI").await;
    let (bob, eve) = (app.someone().await, app.someone().await);
    let body = json!({"name": " Analytical engines ", "participantIds": [bob.id, eve.id]});

    let answer = create(&ada, body).await;

    let as_ada = json!({
        "id": 1, "name": "Analytical engines",
        "owner": {"id": ada.id, "username": "ada.lovelace", "name": "Ada Lovelace",
                  "role": "ALUMNI", "deleted": false},
        "myRole": "OWNER", "participantCount": 3,
        "lastMessage": null, "lastSeq": 0, "lastReadSeq": 0, "unreadCount": 0,
        "createdAt": "2027-01-15T08:00:00Z", "lastActivityAt": "2027-01-15T08:00:00Z",
    });
    assert_eq!((answer.status.as_u16(), &answer.body), (201, &as_ada));
    assert_eq!(answer.header("location"), "/api/v1/group-chats/1");
    assert_eq!(ada.get("/group-chats/1").await.body, as_ada);
    let mut as_bob = as_ada;
    as_bob["myRole"] = json!("MEMBER");
    assert_eq!(bob.get("/group-chats").await.body["items"], json!([as_bob]));
    let said = send(&eve, "/group-chats/1", "Hello").await;
    let seen = bob.get("/group-chats/1").await.body;
    assert_eq!(
        (&seen["lastMessage"], &seen["unreadCount"]),
        (&said, &json!(1))
    );
}

#[tokio::test]
async fn oneself_and_repeats_are_folded() {
    let app = App::start();
    let (ada, bob, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let ids = [eve.id, ada.id, bob.id, eve.id, ada.id, bob.id];

    let answer = create(&ada, json!({"name": "Engines", "participantIds": ids})).await;

    assert_eq!(
        (answer.status.as_u16(), &answer.body["participantCount"]),
        (201, &json!(3))
    );
    let mut members = participants(&ada, "/group-chats/1").await;
    members.sort();
    let mut expected = roles([(&ada, "OWNER"), (&bob, "MEMBER"), (&eve, "MEMBER")]);
    expected.sort();
    assert_eq!(members, expected);
}

/// Checks that no group is made of any of these bodies, and why.
async fn assert_refused(user: &User<'_>, cases: impl IntoIterator<Item = (Value, Vec<&str>)>) {
    for (body, wrong) in cases {
        let answer = create(user, body).await;
        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), wrong);
    }
    assert_eq!(user.get("/group-chats").await.body["items"], json!([]));
}

#[tokio::test]
async fn all_wrong_fields_are_told_at_once() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let name = |name: Value| json!({"name": name, "participantIds": [bob.id]});

    let cases = [
        (json!({}), vec!["name:required", "participantIds:required"]),
        (name(json!(" ")), vec!["name:required"]),
        (name(Value::Null), vec!["name:required"]),
        (name(json!(1)), vec!["name:invalid_type"]),
        (name(json!("n".repeat(101))), vec!["name:too_long"]),
        (name(json!("a\nb")), vec!["name:invalid_character"]),
        (name(json!("a\u{0}b")), vec!["name:invalid_character"]),
        (
            json!({"name": "", "participantIds": ["x"], "ownerId": bob.id}),
            vec![
                "name:required",
                "participantIds[0]:invalid_type",
                "ownerId:unknown_field",
            ],
        ),
    ];
    assert_refused(&ada, cases).await;
}

#[tokio::test]
async fn users_who_can_not_be_in_a_group_are_told_by_their_places() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let gone = app.someone().await;
    let password = json!({"password": alumx_tests::PASSWORD});
    gone.send_json(Method::DELETE, "/me", &password).await;
    let ids = |ids: Value| json!({"name": "Engines", "participantIds": ids});
    let required = || vec!["participantIds:required"];
    let no_list = || vec!["participantIds:invalid_type"];

    let cases = [
        (ids(json!([])), required()),
        (ids(Value::Null), required()),
        (ids(json!([ada.id])), required()),
        (ids(json!([ada.id, ada.id])), required()),
        (ids(json!(bob.id)), no_list()),
        (ids(json!({"0": bob.id})), no_list()),
        (ids(json!("1,2")), no_list()),
        (
            ids(json!([bob.id, "2", null, 0, -1, 1.5, u64::MAX, [1], {}])),
            vec![
                "participantIds[1]:invalid_type",
                "participantIds[2]:required",
                "participantIds[3]:invalid_id",
                "participantIds[4]:invalid_id",
                "participantIds[5]:invalid_type",
                "participantIds[6]:invalid_type",
                "participantIds[7]:invalid_type",
                "participantIds[8]:invalid_type",
            ],
        ),
        (
            ids(json!([999, bob.id, gone.id, ada.id, 999, i64::MAX])),
            vec![
                "participantIds[0]:unknown_user",
                "participantIds[2]:unknown_user",
                "participantIds[4]:unknown_user",
                "participantIds[5]:unknown_user",
            ],
        ),
    ];
    assert_refused(&ada, cases).await;
}

#[tokio::test]
async fn a_group_begins_with_up_to_499_others_and_is_full_with_them() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let crowd = crowd(&app, 501);
    let body = |ids: &[i64]| json!({"name": "n".repeat(100), "participantIds": ids});
    let too_many = ["participantIds:too_many_items"];

    for count in [500, 501] {
        let refused = create(&ada, body(&crowd[..count])).await;
        refused.assert_problem(422, "invalid_fields");
        assert_eq!(refused.field_errors(), too_many, "{count}");
    }
    let endless = create(&ada, body(&vec![crowd[0]; 1001])).await;
    assert_eq!(endless.field_errors(), too_many);
    let folded = create(&ada, body(&vec![crowd[0]; 1000])).await;
    assert_eq!(folded.body["participantCount"], 2);

    let mut ids = crowd[..499].to_vec();
    ids.push(ada.id);
    let full = create(&ada, body(&ids)).await;
    assert_eq!(
        (full.status.as_u16(), &full.body["participantCount"]),
        (201, &json!(500))
    );
    let path = format!("/group-chats/{}", full.body["id"]);
    let refused = place(&ada, &path, bob.id, "MEMBER").await;
    refused.assert_problem(409, "group_full");
    // Who is in it already takes no place.
    assert_eq!(place(&ada, &path, crowd[0], "ADMIN").await.status, 200);
    assert_eq!(super::remove(&ada, &path, crowd[1]).await.status, 204);
    assert_eq!(place(&ada, &path, bob.id, "MEMBER").await.status, 201);
    assert_eq!(ada.get(&path).await.body["participantCount"], 500);
}

#[tokio::test]
async fn a_group_is_renamed_and_nothing_else_changes() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let path = group(&ada, &[&bob]).await;
    send(&ada, &path, "Hello").await;
    let mut expected = ada.get(&path).await.body;
    app.clock.advance(chrono::TimeDelta::seconds(1));

    let renamed = ada
        .send_json(Method::PATCH, &path, &json!({"name": " Ὦ 😀 "}))
        .await;
    let merge = ada.request(Method::PATCH, &path);
    let merge = merge.header("content-type", "application/merge-patch+json");
    let merged = Answer::of(merge.body(r#"{"name": "Again"}"#)).await;

    expected["name"] = json!("Ὦ 😀");
    assert_eq!((renamed.status.as_u16(), &renamed.body), (200, &expected));
    assert_eq!(merged.body["name"], "Again");
    for (body, wrong) in [
        (json!({}), "name:required"),
        (json!({"name": null}), "name:required"),
        (json!({"name": "\t"}), "name:required"),
        (json!({"name": "n".repeat(101)}), "name:too_long"),
        (json!({"name": "x", "ownerId": 1}), "ownerId:unknown_field"),
    ] {
        let refused = ada.send_json(Method::PATCH, &path, &body).await;
        refused.assert_problem(422, "invalid_fields");
        assert_eq!(refused.field_errors(), [wrong]);
    }
    assert_eq!(bob.get(&path).await.body["name"], "Again");
}

#[tokio::test]
async fn a_deleted_group_is_gone_for_everybody_with_all_that_was_written() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let path = group(&ada, &[&bob]).await;
    send(&ada, &path, "Hello").await;
    assert_eq!(bob.get("/me/unread").await.body["groupMessages"], 1);

    let answer = ada.send(Method::DELETE, &path).await;

    assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    for user in [&ada, &bob] {
        user.get(&path).await.assert_problem(404, "not_found");
        let again = user.send(Method::DELETE, &path).await;
        again.assert_problem(404, "not_found");
        let late = post(user, &path, &json!({"content": "Late"})).await;
        late.assert_problem(404, "not_found");
        assert_eq!(user.get("/group-chats").await.body["items"], json!([]));
        assert_eq!(user.get("/me/unread").await.body["groupMessages"], 0);
    }
}
