//! Entity tags: `If-None-Match` on reading, `If-Match` on changing.

use alumx_tests::{Answer, App, User};
use reqwest::Method;
use serde_json::json;

async fn tag(viewer: &User<'_>, path: &str) -> String {
    viewer.get(path).await.header("etag").to_owned()
}

async fn get_if_none_match(viewer: &User<'_>, path: &str, tags: &str) -> Answer {
    let request = viewer.request(Method::GET, path);
    Answer::of(request.header("if-none-match", tags)).await
}

async fn patch_if_match(user: &User<'_>, path: &str, tags: &str) -> Answer {
    let request = user.request(Method::PATCH, path).header("if-match", tags);
    Answer::of(request.json(&json!({"about": tags}))).await
}

#[tokio::test]
async fn who_has_the_profile_already_is_not_sent_it_again() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for path in [ada.path(""), "/users/by-username/ADA".to_owned()] {
        let own = tag(&ada, &path).await;
        for tags in [
            own.clone(),
            format!("W/{own}"),
            format!("\"other\", {own}"),
            format!("\"a\",W/{own},\"b\""),
            "*".to_owned(),
        ] {
            let answer = get_if_none_match(&ada, &path, &tags).await;

            assert_eq!(answer.status, 304, "{tags}");
            assert_eq!(answer.header("etag"), own);
            assert_eq!(answer.body, json!(null));
        }
    }
}

#[tokio::test]
async fn who_has_another_profile_is_sent_this_one() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let own = tag(&ada, &ada.path("")).await;

    for tags in ["\"other\"", "", "W/\"x\"", own.trim_matches('"')] {
        let answer = get_if_none_match(&ada, &ada.path(""), tags).await;

        assert_eq!(
            (answer.status.as_u16(), &answer.body["username"]),
            (200, &json!("ada"))
        );
    }
}

#[tokio::test]
async fn the_tag_is_strong_and_changes_with_the_profile_and_only_then() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    let first = tag(&ada, &ada.path("")).await;
    let again = tag(&ada, &ada.path("")).await;
    let changed = ada.patch(json!({"skills": ["Maths"]})).await;
    let unchanged = ada.patch(json!({"skills": ["Maths"]})).await;

    assert!(first.starts_with('"') && first.ends_with('"'), "{first}");
    assert_eq!(again, first);
    assert_ne!(changed.header("etag"), first);
    assert_eq!(unchanged.header("etag"), changed.header("etag"));
    assert_eq!(tag(&ada, &ada.path("")).await, changed.header("etag"));
}

#[tokio::test]
async fn viewers_who_see_different_things_have_different_tags() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;
    let (own, others) = (
        tag(&ada, &ada.path("")).await,
        tag(&bob, &ada.path("")).await,
    );

    let answer = get_if_none_match(&bob, &ada.path(""), &own).await;

    assert_ne!(own, others);
    assert_eq!(answer.status, 200);
    assert!(answer.header("cache-control").contains("private"));
}

#[tokio::test]
async fn a_change_is_made_if_the_profile_is_still_the_one_named() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for list in [false, true] {
        let own = tag(&ada, &ada.path("")).await;
        let tags = if list {
            format!("\"other\", {own}")
        } else {
            own
        };
        let answer = patch_if_match(&ada, &ada.path(""), &tags).await;

        assert_eq!(
            (answer.status.as_u16(), &answer.body["about"]),
            (200, &json!(tags))
        );
    }
    assert_eq!(patch_if_match(&ada, &ada.path(""), "*").await.status, 200);
}

#[tokio::test]
async fn a_change_of_a_profile_that_has_changed_is_refused() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;
    let stale = tag(&ada, &ada.path("")).await;
    ada.patch(json!({"about": "new"})).await;
    let current = tag(&ada, &ada.path("")).await;
    let of_another_view = tag(&bob, &ada.path("")).await;

    for tags in [
        stale,
        format!("W/{current}"),
        of_another_view,
        "\"other\"".to_owned(),
        current.trim_matches('"').to_owned(),
        String::new(),
    ] {
        let answer = patch_if_match(&ada, &ada.path(""), &tags).await;

        answer.assert_problem(412, "precondition_failed");
    }
    assert_eq!(ada.get(&ada.path("")).await.body["about"], "new");
}

#[tokio::test]
async fn a_condition_holds_for_a_list_as_well() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let current = tag(&ada, &ada.path("")).await;
    let put = |tags: &str| {
        let request = ada.request(Method::PUT, &ada.path("/skills"));
        Answer::of(request.header("if-match", tags).json(&json!(["Maths"])))
    };

    put("\"other\"")
        .await
        .assert_problem(412, "precondition_failed");
    assert_eq!(put(&current).await.status, 200);
    put(&current)
        .await
        .assert_problem(412, "precondition_failed");
}

#[tokio::test]
async fn existence_and_right_are_checked_before_the_condition() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;
    let admin = app.admin().await;

    let stranger = patch_if_match(&bob, &ada.path(""), "\"other\"").await;
    let nobody = patch_if_match(&admin, "/users/999", "\"other\"").await;
    let any = patch_if_match(&admin, "/users/999", "*").await;

    stranger.assert_problem(403, "forbidden");
    nobody.assert_problem(404, "not_found");
    any.assert_problem(404, "not_found");
}

#[tokio::test]
async fn of_two_changes_of_the_same_state_one_is_made() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let current = tag(&ada, &ada.path("")).await;
    let change = |about: &'static str| {
        let request = ada.request(Method::PATCH, &ada.path(""));
        let request = request.header("if-match", &current);
        Answer::of(request.json(&json!({"about": about})))
    };

    let (one, other) = tokio::join!(change("one"), change("other"));

    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[tokio::test]
async fn a_name_that_passed_to_another_user_has_another_tag() {
    let app = App::start();
    let (ada, bob) = (
        app.user("Ada", "ALUMNI").await,
        app.user("Bob", "ALUMNI").await,
    );
    let viewer = app.someone().await;
    let path = "/users/by-username/lovelace";
    ada.patch(json!({"username": "lovelace"})).await;
    let adas = tag(&viewer, path).await;

    // Both profiles have been changed once: only the user differs.
    app.admin().await.send(Method::DELETE, &ada.path("")).await;
    bob.patch(json!({"username": "lovelace"})).await;

    let answer = get_if_none_match(&viewer, path, &adas).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body["id"]),
        (200, &json!(bob.id))
    );
}
