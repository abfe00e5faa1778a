//! WebP: a RIFF of chunks.

use super::{Parts, exif};

/// Bits of the header that say what else there is.
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

pub(super) fn cleaned(bytes: &[u8]) -> Option<Vec<u8>> {
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
            b"ANMF" => append(&mut clean, *name, &frame(data)?)?,
            b"EXIF" => {
                let data = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
                if let (Some(block), Some(_)) = (exif::orientation_only(data), header) {
                    append(&mut clean, *name, &block)?;
                    turned = true;
                }
            }
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
fn frame(data: &[u8]) -> Option<Vec<u8>> {
    let mut parts = Parts(data);
    let mut clean = parts.take(16)?.to_vec();
    while !parts.0.is_empty() {
        let (name, data) = chunk(&mut parts)?;
        if matches!(name, b"VP8 " | b"VP8L" | b"ALPH") {
            append(&mut clean, *name, data)?;
        }
    }
    Some(clean)
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
