//! As much HTTP as a benchmark needs: requests made of text, and responses found in bytes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use alumx_api::cli::Failure;
use serde_json::Value;

const BASE: &str = "/api/v1";

/// A request of somebody who is signed in (or of nobody, without a token).
pub fn request(out: &mut Vec<u8>, method: &str, path: &str, token: &str, body: &str) {
    let at_root = matches!(path, "/healthz" | "/readyz");
    let base = if at_root { "" } else { BASE };
    for part in [method, " ", base, path, " HTTP/1.1\r\nHost: bench\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
    if !token.is_empty() {
        out.extend_from_slice(b"Authorization: Bearer ");
        out.extend_from_slice(token.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    if !body.is_empty() {
        let head = format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        out.extend_from_slice(head.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body.as_bytes());
}

/// A response, as far as it is of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// Bytes of the head, the empty line included.
    pub bytes: usize,
    /// Bytes of the body.
    pub body: usize,
}

impl Head {
    /// All of it.
    pub fn whole(self) -> usize {
        self.bytes + self.body
    }
}

/// The head of the response that these bytes begin with; `None` until it is there.
pub fn head(bytes: &[u8]) -> Option<Head> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..end]).unwrap_or_default();
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    Some(Head {
        status,
        bytes: end + 4,
        body: length.unwrap_or(0),
    })
}

/// A connection that waits for its answers.
pub struct Asker {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Asker {
    /// Connects.
    pub fn new(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self {
            stream,
            bytes: Vec::new(),
        })
    }

    /// Sends a request, whole as it is, and returns the status and the body of the answer.
    pub fn send(&mut self, request: &[u8]) -> Result<(u16, Vec<u8>), Failure> {
        self.stream.write_all(request)?;
        self.bytes.clear();
        loop {
            if let Some(head) = head(&self.bytes)
                && self.bytes.len() >= head.whole()
            {
                return Ok((head.status, self.bytes[head.bytes..head.whole()].to_vec()));
            }
            let mut part = [0; 16 * 1024];
            let read = self.stream.read(&mut part)?;
            if read == 0 {
                return Err("the service closed the connection".into());
            }
            self.bytes.extend_from_slice(&part[..read]);
        }
    }

    /// Asks for something that must be answered with success, and reads the answer.
    pub fn ask(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
    ) -> Result<Value, Failure> {
        let mut bytes = Vec::new();
        request(&mut bytes, method, path, token, body);
        let (status, answer) = self.send(&bytes)?;
        if !(200..300).contains(&status) {
            let answer = String::from_utf8_lossy(&answer);
            return Err(format!("{method} {path}: {status} {answer}").into());
        }
        Ok(serde_json::from_slice(&answer).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::{Head, head};

    #[test]
    fn a_response_is_measured_as_soon_as_its_head_is_there() {
        let text = "HTTP/1.1 200 OK\r\nx: y\r\nContent-LENGTH: 5\r\n\r\nhello";

        let whole = Head {
            status: 200,
            bytes: text.len() - 5,
            body: 5,
        };
        assert_eq!(head(text.as_bytes()), Some(whole));
        assert_eq!(head(&text.as_bytes()[..text.len() - 7]), None);
        assert_eq!(whole.whole(), text.len());
    }

    #[test]
    fn a_response_may_have_no_body() {
        let text = "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n";

        let head = head(text.as_bytes()).unwrap();

        assert_eq!((head.status, head.body), (204, 0));
    }
}
