//! `PATCH /users/{id}`: who may, what changes, and what is refused.

use alumx_tests::{Answer, App};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_not_named_stays() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    ada.patch(json!({"about": "A", "location": "London", "skills": ["Maths"]}))
        .await;

    let answer = ada.patch(json!({"about": "B"})).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["about"], "B");
    assert_eq!(answer.body["location"], "London");
    assert_eq!(answer.body["skills"], json!(["Maths"]));
}

#[tokio::test]
async fn null_and_blank_clear_what_may_be_empty() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let texts = [
        "about",
        "currentCompany",
        "currentRole",
        "location",
        "department",
        "linkedinUrl",
        "githubUrl",
        "portfolioUrl",
    ];

    for field in texts {
        for empty in [json!(null), json!(""), json!(" \t\n ")] {
            let set = ada.patch(json!({field: "https://example.org"})).await;
            let cleared = ada.patch(json!({field: empty})).await;

            assert_eq!(set.body[field], "https://example.org");
            assert_eq!(
                (cleared.status.as_u16(), &cleared.body[field]),
                (200, &json!(null))
            );
        }
    }
    ada.patch(json!({"graduationYear": 2000})).await;
    let cleared = ada.patch(json!({"graduationYear": null})).await;
    assert_eq!(cleared.body["graduationYear"], json!(null));
}

#[tokio::test]
async fn name_and_username_may_not_be_empty() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for empty in [json!(null), json!(""), json!("  ")] {
        let answer = ada.patch(json!({"name": empty, "username": empty})).await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(
            answer.field_errors(),
            ["username:required", "name:required"]
        );
    }
}

#[tokio::test]
async fn texts_are_trimmed() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let body = json!({"name": " Ada  L. ", "about": "\n a \n b \n", "skills": [" Maths\u{a0}"]});
    let answer = ada.patch(body).await;

    assert_eq!(answer.body["name"], "Ada  L.");
    assert_eq!(answer.body["about"], "a \n b");
    assert_eq!(answer.body["skills"], json!(["Maths"]));
}

#[tokio::test]
async fn what_is_not_the_profiles_to_change_is_refused_and_nothing_else_happens() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let before = ada.get(&ada.path("")).await.body;
    let fields = [
        "email",
        "role",
        "password",
        "profileCompleted",
        "id",
        "createdAt",
        "updatedAt",
        "deleted",
        "suspendedAt",
        "revision",
        "password_hash",
        "current_company",
        "tech-stack",
        "Skills",
        "about ",
        "",
        "$ref",
        "__proto__",
    ];

    for field in fields {
        let answer = ada
            .patch(json!({"about": "changed", field: before[field]}))
            .await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), [format!("{field}:unknown_field")]);
    }
    assert_eq!(ada.get(&ada.path("")).await.body, before);
}

#[tokio::test]
async fn wrong_types_are_refused() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let not_texts = [json!(1), json!(true), json!(["a"]), json!({"a": 1})];
    let texts = ["username", "name", "about", "currentCompany", "linkedinUrl"];
    let not_years = [
        json!("2000"),
        json!(2000.5),
        json!(true),
        json!([2000]),
        json!({}),
    ];
    let not_lists = [json!(null), json!("Maths"), json!(1), json!({"0": "Maths"})];

    let wrong = texts
        .iter()
        .flat_map(|field| not_texts.iter().map(move |value| (*field, value)))
        .chain(not_years.iter().map(|value| ("graduationYear", value)))
        .chain(not_lists.iter().map(|value| ("techStack", value)));
    for (field, value) in wrong {
        let answer = ada.patch(json!({field: value})).await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(
            answer.field_errors(),
            [format!("{field}:invalid_type")],
            "{value}"
        );
    }
}

#[tokio::test]
async fn all_wrong_fields_are_told_at_once_by_the_names_that_clients_use() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let body = json!({
        "username": "a", "name": null, "about": "a\u{0}", "graduationYear": 1,
        "githubUrl": "javascript:alert(1)", "skills": ["fine", " ", "a\nb"], "techStack": null,
        "softSkills": [1], "email": "x@example.org",
    });
    let answer = ada.patch(body).await;

    answer.assert_problem(422, "invalid_fields");
    let expected = [
        "username:too_short",
        "name:required",
        "about:invalid_character",
        "graduationYear:out_of_range",
        "githubUrl:invalid_url",
        "skills[1]:required",
        "skills[2]:invalid_character",
        "techStack:invalid_type",
        "softSkills[0]:invalid_type",
        "email:unknown_field",
    ];
    assert_eq!(answer.field_errors(), expected);
    let messages = answer.body["errors"].as_array().unwrap();
    assert!(messages.iter().all(|error| error["message"].is_string()));
}

#[tokio::test]
async fn a_merge_patch_is_read_as_well() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for media_type in [
        "application/merge-patch+json",
        "Application/JSON; charset=UTF-8",
    ] {
        let request = ada.request(Method::PATCH, &ada.path(""));
        let request = request.header("content-type", media_type);
        let body = json!({"about": media_type}).to_string();
        let answer = Answer::of(request.body(body)).await;

        assert_eq!(
            (answer.status.as_u16(), &answer.body["about"]),
            (200, &json!(media_type))
        );
    }
}

#[tokio::test]
async fn an_empty_patch_changes_nothing() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let before = ada.get(&ada.path("")).await.body;

    app.clock.advance(TimeDelta::minutes(10));
    let answer = ada.patch(json!({})).await;

    assert_eq!((answer.status.as_u16(), answer.body), (200, before));
}

#[tokio::test]
async fn what_is_no_object_is_refused() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for body in [
        json!([]),
        json!("about"),
        json!(1),
        json!(null),
        json!([{"about": "x"}]),
    ] {
        ada.patch(body).await.assert_problem(422, "invalid_fields");
    }
}

#[tokio::test]
async fn a_change_moves_the_time_of_the_last_change() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    app.clock.advance(TimeDelta::milliseconds(1500));
    let fields = ada.patch(json!({"about": "x"})).await.body;
    app.clock.advance(TimeDelta::seconds(1));
    ada.send_json(Method::PUT, &ada.path("/hobbies"), &json!(["Flying"]))
        .await;
    let list = ada.get(&ada.path("")).await.body;

    assert_eq!(fields["createdAt"], "2027-01-15T08:00:00Z");
    assert_eq!(fields["updatedAt"], "2027-01-15T08:00:01.500Z");
    assert_eq!(list["updatedAt"], "2027-01-15T08:00:02.500Z");
}

#[tokio::test]
async fn a_username_that_another_user_has_in_any_letter_case_is_taken() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;

    for name in ["ada", "ADA", " Ada "] {
        let answer = bob
            .patch(json!({"username": name, "about": "changed"}))
            .await;

        answer.assert_problem(409, "taken");
        assert_eq!(answer.field_errors(), ["username:taken"]);
    }
    assert_eq!(bob.get(&bob.path("")).await.body["about"], json!(null));
    let own = ada.patch(json!({"username": "ADA"})).await;
    assert_eq!(
        (own.status.as_u16(), &own.body["username"]),
        (200, &json!("ADA"))
    );
}

#[tokio::test]
async fn of_two_users_who_want_the_same_name_one_gets_it() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;

    let (one, other) = tokio::join!(
        ada.patch(json!({"username": "grace"})),
        bob.patch(json!({"username": "GRACE"}))
    );

    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn a_new_username_is_the_one_to_sign_in_with() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    ada.patch(json!({"username": "Lovelace", "name": "Ada L."}))
        .await;

    let again = app.login("lovelace").await;
    let account = again.get("/me").await.body;
    assert_eq!((again.id, &account["name"]), (ada.id, &json!("Ada L.")));
    ada.get("/users/by-username/ada")
        .await
        .assert_problem(404, "not_found");
}

#[tokio::test]
async fn an_admin_may_change_any_profile_and_a_stranger_none() {
    let app = App::start();
    let ada = app.user("Ada", "STUDENT").await;
    let stranger = app.user("Bob", "PROFESSOR").await;
    let admin = app.admin().await;
    let change = json!({"about": "x"});

    let refused = stranger
        .send_json(Method::PATCH, &ada.path(""), &change)
        .await;
    let untouched = ada.get(&ada.path("")).await;
    let changed = admin.send_json(Method::PATCH, &ada.path(""), &change).await;
    let unknown = admin.send_json(Method::PATCH, "/users/999", &change).await;

    refused.assert_problem(403, "forbidden");
    assert_eq!(untouched.body["about"], Value::Null);
    assert_eq!(
        (changed.status.as_u16(), &changed.body["about"]),
        (200, &json!("x"))
    );
    assert_eq!(changed.body["email"], "ada@example.org");
    unknown.assert_problem(404, "not_found");
}

#[tokio::test]
async fn a_profile_is_completed_by_a_text_a_place_a_skill_and_a_station() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let steps = [
        (json!({"about": "x"}), false),
        (json!({"skills": ["Maths"]}), false),
        (json!({"education": ["BSc"]}), false),
        (json!({"department": "Maths"}), true),
        (json!({"department": null}), false),
        (json!({"currentCompany": "Engines"}), true),
        (json!({"education": []}), false),
        (json!({"experience": ["Engines"]}), true),
        (json!({"skills": []}), false),
        (json!({"skills": ["Maths"], "about": " "}), false),
        (json!({"about": "y"}), true),
    ];

    for (patch, completed) in steps {
        let answer = ada.patch(patch.clone()).await;

        assert_eq!(answer.body["profileCompleted"], completed, "{patch}");
        let listed = ada.get("/users").await.body["items"][0]["profileCompleted"].clone();
        assert_eq!(listed, completed, "{patch}");
    }
}
