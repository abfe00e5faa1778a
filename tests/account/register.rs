//! `POST /auth/register`.

use alumx_tests::{App, PASSWORD};
use serde_json::json;

#[tokio::test]
async fn registering_makes_an_account_and_signs_in() {
    let app = App::start();

    let body = json!({
        "username": "Ada", "name": " Ada Lovelace ", "email": "Ada@Example.org",
        "password": PASSWORD, "role": "ALUMNI",
    });
    let answer = app.post("/auth/register", &body).await;

    assert_eq!(answer.status, 201);
    assert_eq!(answer.body["tokenType"], "Bearer");
    assert_eq!(answer.body["expiresIn"], 900);
    assert_eq!(
        answer.body["user"],
        json!({
            "id": 1, "username": "Ada", "name": "Ada Lovelace", "email": "ada@example.org",
            "role": "ALUMNI", "createdAt": "2027-01-15T08:00:00Z",
        })
    );
}
