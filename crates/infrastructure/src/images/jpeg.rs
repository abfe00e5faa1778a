//! JPEG: segments, each with a marker, and compressed data behind those that begin a scan.

use super::{Parts, exif};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;
const COM: u8 = 0xfe;

pub(super) fn cleaned(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut parts = Parts(bytes);
    if parts.take(2)? != [0xff, SOI] {
        return None;
    }
    let mut clean = vec![0xff, SOI];
    loop {
        match marker(&mut parts)? {
            EOI => {
                clean.extend([0xff, EOI]);
                return Some(clean);
            }
            SOI => return None,
            // Markers without anything behind them.
            lone @ (0x01 | 0xd0..=0xd7) => clean.extend([0xff, lone]),
            kind => {
                let length = u16::from_be_bytes(parts.take(2)?.try_into().ok()?);
                let data = parts.take(usize::from(length).checked_sub(2)?)?;
                if let Some(data) = kept(kind, data) {
                    append(&mut clean, kind, &data)?;
                }
                if kind == SOS {
                    clean.extend(scan(&mut parts)?);
                }
            }
        }
    }
}

/// The next marker; bytes that fill up before it are dropped.
fn marker(parts: &mut Parts<'_>) -> Option<u8> {
    if parts.byte()? != 0xff {
        return None;
    }
    loop {
        match parts.byte()? {
            0xff => {}
            0 => return None,
            marker => return Some(marker),
        }
    }
}

/// What of a segment is kept: all that makes the picture, its colours and its orientation.
fn kept(kind: u8, data: &[u8]) -> Option<Vec<u8>> {
    match kind {
        // JFIF, whose thumbnail may show what was cut off later.
        APP0 if data.starts_with(b"JFIF\0") && data.len() >= 14 => {
            let mut head = data[..14].to_vec();
            head[12..].fill(0);
            Some(head)
        }
        APP1 => {
            let block = exif::orientation_only(data.strip_prefix(b"Exif\0\0")?)?;
            Some([b"Exif\0\0", &block[..]].concat())
        }
        APP2 if data.starts_with(b"ICC_PROFILE\0") => Some(data.to_vec()),
        APP14 if data.starts_with(b"Adobe") => Some(data.get(..12)?.to_vec()),
        APP0..=APP15 | COM => None,
        _ => Some(data.to_vec()),
    }
}

fn append(clean: &mut Vec<u8>, kind: u8, data: &[u8]) -> Option<()> {
    clean.extend([0xff, kind]);
    clean.extend(u16::try_from(data.len() + 2).ok()?.to_be_bytes());
    clean.extend(data);
    Some(())
}

/// Compressed data, up to the next marker that isn't part of it.
fn scan<'a>(parts: &mut Parts<'a>) -> Option<&'a [u8]> {
    let end = parts
        .0
        .windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff | 0xd0..=0xd7));
    parts.take(end?)
}
