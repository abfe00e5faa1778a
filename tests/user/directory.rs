//! `GET /users`: filters, orders, and parameters that are wrong.

use alumx_tests::{Answer, App, User};
use reqwest::Method;
use serde_json::{Value, json};

use super::with_query;

async fn names(user: &User<'_>, query: &[(&str, &str)]) -> Vec<String> {
    let answer = find(user, query).await;
    assert_eq!(answer.status, 200, "{query:?} {:?}", answer.body);
    let items = answer.body["items"].as_array().cloned().unwrap_or_default();
    let name = |item: &Value| item["name"].as_str().unwrap_or_default().to_owned();
    items.iter().map(name).collect()
}

async fn find(user: &User<'_>, query: &[(&str, &str)]) -> Answer {
    user.get(&with_query("/users", query)).await
}

/// Ada, Bob and Cléo, in this order.
async fn three(app: &App) -> User<'_> {
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "STUDENT").await;
    let cleo = app.user("Cleo", "PROFESSOR").await;
    ada.patch(json!({
        "currentCompany": "Engines & Co 100%", "location": "Łódź, Poland", "department": "Maths",
        "graduationYear": 2000, "skills": ["C++", "Rust"], "techStack": ["PostgreSQL"],
    }))
    .await;
    bob.patch(json!({
        "currentCompany": "engines_2", "location": "London", "department": "Physics",
        "graduationYear": 2010, "skills": ["Rusty nails", "c++"], "techStack": ["postgresql 17"],
    }))
    .await;
    cleo.patch(json!({"name": "cléo", "graduationYear": 2005, "location": "New   York"}))
        .await;
    ada
}

#[tokio::test]
async fn an_item_summarises_a_profile() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let skills: Vec<String> = (0..12).map(|n| format!("skill {n}")).collect();
    ada.patch(json!({
        "about": "x", "currentCompany": "Engines", "currentRole": "Programmer",
        "location": "London", "department": "Maths", "graduationYear": 2000, "skills": skills,
        "education": ["BSc"],
    }))
    .await;

    let answer = ada.get("/users").await;

    assert_eq!(answer.status, 200);
    let item = json!({
        "id": ada.id, "username": "ada", "name": "Ada", "role": "ALUMNI",
        "currentCompany": "Engines", "currentRole": "Programmer", "location": "London",
        "department": "Maths", "graduationYear": 2000, "skills": skills[..10],
        "profileCompleted": true,
    });
    assert_eq!(answer.body, json!({"items": [item], "nextCursor": null}));
}

#[tokio::test]
async fn an_empty_profile_has_nulls_in_the_directory() {
    let app = App::start();
    let ada = app.user("Ada", "STUDENT").await;

    let answer = ada.get("/users").await;

    assert_eq!(
        answer.body["items"][0],
        json!({
            "id": ada.id, "username": "ada", "name": "Ada", "role": "STUDENT",
            "currentCompany": null, "currentRole": null, "location": null, "department": null,
            "graduationYear": null, "skills": [], "profileCompleted": false,
        })
    );
}

#[tokio::test]
async fn every_filter_lets_through_whom_it_describes() {
    let app = App::start();
    let ada = three(&app).await;
    let cases: &[(&str, &str, &[&str])] = &[
        ("role", "STUDENT", &["Bob"]),
        ("role", "ADMIN", &[]),
        ("skill", "c++", &["Bob", "Ada"]),
        ("skill", "RUST", &["Ada"]),
        ("skill", "rus", &[]),
        ("skill", "postgresql", &[]),
        ("tech", "POSTGRESQL", &["Ada"]),
        ("tech", " postgresql 17 ", &["Bob"]),
        ("tech", "rust", &[]),
        ("company", "ENGINES", &["Bob", "Ada"]),
        ("company", "gines & c", &["Ada"]),
        ("company", "%", &["Ada"]),
        ("company", "_", &["Bob"]),
        ("company", "engines%", &[]),
        ("company", "\\", &[]),
        ("location", "łódź", &["Ada"]),
        ("location", "LON", &["Bob"]),
        ("location", "new york", &["cléo"]),
        ("department", "ath", &["Ada"]),
        ("department", "'", &[]),
        ("graduationYear", "2010", &["Bob"]),
        ("graduationYear", "2011", &[]),
        ("graduationYearFrom", "2005", &["cléo", "Bob"]),
        ("graduationYearTo", "2005", &["cléo", "Ada"]),
        ("graduationYearFrom", "2100", &[]),
        ("graduationYearTo", "1900", &[]),
    ];

    for (name, value, expected) in cases {
        assert_eq!(
            names(&ada, &[(name, value)]).await,
            *expected,
            "{name}={value}"
        );
    }
}

#[tokio::test]
async fn filters_hold_all_together() {
    let app = App::start();
    let ada = three(&app).await;

    let years = [("graduationYearFrom", "2000"), ("graduationYearTo", "2005")];
    let all = [
        ("company", "engines"),
        ("skill", "C++"),
        ("role", "ALUMNI"),
        ("q", "maths"),
    ];
    let contradiction = [("graduationYear", "2000"), ("graduationYearFrom", "2001")];
    let backwards = [("graduationYearFrom", "2010"), ("graduationYearTo", "2000")];

    assert_eq!(names(&ada, &years).await, ["cléo", "Ada"]);
    assert_eq!(names(&ada, &all).await, ["Ada"]);
    assert_eq!(names(&ada, &contradiction).await, [""; 0]);
    assert_eq!(names(&ada, &backwards).await, [""; 0]);
}

#[tokio::test]
async fn the_newest_come_first_unless_sorted_by_name() {
    let app = App::start();
    let ada = three(&app).await;
    ada.patch(json!({"name": "Zoë"})).await;

    assert_eq!(names(&ada, &[]).await, ["cléo", "Bob", "Zoë"]);
    assert_eq!(
        names(&ada, &[("sort", "newest")]).await,
        ["cléo", "Bob", "Zoë"]
    );
    assert_eq!(
        names(&ada, &[("sort", "name")]).await,
        ["Bob", "cléo", "Zoë"]
    );
}

#[tokio::test]
async fn a_filter_follows_a_change_of_the_profile_and_of_the_role() {
    let app = App::start();
    let ada = three(&app).await;
    let admin = app.admin().await;

    ada.patch(json!({"skills": [], "graduationYear": null}))
        .await;
    let role = json!({"role": "PROFESSOR"});
    admin
        .send_json(Method::PUT, &ada.path("/role"), &role)
        .await;

    assert_eq!(names(&admin, &[("skill", "c++")]).await, ["Bob"]);
    assert_eq!(
        names(&admin, &[("graduationYearTo", "2004")]).await,
        [""; 0]
    );
    assert_eq!(
        names(&admin, &[("role", "PROFESSOR")]).await,
        ["cléo", "Ada"]
    );
}

#[tokio::test]
async fn wrong_parameters_are_refused_by_name() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let long = "x".repeat(201);
    let huge_cursor = "A".repeat(2049);
    let cases = [
        ("limit", "0", "out_of_range"),
        ("limit", "101", "out_of_range"),
        ("limit", "-1", "out_of_range"),
        ("limit", "", "invalid_number"),
        ("limit", "ten", "invalid_number"),
        ("limit", "1.0", "invalid_number"),
        ("limit", "+1", "invalid_number"),
        ("limit", "99999999999999999999", "invalid_number"),
        ("cursor", "", "invalid_cursor"),
        ("cursor", "x", "invalid_cursor"),
        ("cursor", "%%%", "invalid_cursor"),
        ("cursor", &huge_cursor, "invalid_cursor"),
        ("q", "", "required"),
        ("q", " \t ", "required"),
        ("q", &long, "too_long"),
        ("q", "a\0b", "invalid_character"),
        ("skill", " ", "required"),
        ("tech", "", "required"),
        ("company", &long, "too_long"),
        ("location", "a\nb", "invalid_character"),
        ("department", "", "required"),
        ("role", "alumni", "invalid_role"),
        ("role", "", "invalid_role"),
        ("role", "TEACHER", "invalid_role"),
        ("graduationYear", "1899", "out_of_range"),
        ("graduationYear", "2101", "out_of_range"),
        ("graduationYearFrom", "now", "invalid_number"),
        ("graduationYearTo", "", "invalid_number"),
        ("sort", "NAME", "invalid_sort"),
        ("sort", "oldest", "invalid_sort"),
        ("sort", "", "invalid_sort"),
        ("sort", "relevance", "relevance_without_q"),
        ("offset", "10", "unknown_parameter"),
        ("Q", "ada", "unknown_parameter"),
        ("", "", "unknown_parameter"),
        ("email", "ada@example.org", "unknown_parameter"),
    ];

    for (name, value, code) in cases {
        let answer = find(&ada, &[(name, value)]).await;

        answer.assert_problem(400, "invalid_parameter");
        assert_eq!(
            answer.field_errors(),
            [format!("{name}:{code}")],
            "{name}={value}"
        );
    }
}

#[tokio::test]
async fn parameters_at_their_limits_are_taken() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let longest = "😀".repeat(200);

    for (name, value) in [
        ("limit", "1"),
        ("limit", "100"),
        ("q", "a"),
        ("q", &longest),
        ("skill", &longest),
        ("company", &longest),
        ("graduationYear", "1900"),
        ("graduationYear", "2100"),
    ] {
        assert_eq!(
            find(&ada, &[(name, value)]).await.status,
            200,
            "{name}={value}"
        );
    }
}

#[tokio::test]
async fn repeated_parameters_are_refused_and_all_wrong_ones_told_at_once() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let repeated = find(&ada, &[("limit", "1"), ("limit", "1")]).await;
    let several = find(&ada, &[("limit", "0"), ("role", "x"), ("a", "1")]).await;

    repeated.assert_problem(400, "invalid_parameter");
    several.assert_problem(400, "invalid_parameter");
    let wrong = [
        "role:invalid_role",
        "limit:out_of_range",
        "a:unknown_parameter",
    ];
    assert_eq!(several.field_errors(), wrong);
}

#[tokio::test]
async fn queries_that_are_no_utf8_are_bad_requests() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for query in ["q=%00", "q=%FF", "q=%C3%28", "%FF=1", "limit=%FF"] {
        let answer = ada.get(&format!("/users?{query}")).await;

        answer.assert_problem(400, "invalid_parameter");
    }
    assert_eq!(ada.get("/users?").await.status, 200);
    assert_eq!(ada.get("/users?&&").await.status, 200);
}
