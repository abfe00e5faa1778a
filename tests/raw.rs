//! Requests as no client library would send them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::{Answer, App, or_panic};

impl App {
    /// Sends bytes as they are, which no client library would, and reads the answer.
    pub fn send_raw(&self, request: &[u8]) -> Answer {
        let address = self.root.trim_start_matches("http://");
        let mut stream = or_panic(TcpStream::connect(address));
        or_panic(stream.set_read_timeout(Some(Duration::from_secs(30))));
        or_panic(stream.write_all(request));
        let mut answer = Vec::new();
        or_panic(stream.read_to_end(&mut answer));
        Answer::parse(&answer)
    }

    /// Sends a request without a body for exactly this target, not tidied up by a client, with
    /// further header lines (each ended by `\r\n`).
    pub fn send_target(&self, method: &str, target: &str, headers: &str) -> Answer {
        let head = format!("{method} {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
        self.send_raw(format!("{head}{headers}\r\n").as_bytes())
    }
}
