//! As much of WebSocket as a benchmark needs: frames of a server, found in bytes, and pongs.

/// A frame of a server.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What kind it is.
    pub opcode: u8,
    /// What it carries.
    pub payload: &'a [u8],
    /// Bytes of all of it.
    pub whole: usize,
}

/// A text.
pub const TEXT: u8 = 1;
/// The end.
pub const CLOSE: u8 = 8;
/// A question whether somebody is there.
pub const PING: u8 = 9;

/// The frame that these bytes begin with; `None` until all of it is there.
pub fn frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let opcode = bytes.first()? & 0x0f;
    let big_endian = |bytes: &[u8]| {
        let fold = |number: usize, byte: &u8| number << 8 | usize::from(*byte);
        bytes.iter().fold(0, fold)
    };
    let (head, length) = match bytes.get(1)? & 0x7f {
        126 => (4, big_endian(bytes.get(2..4)?)),
        127 => (10, big_endian(bytes.get(2..10)?)),
        short => (2, usize::from(short)),
    };
    let whole = head + length;
    Some(Frame {
        opcode,
        payload: bytes.get(head..whole)?,
        whole,
    })
}

/// The answer to a ping. Clients mask what they send; this mask changes nothing.
pub fn pong(ping: &[u8]) -> Vec<u8> {
    let payload = &ping[..ping.len().min(125)];
    let length = u8::try_from(payload.len()).unwrap_or_default();
    let mut bytes = vec![0x8a, 0x80 | length, 0, 0, 0, 0];
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_found_once_it_is_whole() {
        for length in [0, 5, 125, 126, 65_535, 65_536] {
            let mut bytes = vec![0x81];
            match u16::try_from(length) {
                Ok(short) if short < 126 => bytes.push(u8::try_from(short).unwrap()),
                Ok(medium) => {
                    bytes.push(126);
                    bytes.extend_from_slice(&medium.to_be_bytes());
                }
                Err(_) => {
                    bytes.push(127);
                    bytes.extend_from_slice(&(length as u64).to_be_bytes());
                }
            }
            bytes.resize(bytes.len() + length, b'x');

            assert_eq!(frame(&bytes[..bytes.len() - 1]), None);
            let whole = bytes.len();
            bytes.push(0x89);
            let found = frame(&bytes).unwrap();
            assert_eq!(
                (found.opcode, found.payload.len(), found.whole),
                (TEXT, length, whole)
            );
        }
    }

    #[test]
    fn a_pong_says_what_the_ping_said() {
        assert_eq!(pong(b"hi"), [0x8a, 0x82, 0, 0, 0, 0, b'h', b'i']);
        assert_eq!(pong(&[0; 200]).len(), 6 + 125);
    }
}
