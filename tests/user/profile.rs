//! `GET /users/{id}` and `GET /users/by-username/{username}`.

use std::time::Duration;

use alumx_tests::{App, PASSWORD, or_panic};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_new_profile_has_every_field_and_is_empty() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let answer = ada.get(&ada.path("")).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.body,
        json!({
            "id": ada.id, "username": "ada", "name": "Ada", "role": "ALUMNI",
            "email": "ada@example.org", "about": null, "currentCompany": null,
            "currentRole": null, "location": null, "department": null, "graduationYear": null,
            "linkedinUrl": null, "githubUrl": null, "portfolioUrl": null,
            "profileCompleted": false, "skills": [], "education": [], "techStack": [],
            "languages": [], "frameworks": [], "communicationSkills": [], "certifications": [],
            "projects": [], "softSkills": [], "hobbies": [], "experience": [], "internships": [],
            "createdAt": "2027-01-15T08:00:00Z", "updatedAt": "2027-01-15T08:00:00Z",
        })
    );
}

#[tokio::test]
async fn a_profile_that_was_read_is_kept_for_the_next_reader() {
    use diesel::dsl::sql;
    use diesel::prelude::*;

    let app = App::start();
    let ada = app.someone().await;
    let mut database = app.database.connect();
    let mut kept = || {
        let texts = sql::<diesel::sql_types::BigInt>("(SELECT count(*) FROM profile_documents)");
        or_panic(diesel::select(texts).get_result::<i64>(&mut database))
    };

    assert_eq!(kept(), 0);
    ada.get(&ada.path("")).await;

    // The reader may have the answer first.
    let keeping = async {
        while kept() == 0 {
            tokio::task::yield_now().await;
        }
    };
    or_panic(tokio::time::timeout(Duration::from_secs(30), keeping).await);
}

#[tokio::test]
async fn a_full_profile_reads_back_as_it_was_written() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let written = json!({
        "username": "Lovelace", "name": "Ada, Countess of Lovelace", "about": "Line 1\n\tLine 2",
        "currentCompany": "Engines & Co", "currentRole": "Programmer", "location": "Łódź",
        "department": "Mathematics", "graduationYear": 1900,
        "linkedinUrl": "https://www.linkedin.com/in/ada", "githubUrl": "http://github.com/ada",
        "portfolioUrl": "https://bücher.example/ü?a=b#c", "skills": ["Maths"],
        "education": ["Home"], "techStack": ["Cards"], "languages": ["English"],
        "frameworks": ["Loom"], "communicationSkills": ["Letters"], "certifications": ["None"],
        "projects": ["Notes"], "softSkills": ["Patience"], "hobbies": ["Flying", "Horses"],
        "experience": ["Engines"], "internships": ["Babbage"],
    });

    app.clock.advance(TimeDelta::minutes(10));
    let patched = ada.patch(written.clone()).await;
    let read = ada.get("/users/by-username/LOVELACE").await;

    let mut expected = written;
    let fixed = json!({
        "id": ada.id, "role": "ALUMNI", "email": "ada@example.org", "profileCompleted": true,
        "createdAt": "2027-01-15T08:00:00Z", "updatedAt": "2027-01-15T08:10:00Z",
    });
    merge(&mut expected, fixed);
    assert_eq!((patched.status.as_u16(), &patched.body), (200, &expected));
    assert_eq!((read.status.as_u16(), &read.body), (200, &expected));
}

fn merge(into: &mut Value, fields: Value) {
    if let (Value::Object(into), Value::Object(fields)) = (into, fields) {
        into.extend(fields);
    }
}

#[tokio::test]
async fn the_email_address_is_shown_to_the_user_and_to_admins_only() {
    let app = App::start();
    let ada = app.user("Ada", "STUDENT").await;
    let bob = app.user("Bob", "PROFESSOR").await;
    let admin = app.admin().await;

    for path in [ada.path(""), "/users/by-username/ada".to_owned()] {
        for (viewer, sees) in [(&ada, true), (&admin, true), (&bob, false)] {
            let answer = viewer.get(&path).await;

            assert_eq!(answer.status, 200);
            assert_eq!(answer.body.get("email").is_some(), sees, "{path}");
        }
    }
    assert_eq!(bob.get("/users").await.body["items"][0].get("email"), None);
}

#[tokio::test]
async fn a_user_is_found_by_username_in_any_letter_case() {
    let app = App::start();
    let ada = app.user("Ada.L-2_x", "ALUMNI").await;

    for name in ["ada.l-2_x", "ADA.L-2_X", "%41da.l-2_x", "ada%2El-2_x"] {
        let answer = ada.get(&format!("/users/by-username/{name}")).await;

        assert_eq!(
            (answer.status.as_u16(), &answer.body["id"]),
            (200, &json!(ada.id)),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_username_that_nobody_has_is_not_found() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for name in ["bob", "ada_", "a_a", "1da", "ad."] {
        let answer = ada.get(&format!("/users/by-username/{name}")).await;

        answer.assert_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_username_that_nobody_could_have_is_a_bad_parameter() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let long = "a".repeat(31);

    for name in [
        "ad", &long, ".ada", "-ada", "a%20da", "%C3%A4da", "a%00da", "ada%25", "%FFada",
    ] {
        let answer = ada.get(&format!("/users/by-username/{name}")).await;

        answer.assert_problem(400, "invalid_parameter");
        assert_eq!(answer.body["errors"][0]["field"], "username", "{name}");
    }
}

#[tokio::test]
async fn an_unknown_user_is_not_found() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for id in ["2", "999999", "9223372036854775807"] {
        let answer = ada.get(&format!("/users/{id}")).await;

        answer.assert_problem(404, "not_found");
    }
}

#[tokio::test]
async fn an_id_that_no_user_could_have_is_a_bad_parameter() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let ids = [
        "0",
        "-1",
        "01",
        "+1",
        "1.5",
        "1.0",
        "1e0",
        "me",
        "%31%20",
        "%20",
        "0x1",
        "%D9%A1",
        "9223372036854775808",
        "99999999999999999999999999",
        "1%00",
    ];

    for id in ids {
        for (method, rest) in [
            (Method::GET, ""),
            (Method::GET, "/skills"),
            (Method::PATCH, ""),
            (Method::PUT, "/skills"),
        ] {
            let answer = ada
                .send_json(method, &format!("/users/{id}{rest}"), &json!({}))
                .await;

            answer.assert_problem(400, "invalid_parameter");
            assert_eq!(answer.field_errors(), ["id:invalid_id"], "{id}");
        }
    }
}

#[tokio::test]
async fn a_deleted_user_is_gone_and_the_username_is_free_again() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;

    let deleted = ada
        .send_json(Method::DELETE, "/me", &json!({"password": PASSWORD}))
        .await;

    assert_eq!(deleted.status, 204);
    for path in [
        ada.path(""),
        ada.path("/skills"),
        "/users/by-username/ada".to_owned(),
    ] {
        bob.get(&path).await.assert_problem(404, "not_found");
    }
    assert_eq!(bob.get("/users?q=ada").await.body["items"], json!([]));
    let again = app.user("Ada", "STUDENT").await;
    assert_ne!(again.id, ada.id);
}
