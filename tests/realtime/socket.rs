//! Getting in, staying in, and being thrown out.

use std::time::Duration;

use alumx_api::realtime::LiveOptions;
use alumx_tests::{App, Setup, or_panic};
use futures_util::{FutureExt, SinkExt};
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use super::{Socket, chat, chat_ref};

#[actix_web::test]
async fn when_what_tells_fails_sockets_are_closed_and_the_service_is_not_ready() {
    let app = App::start_as(Setup {
        failing: true,
        ..Setup::default()
    });
    let (ada, grace) = (app.someone().await, app.someone().await);
    let (mut socket, _) = Socket::open(&ada).await;
    assert_eq!(app.get("//readyz").await.status, 200);

    // It is stored all the same.
    chat(&ada, &grace).await;

    assert_eq!(socket.closed().await, 1011);
    let answer = app.get("//readyz").await;
    answer.assert_problem(503, "unavailable");
    let mut late = or_panic(Socket::connect(&app, Some(&ada.access_token)).await);
    assert_eq!(late.closed().await, 1011);
    assert_eq!(app.get("//healthz").await.status, 200);
}

/// A service whose sockets look at things this often.
fn impatient(options: impl FnOnce(&mut LiveOptions)) -> App {
    let mut live = LiveOptions::default();
    options(&mut live);
    App::start_as(Setup {
        live,
        ..Setup::default()
    })
}

#[actix_web::test]
async fn the_token_comes_in_the_header_or_in_the_first_frame() {
    let app = App::start();
    let user = app.someone().await;

    let refused = Socket::connect(&app, Some("forged")).await.err().unwrap();
    let Error::Http(answer) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(answer.status(), 401);
    let body: serde_json::Value = serde_json::from_slice(answer.body().as_ref().unwrap()).unwrap();
    assert_eq!(body["code"], "unauthenticated");

    let mut socket = or_panic(Socket::connect(&app, None).await);
    let token = &user.access_token;
    socket
        .send(&json!({"type": "authenticate", "accessToken": token}))
        .await;
    assert_eq!(socket.expect("ready").await["userId"], user.id);
    // And again, with the next token.
    let next = app.login(&user.username).await.access_token;
    socket
        .send(&json!({"type": "authenticate", "accessToken": next}))
        .await;
    socket.assert_quiet().await;
    // But not with another user's.
    let other = app.someone().await.access_token;
    socket
        .send(&json!({"type": "authenticate", "accessToken": other}))
        .await;
    assert_eq!(socket.closed().await, 4401);
    assert!(socket.ends().await);
}

#[actix_web::test]
async fn who_does_not_say_who_it_is_is_closed() {
    let app = impatient(|live| live.authenticate_within = Duration::from_millis(300));

    for first in [
        r#"{"type": "authenticate", "accessToken": "forged"}"#,
        r#"{"type": "authenticate"}"#,
        r#"{"type": "typing", "conversation": {"kind": "CHAT", "id": 1}}"#,
        "hello",
    ] {
        let mut socket = or_panic(Socket::connect(&app, None).await);
        socket.send_text(first).await;
        assert_eq!(socket.closed().await, 4401, "{first}");
    }
    let mut silent = or_panic(Socket::connect(&app, None).await);
    assert_eq!(silent.closed().await, 4401);
    assert!(silent.ends().await);
}

#[actix_web::test]
async fn a_request_that_is_no_handshake_is_told_so() {
    let app = App::start();
    let user = app.someone().await;

    let answer = app.get("/ws").await;
    answer.assert_problem(426, "upgrade_required");
    assert_eq!(answer.header("upgrade"), "websocket");
    user.get("/ws")
        .await
        .assert_problem(426, "upgrade_required");
    let half = app
        .request(Method::GET, "/ws")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "12");
    alumx_tests::Answer::of(half)
        .await
        .assert_problem(400, "bad_request");
    user.get("/ws?token=1")
        .await
        .assert_problem(400, "invalid_parameter");
    app.post("/ws", &json!({}))
        .await
        .assert_problem(405, "method_not_allowed");
}

#[actix_web::test]
async fn frames_that_can_not_be_read_are_refused_and_the_third_closes() {
    let app = App::start();
    let user = app.someone().await;
    let malformed = json!({"type": "error", "code": "malformed_frame"});
    let unknown = json!({"type": "error", "code": "unknown_frame"});

    for (frame, answer) in [
        ("", &malformed),
        ("{", &malformed),
        ("[]", &malformed),
        ("null", &malformed),
        ("{}", &malformed),
        (r#"{"type": 1}"#, &malformed),
        (r#"{"type": "typing"}"#, &malformed),
        (
            r#"{"type": "typing", "conversation": {"kind": "ROOM", "id": 1}}"#,
            &malformed,
        ),
        (
            r#"{"type": "typing", "conversation": {"kind": "CHAT", "id": "1"}}"#,
            &malformed,
        ),
        (
            r#"{"type": "typing", "conversation": {"kind": "CHAT", "id": 1}, "more": 1}"#,
            &malformed,
        ),
        (r#"{"type": "ready"}"#, &unknown),
        (r#"{"type": "message.created"}"#, &unknown),
    ] {
        let (mut socket, _) = Socket::open(&user).await;
        socket.send_text(frame).await;
        assert_eq!(socket.next().await, *answer, "{frame}");
        let binary = Message::Binary(Bytes::from_static(b"\0"));
        or_panic(socket.stream.send(binary).await);
        assert_eq!(socket.next().await, malformed);
        socket.assert_quiet().await;
        socket.send_text(frame).await;
        assert_eq!(socket.closed().await, 4400, "{frame}");
    }
}

#[actix_web::test]
async fn what_is_too_large_or_too_much_closes() {
    let app = App::start();
    let user = app.someone().await;
    let padded = |size: usize| {
        let frame = r#"{"type": "typing", "conversation": {"kind": "CHAT", "id": 1}}"#;
        format!("{}{frame}", " ".repeat(size - frame.len()))
    };

    let (mut socket, _) = Socket::open(&user).await;
    socket.send_text(&padded(16 * 1024)).await;
    assert_eq!(socket.expect("error").await["code"], "not_found");
    socket.send_text(&padded(16 * 1024 + 1)).await;
    assert_eq!(socket.closed().await, 1009);

    // The client may notice the end before it has sent all of it.
    let (mut socket, _) = Socket::open(&user).await;
    let sent = socket.stream.send(Message::text("x".repeat(1 << 20))).await;
    drop(sent);
    assert!(socket.ends().await);

    let (mut socket, _) = Socket::open(&user).await;
    for _ in 0..500 {
        let typing = json!({"type": "typing", "conversation": chat_ref(1)});
        if socket
            .stream
            .send(Message::text(typing.to_string()))
            .await
            .is_err()
        {
            break;
        }
    }
    assert!(socket.ends().await);
    assert_eq!(app.get("//healthz").await.status, 200);
}

#[actix_web::test]
async fn a_flood_is_closed_with_a_code() {
    let app = App::start();
    let user = app.someone().await;
    let (mut socket, _) = Socket::open(&user).await;

    for _ in 0..80 {
        socket.typing("CHAT", 1).await;
    }

    assert_eq!(socket.closed().await, 4429);
}

#[actix_web::test]
async fn of_eleven_sockets_the_oldest_is_closed() {
    let app = App::start();
    let user = app.someone().await;
    let mut sockets = Vec::new();

    for _ in 0..11 {
        sockets.push(Socket::open(&user).await.0);
    }

    let mut oldest = sockets.remove(0);
    assert_eq!(oldest.closed().await, 4409);
    for mut socket in sockets {
        socket.assert_quiet().await;
    }
}

#[actix_web::test]
async fn who_is_silent_is_taken_for_gone() {
    let app = impatient(|live| live.heartbeat = Duration::from_millis(100));
    let user = app.someone().await;

    // Reads, and so answers pings.
    let (mut lively, _) = Socket::open(&user).await;
    let (mut silent, _) = Socket::open(&user).await;
    tokio::select! {
        frame = lively.next() => panic!("{frame}"),
        () = tokio::time::sleep(Duration::from_millis(600)) => {}
    }

    lively.assert_quiet().await;
    // The client library answers the pings that it reads now, too late.
    assert!(silent.next_or_close().now_or_never().is_none() || silent.ends().await);
}

#[actix_web::test]
async fn a_text_of_other_bytes_than_utf_8_closes() {
    let app = App::start();
    let user = app.someone().await;
    let (mut socket, _) = Socket::open(&user).await;
    let text = OpCode::Data(Data::Text);

    let frame = Frame::message(Bytes::from_static(b"\xff\xfe"), text, true);
    or_panic(socket.stream.send(Message::Frame(frame)).await);

    assert_eq!(socket.closed().await, 1002);
}
