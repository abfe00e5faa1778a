//! GIF: a screen, and blocks.

use super::{Frames, Parts};

pub(super) fn cleaned(bytes: &[u8], frames: &mut Frames) -> Option<Vec<u8>> {
    let mut parts = Parts(bytes);
    let head = parts.take(13)?;
    let mut clean = head.to_vec();
    clean.extend(parts.take(colours(head[10]))?);
    loop {
        match parts.byte()? {
            b';' => {
                clean.push(b';');
                return Some(clean);
            }
            b',' => {
                let descriptor = parts.take(9)?;
                let side = |at| u32::from(u16::from_le_bytes([descriptor[at], descriptor[at + 1]]));
                frames.add([0, 2, 4, 6].map(side))?;
                clean.push(b',');
                clean.extend(descriptor);
                clean.extend(parts.take(colours(descriptor[8]))?);
                // How many bits a code has.
                clean.push(parts.byte()?);
                clean.extend(blocks(&mut parts)?);
            }
            b'!' => {
                let label = parts.byte()?;
                let data = blocks(&mut parts)?;
                if is_shown(label, data) {
                    clean.extend([b'!', label]);
                    clean.extend(data);
                }
            }
            _ => return None,
        }
    }
}

/// The size of the table of colours that these flags announce.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        return 0;
    }
    3 << ((flags & 7) + 1)
}

/// How a frame is shown, and how often all are; not comments and what programs add.
fn is_shown(label: u8, data: &[u8]) -> bool {
    let names: [&[u8]; 2] = [b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0"];
    // With more behind the name than the number of times, it is another thing by that name.
    let repeats = data.len() == 17 && names.iter().any(|name| data.starts_with(name));
    label == 0xf9 && data.len() == 6 || label == 0xff && repeats
}

/// Blocks up to the empty one that ends them.
fn blocks<'a>(parts: &mut Parts<'a>) -> Option<&'a [u8]> {
    let all = parts.0;
    loop {
        let length = parts.byte()?;
        if length == 0 {
            return all.get(..all.len() - parts.0.len());
        }
        parts.take(usize::from(length))?;
    }
}
