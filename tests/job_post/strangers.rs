//! Every route, asked by nobody, for what isn't there, and with ids that are none.

use alumx_tests::App;
use reqwest::Method;
use serde_json::{Value, json};

use super::{job, posted};

/// Method, what follows `/job-posts/{postId}`, and a valid body.
fn routes() -> Vec<(Method, &'static str, Value)> {
    let comment = json!({"content": "Nice"});
    vec![
        (Method::GET, "", Value::Null),
        (Method::PATCH, "", json!({"title": "Job"})),
        (Method::DELETE, "", Value::Null),
        (Method::PUT, "/like", Value::Null),
        (Method::DELETE, "/like", Value::Null),
        (Method::GET, "/likes", Value::Null),
        (Method::GET, "/comments", Value::Null),
        (Method::POST, "/comments", comment.clone()),
        (Method::PATCH, "/comments/1", comment),
        (Method::DELETE, "/comments/1", Value::Null),
    ]
}

#[tokio::test]
async fn nobody_comes_in() {
    let app = App::start();
    let ada = app.someone().await;
    let path = posted(&ada, &job("Job")).await;
    let mut all: Vec<_> = routes()
        .into_iter()
        .map(|(method, rest, _)| (method, format!("{path}{rest}")))
        .collect();
    all.push((Method::GET, "/job-posts".to_owned()));
    all.push((Method::POST, "/job-posts".to_owned()));
    all.push((Method::GET, ada.path("/job-posts")));

    for (method, path) in all {
        let answer = alumx_tests::Answer::of(app.request(method, &path)).await;
        answer.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_is_no_id_400() {
    let app = App::start();
    let ada = app.someone().await;
    let gone = posted(&ada, &job("Job")).await;
    ada.send(Method::DELETE, &gone).await;

    for (method, rest, body) in routes() {
        for (post, status, code) in [
            (gone.as_str(), 404, "not_found"),
            ("/job-posts/999", 404, "not_found"),
            ("/job-posts/0", 400, "invalid_parameter"),
            ("/job-posts/x", 400, "invalid_parameter"),
            ("/job-posts/99999999999999999999", 400, "invalid_parameter"),
        ] {
            let path = format!("{post}{rest}");
            let answer = match &body {
                Value::Null => ada.send(method.clone(), &path).await,
                body => ada.send_json(method.clone(), &path, body).await,
            };
            answer.assert_problem(status, code);
        }
    }
}
