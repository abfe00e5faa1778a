//! Every field of a profile at, below and above its limits.

use alumx_tests::{App, User};
use serde_json::{Value, json};

async fn accepts(user: &User<'_>, field: &str, value: Value) {
    let answer = user.patch(json!({field: value})).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body[field]),
        (200, &value),
        "{field}"
    );
}

async fn refuses(user: &User<'_>, field: &str, value: Value, code: &str) {
    let answer = user.patch(json!({field: value})).await;
    answer.assert_problem(422, "invalid_fields");
    assert_eq!(
        answer.field_errors(),
        [format!("{field}:{code}")],
        "{value}"
    );
}

#[tokio::test]
async fn texts_are_limited_in_characters_not_bytes() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for (field, most) in [
        ("name", 100),
        ("about", 1000),
        ("currentCompany", 150),
        ("currentRole", 150),
        ("location", 150),
        ("department", 150),
    ] {
        for letter in ["x", "ü", "😀"] {
            accepts(&ada, field, json!(letter)).await;
            accepts(&ada, field, json!(letter.repeat(most))).await;
            refuses(&ada, field, json!(letter.repeat(most + 1)), "too_long").await;
        }
    }
}

#[tokio::test]
async fn white_space_around_a_text_does_not_count() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let padded = format!("  {}\n", "x".repeat(150));

    let answer = ada.patch(json!({"location": padded})).await;

    assert_eq!(answer.body["location"], "x".repeat(150));
}

#[tokio::test]
async fn usernames_have_3_to_30_letters_digits_and_some_signs() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for good in ["ada", "A_.-9", "007", "a--", &"a".repeat(30)] {
        accepts(&ada, "username", json!(good)).await;
    }
    for (bad, code) in [
        ("ad", "too_short"),
        (&"a".repeat(31), "too_long"),
        (".ada", "invalid_username"),
        ("_ada", "invalid_username"),
        ("-ada", "invalid_username"),
        ("a da", "invalid_username"),
        ("äda", "invalid_username"),
        ("a@da", "invalid_username"),
        ("a/da", "invalid_username"),
        ("аda", "invalid_username"),
    ] {
        refuses(&ada, "username", json!(bad), code).await;
    }
}

#[tokio::test]
async fn control_characters_are_refused_everywhere() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let fields = [
        "name",
        "about",
        "currentCompany",
        "currentRole",
        "location",
        "department",
        "linkedinUrl",
        "githubUrl",
        "portfolioUrl",
    ];

    for field in fields {
        for control in ['\0', '\u{1}', '\u{1b}', '\u{7f}', '\u{85}'] {
            let text = format!("https://a{control}b");
            refuses(&ada, field, json!(text), "invalid_character").await;
        }
    }
}

#[tokio::test]
async fn only_about_may_have_several_lines() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for line_break in ["\n", "\r\n", "\t"] {
        let text = format!("a{line_break}b");
        accepts(&ada, "about", json!(text)).await;
        for field in [
            "name",
            "currentCompany",
            "currentRole",
            "location",
            "department",
        ] {
            refuses(&ada, field, json!(text), "invalid_character").await;
        }
    }
}

#[tokio::test]
async fn graduation_years_go_from_1900_to_2100() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for good in [1900, 1901, 2099, 2100] {
        accepts(&ada, "graduationYear", json!(good)).await;
    }
    for bad in [1899, 2101, 0, -1, i64::MAX, i64::MIN] {
        refuses(&ada, "graduationYear", json!(bad), "out_of_range").await;
    }
    refuses(&ada, "graduationYear", json!(u64::MAX), "invalid_type").await;
}

#[tokio::test]
async fn links_are_http_or_https_and_nothing_else() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for field in ["linkedinUrl", "githubUrl", "portfolioUrl"] {
        for good in [
            "http://a.b",
            "HTTPS://example.org:8080/p?q=1#f",
            "https://user@example.org/",
            "https://[::1]/",
            "https://例え.jp/パス",
        ] {
            accepts(&ada, field, json!(good)).await;
        }
        for bad in [
            "javascript:alert(1)",
            "JavaScript://example.org/%0aalert(1)",
            "file:///etc/passwd",
            "data:text/html,<script>",
            "ftp://example.org",
            "//example.org",
            "/path",
            "example.org",
            "https:",
            "https://",
            "https:///path",
            "https://exa mple.org",
            "https://example.org/\"onclick=\"x",
            "https://example.org/<script>",
            "https:\\\\example.org",
            "blob:https://example.org/x",
            "view-source:https://example.org",
        ] {
            refuses(&ada, field, json!(bad), "invalid_url").await;
        }
    }
}

#[tokio::test]
async fn links_have_at_most_2048_characters() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let url = format!("https://example.org/{}", "a".repeat(2028));

    for field in ["linkedinUrl", "githubUrl", "portfolioUrl"] {
        accepts(&ada, field, json!(url)).await;
        refuses(&ada, field, json!(format!("{url}a")), "too_long").await;
    }
}
