//! The AsyncAPI document, and the page that shows it.

use alumx_tests::App;
use serde_json::Value;

const TOLD: [&str; 14] = [
    "ready",
    "resync",
    "error",
    "message.created",
    "message.deleted",
    "conversation.read",
    "chat.created",
    "group.created",
    "group.updated",
    "group.deleted",
    "participant.added",
    "participant.removed",
    "participant.role_changed",
    "typing",
];

fn names(operation: &Value) -> Vec<&str> {
    let messages = operation["messages"].as_array().unwrap().iter();
    messages
        .map(|message| {
            message["$ref"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
        })
        .collect()
}

#[actix_web::test]
async fn the_document_has_every_frame_and_every_reference_leads_somewhere() {
    let app = App::start();

    let document = app.get("/asyncapi.json").await.body;

    assert_eq!(document["asyncapi"], "3.0.0");
    assert_eq!(names(&document["operations"]["tell"]), TOLD);
    assert_eq!(
        names(&document["operations"]["hear"]),
        ["client.authenticate", "client.typing"]
    );
    let text = document.to_string();
    let references = text.split(r##""$ref":"#"##).skip(1);
    for reference in references {
        let path = reference.split('"').next().unwrap();
        assert!(document.pointer(path).is_some(), "{path}");
    }
    for code in ["4400", "4401", "4408", "4409", "4429", "1001"] {
        let about = document["info"]["description"].as_str().unwrap();
        assert!(about.contains(code), "{code}");
    }
}

#[actix_web::test]
async fn the_page_shows_it() {
    let app = App::start();

    let answer = app.get("//docs/realtime").await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
}
