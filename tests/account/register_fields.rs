//! `POST /auth/register`: every field at, below and above its limits.

use alumx_tests::{App, PASSWORD};
use serde_json::{Value, json};

use super::login;

/// A good registration but for one field; `None` leaves it out.
fn registration_with(field: &str, value: Option<Value>) -> Value {
    let mut body = json!({
        "username": "ada", "name": "Ada Lovelace", "email": "ada@example.org",
        "password": PASSWORD, "role": "ALUMNI",
    });
    let fields = body.as_object_mut();
    match (fields, value) {
        (Some(fields), Some(value)) => drop(fields.insert(field.to_owned(), value)),
        (Some(fields), None) => drop(fields.remove(field)),
        (None, _) => {}
    }
    body
}

/// An address of this many characters, all of whose parts are as long as they may be.
fn address_of(length: usize) -> String {
    let labels = [63, 63].map(|n| "b".repeat(n)).join(".");
    let rest = "c".repeat(length - 64 - 1 - labels.len() - ".".len() - ".org".len());
    format!("{}@{labels}.{rest}.org", "a".repeat(64))
}

/// Registers with each of the values and expects each to be refused by its rule.
async fn assert_refused(field: &str, wrong: impl IntoIterator<Item = (Value, &str)>) {
    let app = App::start();
    for (value, code) in wrong {
        let body = registration_with(field, Some(value.clone()));

        let answer = app.post("/auth/register", &body).await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(
            answer.field_errors(),
            [format!("{field}:{code}")],
            "{value}"
        );
    }
    let user = app.user("Ada", "ALUMNI").await;
    assert_eq!(user.id, 1, "nobody was registered before");
}

/// Texts that must be refused as `code` in any of the fields.
fn texts<'a>(code: &'a str, texts: &[&str]) -> Vec<(Value, &'a str)> {
    texts.iter().map(|text| (json!(text), code)).collect()
}

#[tokio::test]
async fn every_field_is_required_and_a_string() {
    let app = App::start();

    for field in ["username", "name", "email", "password", "role"] {
        for (value, code) in [
            (None, "required"),
            (Some(json!(null)), "required"),
            (Some(json!(5)), "invalid_type"),
            (Some(json!(true)), "invalid_type"),
            (Some(json!(["ada.lovelace"])), "invalid_type"),
            (Some(json!({"value": "ada"})), "invalid_type"),
        ] {
            let body = registration_with(field, value);
            let answer = app.post("/auth/register", &body).await;

            answer.assert_problem(422, "invalid_fields");
            assert_eq!(answer.field_errors(), [format!("{field}:{code}")], "{body}");
        }
    }
}

#[tokio::test]
async fn a_username_has_3_to_30_plain_characters() {
    let long = "a".repeat(31);
    let wrong = [
        texts("required", &["", "   ", "\n"]),
        texts("too_short", &["ab", " ab ", "😀😀"]),
        texts("too_long", &[&long, &"😀".repeat(31)]),
        texts(
            "invalid_username",
            &[
                "_ada",
                ".ada",
                "-ada",
                "a da",
                "ada\0",
                "a\nda",
                "a\u{7f}da",
                "ádá",
                "😀😀😀",
                "ada@x",
                "ada/x",
                "ada%",
                "аda",
            ],
        ),
    ];
    assert_refused("username", wrong.concat()).await;
}

#[tokio::test]
async fn a_name_has_1_to_100_characters_in_one_line() {
    let long = "😀".repeat(101);
    let wrong = [
        texts("required", &["", "  ", "\t\u{a0}\n"]),
        texts("too_long", &[&long, &"a".repeat(101)]),
        texts(
            "invalid_character",
            &[
                "A\0da",
                "A\nda",
                "A\tda",
                "A\rda",
                "A\u{1b}[31mda",
                "A\u{7f}",
                "A\u{85}da",
            ],
        ),
    ];
    assert_refused("name", wrong.concat()).await;
}

#[tokio::test]
async fn an_email_is_an_address_of_up_to_254_characters() {
    let wrong = [
        texts("required", &["", "  "]),
        texts("too_long", &[&address_of(255), &"a".repeat(255)]),
        texts(
            "invalid_character",
            &[
                "a\0da@example.org",
                "ada@exam\nple.org",
                "a\tda@example.org",
            ],
        ),
        texts(
            "invalid_email",
            &[
                "ada",
                "ada@localhost",
                "@example.org",
                "ada@",
                "ada@.org",
                "ada@example.",
                "ada@example..org",
                "ada@-example.org",
                "ada@exa mple.org",
                "ada@@example.org",
                "a da@example.org",
                ".ada@example.org",
                "ada.@example.org",
                "a..da@example.org",
                "Ada <ada@example.org>",
                "ada@[127.0.0.1]",
                "ada@example.org,bob@example.org",
                "mailto:ada@example.org@x",
                &format!("{}@example.org", "a".repeat(65)),
                &format!("ada@{}.org", "b".repeat(64)),
            ],
        ),
    ];
    assert_refused("email", wrong.concat()).await;
}

#[tokio::test]
async fn a_password_has_8_to_128_characters() {
    let wrong = [
        texts("required", &[""]),
        texts("too_short", &["1234567", "😀😀😀😀😀😀😀", " 12345 "]),
        texts("too_long", &[&"a".repeat(129), &"😀".repeat(129)]),
        texts(
            "invalid_character",
            &["correct\0horse", "correct\nhorse", "correct horse\u{7f}"],
        ),
    ];
    assert_refused("password", wrong.concat()).await;
}

#[tokio::test]
async fn a_role_is_any_but_admin_and_exact() {
    let wrong = ["ADMIN", "admin", "alumni", " ALUMNI", "OWNER", "A\0", "x"];
    assert_refused("role", texts("invalid_role", &wrong)).await;
}

#[tokio::test]
async fn fields_at_their_limits_are_accepted() {
    let app = App::start();
    let (long_username, emoji_name) = (format!("9{}-", "_.".repeat(14)), "😀".repeat(100));
    let (emoji_password, longest) = ("🔑".repeat(128), address_of(254));
    let cases = [
        ("username", "abc"),
        ("username", &long_username),
        ("name", "A"),
        ("name", &emoji_name),
        ("name", "O'Brien-Łukasiewicz, \"Ada\" <b>%_\\"),
        ("email", "a@b.co"),
        ("email", "o'neil+alumni.2020@mail.example-school.org"),
        ("email", &longest),
        ("password", "12345678"),
        ("password", "🔑🔑🔑🔑🔑🔑🔑🔑"),
        ("password", &emoji_password),
        ("role", "STUDENT"),
        ("role", "PROFESSOR"),
    ];

    for (n, (field, value)) in cases.into_iter().enumerate() {
        let mut body = registration_with("username", Some(json!(format!("user{n}"))));
        body["email"] = json!(format!("user{n}@example.org"));
        body[field] = json!(value);
        let answer = app.post("/auth/register", &body).await;

        assert_eq!(answer.status, 201, "{body} {:?}", answer.body);
        if field != "password" {
            assert_eq!(answer.body["user"][field], value);
        }
        let strings = ["email", "password"].map(|key| body[key].as_str().unwrap_or_default());
        assert_eq!(login(&app, strings[0], strings[1]).await.status, 200);
    }
}

#[tokio::test]
async fn all_wrong_and_unknown_fields_are_told_at_once() {
    let app = App::start();
    let body = json!({
        "username": "_", "name": 1, "email": "ada", "password": "short", "role": "ADMIN",
        "id": 7, "createdAt": "2020-01-01T00:00:00Z",
    });

    let answer = app.post("/auth/register", &body).await;

    answer.assert_problem(422, "invalid_fields");
    let mut wrong = answer.field_errors();
    wrong.sort();
    assert_eq!(
        wrong,
        [
            "createdAt:unknown_field",
            "email:invalid_email",
            "id:unknown_field",
            "name:invalid_type",
            "password:too_short",
            "role:invalid_role",
            "username:too_short",
        ]
    );
    for error in answer.body["errors"].as_array().into_iter().flatten() {
        assert!(error["message"].is_string(), "{error}");
    }
}

#[tokio::test]
async fn a_field_written_in_another_way_is_unknown() {
    let app = App::start();

    for name in [
        "Username",
        "user_name",
        "userId",
        "isAdmin",
        "",
        "😀",
        "a\0b",
    ] {
        let body = registration_with(name, Some(json!("x")));
        let answer = app.post("/auth/register", &body).await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), [format!("{name}:unknown_field")]);
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let app = App::start();

    for body in [json!(null), json!([]), json!("ada"), json!(1), json!([{}])] {
        let answer = app.post("/auth/register", &body).await;

        answer.assert_problem(422, "invalid_fields");
    }
}
