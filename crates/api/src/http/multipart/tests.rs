//! Bodies in pieces of any size, and names of any kind.

use futures_util::stream;
use proptest::prelude::*;

use super::*;

/// The parts of a body that comes in pieces of so many bytes.
fn read(body: &[u8], piece: usize) -> Result<Parts, MultipartError> {
    let pieces: Vec<Result<Bytes, ()>> = body
        .chunks(piece)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    let multipart = Multipart::new("b", stream::iter(pieces), Duration::from_secs(9));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime
        .enable_time()
        .build()
        .unwrap()
        .block_on(all_parts(multipart))
}

fn part(name: &str, file_name: &str, bytes: &[u8]) -> (String, String, Vec<u8>) {
    (name.to_owned(), file_name.to_owned(), bytes.to_vec())
}

#[test]
fn parts_are_the_same_in_pieces_of_any_size() {
    let body = b"before\r\n--b \t\r\nContent-Type: text/plain\r\n\
        content-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n\
        one\r\n-\r\n\r\ntwo\r\n--\r\n\r\n--b\r\nContent-Disposition:form-data;name=x\r\n\r\n\
        \r\n--b--\r\nbehind\r\n--b\r\n";
    for piece in 1..=body.len() {
        let parts = read(body, piece).unwrap();

        let first = part("file", "a.txt", b"one\r\n-\r\n\r\ntwo\r\n--\r\n");
        assert_eq!(parts, [first, part("x", "", b"")], "{piece}");
    }
    assert_eq!(read(b"--b--", 5).unwrap(), []);
}

#[test]
fn what_is_cut_off_or_put_together_otherwise_is_refused() {
    let whole = b"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--b--";
    assert!(read(whole, 99).is_ok());
    for length in 0..whole.len() {
        let cut = read(&whole[..length], 99);
        assert_eq!(cut, Err(MultipartError::Incomplete), "{length}");
    }
    let long = "x".repeat(70_000);
    for head in [
        "Content-Type: text/plain",
        "Content-Disposition: attachment; name=\"file\"",
        "Content-Disposition: form-data; filename=\"a\"",
        "Content-Disposition: form-data",
        "",
        &*long,
    ] {
        let body = format!("--b\r\n{head}\r\n\r\nx\r\n--b--");
        let refused = read(body.as_bytes(), 999);
        assert_eq!(refused, Err(MultipartError::Malformed), "{head}");
    }
    let other = b"--bc\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--bc--";
    assert_eq!(read(other, 99), Err(MultipartError::Malformed));
}

#[test]
fn a_name_is_read_as_clients_write_it() {
    for (given, kept) in [
        (&b"\"cv.pdf\""[..], "cv.pdf"),
        (b"cv.pdf", "cv.pdf"),
        (b"\"C:\\x\\y.pdf\"", "C:\\x\\y.pdf"),
        (b"\"C:\\\\x\\\\y.pdf\"", "C:\\x\\y.pdf"),
        (b"\"a\\\"b.pdf\"", "a\"b.pdf"),
        (b"\"a%22b%20%0d%0A.pdf\"", "a\"b%20\r\n.pdf"),
        (b"\"a\x7fb\0.pdf\"", "a\x7fb\0.pdf"),
        (b"\"\xff\xfe.pdf\"", ".pdf"),
        (b"\"a\r\nb;c.pdf\"; x=y", "ab;c.pdf"),
        (b"\"a\r\nSet-Cookie: b.pdf\"", "a"),
        (b"\"a\nb.pdf\"", "ab.pdf"),
        (b"\"a\"b.pdf\"", "a"),
        (b"\"not closed", "not closed"),
        (b"\"a.pdf\"; filename*=UTF-8''%C3%A4.pdf", "\u{e4}.pdf"),
        (b"\"a.pdf\"; filename*=UTF-8''%FF.pdf", "a.pdf"),
        (b"\"a.pdf\"; filename*=latin1''%E4.pdf", "a.pdf"),
        (b"\"\"", ""),
        (b"", ""),
    ] {
        let start = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=";
        let body = [start, given, b"\r\n\r\nx\r\n--b--"].concat();

        let parts = read(&body, 7).unwrap();

        let given = String::from_utf8_lossy(given);
        assert_eq!(parts, [part("file", kept, b"x")], "{given}");
    }
}

proptest! {
    #[test]
    fn nothing_in_a_name_refuses_a_body(name: Vec<u8>, piece in 1usize..40) {
        // A blank line is the end of the head, wherever it stands.
        prop_assume!(!name.windows(4).any(|window| window == b"\r\n\r\n"));
        prop_assume!(!name.ends_with(b"\r\n"));
        let start = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"";
        let body = [start, &*name, b"\"\r\n\r\nx\r\n--b--"].concat();

        let parts = read(&body, piece).unwrap();

        prop_assert_eq!((&*parts[0].0, &*parts[0].2), ("file", &b"x"[..]));
    }

    #[test]
    fn any_bytes_are_survived(body: Vec<u8>, piece in 1usize..9) {
        let head = b"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
        drop(read(&body, piece));
        drop(read(&[head, &*body].concat(), piece));
    }
}
