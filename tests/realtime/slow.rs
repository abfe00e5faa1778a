//! Clients that do not keep up hold up nobody, and themselves not for long.

use std::time::Duration;

use alumx_api::realtime::LiveOptions;
use alumx_tests::{App, Setup, or_panic};
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::MaybeTlsStream;

use super::{Socket, chat, say};

/// What never comes must not hold up a test for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// Has somebody write more than the queue and all buffers of the network hold, which another
/// client reads at once, while `slow` reads one frame of `reads_one_of`, if any.
async fn outpace(app: &App, reads_one_of: Option<usize>) -> (Socket, i64) {
    let (ada, grace) = (app.someone().await, app.someone().await);
    let id = chat(&ada, &grace).await;
    let (mut slow, _) = Socket::open(&grace).await;
    let (mut quick, _) = Socket::open(&ada).await;
    let path = format!("/chats/{id}");
    let text = "😀".repeat(4000);
    let mut read = 0;
    for round in 0..90 {
        join_all((0..10).map(|_| say(&ada, &path, &text))).await;
        for n in 1..=10 {
            let told = quick.until("message.created").await;
            assert_eq!(told["message"]["seq"], round * 10 + n);
        }
        for _ in 0..reads_one_of.map_or(0, |n| 10 / n) {
            if let Ok(frame) = slow.next_or_close().await {
                read += 1;
                assert_eq!(frame["message"]["seq"], read);
            }
        }
    }
    (slow, read)
}

/// Reads on after message `last`: that the rest comes in order, then `resync`, then the close.
async fn assert_resync(mut slow: Socket, mut last: i64) {
    let mut resync = false;
    let code = loop {
        match slow.next_or_close().await {
            Ok(frame) if frame["type"] == "message.created" => {
                assert!(!resync);
                last += 1;
                assert_eq!(frame["message"]["seq"], last);
            }
            Ok(frame) => resync = frame["type"] == "resync",
            Err(code) => break code,
        }
    };
    assert_eq!((code, resync), (4408, true));
    assert!(last < 900);
    assert!(slow.ends().await);
}

/// A service that gives slow clients this long to read the last they are told.
fn service(slow_farewell: Duration, taken_within: Duration) -> App {
    let live = LiveOptions {
        slow_farewell,
        ..LiveOptions::default()
    };
    App::start_as(Setup {
        live,
        taken_within,
        ..Setup::default()
    })
}

#[actix_web::test]
async fn a_client_that_is_too_slow_is_told_to_resync_and_closed_and_holds_up_nobody() {
    let app = App::start();

    let (slow, last) = outpace(&app, Some(5)).await;

    assert_resync(slow, last).await;
}

#[actix_web::test]
async fn a_client_that_stops_reading_and_begins_again_in_time_is_told_to_resync_and_closed() {
    let app = service(4 * PATIENCE, 4 * PATIENCE);

    let (slow, last) = outpace(&app, None).await;

    assert_resync(slow, last).await;
}

#[actix_web::test]
async fn a_client_that_never_reads_is_dropped_and_holds_up_nobody() {
    let app = service(Duration::from_millis(100), Duration::from_secs(1));

    let (mut slow, _) = outpace(&app, None).await;

    let MaybeTlsStream::Plain(stream) = slow.stream.get_mut() else {
        panic!("it is not encrypted")
    };
    // Pongs that nobody wants are answered by a reset once the server has dropped the socket.
    let dropped = timeout(PATIENCE, async {
        while stream.try_write(b"\x8a\x80mask").is_ok() {
            let reset = stream.ready(Interest::ERROR);
            timeout(Duration::from_millis(200), reset).await.ok();
        }
    });
    assert!(dropped.await.is_ok());
}

/// Opens a socket by hand, and sends a frame byte by byte until the server ends it.
async fn drip(app: &App, token: Option<&str>) {
    let address = app.root.trim_start_matches("http://");
    let mut stream = or_panic(TcpStream::connect(address).await);
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
    let handshake = format!(
        "GET /api/v1/ws HTTP/1.1\r\nHost: test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{}\r\n",
        authorization.unwrap_or_default()
    );
    or_panic(stream.write_all(handshake.as_bytes()).await);
    // A text of 125 bytes, masked.
    or_panic(stream.write_all(b"\x81\xfdmask").await);
    let mut buffer = [0; 4096];
    let dripping = async {
        loop {
            let read = timeout(Duration::from_millis(50), stream.read(&mut buffer)).await;
            match read {
                Ok(Ok(0) | Err(_)) => return,
                Ok(Ok(_)) => {}
                Err(_) => drop(stream.write_all(b"x").await),
            }
        }
    };
    or_panic(timeout(PATIENCE, dripping).await);
}

#[actix_web::test]
async fn a_client_that_drips_a_frame_is_ended_as_one_that_is_silent() {
    let live = LiveOptions {
        authenticate_within: Duration::from_millis(300),
        heartbeat: Duration::from_millis(300),
        ..LiveOptions::default()
    };
    let app = App::start_as(Setup {
        live,
        ..Setup::default()
    });
    let user = app.someone().await;

    // The frame would take more than six seconds.
    let begun = tokio::time::Instant::now();
    tokio::join!(drip(&app, None), drip(&app, Some(&user.access_token)));

    assert!(begun.elapsed() < Duration::from_secs(5));
}
