//! Handing a group over.

use alumx_tests::App;
use reqwest::Method;
use serde_json::json;

use super::{hand_over, participants, remove, roles};
use crate::account::at_once;
use crate::conversation::group;

#[tokio::test]
async fn the_new_owner_owns_and_the_old_one_is_an_admin_who_may_leave() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let path = group(&ada, &[&bob]).await;
    let mut expected = ada.get(&path).await.body;

    let answer = hand_over(&ada, &path, bob.id).await;

    expected["myRole"] = json!("ADMIN");
    expected["owner"] = json!({
        "id": bob.id, "username": bob.username, "name": answer.body["owner"]["name"],
        "role": "ALUMNI", "deleted": false,
    });
    assert_eq!((answer.status.as_u16(), &answer.body), (200, &expected));
    let everybody = roles([(&ada, "ADMIN"), (&bob, "OWNER")]);
    assert_eq!(participants(&bob, &path).await, everybody);
    let again = hand_over(&ada, &path, bob.id).await;
    again.assert_problem(403, "not_group_owner");
    let kept = hand_over(&bob, &path, bob.id).await;
    assert_eq!(
        (kept.status.as_u16(), &kept.body["myRole"]),
        (200, &json!("OWNER"))
    );
    assert_eq!(remove(&ada, &path, ada.id).await.status, 204);
    let alone = remove(&bob, &path, bob.id).await;
    alone.assert_problem(409, "owner_must_hand_over");
    assert_eq!(bob.send(Method::DELETE, &path).await.status, 204);
}

#[tokio::test]
async fn a_body_that_names_no_participant_is_told() {
    let app = App::start();
    let (ada, bob, gone) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let path = group(&ada, &[&bob, &gone]).await;
    let password = json!({"password": alumx_tests::PASSWORD});
    gone.send_json(Method::DELETE, "/me", &password).await;
    let url = format!("{path}/owner");

    for (body, wrong) in [
        (json!({"userId": gone.id}), "userId:not_a_participant"),
        (json!({"userId": i64::MAX}), "userId:not_a_participant"),
        (json!({"userId": 0}), "userId:invalid_id"),
        (json!({"userId": "1"}), "userId:invalid_type"),
        (json!({"userId": null}), "userId:required"),
        (json!({}), "userId:required"),
        (
            json!({"userId": bob.id, "role": "OWNER"}),
            "role:unknown_field",
        ),
    ] {
        let answer = ada.send_json(Method::PUT, &url, &body).await;
        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), [wrong]);
    }
    assert_eq!(ada.get(&path).await.body["myRole"], "OWNER");
}

#[tokio::test]
async fn of_two_who_are_handed_the_group_at_once_one_owns_it() {
    let app = App::start();
    let (ada, bob, eve) = (
        app.someone().await,
        app.someone().await,
        app.someone().await,
    );
    let path = group(&ada, &[&bob, &eve]).await;
    let url = format!("{path}/owner");
    let request = |n: usize| {
        let heir = [bob.id, eve.id][n % 2];
        ada.request(Method::PUT, &url)
            .json(&json!({"userId": heir}))
    };

    let answers = at_once((0..10).map(request)).await;

    let won = answers.iter().filter(|answer| answer.status == 200).count();
    let lost = answers.iter().filter(|answer| answer.status == 403).count();
    assert_eq!((won, lost), (1, 9));
    let owners = participants(&ada, &path).await;
    let owners = owners.iter().filter(|(_, role)| role == "OWNER").count();
    assert_eq!(owners, 1);
}
