//! WebP: a RIFF of chunks.

use super::{Frames, Parts, exif};

/// Bits of the header that say what else there is.
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

pub(super) fn cleaned(bytes: &[u8], frames: &mut Frames) -> Option<Vec<u8>> {
    let mut parts = Parts(bytes);
    if parts.take(4)? != b"RIFF" {
        return None;
    }
    let length = u32::from_le_bytes(parts.take(4)?.try_into().ok()?);
    let mut inside = Parts(parts.take(usize::try_from(length).ok()?)?);
    if inside.take(4)? != b"WEBP" {
        return None;
    }
    let mut clean = b"WEBP".to_vec();
    let mut header = None;
    let mut turned = false;
    while !inside.0.is_empty() {
        let (name, data) = chunk(&mut inside)?;
        match name {
            b"VP8X" => {
                header = Some(clean.len() + 8);
                append(&mut clean, *name, data)?;
            }
            b"ANMF" => append(&mut clean, *name, &frame(data, frames)?)?,
            b"EXIF" => {
                let data = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
                if let (Some(block), Some(_)) = (exif::orientation_only(data), header) {
                    append(&mut clean, *name, &block)?;
                    turned = true;
                }
            }
            // A decoder may believe it, and not what was checked.
            b"VP8 " if !frames.is_whole(lossy_size(data)?) => return None,
            b"VP8L" if !frames.is_whole(lossless_size(data)?) => return None,
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ICCP" => append(&mut clean, *name, data)?,
            _ => {}
        }
    }
    if let Some(at) = header {
        let flags = clean.get_mut(at)?;
        *flags &= !(HAS_EXIF | HAS_XMP);
        if turned {
            *flags |= HAS_EXIF;
        }
    }
    let length = u32::try_from(clean.len()).ok()?.to_le_bytes();
    Some([b"RIFF", &length[..], &clean].concat())
}

/// A frame without chunks in it that aren't the picture's.
fn frame(data: &[u8], frames: &mut Frames) -> Option<Vec<u8>> {
    let mut parts = Parts(data);
    let head = parts.take(16)?;
    let number = |at| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], 0]);
    let (width, height) = (number(6) + 1, number(9) + 1);
    frames.add([2 * number(0), 2 * number(3), width, height])?;
    let mut clean = head.to_vec();
    while !parts.0.is_empty() {
        let (name, data) = chunk(&mut parts)?;
        // The picture has a size of its own, which must be what the frame says.
        match name {
            b"VP8 " if lossy_size(data)? != (width, height) => return None,
            b"VP8L" if lossless_size(data)? != (width, height) => return None,
            b"VP8 " | b"VP8L" | b"ALPH" => append(&mut clean, *name, data)?,
            _ => {}
        }
    }
    Some(clean)
}

fn lossy_size(data: &[u8]) -> Option<(u32, u32)> {
    let side = |at| {
        let bytes = data.get(at..at + 2)?.try_into().ok()?;
        Some(u32::from(u16::from_le_bytes(bytes) & 0x3fff))
    };
    Some((side(6)?, side(8)?))
}

fn lossless_size(data: &[u8]) -> Option<(u32, u32)> {
    let bits = u32::from_le_bytes(data.get(1..5)?.try_into().ok()?);
    Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
}

fn chunk<'a>(parts: &mut Parts<'a>) -> Option<(&'a [u8; 4], &'a [u8])> {
    let name = parts.take(4)?.try_into().ok()?;
    let length = u32::from_le_bytes(parts.take(4)?.try_into().ok()?);
    let data = parts.take(usize::try_from(length).ok()?)?;
    if data.len() % 2 == 1 && !parts.0.is_empty() {
        parts.byte()?;
    }
    Some((name, data))
}

fn append(clean: &mut Vec<u8>, name: [u8; 4], data: &[u8]) -> Option<()> {
    clean.extend(name);
    clean.extend(u32::try_from(data.len()).ok()?.to_le_bytes());
    clean.extend(data);
    if data.len() % 2 == 1 {
        clean.push(0);
    }
    Some(())
}
