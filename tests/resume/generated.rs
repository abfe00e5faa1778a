//! `GET /users/{id}/resume/generated.pdf` and `GET /users/{id}/resume/generated.json`.

use alumx_tests::{Answer, App, PASSWORD, User, or_panic};
use reqwest::Method;
use serde_json::{Value, json};

use super::json_resume;

const ROUTES: [&str; 2] = ["/resume/generated.pdf", "/resume/generated.json"];

async fn pdf(viewer: &User<'_>, path: &str) -> Vec<u8> {
    let request = viewer.request(Method::GET, path);
    let response = or_panic(request.send().await);
    assert_eq!(response.status(), 200);
    or_panic(response.bytes().await).to_vec()
}

async fn json(viewer: &User<'_>, user: &User<'_>) -> Value {
    let answer = viewer.get(&user.path("/resume/generated.json")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        json_resume::errors(&answer.body),
        [""; 0],
        "{}",
        answer.body
    );
    answer.body
}

fn full() -> Value {
    json!({
        "name": "Ada Λάβλεϊς 李", "about": "Line 1\nLine 2", "currentCompany": "Engines & Co",
        "currentRole": "Programmer", "location": "Łódź", "department": "Mathematics",
        "graduationYear": 1999, "linkedinUrl": "https://www.linkedin.com/in/ada/",
        "githubUrl": "http://github.com/ada/engine", "portfolioUrl": "https://bücher.example/ü?{a}",
        "skills": ["Maths", "Logic"], "education": ["Home"], "techStack": ["Cards"],
        "languages": ["English"], "frameworks": ["Loom"], "communicationSkills": ["Letters"],
        "certifications": ["None"], "projects": ["Notes"], "softSkills": ["Patience"],
        "hobbies": ["Flying", "Horses"], "experience": ["Engines"], "internships": ["Babbage"],
    })
}

#[tokio::test]
async fn a_profile_makes_a_pdf_document() {
    let app = App::start();
    let ada = app.user("Ada.L-2_x", "ALUMNI").await;
    let bob = app.user("Bob", "STUDENT").await;
    ada.patch(full()).await;
    let path = ada.path(ROUTES[0]);

    let answer = bob.get(&path).await;
    let (one, other) = (pdf(&bob, &path).await, pdf(&bob, &path).await);

    assert_eq!(answer.header("content-type"), "application/pdf");
    assert_eq!(
        answer.header("content-disposition"),
        "inline; filename=\"ada.l-2_x-resume.pdf\""
    );
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(one.starts_with(b"%PDF-") && one.trim_ascii_end().ends_with(b"%%EOF"));
    assert!(one == other);
}

#[tokio::test]
async fn a_full_profile_makes_a_json_resume_that_says_all_of_it() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "STUDENT").await;
    ada.patch(full()).await;

    let resume = json(&bob, &ada).await;

    assert_eq!(
        resume,
        json!({
            "$schema": "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json",
            "basics": {
                "name": "Ada Λάβλεϊς 李", "label": "Programmer", "summary": "Line 1\nLine 2",
                "url": "https://xn--bcher-kva.example/%C3%BC?%7Ba%7D", "location": {"city": "Łódź"},
                "profiles": [
                    {"network": "LinkedIn", "username": "ada", "url": "https://www.linkedin.com/in/ada/"},
                    {"network": "GitHub", "url": "http://github.com/ada/engine"},
                ],
            },
            "work": [
                {"name": "Engines & Co", "position": "Programmer"},
                {"summary": "Engines"},
                {"position": "Internship", "summary": "Babbage"},
            ],
            "education": [{"area": "Mathematics", "endDate": "1999"}, {"institution": "Home"}],
            "certificates": [{"name": "None"}],
            "skills": [
                {"name": "Skills", "keywords": ["Maths", "Logic"]},
                {"name": "Tech stack", "keywords": ["Cards"]},
                {"name": "Frameworks", "keywords": ["Loom"]},
                {"name": "Communication", "keywords": ["Letters"]},
                {"name": "Soft skills", "keywords": ["Patience"]},
            ],
            "languages": [{"language": "English"}],
            "interests": [{"name": "Flying"}, {"name": "Horses"}],
            "projects": [{"description": "Notes"}],
            "meta": {"version": "v1.0.0", "lastModified": "2027-01-15T08:00:00Z"},
        })
    );
}

#[tokio::test]
async fn an_empty_profile_makes_a_resume_too() {
    let app = App::start();
    let ada = app.user("Ada", "PROFESSOR").await;
    let bob = app.user("Bob", "STUDENT").await;

    let resume = json(&bob, &ada).await;

    assert_eq!(resume["basics"], json!({"name": "Ada", "profiles": []}));
    for list in ["work", "education", "skills", "projects"] {
        assert_eq!(resume[list], json!([]), "{list}");
    }
    assert!(pdf(&bob, &ada.path(ROUTES[0])).await.starts_with(b"%PDF-"));
}

#[tokio::test]
async fn a_department_is_where_students_learn_and_professors_do_not() {
    let app = App::start();
    let ada = app.user("Ada", "PROFESSOR").await;
    let bob = app.user("Bob", "STUDENT").await;
    for user in [&ada, &bob] {
        user.patch(json!({"department": "Physics"})).await;
    }

    assert_eq!(json(&ada, &ada).await["education"], json!([]));
    assert_eq!(
        json(&ada, &bob).await["education"],
        json!([{"area": "Physics"}])
    );
}

#[tokio::test]
async fn the_email_address_is_for_the_user_and_admins_only() {
    let app = App::start();
    let ada = app.user("Ada", "STUDENT").await;
    let bob = app.user("Bob", "PROFESSOR").await;
    let admin = app.admin().await;
    let path = ada.path(ROUTES[0]);

    for (viewer, email) in [
        (&ada, json!("ada@example.org")),
        (&admin, json!("ada@example.org")),
        (&bob, Value::Null),
    ] {
        let resume = json(viewer, &ada).await;
        let document = pdf(viewer, &path).await;

        assert_eq!(resume["basics"]["email"], email);
        // The link's target is written in plain.
        let link = b"mailto:ada@example.org";
        let linked = document.windows(link.len()).any(|part| part == link);
        assert_eq!(linked, email.is_string());
    }
}

#[tokio::test]
async fn who_has_the_resume_already_is_not_sent_it_again() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;

    for route in ROUTES {
        let path = ada.path(route);
        let get = |viewer: &User<'_>, tag: &str| {
            let request = viewer.request(Method::GET, &path);
            Answer::of(request.header("if-none-match", tag))
        };
        let own = ada.get(&path).await.header("etag").to_owned();
        let others = bob.get(&path).await.header("etag").to_owned();

        let again = get(&ada, &own).await;
        assert_eq!((again.status.as_u16(), again.header("etag")), (304, &*own));
        assert_eq!(get(&bob, &format!("\"x\", W/{others}")).await.status, 304);
        assert_eq!(get(&bob, &own).await.status, 200);

        ada.patch(json!({"about": route})).await;
        let changed = get(&ada, &own).await;
        assert_eq!(changed.status, 200);
        assert_ne!(changed.header("etag"), own);
    }
}

#[tokio::test]
async fn nobody_reads_a_resume() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for route in ROUTES {
        let answer = app.get(&ada.path(route)).await;

        answer.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_user_who_is_unknown_or_gone_has_no_resume() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let bob = app.user("Bob", "ALUMNI").await;
    let body = json!({"password": PASSWORD});
    let deleted = ada.send_json(Method::DELETE, "/me", &body).await;
    assert_eq!(deleted.status, 204);

    for route in ROUTES {
        for id in [ada.id, 999_999, i64::MAX] {
            let answer = bob.get(&format!("/users/{id}{route}")).await;

            answer.assert_problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn bad_ids_parameters_and_methods_are_refused() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    for route in ROUTES {
        for id in ["0", "-1", "me", "1.0", "%20", "9223372036854775808"] {
            let answer = ada.get(&format!("/users/{id}{route}")).await;

            answer.assert_problem(400, "invalid_parameter");
            assert_eq!(answer.field_errors(), ["id:invalid_id"], "{id}");
        }
        let parameter = ada.get(&ada.path(&format!("{route}?a=b"))).await;
        parameter.assert_problem(400, "invalid_parameter");
        let method = ada.send(Method::PUT, &ada.path(route)).await;
        method.assert_problem(405, "method_not_allowed");
    }
    ada.get(&ada.path("/resume/generated.docx"))
        .await
        .assert_problem(404, "not_found");
}

#[tokio::test]
async fn the_longest_profile_makes_a_document_that_is_not_long() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let items = |length: usize| {
        let item = |n: usize| format!("{n} {}", "Ж".repeat(length - 3));
        (0..100).map(item).collect::<Vec<_>>()
    };
    for list in ["experience", "education", "projects", "internships"] {
        let answer = ada.patch(json!({list: items(500)})).await;
        assert_eq!(answer.status, 200);
    }
    let short = items(200);
    for list in ["skills", "techStack", "languages", "frameworks"] {
        ada.patch(json!({list: short})).await;
    }

    let document = pdf(&ada, &ada.path(ROUTES[0])).await;

    assert!(document.len() < 200_000, "{}", document.len());
    assert_eq!(
        json(&ada, &ada).await["work"].as_array().map(Vec::len),
        Some(200)
    );
}
