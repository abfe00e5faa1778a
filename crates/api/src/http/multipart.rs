//! Bodies of multipart/form-data (RFC 7578), read piece by piece, whatever files in them are called.
//!
//! Libraries refuse a body for an odd byte in a file's name, and drop the backslashes of Windows'
//! paths. Names only are names here: nothing in them makes a body wrong.

#[cfg(any(test, feature = "fuzzing"))]
mod all_parts;

use std::time::Duration;

use actix_web::web::{Buf, Bytes, BytesMut};
#[cfg(any(test, feature = "fuzzing"))]
pub use all_parts::{Parts, all_parts};
use futures_util::{Stream, StreamExt};
use memchr::{memchr, memmem};
use percent_encoding::percent_decode;

/// Why a body can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultipartError {
    /// It ended or broke off too early.
    Incomplete,
    /// It isn't put together as it should be.
    Malformed,
    /// Nothing of it came for too long.
    Stalled,
}

/// What stands before the bytes of a part.
#[derive(Debug, PartialEq, Eq)]
pub struct PartHead {
    /// Of which field it is.
    pub name: String,
    /// What the client calls the file; anything, also empty.
    pub file_name: String,
}

/// The parts of a body, one after the other.
pub struct Multipart<S> {
    body: S,
    /// How long nothing may come.
    patience: Duration,
    /// What came and wasn't taken yet.
    waiting: BytesMut,
    /// What separates parts.
    delimiter: memmem::Finder<'static>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// In a part, or in what stands before the first one.
    Inside,
    /// Behind a delimiter.
    Between,
    /// Behind the last one.
    End,
}

impl<S, E> Multipart<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    /// The longest head that a part may have.
    const MAX_HEAD: usize = 64 * 1024;

    /// The parts of `body`, of which a piece must come at least every `patience`.
    pub fn new(boundary: &str, body: S, patience: Duration) -> Self {
        let delimiter = format!("\r\n--{boundary}");
        Self {
            body,
            patience,
            // The first delimiter may be all that stands on the first line.
            waiting: BytesMut::from("\r\n"),
            delimiter: memmem::Finder::new(&delimiter).into_owned(),
            state: State::Inside,
        }
    }

    /// Goes on to the next part; `None` behind the last one.
    ///
    /// # Errors
    /// If the body can't be read so far.
    pub async fn next_part(&mut self) -> Result<Option<PartHead>, MultipartError> {
        while self.chunk().await?.is_some() {}
        if self.state == State::End {
            return Ok(None);
        }
        while self.waiting.len() < 2 {
            self.receive().await?;
        }
        if self.waiting.starts_with(b"--") {
            self.state = State::End;
            return Ok(None);
        }
        let head = loop {
            match memmem::find(&self.waiting, b"\r\n\r\n") {
                Some(end) => break self.waiting.split_to(end + 4),
                None if self.waiting.len() > Self::MAX_HEAD => {
                    return Err(MultipartError::Malformed);
                }
                None => self.receive().await?,
            }
        };
        // Only blanks may stand behind the boundary on its line.
        let end = memmem::find(&head, b"\r\n").unwrap_or_default();
        let (padding, lines) = head.split_at(end);
        if !padding.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return Err(MultipartError::Malformed);
        }
        self.state = State::Inside;
        read_head(lines).map(Some).ok_or(MultipartError::Malformed)
    }

    /// More bytes of the part; `None` at its end.
    ///
    /// # Errors
    /// If the body can't be read so far.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, MultipartError> {
        let length = self.delimiter.needle().len();
        while self.state == State::Inside {
            let found = self.delimiter.find(&self.waiting);
            if found == Some(0) {
                self.waiting.advance(length);
                self.state = State::Between;
                break;
            }
            // The end of what came may be the beginning of a delimiter.
            let sure = found.unwrap_or((self.waiting.len() + 1).saturating_sub(length));
            if sure > 0 {
                return Ok(Some(self.waiting.split_to(sure).freeze()));
            }
            self.receive().await?;
        }
        Ok(None)
    }

    async fn receive(&mut self) -> Result<(), MultipartError> {
        match tokio::time::timeout(self.patience, self.body.next()).await {
            Ok(Some(Ok(bytes))) => {
                self.waiting.extend_from_slice(&bytes);
                Ok(())
            }
            Ok(_) => Err(MultipartError::Incomplete),
            Err(_) => Err(MultipartError::Stalled),
        }
    }
}

/// What the lines of a head say; `None` if it is not the head of a field.
fn read_head(lines: &[u8]) -> Option<PartHead> {
    let disposition = disposition(lines)?;
    let (kind, mut rest) = cut(&disposition, b';');
    if !kind.trim_ascii().eq_ignore_ascii_case(b"form-data") {
        return None;
    }
    let (mut name, mut file_name, mut extended) = (None, None, None);
    while let Some(equals) = memchr(b'=', rest) {
        let key = rest[..equals].trim_ascii().to_ascii_lowercase();
        let value;
        (value, rest) = parameter(rest[equals + 1..].trim_ascii_start());
        match &*key {
            b"name" => name = name.or(Some(value)),
            b"filename" => file_name = file_name.or(Some(value)),
            b"filename*" => extended = extended.or_else(|| extended_text(&value)),
            _ => {}
        }
    }
    // RFC 7578 forbids `filename*`, and some clients send it.
    let file_name = extended.or_else(|| file_name.map(|name| text(&name)));
    Some(PartHead {
        name: text(&name?),
        file_name: file_name.unwrap_or_default(),
    })
}

/// What `Content-Disposition` says. A line that begins no header belongs to the one before it:
/// some clients leave line breaks in names as they are.
fn disposition(lines: &[u8]) -> Option<Vec<u8>> {
    let mut found: Option<Vec<u8>> = None;
    let mut inside = false;
    for line in lines.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (name, value) = cut(line, b':');
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        if name.len() < line.len() && !name.is_empty() && name.iter().all(is_name) {
            inside = found.is_none() && name.eq_ignore_ascii_case(b"content-disposition");
            if inside {
                found = Some(value.to_vec());
            }
        } else if let (true, Some(found)) = (inside, &mut found) {
            found.extend(line);
        }
    }
    found
}

/// What stands before and behind a byte; nothing is behind one that isn't there.
fn cut(bytes: &[u8], at: u8) -> (&[u8], &[u8]) {
    let end = memchr(at, bytes).unwrap_or(bytes.len());
    (&bytes[..end], bytes.get(end + 1..).unwrap_or_default())
}

/// The value of a parameter, and the parameters behind it.
fn parameter(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let Some(quoted) = bytes.strip_prefix(b"\"") else {
        let (value, rest) = cut(bytes, b';');
        return (value.trim_ascii().to_vec(), rest);
    };
    let mut value = Vec::new();
    let mut rest = quoted;
    while let [byte, behind @ ..] = rest {
        rest = behind;
        match (byte, behind.first()) {
            // Before anything else it is a backslash: old browsers send paths of Windows.
            (b'\\', Some(escaped @ (b'"' | b'\\'))) => {
                value.push(*escaped);
                rest = &behind[1..];
            }
            (b'"', _) => break,
            _ => value.push(*byte),
        }
    }
    (value, cut(rest, b';').1)
}

/// What of it is text, with what browsers don't write as it is (the WHATWG's standard of forms
/// names these three).
fn text(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).replace(char::REPLACEMENT_CHARACTER, "");
    for (encoded, plain) in [("%22", "\""), ("%0D", "\r"), ("%0A", "\n")] {
        text = text.replace(encoded, plain);
        text = text.replace(&encoded.to_ascii_lowercase(), plain);
    }
    text
}

/// A text as RFC 8187 writes it, in UTF-8.
fn extended_text(value: &[u8]) -> Option<String> {
    let (charset, rest) = cut(value, b'\'');
    let (_language, encoded) = cut(rest, b'\'');
    let decoded = percent_decode(encoded).decode_utf8().ok()?;
    charset
        .eq_ignore_ascii_case(b"utf-8")
        .then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests;
