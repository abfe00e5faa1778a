//! The OpenAPI document itself: whole, sound, and true about what there is.

use std::collections::{BTreeMap, BTreeSet};

use alumx_tests::{Answer, App};
use reqwest::Method;
use serde_json::{Value, json};

use super::schema;

fn document() -> Value {
    let text = alumx_api::openapi::document().to_json();
    serde_json::from_str(&alumx_tests::or_panic(text)).unwrap_or_default()
}

/// Method, path and operation of everything documented.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let operations = item.as_object().into_iter().flatten();
        operations.map(|(method, op)| (method.to_uppercase(), path.clone(), op.clone()))
    });
    operations.collect()
}

/// What this part of the service has; `*` marks what needs no token.
const ROUTES: [&str; 72] = [
    "GET /api/v1/asyncapi.json *",
    "GET /api/v1/ws *",
    "GET /healthz *",
    "GET /metrics *",
    "GET /readyz *",
    "GET /api/v1/openapi.json *",
    "POST /api/v1/auth/register *",
    "POST /api/v1/auth/login *",
    "POST /api/v1/auth/refresh *",
    "POST /api/v1/auth/claim *",
    "POST /api/v1/auth/logout",
    "GET /api/v1/admin/audit-log",
    "GET /api/v1/me/export",
    "GET /api/v1/me",
    "DELETE /api/v1/me",
    "PUT /api/v1/me/password",
    "GET /api/v1/me/sessions",
    "DELETE /api/v1/me/sessions",
    "DELETE /api/v1/me/sessions/{id}",
    "GET /api/v1/users",
    "GET /api/v1/users/{id}",
    "PATCH /api/v1/users/{id}",
    "DELETE /api/v1/users/{id}",
    "GET /api/v1/users/by-username/{username}",
    "GET /api/v1/users/{id}/{collection}",
    "PUT /api/v1/users/{id}/{collection}",
    "PUT /api/v1/users/{id}/role",
    "PUT /api/v1/users/{id}/suspension",
    "DELETE /api/v1/users/{id}/suspension",
    "GET /api/v1/users/{id}/job-posts",
    "GET /api/v1/users/{id}/resume/generated.pdf",
    "GET /api/v1/users/{id}/resume/generated.json",
    "GET /api/v1/users/{id}/resume",
    "PUT /api/v1/users/{id}/resume",
    "DELETE /api/v1/users/{id}/resume",
    "GET /api/v1/users/{id}/resume/file",
    "GET /api/v1/images/{name} *",
    "POST /api/v1/job-posts/{postId}/images",
    "DELETE /api/v1/job-posts/{postId}/images/{position}",
    "GET /api/v1/job-posts",
    "POST /api/v1/job-posts",
    "GET /api/v1/job-posts/{postId}",
    "PATCH /api/v1/job-posts/{postId}",
    "DELETE /api/v1/job-posts/{postId}",
    "PUT /api/v1/job-posts/{postId}/like",
    "DELETE /api/v1/job-posts/{postId}/like",
    "GET /api/v1/job-posts/{postId}/likes",
    "GET /api/v1/job-posts/{postId}/comments",
    "POST /api/v1/job-posts/{postId}/comments",
    "PATCH /api/v1/job-posts/{postId}/comments/{id}",
    "DELETE /api/v1/job-posts/{postId}/comments/{id}",
    "GET /api/v1/me/unread",
    "GET /api/v1/chats",
    "POST /api/v1/chats",
    "GET /api/v1/chats/{chatId}",
    "GET /api/v1/chats/{chatId}/messages",
    "POST /api/v1/chats/{chatId}/messages",
    "DELETE /api/v1/chats/{chatId}/messages/{id}",
    "PUT /api/v1/chats/{chatId}/read",
    "GET /api/v1/group-chats",
    "POST /api/v1/group-chats",
    "GET /api/v1/group-chats/{groupId}",
    "PATCH /api/v1/group-chats/{groupId}",
    "DELETE /api/v1/group-chats/{groupId}",
    "PUT /api/v1/group-chats/{groupId}/owner",
    "GET /api/v1/group-chats/{groupId}/participants",
    "PUT /api/v1/group-chats/{groupId}/participants/{userId}",
    "DELETE /api/v1/group-chats/{groupId}/participants/{userId}",
    "GET /api/v1/group-chats/{groupId}/messages",
    "POST /api/v1/group-chats/{groupId}/messages",
    "DELETE /api/v1/group-chats/{groupId}/messages/{id}",
    "PUT /api/v1/group-chats/{groupId}/read",
];

#[test]
fn the_document_changes_only_on_purpose() {
    insta::assert_json_snapshot!("openapi", document());
}

#[tokio::test]
async fn the_service_serves_the_document_that_the_command_prints() {
    let app = App::start();

    let answer = app.get("/openapi.json").await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.body, document());
    assert!(
        answer.body["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1."))
    );
}

#[test]
fn every_route_is_documented_and_the_public_ones_are_public() {
    let document = document();
    assert_eq!(document["security"], json!([{"bearer": []}]));
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );

    let documented = operations(&document).into_iter().map(|(method, path, op)| {
        let public = match op.get("security") {
            None => "",
            Some(none) if *none == json!([]) => " *",
            Some(other) => panic!("{method} {path}: {other}"),
        };
        format!("{method} {path}{public}")
    });

    let routes: BTreeSet<_> = ROUTES.map(str::to_owned).into();
    assert_eq!(documented.collect::<BTreeSet<_>>(), routes);
}

#[tokio::test]
async fn what_is_documented_is_there_and_what_is_not_is_not() {
    let app = App::start();
    let document = document();
    let mut methods = BTreeMap::<String, BTreeSet<String>>::new();
    for (method, path, _) in operations(&document) {
        methods.entry(path).or_default().insert(method);
    }

    for (path, documented) in methods {
        let concrete = path
            .replace("{id}", "1")
            .replace("{username}", "ada")
            .replace("{collection}", "skills");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let request = app.request(method.parse().unwrap(), &format!("/{concrete}"));
            let answer = Answer::of(request).await;

            if documented.contains(method) {
                // An image is public: nobody learns that there is none by that name.
                let absent = answer.status == 404 && path.contains("{name}");
                assert!(
                    absent || ![404, 405].contains(&answer.status.as_u16()),
                    "{method} {path}"
                );
            } else {
                answer.assert_problem(405, "method_not_allowed");
            }
        }
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_a_tag_and_a_summary() {
    let document = document();
    let tags = document["tags"].as_array().cloned().unwrap_or_default();
    let mut ids = BTreeSet::new();

    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(
            !id.is_empty() && ids.insert(id.clone()),
            "{method} {path}: {id}"
        );
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
        let tag = &operation["tags"][0];
        assert!(
            tags.iter().any(|known| known["name"] == *tag),
            "{method} {path}: {tag}"
        );
    }
}

#[test]
fn every_answer_is_described_and_every_error_is_a_problem_document() {
    for (method, path, operation) in operations(&document()) {
        let answers = operation["responses"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        assert!(
            answers
                .keys()
                .any(|status| status.starts_with('2') || status == "101"),
            "{method} {path}"
        );
        for (status, answer) in &answers {
            let at = format!("{method} {path} {status}");
            assert!(
                answer["description"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{at}"
            );
            let content = answer["content"].as_object().cloned().unwrap_or_default();
            if status.as_str() >= "400" {
                let problem = json!({"$ref": "#/components/schemas/Problem"});
                assert_eq!(
                    content["application/problem+json"]["schema"], problem,
                    "{at}"
                );
                assert_eq!(content.len(), 1, "{at}");
            } else {
                assert_eq!(
                    content.is_empty(),
                    ["101", "204", "304"].contains(&status.as_str()),
                    "{at}"
                );
            }
        }
    }
}

#[test]
fn the_statuses_that_follow_from_the_rules_are_documented() {
    for (method, path, operation) in operations(&document()) {
        let has = |status: &str| operation["responses"].get(status).is_some();
        let public = operation.get("security").is_some();
        let by_id = path.contains('{');
        let with_body = operation.get("requestBody").is_some();
        let at = format!("{method} {path}");

        assert!(public || has("401"), "{at}");
        let of_the_api = path.starts_with("/api/v1");
        assert!(!of_the_api || has("503"), "{at}");
        let document = path.ends_with("/openapi.json") || path.ends_with("/asyncapi.json");
        assert_eq!(of_the_api && !document, has("429"), "{at}");
        // No route there takes a parameter that it doesn't know.
        assert_eq!(of_the_api, has("400"), "{at}");
        assert!(!by_id || has("404"), "{at}");
        for status in ["413", "415", "422"] {
            assert_eq!(has(status), with_body, "{at} {status}");
        }
        let conditional = |name: &str| {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            parameters
                .into_iter()
                .any(|parameter| parameter["name"] == name)
        };
        assert_eq!(conditional("If-None-Match"), has("304"), "{at}");
        assert_eq!(conditional("If-Match"), has("412"), "{at}");
    }
}

#[test]
fn every_parameter_is_described_by_a_schema_and_every_path_names_its_own() {
    for (method, path, operation) in operations(&document()) {
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let mut in_path = BTreeSet::new();
        for parameter in &parameters {
            assert!(
                parameter["schema"].is_object(),
                "{method} {path}: {parameter}"
            );
            if parameter["in"] == "path" {
                assert_eq!(parameter["required"], true);
                in_path.insert(format!(
                    "{{{}}}",
                    parameter["name"].as_str().unwrap_or_default()
                ));
            }
        }
        let named = path.split('/').filter(|part| part.starts_with('{'));
        assert_eq!(named.map(str::to_owned).collect::<BTreeSet<_>>(), in_path);
    }
}

#[test]
fn every_schema_has_an_example_that_fits_it() {
    let document = document();
    let schemas = document["components"]["schemas"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    assert!(schemas.len() > 15);

    for (name, of) in &schemas {
        let example = of.get("example").or_else(|| of["examples"].get(0));
        let Some(example) = example else {
            panic!("{name} has no example");
        };
        assert_eq!(schema::errors(&document, of, example), [""; 0], "{name}");
        assert!(of["description"].is_string(), "{name} has no description");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_referred_to() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        if let Some(to) = value["$ref"].as_str() {
            found.insert(to.to_owned());
        }
        value
            .as_array()
            .into_iter()
            .flatten()
            .for_each(|item| references(item, found));
        value
            .as_object()
            .into_iter()
            .flatten()
            .for_each(|(_, item)| references(item, found));
    }
    let document = document();
    let mut found = BTreeSet::new();

    references(&document, &mut found);

    let schemas = document["components"]["schemas"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let known = schemas
        .keys()
        .map(|name| format!("#/components/schemas/{name}"));
    assert_eq!(found, known.collect());
}

#[test]
fn the_twelve_lists_are_the_choices_of_their_path() {
    let document = document();
    let item = &document["paths"]["/api/v1/users/{id}/{collection}"];
    let names = [
        "skills",
        "education",
        "tech-stack",
        "languages",
        "frameworks",
        "communication-skills",
        "certifications",
        "projects",
        "soft-skills",
        "hobbies",
        "experience",
        "internships",
    ];

    for method in [Method::GET, Method::PUT] {
        let operation = &item[method.as_str().to_lowercase()];
        assert_eq!(operation["parameters"][1]["schema"]["enum"], json!(names));
    }
}
