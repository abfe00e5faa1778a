//! The one thing in EXIF that changes what is shown: which side is up.

const ORIENTATION: u16 = 0x0112;

/// A block of EXIF that says no more than the orientation in `old` (a TIFF structure); `None` if
/// the image is shown as it is stored.
pub(super) fn orientation_only(old: &[u8]) -> Option<Vec<u8>> {
    let orientation = orientation(old)?;
    if !(2..=8).contains(&orientation) {
        return None;
    }
    let mut block = b"MM\0*\0\0\0\x08\0\x01".to_vec();
    // Tag, type SHORT, one value, the value, no further directory.
    block.extend(ORIENTATION.to_be_bytes());
    block.extend([0, 3, 0, 0, 0, 1]);
    block.extend(orientation.to_be_bytes());
    block.extend([0; 6]);
    Some(block)
}

fn orientation(tiff: &[u8]) -> Option<u16> {
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = <[u8; 2]>::try_from(tiff.get(at..at.checked_add(2)?)?).ok()?;
        Some(if big {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    };
    let long = <[u8; 4]>::try_from(tiff.get(4..8)?).ok()?;
    let directory = if big {
        u32::from_be_bytes(long)
    } else {
        u32::from_le_bytes(long)
    };
    let directory = usize::try_from(directory).ok()?;
    let entries = usize::from(short(directory)?);
    let mut fields = (0..entries).map(|n| directory.saturating_add(2 + n * 12));
    let field = fields.find(|at| short(*at) == Some(ORIENTATION))?;
    short(field.checked_add(8)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orientation_is_kept_and_nothing_else() {
        let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
        // The camera's make, then the orientation.
        tiff.extend([0x0f, 0x01, 2, 0, 4, 0, 0, 0, b'A', b'C', b'M', b'E']);
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
        tiff.extend([0; 4]);

        let block = orientation_only(&tiff).unwrap();

        assert_eq!(orientation(&block), Some(6));
        assert_eq!(block.len(), 26);
        let at = tiff.len() - 8;
        for shown_as_stored in [0, 1, 9] {
            tiff[at] = shown_as_stored;
            assert_eq!(orientation_only(&tiff), None);
        }
    }

    #[test]
    fn nonsense_has_no_orientation() {
        for bytes in [
            &b""[..],
            b"MM\0*",
            b"MM\0*\xff\xff\xff\xff",
            b"II*\0\x08\0\0\0\xff\xff",
            b"Exif\0\0MM\0*",
        ] {
            assert_eq!(orientation_only(bytes), None);
        }
    }
}
