//! PNG: a signature and chunks.

use std::io::{self, Read};

use flate2::read::ZlibDecoder;

use super::{Frames, Parts, exif};

/// In bytes. Those of cameras and screens have some thousands, those of presses up to 2 MiB.
const LARGEST_PROFILE: u64 = 4 * 1024 * 1024;

/// What is shown: the picture, its colours, its animation.
const KEPT: [&[u8; 4]; 15] = [
    b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT",
    b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn cleaned(bytes: &[u8], frames: &mut Frames) -> Option<Vec<u8>> {
    let mut parts = Parts(bytes);
    let mut clean = parts.take(8)?.to_vec();
    // There is one at most; more would be work without end.
    let mut has_profile = false;
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
            // Decoders unfold it whole, however large it becomes.
            b"iCCP" if std::mem::replace(&mut has_profile, true) || !is_profile(data) => {}
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

/// Width and height, which stand in the first chunk. All that follows, decoders would read to tell
/// them.
pub(super) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut parts = Parts(bytes.get(8..)?);
    if parts.take(8)? != b"\0\0\0\x0dIHDR" {
        return None;
    }
    let mut side = || Some(u32::from_be_bytes(parts.take(4)?.try_into().ok()?));
    Some((side()?, side()?)).filter(|&(width, height)| width > 0 && height > 0)
}

/// Whether this is a colour profile: a name of up to 79 bytes, the only method there is, and what
/// unfolds to a profile of a usual size.
fn is_profile(data: &[u8]) -> bool {
    let end = data.iter().take(80).position(|&byte| byte == 0);
    let folded = end.and_then(|end| data[end + 1..].strip_prefix(&[0]));
    let Some(folded) = folded else {
        return false;
    };
    let mut unfolded = ZlibDecoder::new(folded).take(LARGEST_PROFILE + 1);
    io::copy(&mut unfolded, &mut io::sink()).is_ok_and(|length| length <= LARGEST_PROFILE)
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
