//! Likes.

use alumx_tests::App;
use reqwest::Method;
use serde_json::json;

use super::{job, posted};

#[tokio::test]
async fn liking_twice_is_liking_once_and_so_is_taking_it_back() {
    let app = App::start();
    let (ada, student) = (app.someone().await, app.user("Stu", "STUDENT").await);
    let path = posted(&ada, &job("Job")).await;
    let like = format!("{path}/like");

    for (method, count, liked) in [
        (Method::DELETE, 0, false),
        (Method::PUT, 1, true),
        (Method::PUT, 1, true),
        (Method::DELETE, 0, false),
        (Method::DELETE, 0, false),
    ] {
        assert_eq!(student.send(method, &like).await.status, 204);
        let post = student.get(&path).await.body;
        assert_eq!(
            (&post["likeCount"], &post["likedByMe"]),
            (&json!(count), &json!(liked))
        );
        assert_eq!(ada.get(&path).await.body["likedByMe"], false);
    }
}

#[tokio::test]
async fn likes_are_listed_newest_first() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.user("Bob", "STUDENT").await);
    let path = posted(&ada, &job("Job")).await;
    for user in [&bob, &ada] {
        user.send(Method::PUT, &format!("{path}/like")).await;
    }

    let first = bob.get(&format!("{path}/likes?limit=1")).await.body;
    let cursor = first["nextCursor"].as_str().unwrap_or_default();
    let second = bob.get(&format!("{path}/likes?cursor={cursor}")).await.body;

    assert_eq!(first["items"][0]["user"]["id"], ada.id);
    let expected = json!({"items": [{
        "user": {"id": bob.id, "username": "bob", "name": "Bob", "role": "STUDENT", "deleted": false},
        "likedAt": "2027-01-15T08:00:00Z",
    }], "nextCursor": null});
    assert_eq!(second, expected);
}

#[tokio::test]
async fn the_likes_and_comments_of_a_deleted_account_are_not_counted() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let path = posted(&ada, &job("Job")).await;
    bob.send(Method::PUT, &format!("{path}/like")).await;
    let comment = json!({"content": "Nice"});
    bob.send_json(Method::POST, &format!("{path}/comments"), &comment)
        .await;
    let before = ada.get(&path).await.body;

    let password = json!({"password": alumx_tests::PASSWORD});
    assert_eq!(
        bob.send_json(Method::DELETE, "/me", &password).await.status,
        204
    );

    let after = ada.get(&path).await.body;
    assert_eq!(
        (&before["likeCount"], &before["commentCount"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        (&after["likeCount"], &after["commentCount"]),
        (&json!(0), &json!(0))
    );
}
