//! A flood of sign-ins.

use alumx_tests::{Answer, App, PASSWORD};
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::me;

/// More than may be hashed and wait at the same time.
const FLOOD: usize = 200;

#[tokio::test]
async fn a_flood_of_sign_ins_is_refused_early_and_starves_nobody() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let body = json!({"identifier": "ada", "password": PASSWORD});
    let mut flood: JoinSet<Answer> = (0..FLOOD)
        .map(|_| Answer::of(app.request(Method::POST, "/auth/login").json(&body)))
        .collect();

    // Whoever is refused was behind a full queue.
    let mut signed_in = 0;
    while let Some(Ok(answer)) = flood.join_next().await {
        if answer.status == 503 {
            answer.assert_problem(503, "unavailable");
            assert!(
                answer
                    .header("retry-after")
                    .parse::<u32>()
                    .is_ok_and(|s| s > 0)
            );
            break;
        }
        assert_eq!(answer.status, 200);
        signed_in += 1;
    }
    assert!(signed_in < FLOOD, "nobody was refused");
    for path in ["/me", "/me/sessions?limit=1", "/users?limit=1"] {
        assert_eq!(ada.get(path).await.status, 200, "{path}");
    }
    assert_eq!(app.get("//healthz").await.status, 200);
    let mut waiting = 0;
    while let Some(Ok(answer)) = flood.join_next().await {
        match answer.status.as_u16() {
            503 => {}
            200 => waiting += 1,
            other => panic!("{other}"),
        }
    }

    assert!(
        waiting > 0,
        "the others were answered only when the queue was empty"
    );
    assert_eq!(app.login("ada").await.id, ada.id);
    assert_eq!(me(&app, &ada.access_token).await.status, 200);
}
