//! PNG: a signature and chunks.

use super::{Frames, Parts, exif};

/// What is shown: the picture, its colours, its animation.
const KEPT: [&[u8; 4]; 15] = [
    b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT",
    b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn cleaned(bytes: &[u8], frames: &mut Frames) -> Option<Vec<u8>> {
    let mut parts = Parts(bytes);
    let mut clean = parts.take(8)?.to_vec();
    loop {
        let whole = parts.0;
        let length = u32::from_be_bytes(parts.take(4)?.try_into().ok()?);
        let name: &[u8; 4] = parts.take(4)?.try_into().ok()?;
        let data = parts.take(usize::try_from(length).ok()?)?;
        parts.take(4)?;
        let chunk = whole.get(..data.len() + 12)?;
        match name {
            b"IEND" if data.is_empty() => {
                clean.extend(chunk);
                return Some(clean);
            }
            b"eXIf" => {
                if let Some(block) = exif::orientation_only(data) {
                    append(&mut clean, *name, &block)?;
                }
            }
            name if KEPT.contains(&name) => {
                if name == b"fcTL" {
                    frames.add(place(data)?)?;
                }
                clean.extend(chunk);
            }
            // A chunk that a reader has to understand, and none does.
            [first, ..] if first.is_ascii_uppercase() => return None,
            _ => {}
        }
    }
}

/// Where a frame of an animation is shown: left, top, width and height.
fn place(control: &[u8]) -> Option<[u32; 4]> {
    let mut parts = Parts(control.get(4..20)?);
    let mut side = || Some(u32::from_be_bytes(parts.take(4)?.try_into().ok()?));
    let (width, height, left, top) = (side()?, side()?, side()?, side()?);
    Some([left, top, width, height])
}

fn append(clean: &mut Vec<u8>, name: [u8; 4], data: &[u8]) -> Option<()> {
    clean.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&name);
    crc.update(data);
    clean.extend(name);
    clean.extend(data);
    clean.extend(crc.sum().to_be_bytes());
    Some(())
}
