//! `GET|PUT /users/{id}/{collection}`: the twelve lists of a profile.

use alumx_tests::{Answer, App, User};
use reqwest::Method;
use serde_json::{Value, json};

/// Name in the path, name in the profile, most characters of an item.
const LISTS: [(&str, &str, usize); 12] = [
    ("skills", "skills", 200),
    ("education", "education", 500),
    ("tech-stack", "techStack", 200),
    ("languages", "languages", 200),
    ("frameworks", "frameworks", 200),
    ("communication-skills", "communicationSkills", 200),
    ("certifications", "certifications", 200),
    ("projects", "projects", 500),
    ("soft-skills", "softSkills", 200),
    ("hobbies", "hobbies", 200),
    ("experience", "experience", 500),
    ("internships", "internships", 500),
];

async fn put(user: &User<'_>, list: &str, items: Value) -> Answer {
    let path = user.path(&format!("/{list}"));
    user.send_json(Method::PUT, &path, &items).await
}

#[tokio::test]
async fn each_list_is_kept_apart_in_its_order() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;

    for (path, name, _) in LISTS {
        let items = json!([format!("z {name}"), "b", "A", "ö"]);
        let answer = put(&ada, path, items.clone()).await;

        assert_eq!((answer.status.as_u16(), &answer.body), (200, &items));
    }

    let profile = bob.get(&ada.path("")).await.body;
    for (path, name, _) in LISTS {
        let items = json!([format!("z {name}"), "b", "A", "ö"]);
        let answer = bob.get(&ada.path(&format!("/{path}"))).await;
        assert_eq!((answer.status.as_u16(), &answer.body), (200, &items));
        assert_eq!(profile[name], items);
    }
    assert_eq!(bob.get(&bob.path("/skills")).await.body, json!([]));
}

#[tokio::test]
async fn lists_can_be_changed_together_with_the_profile() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    put(&ada, "skills", json!(["old", "older"])).await;
    let lists: Vec<_> = LISTS
        .map(|(_, name, _)| (name.to_owned(), json!([name])))
        .into();

    let answer = ada.patch(Value::Object(lists.into_iter().collect())).await;

    for (path, name, _) in LISTS {
        assert_eq!(answer.body[name], json!([name]));
        assert_eq!(
            ada.get(&ada.path(&format!("/{path}"))).await.body,
            json!([name])
        );
    }
}

#[tokio::test]
async fn a_list_is_replaced_whole_and_can_be_again_with_the_same_result() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    put(&ada, "hobbies", json!(["a", "b", "c"])).await;

    for items in [json!(["c", "a"]), json!(["c", "a"]), json!([]), json!([])] {
        let answer = put(&ada, "hobbies", items.clone()).await;

        assert_eq!((answer.status.as_u16(), &answer.body), (200, &items));
        assert_eq!(ada.get(&ada.path("/hobbies")).await.body, items);
    }
}

#[tokio::test]
async fn duplicates_are_folded_into_the_first() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let items = json!([
        "Rust", "SQL", " rust ", "RUST", "Ärger", "ärger", "sql", "C"
    ]);
    let answer = put(&ada, "tech-stack", items.clone()).await;
    let patched = ada.patch(json!({"skills": items})).await;

    let folded = json!(["Rust", "SQL", "Ärger", "C"]);
    assert_eq!(answer.body, folded);
    assert_eq!(patched.body["skills"], folded);
}

#[tokio::test]
async fn items_are_texts_not_patterns_or_markup() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let items = json!([
        "C++", "100%", "a_b", "O'Hara", "\"x\"", "\\", "{1,2}", "<b>", "NULL", "😀"
    ]);

    let answer = put(&ada, "skills", items.clone()).await;

    assert_eq!((answer.status.as_u16(), &answer.body), (200, &items));
    assert_eq!(ada.get(&ada.path("")).await.body["skills"], items);
}

#[tokio::test]
async fn a_list_has_at_most_100_items() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let items: Vec<String> = (0..101).map(|n| format!("item {n}")).collect();

    for (path, name, _) in LISTS {
        let full = put(&ada, path, json!(items[..100])).await;
        let above = put(&ada, path, json!(items)).await;
        let patched = ada.patch(json!({name: items})).await;

        assert_eq!(
            (full.status.as_u16(), full.body),
            (200, json!(items[..100]))
        );
        for refused in [above, patched] {
            refused.assert_problem(422, "invalid_fields");
            assert_eq!(refused.field_errors(), [format!("{name}:too_many_items")]);
        }
    }
}

#[tokio::test]
async fn items_have_1_to_200_characters_and_stations_up_to_500() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for (path, name, most) in LISTS {
        for letter in ["x", "😀"] {
            let longest = json!([letter, letter.repeat(most)]);
            let full = put(&ada, path, longest.clone()).await;
            let above = put(&ada, path, json!([letter, letter.repeat(most + 1)])).await;

            assert_eq!((full.status.as_u16(), full.body), (200, longest), "{path}");
            above.assert_problem(422, "invalid_fields");
            assert_eq!(above.field_errors(), [format!("{name}[1]:too_long")]);
        }
    }
}

#[tokio::test]
async fn every_wrong_item_is_told_and_nothing_is_written() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    put(&ada, "soft-skills", json!(["Patience"])).await;

    let texts = put(&ada, "soft-skills", json!(["a", "", " ", "b\u{0}", "c\nd"])).await;
    let types = put(
        &ada,
        "soft-skills",
        json!(["a", 1, null, ["b"], {"c": 1}, true]),
    )
    .await;

    texts.assert_problem(422, "invalid_fields");
    let wrong = [
        "softSkills[1]:required",
        "softSkills[2]:required",
        "softSkills[3]:invalid_character",
        "softSkills[4]:invalid_character",
    ];
    assert_eq!(texts.field_errors(), wrong);
    types.assert_problem(422, "invalid_fields");
    let wrong = [
        "softSkills[1]:invalid_type",
        "softSkills[2]:required",
        "softSkills[3]:invalid_type",
        "softSkills[4]:invalid_type",
        "softSkills[5]:invalid_type",
    ];
    assert_eq!(types.field_errors(), wrong);
    assert_eq!(
        ada.get(&ada.path("/soft-skills")).await.body,
        json!(["Patience"])
    );
}

#[tokio::test]
async fn what_is_no_array_is_refused() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for body in [
        json!(null),
        json!("Maths"),
        json!({"skills": ["Maths"]}),
        json!({}),
        json!(1),
    ] {
        let answer = put(&ada, "skills", body).await;

        answer.assert_problem(422, "invalid_fields");
        assert_eq!(answer.field_errors(), ["skills:invalid_type"]);
    }
}

#[tokio::test]
async fn another_name_is_another_path_whoever_asks_and_however() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let names = [
        "tech_stack",
        "techStack",
        "Skills",
        "skill",
        "skills%20",
        "skills%00",
        "skills/",
        "%20",
        "resumes",
        "email",
        "skills/1",
        "user_skills",
    ];

    for name in names {
        for id in ["1", "999", "x"] {
            let path = format!("/users/{id}/{name}");
            let get = ada.get(&path).await;
            let put = ada.send_json(Method::PUT, &path, &json!(["Maths"])).await;
            let delete = ada.send(Method::DELETE, &path).await;
            let nobody = app.get(&path).await;

            for answer in [get, put, delete, nobody] {
                answer.assert_problem(404, "not_found");
            }
        }
    }
}

#[tokio::test]
async fn only_the_user_and_admins_may_replace_a_list() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "PROFESSOR").await;
    let admin = app.admin().await;

    for (list, _, _) in LISTS {
        let path = ada.path(&format!("/{list}"));
        let stranger = bob.send_json(Method::PUT, &path, &json!(["x"])).await;
        let nobody = Answer::of(app.request(Method::PUT, &path).json(&json!(["x"]))).await;
        let untouched = bob.get(&path).await.body;
        let by_admin = admin.send_json(Method::PUT, &path, &json!(["y"])).await;

        stranger.assert_problem(403, "forbidden");
        nobody.assert_problem(401, "unauthenticated");
        assert_eq!(untouched, json!([]));
        assert_eq!(
            (by_admin.status.as_u16(), by_admin.body),
            (200, json!(["y"]))
        );
    }
}

#[tokio::test]
async fn lists_of_an_unknown_user_are_not_found() {
    let app = App::start();
    let admin = app.admin().await;

    for (list, _, _) in LISTS {
        let path = format!("/users/9223372036854775807/{list}");

        admin.get(&path).await.assert_problem(404, "not_found");
        let put = admin.send_json(Method::PUT, &path, &json!([])).await;
        put.assert_problem(404, "not_found");
    }
}
