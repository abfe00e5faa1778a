//! `GET /users?q=`: what is found, what is forgiven, and who comes first.

use alumx_tests::{App, User};
use reqwest::Method;
use serde_json::{Value, json};

use super::with_query;

async fn found(user: &User<'_>, q: &str) -> Vec<String> {
    let answer = user.get(&with_query("/users", &[("q", q)])).await;
    assert_eq!(answer.status, 200, "{q:?} {:?}", answer.body);
    let items = answer.body["items"].as_array().cloned().unwrap_or_default();
    let name = |item: &Value| item["name"].as_str().unwrap_or_default().to_owned();
    items.iter().map(name).collect()
}

#[tokio::test]
async fn every_part_of_a_profile_that_others_see_is_searched() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    app.user("Bob", "ALUMNI").await;
    let patch = json!({
        "username": "countess", "name": "Ada Lovelace", "currentCompany": "Engines",
        "currentRole": "Programmer", "location": "Marylebone", "department": "Mathematics",
        "skills": ["algebra"], "education": ["homeschool"], "techStack": ["cards"],
        "languages": ["french"], "frameworks": ["loom"], "communicationSkills": ["letters"],
        "certifications": ["diploma"], "projects": ["notes"], "softSkills": ["patience"],
        "hobbies": ["gambling"], "experience": ["translator"], "internships": ["babbage"],
    });
    ada.patch(patch).await;

    for word in [
        "countess",
        "lovelace",
        "engines",
        "programmer",
        "marylebone",
        "mathematics",
        "algebra",
        "homeschool",
        "cards",
        "french",
        "loom",
        "letters",
        "diploma",
        "notes",
        "patience",
        "gambling",
        "translator",
        "babbage",
        "BABBAGE",
        "gambl",
        "translator algebra",
        "  ada  ",
    ] {
        assert_eq!(found(&ada, word).await, ["Ada Lovelace"], "{word}");
    }
}

#[tokio::test]
async fn what_others_may_not_see_is_not_searched() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;
    ada.patch(json!({"githubUrl": "https://example.org/xyzzy"}))
        .await;

    for word in ["ada@example.org", "example.org", "argon2"] {
        assert_eq!(found(&bob, word).await, [""; 0], "{word}");
    }
}

#[tokio::test]
async fn every_word_must_be_found() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;
    ada.patch(json!({"skills": ["algebra"], "location": "London"}))
        .await;
    bob.patch(json!({"skills": ["algebra"], "location": "Paris"}))
        .await;

    assert_eq!(found(&ada, "algebra").await, ["Bob", "Ada"]);
    assert_eq!(found(&ada, "algebra london").await, ["Ada"]);
    assert_eq!(found(&ada, "algebra rome").await, [""; 0]);
}

#[tokio::test]
async fn exact_and_prefix_matches_of_names_come_first() {
    let app = App::start();
    let skilled = app.user("Skilled", "ALUMNI").await;
    skilled.patch(json!({"skills": ["Grace notes"]})).await;
    for (name, new) in [
        ("Middle", "Amazing Grace"),
        ("Prefix", "Gracely Smith"),
        ("Exact", "Grace"),
        ("Newest", "Nobody"),
    ] {
        app.user(name, "ALUMNI")
            .await
            .patch(json!({"name": new}))
            .await;
    }

    let expected = ["Grace", "Gracely Smith", "Amazing Grace", "Skilled"];
    assert_eq!(found(&skilled, "grace").await, expected);
    assert_eq!(found(&skilled, "EXACT").await, ["Grace"]);
}

#[tokio::test]
async fn typing_errors_in_names_are_forgiven_where_nothing_else_is_found() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    ada.patch(json!({"name": "Ada Lovelace"})).await;
    app.user("Grace Hopper", "ALUMNI").await;

    for typo in ["Lovelase", "lovelcae", "Lovlace", "Adda Lovelace"] {
        assert_eq!(found(&ada, typo).await, ["Ada Lovelace"], "{typo}");
    }
    assert_eq!(found(&ada, "Zuse").await, [""; 0]);
    assert_eq!(found(&ada, "grase hopper").await, ["Grace Hopper"]);
}

#[tokio::test]
async fn accents_and_letter_case_do_not_matter() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    ada.patch(json!({"name": "Zoë MÜLLER", "location": "São Paulo"}))
        .await;

    for word in [
        "zoe",
        "ZOË",
        "muller",
        "müller",
        "mu\u{308}ller",
        "sao paulo",
    ] {
        assert_eq!(found(&ada, word).await, ["Zoë MÜLLER"], "{word}");
    }
}

#[tokio::test]
async fn signs_are_letters_like_any_other() {
    let app = App::start();
    let plain = app.user("Plain", "ALUMNI").await;
    plain
        .patch(json!({"skills": ["c", "100", "ab", "OHara", "node js"]}))
        .await;
    let signs = app.user("Signs", "ALUMNI").await;
    signs
        .patch(json!({
            "skills": ["C++", "100%", "a_b", "O'Hara", "node.js", "R&D", "x|y", "wow!", "k:v",
                       "\"q\"", "(p)", "<t>", "back\\slash", "*star*", "#tag", "a;b--", "$1"],
        }))
        .await;

    for q in [
        "c++",
        "100%",
        "a_b",
        "o'hara",
        "node.js",
        ".js",
        "r&d",
        "x|y",
        "wow!",
        "k:v",
        "\"q\"",
        "(p)",
        "<t>",
        "back\\slash",
        "*star*",
        "#tag",
        "a;b--",
        "$1",
    ] {
        assert_eq!(found(&plain, q).await, ["Signs"], "{q}");
    }
    assert_eq!(found(&plain, "ab").await, ["Plain"]);
    assert_eq!(found(&plain, "c").await, ["Signs", "Plain"]);
}

#[tokio::test]
async fn signs_alone_are_neither_wildcards_nor_errors() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    ada.patch(json!({"skills": ["algebra"]})).await;

    for q in [
        "%",
        "_",
        "'",
        "''",
        "\"",
        "&",
        "|",
        "!",
        ":",
        ":*",
        "(",
        ")",
        "()",
        "*",
        "\\",
        "\\\\",
        "<->",
        "a & b",
        "zzz:*",
        "');DROP TABLE users;--",
        "%%%%",
        "alg_bra",
        "alg%",
        "%bra",
        "a | algebra",
        "\u{301}",
        "\u{feff}",
        "😀",
        "$1",
        "{}",
        "NULL",
    ] {
        assert_eq!(found(&ada, q).await, [""; 0], "{q}");
    }
    assert_eq!(found(&ada, "algebra").await, ["Ada"]);
}

#[tokio::test]
async fn a_search_can_be_sorted_otherwise_and_filtered() {
    let app = App::start();
    for (name, role) in [
        ("Grace B", "ALUMNI"),
        ("Grace C", "STUDENT"),
        ("Grace A", "ALUMNI"),
    ] {
        app.user(name, role).await;
    }
    let viewer = app.user("Bob", "ALUMNI").await;
    let names = |query: &'static str| {
        let answer = viewer.get(query);
        async {
            let body = answer.await.body;
            let items = body["items"].as_array().cloned().unwrap_or_default();
            items
                .iter()
                .map(|item| item["name"].clone())
                .collect::<Vec<_>>()
        }
    };

    assert_eq!(
        names("/users?q=grace&sort=name").await,
        ["Grace A", "Grace B", "Grace C"]
    );
    assert_eq!(
        names("/users?q=grace&sort=newest").await,
        ["Grace A", "Grace C", "Grace B"]
    );
    assert_eq!(
        names("/users?q=grace&sort=relevance&role=STUDENT").await,
        ["Grace C"]
    );
    assert_eq!(names("/users?q=grace&role=PROFESSOR").await, [""; 0]);
}

#[tokio::test]
async fn a_search_follows_the_profile() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let path = ada.path("/hobbies");

    ada.send_json(Method::PUT, &path, &json!(["gambling"]))
        .await;
    let before = found(&ada, "gambling").await;
    ada.send_json(Method::PUT, &path, &json!([])).await;
    ada.patch(json!({"username": "lovelace", "name": "Countess"}))
        .await;

    assert_eq!(before, ["Ada"]);
    assert_eq!(found(&ada, "gambling").await, [""; 0]);
    assert_eq!(found(&ada, "ada").await, [""; 0]);
    assert_eq!(found(&ada, "countess lovelace").await, ["Countess"]);
}
