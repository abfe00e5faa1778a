//! What is measured, and the dashboard that shows it.

use std::collections::BTreeSet;

use alumx_tests::{Answer, App, Setup, User, or_panic};
use reqwest::Method;
use serde_json::{Value, json};

use crate::realtime::Socket;

async fn metrics(app: &App) -> String {
    let response = or_panic(app.request(Method::GET, "//metrics").send().await);
    or_panic(response.text().await)
}

/// The value of a metric with these labels, once it is there.
async fn value(app: &App, metric: &str) -> Option<String> {
    let body = metrics(app).await;
    body.lines()
        .find_map(|line| line.strip_prefix(&format!("alumx_{metric} ")))
        .map(str::to_owned)
}

async fn upload(user: &User<'_>, pdf: &str) {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n\
         {pdf}\r\n--b--\r\n"
    );
    let request = user.request(Method::PUT, &user.path("/resume")).body(body);
    let request = request.header("content-type", "multipart/form-data; boundary=b");
    Answer::of(request).await;
}

/// An instance that hears others.
fn one_of_several() -> App {
    App::start_as(Setup {
        bus: true,
        ..Setup::default()
    })
}

#[tokio::test]
async fn sockets_are_counted_and_why_they_close() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;
    let (mut socket, _) = Socket::open(&ada).await;
    let open = value(&app, "websockets_open").await;

    for _ in 0..3 {
        socket.send_text("{").await;
    }
    assert!(socket.ends().await);

    assert_eq!(open.as_deref(), Some("1"));
    let closed = "websockets_closed_total{reason=\"bad_frames\"}";
    // Counted when the service has noticed it, too.
    while value(&app, closed).await.is_none() {}
    assert_eq!(value(&app, closed).await.as_deref(), Some("1"));
    assert_eq!(value(&app, "websockets_open").await.as_deref(), Some("0"));
    assert_eq!(value(&app, "live_lost_total").await.as_deref(), Some("0"));
}

#[tokio::test]
async fn uploads_are_counted_with_their_bytes_and_refusals() {
    let app = App::start();
    let ada = app.user("Ada", "ALUMNI").await;

    upload(&ada, "%PDF-1.7 %%EOF").await;
    upload(&ada, &"x".repeat(5_300_000)).await;

    for (metric, expected) in [
        ("uploads_running", "0"),
        ("upload_bytes_total", "14"),
        ("uploads_total{outcome=\"received\"}", "1"),
        ("uploads_total{outcome=\"payload_too_large\"}", "1"),
    ] {
        let found = value(&app, metric).await;
        assert_eq!(found.as_deref(), Some(expected), "{metric}");
    }
}

#[tokio::test]
async fn what_comes_from_other_instances_is_timed() {
    let app = one_of_several();
    let another = app.another();
    let ada = app.user("Ada", "ALUMNI").await;
    let password = json!({
        "currentPassword": alumx_tests::PASSWORD, "newPassword": "another horse battery",
    });

    let changed = ada.send_json(Method::PUT, "/me/password", &password).await;

    assert_eq!(changed.status, 204);
    let heard = "event_bus_lag_seconds_count";
    while value(&another, heard).await.as_deref() == Some("0") {}
    assert_eq!(value(&another, heard).await.as_deref(), Some("1"));
    assert_eq!(value(&app, heard).await.as_deref(), Some("0"));
    let connected = value(&app, "event_bus_connected").await;
    assert_eq!(connected.as_deref(), Some("1"));
}

/// The names of metrics in all queries of the dashboard.
fn shown() -> BTreeSet<String> {
    let dashboard = include_str!("../../crates/api/grafana/alumx.json");
    let dashboard: Value = or_panic(serde_json::from_str(dashboard));
    let panels = dashboard["panels"].as_array().into_iter().flatten();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let mut queries: Vec<String> = targets.map(|target| target["expr"].to_string()).collect();
    queries.push(dashboard["templating"]["list"].to_string());
    let of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    queries
        .iter()
        .flat_map(|query| query.split(|c| !of_a_name(c)))
        .filter(|word| word.starts_with("alumx_"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn the_dashboard_shows_what_there_is_and_leaves_nothing_out() {
    let app = one_of_several();
    let ada = app.user("Ada", "ALUMNI").await;
    upload(&ada, "%PDF-1.7 %%EOF").await;
    drop(Socket::open(&ada).await);
    while !metrics(&app)
        .await
        .contains("alumx_websockets_closed_total{")
    {}

    let body = metrics(&app).await;

    let lines = body.lines().filter(|line| !line.starts_with('#'));
    let there: BTreeSet<String> = lines
        .filter_map(|line| Some(line.split(['{', ' ']).next()?.to_owned()))
        .collect();
    let shown = shown();
    assert!(shown.is_subset(&there), "{:?}", &shown - &there);
    assert_eq!(whole(&shown), whole(&there));
}

/// Histograms by their names, without those of their parts.
fn whole(names: &BTreeSet<String>) -> BTreeSet<&str> {
    let whole = |name: &'_ String| match name.rsplit_once('_') {
        Some((whole, "sum" | "count" | "bucket")) => whole.len(),
        _ => name.len(),
    };
    names.iter().map(|name| &name[..whole(name)]).collect()
}
