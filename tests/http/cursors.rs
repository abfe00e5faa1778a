//! A cursor is for the list that gave it, and for no other.

use alumx_tests::{App, User};
use reqwest::Method;
use serde_json::json;

use crate::conversation::{both, send};
use crate::job_post::{job, posted};

/// All lists and orders of lists, each of them with more than one item.
async fn lists(ada: &User<'_>, bob: &User<'_>) -> Vec<String> {
    let post = posted(ada, &job("Grace")).await;
    posted(ada, &job("Hopper")).await;
    for user in [ada, bob] {
        let comment = json!({"content": "Welcome"});
        let comments = format!("{post}/comments");
        user.send_json(Method::POST, &comments, &comment).await;
        user.send(Method::PUT, &format!("{post}/like")).await;
    }
    let [chat, group] = both(ada, bob).await;
    let carl = ada.app.someone().await;
    both(ada, &carl).await;
    for conversation in [&chat, &group, &chat, &group] {
        send(ada, conversation, "Welcome").await;
    }
    vec![
        "/users?sort=newest".to_owned(),
        "/users?sort=name".to_owned(),
        "/users?q=someone".to_owned(),
        "/job-posts?sort=newest".to_owned(),
        "/job-posts?sort=top".to_owned(),
        ada.path("/job-posts?"),
        format!("{post}/likes?"),
        format!("{post}/comments?"),
        "/me/sessions?".to_owned(),
        "/admin/audit-log?".to_owned(),
        "/chats?".to_owned(),
        "/group-chats?".to_owned(),
        format!("{chat}/messages?"),
        format!("{group}/messages?"),
        format!("{group}/participants?"),
    ]
}

#[tokio::test]
async fn no_list_takes_the_cursor_of_another() {
    let app = App::start();
    // Signed in more than once.
    let (ada, bob) = (app.admin().await, app.someone().await);
    for user in [&bob, &ada] {
        app.login(&user.username).await;
    }
    let lists = lists(&ada, &bob).await;
    let mut cursors = Vec::new();
    for list in &lists {
        let page = ada.get(&format!("{list}&limit=1")).await;
        let cursor = page.body["nextCursor"].as_str().map(str::to_owned);
        cursors.push(cursor.unwrap_or_else(|| panic!("{list}: {page:?}")));
    }

    for (n, list) in lists.iter().enumerate() {
        for (m, cursor) in cursors.iter().enumerate() {
            let answer = ada.get(&format!("{list}&cursor={cursor}")).await;

            if n == m {
                assert_eq!(answer.status, 200, "{list}: {answer:?}");
            } else {
                let of = &lists[m];
                assert_eq!(
                    answer.status, 400,
                    "{list} with the cursor of {of}: {answer:?}"
                );
                answer.assert_problem(400, "invalid_parameter");
                assert_eq!(answer.field_errors(), ["cursor:invalid_cursor"]);
            }
        }
    }
}
