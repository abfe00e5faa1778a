//! The parsers of what strangers send, to be fed anything: by tests with random input, and by fuzz
//! targets. Whatever it is, they must read or refuse it, and go on.
#![expect(clippy::unwrap_used, reason = "what finds a bug ends by panicking")]

use std::time::Duration;

use actix_web::web::Bytes;
use alumx_domain::account::SessionId;
use alumx_domain::audit::AuditKey;
use alumx_domain::job_post::FeedKey;
use alumx_domain::user::DirectoryKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::stream;

use crate::http::multipart::{Multipart, MultipartError, Parts, all_parts};
use crate::http::page::{CursorKey, decode, encode};
use crate::realtime::ClientFrame;

/// Reads a cursor of every shape, as it is and as what a cursor holds.
///
/// # Panics
/// If one that is taken can't be given out again.
pub fn cursor(bytes: &[u8]) {
    let held = URL_SAFE_NO_PAD.encode(bytes);
    for cursor in [&*String::from_utf8_lossy(bytes), &held] {
        comes_back::<SessionId>(cursor);
        comes_back::<AuditKey>(cursor);
        comes_back::<FeedKey>(cursor);
        comes_back::<DirectoryKey>(cursor);
    }
}

fn comes_back<K: CursorKey>(cursor: &str) {
    let Some(key) = decode::<K>(cursor) else {
        return;
    };
    let written = encode(key).unwrap();
    let again = decode::<K>(&written).and_then(encode);
    assert_eq!(again, Some(written), "{cursor}");
}

/// Reads an upload whose file has these bytes as its name, whole and in pieces; and one that is
/// nothing but these bytes.
///
/// # Panics
/// If it is not the same in pieces.
pub fn multipart(bytes: &[u8]) {
    let (piece, bytes) = bytes.split_first().unwrap_or((&0, bytes));
    let head = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=";
    let named = [&head[..], bytes, b"\r\n\r\nx\r\n--b--"].concat();
    for body in [bytes, &named] {
        let whole = parts(body, body.len());
        assert_eq!(whole, parts(body, usize::from(*piece % 16)));
    }
}

/// The parts of a body that comes in pieces of so many bytes, at least of one.
fn parts(body: &[u8], piece: usize) -> Result<Parts, MultipartError> {
    let mut pieces = body.chunks(piece.max(1));
    let pieces = stream::iter(std::iter::from_fn(|| {
        let piece = pieces.next()?;
        Some(Ok::<_, ()>(Bytes::copy_from_slice(piece)))
    }));
    let multipart = Multipart::new("b", pieces, Duration::from_mins(1));
    RUNTIME.with(|runtime| runtime.block_on(all_parts(multipart)))
}

thread_local! {
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
}

/// Reads what a client says on its socket.
pub fn frame(bytes: &[u8]) {
    drop(ClientFrame::read(&String::from_utf8_lossy(bytes)));
}

#[cfg(test)]
mod tests {
    use alumx_domain::account::UserId;
    use alumx_domain::audit::AuditEntryId;
    use alumx_domain::id::Id;
    use alumx_domain::job_post::JobPostId;
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    /// What is nearly right finds more than what is not at all.
    fn nearly(right: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
        let change = (any::<prop::sample::Index>(), any::<u8>());
        let changes = prop::collection::vec(change, 0..4);
        (prop::sample::select(right), changes).prop_map(|(right, changes)| {
            let mut bytes = right.as_bytes().to_vec();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        })
    }

    fn id<T>() -> impl Strategy<Value = Id<T>> {
        (1..=i64::MAX).prop_map(|id| Id::try_from(id).unwrap())
    }

    fn read_back<K: CursorKey + Clone>(key: K) -> Option<K> {
        decode(&encode(key).unwrap())
    }

    const CURSORS: &[&str] = &[
        r#"["sessions",7]"#,
        r#"["feed",{"t":{"hotness":-5,"id":1}}]"#,
        r#"["directory",{"r":{"tier":1,"id":1}}]"#,
        r#"["directory",{"a":{"name":"Ada","id":1}}]"#,
        r#"["audit-log",{"t":1700000000000000,"id":1}]"#,
    ];
    const NAMES: &[&str] = &[
        "\x02\"a.pdf\"",
        "\x03\"C:\\\\x\\\"y\"; filename*=utf-8''%e2%82%ac",
        "\x01a; name=b\r\nX-More: 1",
    ];
    const FRAMES: &[&str] = &[
        r#"{"type":"authenticate","accessToken":"x"}"#,
        r#"{"type":"typing","conversation":{"kind":"CHAT","id":1}}"#,
    ];

    proptest! {
        #[test]
        fn any_cursor_is_read_or_refused(any: Vec<u8>, near in nearly(CURSORS)) {
            cursor(&any);
            cursor(&near);
        }

        #[test]
        fn any_name_of_a_file_is_read_or_refused(any: Vec<u8>, near in nearly(NAMES)) {
            multipart(&any);
            multipart(&near);
        }

        #[test]
        fn any_frame_is_read_or_refused(any: Vec<u8>, near in nearly(FRAMES)) {
            frame(&any);
            frame(&near);
        }

        #[test]
        fn every_key_comes_back_from_its_cursor(
            user in id(), post in id(), entry in id(), session in id(),
            tier: i16, hotness: i64,
            name in "[^\0]{0,100}", micros in 0..253_402_300_799_000_000_i64,
        ) {
            let (user, post): (UserId, JobPostId) = (user, post);
            let (entry, session): (AuditEntryId, SessionId) = (entry, session);
            prop_assert_eq!(read_back(session), Some(session));
            for key in [FeedKey::Newest { id: post }, FeedKey::Top { hotness, id: post }] {
                prop_assert_eq!(read_back(key), Some(key));
            }
            let at = DateTime::from_timestamp_micros(micros).unwrap();
            let key = AuditKey { at, id: entry };
            prop_assert_eq!(read_back(key), Some(key));
            for key in [
                DirectoryKey::Relevance { tier, id: user },
                DirectoryKey::Name { name, id: user },
                DirectoryKey::Newest { id: user },
            ] {
                prop_assert_eq!(read_back(key.clone()), Some(key));
            }
        }
    }
}
