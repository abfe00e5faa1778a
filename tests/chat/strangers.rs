//! Every route of chats and groups: asked by nobody, by who is not in them, and with ids that are
//! none.

use alumx_tests::{Answer, App, User};
use reqwest::Method;
use serde_json::{Value, json};

use crate::conversation::{both, messages, send};

/// Method, what follows the conversation, and a valid body, of what both kinds have.
fn routes() -> Vec<(Method, &'static str, Value)> {
    vec![
        (Method::GET, "", Value::Null),
        (Method::GET, "/messages", Value::Null),
        (Method::GET, "/messages?q=hello", Value::Null),
        (Method::GET, "/messages?afterSeq=0", Value::Null),
        (Method::POST, "/messages", json!({"content": "Hello"})),
        (Method::DELETE, "/messages/1", Value::Null),
        (Method::PUT, "/read", json!({"seq": 1})),
        (Method::PUT, "/read", json!({"seq": 99})),
    ]
}

/// The same, of what only groups have; `ID` is a user.
fn group_routes() -> Vec<(Method, &'static str, Value)> {
    vec![
        (Method::PATCH, "", json!({"name": "Mine"})),
        (Method::DELETE, "", Value::Null),
        (Method::GET, "/participants", Value::Null),
        (Method::PUT, "/participants/ID", json!({"role": "MEMBER"})),
        (Method::PUT, "/participants/ID", json!({"role": "ADMIN"})),
        (Method::DELETE, "/participants/ID", Value::Null),
        (Method::PUT, "/owner", json!({"userId": 1})),
    ]
}

fn routes_of(conversation: &str) -> Vec<(Method, &'static str, Value)> {
    let mut all = routes();
    if conversation.starts_with("/group-chats") {
        all.extend(group_routes());
    }
    all
}

async fn ask(user: &User<'_>, method: Method, path: &str, body: &Value) -> Answer {
    match body {
        Value::Null => user.send(method, path).await,
        body => user.send_json(method, path, body).await,
    }
}

#[tokio::test]
async fn nobody_comes_in() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let mut all = vec![
        (Method::GET, "/me/unread".to_owned()),
        (Method::GET, "/chats".to_owned()),
        (Method::POST, "/chats".to_owned()),
        (Method::GET, "/group-chats".to_owned()),
        (Method::POST, "/group-chats".to_owned()),
    ];
    for path in both(&ada, &bob).await {
        let routes = routes_of(&path).into_iter();
        let routes = routes.map(|(method, rest, _)| (method, format!("{path}{rest}")));
        all.extend(routes.map(|(method, path)| (method, path.replace("ID", "1"))));
    }

    for (method, path) in all {
        let answer = Answer::of(app.request(method, &path)).await;
        answer.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn who_is_not_in_it_finds_nothing_admins_of_the_service_included() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let (eve, admin) = (app.someone().await, app.admin().await);
    for path in both(&ada, &bob).await {
        send(&ada, &path, "Hello").await;
        let before = ada.get(&path).await.body;

        for stranger in [&eve, &admin] {
            // A user's own id, somebody's who is in it, and somebody's who is not.
            for id in [stranger.id, bob.id, 999] {
                for (method, rest, body) in routes_of(&path) {
                    let url = format!("{path}{rest}").replace("ID", &id.to_string());
                    let answer = ask(stranger, method, &url, &body).await;
                    answer.assert_problem(404, "not_found");
                }
            }
        }

        assert_eq!(ada.get(&path).await.body, before);
        assert_eq!(messages(&bob, &path, "").await.len(), 1);
    }
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_is_no_id_400() {
    let app = App::start();
    let ada = app.someone().await;

    for list in ["/chats", "/group-chats"] {
        for (id, status, code) in [
            ("999", 404, "not_found"),
            ("9223372036854775807", 404, "not_found"),
            ("0", 400, "invalid_parameter"),
            ("-1", 400, "invalid_parameter"),
            ("x", 400, "invalid_parameter"),
            ("01", 400, "invalid_parameter"),
            ("9223372036854775808", 400, "invalid_parameter"),
        ] {
            for (method, rest, body) in routes_of(list) {
                let url = format!("{list}/{id}{rest}").replace("ID", "1");
                let answer = ask(&ada, method, &url, &body).await;
                answer.assert_problem(status, code);
            }
        }
    }
}

#[tokio::test]
async fn a_body_is_read_before_the_conversation_is_looked_for() {
    let app = App::start();
    let ada = app.someone().await;

    for list in ["/chats", "/group-chats"] {
        for (method, rest, body) in routes_of(list) {
            if body.is_null() {
                continue;
            }
            let url = format!("{list}/999{rest}").replace("ID", "1");
            let empty = ask(&ada, method.clone(), &url, &json!({})).await;
            empty.assert_problem(422, "invalid_fields");
            let odd = format!("{url}?limit=1");
            let odd = ask(&ada, method, &odd, &body).await;
            odd.assert_problem(400, "invalid_parameter");
        }
        let query = ada.get(&format!("{list}/999/messages?limit=0")).await;
        query.assert_problem(400, "invalid_parameter");
    }
}
