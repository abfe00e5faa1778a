//! Uploads that take their time, and how many of them there may be.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use alumx_tests::{App, Setup, StoreKind, User};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::{files_in, multipart, pdf, upload};

/// As many uploads as a user may have on the way.
const MOST: usize = 4;

/// A connection on which the head of an upload was sent, and the body that belongs to it.
fn begun_slowly(user: &User<'_>) -> (TcpStream, Vec<u8>) {
    let body = multipart(&[("file", "; filename=\"cv.pdf\"", &pdf(100))]);
    let head = format!(
        "PUT /api/v1{} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
        user.path("/resume"),
        user.access_token,
        body.len()
    );
    let address = user.app.root.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let timeout = Some(Duration::from_secs(20));
    stream.set_read_timeout(timeout).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    (stream, body)
}

/// A connection on which an upload was sent but for its last bytes.
fn begun(user: &User<'_>) -> TcpStream {
    let (mut stream, body) = begun_slowly(user);
    stream.write_all(&body[..body.len() - LAST.len()]).unwrap();
    stream
}

/// What [`begun`] holds back.
const LAST: &[u8] = b"-\r\n";

/// The status of the answer.
fn status(mut stream: &TcpStream) -> String {
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    String::from_utf8_lossy(&start[9..]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_stalls_is_given_up_and_leaves_nothing() {
    let short = Duration::from_millis(300);
    for setup in [
        Setup {
            body_timeout: short,
            ..Setup::default()
        },
        Setup {
            upload_timeout: short,
            ..Setup::default()
        },
    ] {
        let app = App::start_as(setup);
        let ada = app.someone().await;

        let answer = status(&begun(&ada));

        assert_eq!(answer, "408");
        assert_eq!(files_in(app.files.path()), 0);
        let again = upload(&ada, "cv.pdf", &pdf(100)).await;
        assert_eq!(again.status, 201, "{again:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_upload_that_goes_on_steadily_is_stored() {
    let pause = Duration::from_secs(1);
    let app = App::start_as(Setup {
        body_timeout: pause,
        ..Setup::default()
    });
    let ada = app.someone().await;
    let started = Instant::now();
    let (mut stream, body) = begun_slowly(&ada);

    // Each piece keeps it alive for as long as a pause may be.
    let mut pieces = tokio::time::interval(pause / 4);
    for piece in body.chunks(body.len() / 6) {
        pieces.tick().await;
        stream.write_all(piece).unwrap();
    }

    assert!(started.elapsed() > pause);
    assert_eq!(status(&stream), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_uploads_all_that_a_user_may_is_in_nobody_elses_way() {
    let app = App::start();
    let (ada, bob) = (app.someone().await, app.someone().await);
    let (sender, answers) = mpsc::channel();
    let mut streams = Vec::new();
    for n in 0..=MOST {
        let stream = begun(&ada);
        streams.push(stream.try_clone().unwrap());
        let sender = sender.clone();
        std::thread::spawn(move || sender.send((n, status(&stream))));
    }

    let (refused, answer) = answers.recv().unwrap();

    assert_eq!(answer, "429");
    let theirs = upload(&bob, "cv.pdf", &pdf(100)).await;
    assert_eq!(theirs.status, 201, "{theirs:?}");
    let more = upload(&ada, "cv.pdf", &pdf(100)).await;
    more.assert_problem(429, "rate_limited");
    assert_eq!(more.header("retry-after"), "1");
    for (n, mut stream) in streams.iter().enumerate() {
        if n != refused {
            stream.write_all(LAST).unwrap();
            let (_, answer) = answers.recv().unwrap();
            assert!(["200", "201"].contains(&&*answer), "{answer}");
        }
    }
    let again = upload(&ada, "cv.pdf", &pdf(100)).await;
    assert_eq!(again.body["version"], MOST + 1, "{again:?}");
}

#[tokio::test]
async fn a_file_that_waits_to_be_stored_keeps_its_place() {
    let app = App::start_as(Setup {
        store: StoreKind::Stuck,
        ..Setup::default()
    });
    let ada = app.someone().await;
    let file = pdf(100);
    let mut uploads: FuturesUnordered<_> =
        (0..=MOST).map(|_| upload(&ada, "cv.pdf", &file)).collect();

    let first = uploads.next().await.unwrap();

    first.assert_problem(429, "rate_limited");
}
