//! The last admin stays.

use alumx_tests::{Answer, App, PASSWORD, User};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::{at_once, put_role, suspend};

/// All ways in which `by` could take the last admin away.
fn removals(by: &User<'_>, of: &User<'_>) -> Vec<RequestBuilder> {
    let role = |role: &str| {
        by.request(Method::PUT, &of.path("/role"))
            .json(&json!({"role": role}))
    };
    let mut all = vec![
        role("STUDENT"),
        role("ALUMNI"),
        role("PROFESSOR"),
        by.request(Method::PUT, &of.path("/suspension")),
        by.request(Method::DELETE, &of.path("")),
    ];
    if by.id == of.id {
        let body = json!({"password": PASSWORD});
        all.push(by.request(Method::DELETE, "/me").json(&body));
    }
    all
}

async fn assert_stays(admin: &User<'_>) {
    for removal in removals(admin, admin) {
        let answer = Answer::of(removal).await;
        answer.assert_problem(409, "last_admin");
    }
    let account = admin.get("/me").await;
    assert_eq!(account.status, 200);
    assert_eq!(account.body["role"], "ADMIN");
}

#[tokio::test]
async fn the_last_admin_can_be_neither_demoted_nor_suspended_nor_deleted() {
    let app = App::start();
    let admin = app.admin().await;
    app.someone().await;

    assert_stays(&admin).await;

    let same = put_role(&admin, &admin, "ADMIN").await;
    assert_eq!(same.status, 200, "this takes nothing away");
}

#[tokio::test]
async fn admins_who_cannot_sign_in_do_not_count() {
    let app = App::start();
    let admin = app.admin().await;
    let (suspended, deleted) = (app.admin().await, app.admin().await);
    suspend(&admin, &suspended).await;
    admin.send(Method::DELETE, &deleted.path("")).await;

    assert_stays(&admin).await;

    admin
        .send(Method::DELETE, &suspended.path("/suspension"))
        .await;
    assert_eq!(put_role(&admin, &admin, "ALUMNI").await.status, 200);
}

#[tokio::test]
async fn an_admin_who_is_not_the_last_may_go_in_every_way() {
    let app = App::start();
    app.admin().await;
    let ways = 6;

    for way in 0..ways {
        let leaving = app.admin().await;
        let removals = removals(&leaving, &leaving);
        assert_eq!(removals.len(), ways);
        let Some(removal) = removals.into_iter().nth(way) else {
            continue;
        };
        let answer = Answer::of(removal).await;

        assert!(answer.status.is_success(), "{way} {:?}", answer.body);
    }
}

#[tokio::test]
async fn two_admins_who_remove_each_other_at_once_leave_one() {
    let app = App::start();
    let mut one = app.admin().await;

    for way in 0..5 {
        let two = app.admin().await;
        let removals = [(&one, &two), (&two, &one)]
            .into_iter()
            .filter_map(|(by, of)| removals(by, of).into_iter().nth(way));
        let answers = at_once(removals).await;

        let done = answers.iter().filter(|a| a.status.is_success()).count();
        assert_eq!((done, answers.len()), (1, 2), "way {way}: {answers:?}");
        let mut left = Vec::new();
        for admin in [one, two] {
            if admin.get("/me").await.body["role"] == "ADMIN" {
                left.push(admin);
            }
        }
        assert_eq!(left.len(), 1, "way {way}: {answers:?}");
        one = left.remove(0);
    }
}
