//! `POST /auth/register`: what it makes, and what it refuses because of others.

use alumx_tests::{App, PASSWORD, or_panic};
use reqwest::Method;
use serde_json::{Value, json};

use super::{at_once, count, login, me, refresh, text};

fn registration(username: &str, email: &str) -> Value {
    json!({
        "username": username, "name": "Ada Lovelace", "email": email,
        "password": PASSWORD, "role": "ALUMNI",
    })
}

#[tokio::test]
async fn registering_makes_an_account_and_signs_in() {
    let app = App::start();

    let body = json!({
        "username": "Ada", "name": " Ada Lovelace ", "email": "Ada@Example.org",
        "password": PASSWORD, "role": "ALUMNI",
    });
    let answer = app.post("/auth/register", &body).await;

    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), "/api/v1/users/1");
    assert_eq!(answer.header("cache-control"), "no-store");
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

#[tokio::test]
async fn both_tokens_of_a_registration_work() {
    let app = App::start();

    let body = registration("ada", "ada@example.org");
    let registered = app.post("/auth/register", &body).await.body;
    let account = me(&app, text(&registered["accessToken"])).await;
    let refreshed = refresh(&app, text(&registered["refreshToken"])).await;

    assert_eq!(account.status, 200);
    assert_eq!(account.body, registered["user"]);
    assert_eq!(refreshed.status, 200);
    assert_eq!(refreshed.body["user"], registered["user"]);
}

#[tokio::test]
async fn a_name_or_address_that_is_taken_in_any_letter_case_is_named() {
    let app = App::start();
    for name in ["Ada", "Bob"] {
        app.user(name, "STUDENT").await;
    }

    for (username, email, taken) in [
        ("ADA", "free@example.org", vec!["username:taken"]),
        (" aDa ", "free@example.org", vec!["username:taken"]),
        ("free", "ADA@EXAMPLE.ORG", vec!["email:taken"]),
        (
            "ada",
            "ada@example.org",
            vec!["username:taken", "email:taken"],
        ),
        (
            "adA",
            "Bob@Example.Org",
            vec!["username:taken", "email:taken"],
        ),
    ] {
        let body = registration(username, email);
        let answer = app.post("/auth/register", &body).await;

        answer.assert_problem(409, "taken");
        assert_eq!(answer.field_errors(), taken, "{username} {email}");
    }
    let free = registration("free", "free@example.org");
    let answer = app.post("/auth/register", &free).await;
    assert_eq!(answer.status, 201, "nothing of what was refused is kept");
}

#[tokio::test]
async fn of_twenty_racing_registrations_exactly_one_wins() {
    let app = App::start();
    let number = |n: usize, same: &str, different: &str| match same {
        "" => format!("{different}{n}"),
        same if n.is_multiple_of(2) => same.to_uppercase(),
        same => same.to_owned(),
    };

    for (username, email) in [("ada", "ada@example.org"), ("bob", ""), ("", "eve@x.org")] {
        let requests = (0..20).map(|n| {
            let username = number(n, username, "somebody");
            let email = number(n, email, "mail@example.org.x");
            let body = registration(&username, &email);
            app.request(Method::POST, "/auth/register").json(&body)
        });
        let answers = at_once(requests).await;

        assert_eq!(count(&answers, 201), 1, "{answers:?}");
        for loser in answers.iter().filter(|a| a.status != 201) {
            loser.assert_problem(409, "taken");
            let named = loser.field_errors().join(" ");
            assert_eq!(named.contains("username:taken"), !username.is_empty());
            assert_eq!(named.contains("email:taken"), !email.is_empty());
        }
    }
}

#[tokio::test]
async fn a_password_is_never_trimmed() {
    let app = App::start();
    let mut body = registration("ada", "ada@example.org");
    body["password"] = json!("  spaced out  ");

    let answer = app.post("/auth/register", &body).await;

    assert_eq!(answer.status, 201);
    assert_eq!(login(&app, "ada", "  spaced out  ").await.status, 200);
    login(&app, "ada", "spaced out")
        .await
        .assert_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn neither_password_nor_refresh_token_is_stored_as_it_is() {
    use diesel::prelude::*;
    use diesel::sql_types::Text;

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        everything: String,
    }

    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let sql = "SELECT concat((SELECT string_agg(u::text, '') FROM users u), \
               (SELECT string_agg(encode(token_hash, 'escape') || t::text, '') \
                FROM refresh_tokens t)) AS everything";
    let row: Row = or_panic(diesel::sql_query(sql).get_result(&mut app.database.connect()));

    assert!(row.everything.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(!row.everything.contains(PASSWORD));
    assert!(!row.everything.contains(&ada.refresh_token));
}
