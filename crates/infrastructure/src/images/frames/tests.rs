//! Animations that are too much, and how many images wait.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use alumx_application::ports::{ImageCleaner, Upload};
use alumx_domain::file::Sha256;
use alumx_domain::job_post::ImageFormat;
use futures_util::FutureExt;

use super::super::tests::{encoded, moving_webp};
use super::super::{LosslessCleaner, clean};
use super::*;
use crate::files::Spool;

/// A GIF of this size with so many frames, each at this place (left, top, width and height).
fn gif(size: [u16; 2], count: usize, place: [u16; 4]) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend(size.map(u16::to_le_bytes).concat());
    // A table of two colours.
    bytes.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    let place = place.map(u16::to_le_bytes).concat();
    // One pixel: the codes for a new table, a colour, and the end.
    let frame = [b",", &*place, &[0, 2, 2, 0x44, 1, 0]].concat();
    bytes.extend(frame.repeat(count));
    bytes.push(b';');
    bytes
}

fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let mut crc = flate2::Crc::new();
    crc.update(&name);
    crc.update(data);
    [&length, &name[..], data, &crc.sum().to_be_bytes()].concat()
}

/// A PNG that announces so many frames at this place (width, height, left and top).
fn png(count: usize, place: [u32; 4]) -> Vec<u8> {
    let still = encoded(ImageFormat::Png, None);
    let (start, rest) = still.split_at(33);
    // The picture itself is none of the frames, which come between it and the end.
    let (picture, end) = rest.split_at(rest.len() - 12);
    let told = u32::try_from(count).unwrap().to_be_bytes();
    let head = chunk(*b"acTL", &[told, [0; 4]].concat());
    let mut bytes = [start, &head, picture].concat();
    for number in 0..u32::try_from(count).unwrap() {
        let place = place.map(u32::to_be_bytes).concat();
        let control = [&number.to_be_bytes(), &*place, &[0; 6]].concat();
        bytes.extend(chunk(*b"fcTL", &control));
    }
    bytes.extend(end);
    bytes
}

/// A WebP whose first frame comes so many times.
fn webp(count: usize, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let three = moving_webp();
    // The headers of the file, of the image and of the animation.
    let (head, frames) = three.split_at(12 + 18 + 14);
    let length = u32::from_le_bytes(frames[4..8].try_into().unwrap());
    let length = usize::try_from(length).unwrap().next_multiple_of(2);
    let mut bytes = [head, &frames[..8 + length].repeat(count)].concat();
    // There is no EXIF in this one.
    bytes[20] &= !0x08;
    change(&mut bytes);
    let length = u32::try_from(bytes.len() - 8).unwrap();
    bytes[4..8].copy_from_slice(&length.to_le_bytes());
    bytes
}

#[test]
fn an_animation_has_at_most_a_thousand_frames() {
    let one = [0, 0, 1, 1];
    for (count, fits) in [(1, true), (1000, true), (1001, false), (100_000, false)] {
        for (format, bytes) in [
            (ImageFormat::Gif, gif([13, 7], count, one)),
            (ImageFormat::Png, png(count, [1, 1, 0, 0])),
            (ImageFormat::Webp, webp(count, |_| {})),
        ] {
            let cleaned = clean(&bytes);

            match cleaned {
                Ok((_, told)) => assert!(fits && told == format, "{format:?} {count}"),
                Err(error) => assert!(
                    !fits && matches!(error, ImageError::TooLarge),
                    "{format:?} {count} {error:?}"
                ),
            }
        }
    }
}

#[test]
fn no_frame_reaches_beyond_the_image() {
    let gif = |place| gif([13, 7], 2, place);
    // Where the first frame's place, its size, and the size of the picture in it stand.
    let (place, size, inside) = (52, 58, 52 + 16 + 8 + 1);
    for (name, bytes, fits) in [
        ("gif", gif([12, 6, 1, 1]), true),
        ("gif, wide", gif([0, 0, 14, 7]), false),
        ("gif, high", gif([0, 0, 13, 8]), false),
        ("gif, right", gif([13, 0, 1, 1]), false),
        ("gif, low", gif([0, 7, 1, 1]), false),
        ("png", png(2, [13, 7, 0, 0]), true),
        ("png, wide", png(2, [14, 7, 0, 0]), false),
        ("png, low", png(2, [1, 1, 0, 7]), false),
        ("png, huge", png(2, [u32::MAX, 1, 1, 0]), false),
        ("webp", webp(2, |_| {}), true),
        ("webp, right", webp(2, |bytes| bytes[place] = 1), false),
        ("webp, wide", webp(2, |bytes| bytes[size] += 1), false),
        (
            "webp, another inside",
            webp(2, |bytes| bytes[inside] += 1),
            false,
        ),
    ] {
        let cleaned = clean(&bytes);

        assert_eq!(cleaned.is_ok(), fits, "{name} {:?}", cleaned.err());
        assert!(
            fits || matches!(cleaned, Err(ImageError::Invalid)),
            "{name}"
        );
    }
}

#[test]
fn a_picture_is_as_large_as_its_file_says() {
    let still = encoded(ImageFormat::Webp, Some(b"MM\0*\0\0\0\x08".to_vec()));
    assert_eq!(&still[12..16], b"VP8X");
    assert!(clean(&still).is_ok());
    let mut lies = still;
    lies[24] += 1;

    assert!(matches!(clean(&lies), Err(ImageError::Invalid)));
}

#[test]
fn all_frames_together_have_a_limit_and_so_has_the_memory_of_the_first() {
    let frames = |count| {
        let mut frames = Frames::of((8000, 5000));
        for _ in 0..count {
            frames.add([0, 0, 8000, 5000]).unwrap();
        }
        frames.check()
    };
    assert!(frames(10).is_ok());
    assert!(matches!(frames(11), Err(ImageError::TooLarge)));
    let canvas = |width: u32, height: u32| {
        let sides = [width - 1, height - 1].map(u32::to_le_bytes);
        let sides = [&sides[0][..3], &sides[1][..3]].concat();
        clean(&webp(1, |bytes| bytes[24..30].copy_from_slice(&sides)))
    };
    assert!(canvas(500, 500).is_ok());
    assert!(matches!(canvas(8000, 3500), Err(ImageError::TooLarge)));
}

fn upload() -> Upload {
    let bytes = encoded(ImageFormat::Png, None);
    let mut file: File = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    Upload {
        file,
        size: bytes.len() as u64,
        sha256: Sha256([0; 32]),
    }
}

#[tokio::test]
async fn a_few_images_wait_and_more_are_turned_away() {
    let spool = Arc::new(Spool::new(std::env::temp_dir()));
    let cleaner = LosslessCleaner::new(spool);
    let running = cleaner.running.clone().acquire_owned().await.unwrap();
    let mut waiting: Vec<_> = (0..=LosslessCleaner::WAITING)
        .map(|_| cleaner.clean(upload()))
        .collect();
    for one in &mut waiting {
        assert!(one.now_or_never().is_none());
    }

    let more = cleaner.clean(upload()).now_or_never();

    assert!(matches!(more, Some(Err(ImageError::Busy))));
    drop(running);
    for one in waiting {
        let image = one.await.unwrap();
        assert_eq!(image.format, ImageFormat::Png);
    }
}
