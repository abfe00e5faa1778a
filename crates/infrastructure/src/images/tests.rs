//! Pictures stay as they are, and nothing else stays.

use std::io::Write;

use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{AnimationDecoder, DynamicImage, Frame, ImageEncoder, Rgb, RgbImage};

use super::*;

const SECRET: &[u8] = b"51 30 26 N 0 7 39 W";

/// A picture that is no other one turned.
fn picture() -> DynamicImage {
    let colour = |x: u32, y: u32| Rgb([x, y, x * y].map(|n| u8::try_from(n * 7 % 256).unwrap()));
    RgbImage::from_fn(13, 7, colour).into()
}

/// EXIF with an orientation and a secret.
fn exif_with(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.push(orientation);
    tiff.extend([0; 6]);
    tiff.extend(SECRET);
    tiff
}

pub(super) fn encoded(format: ImageFormat, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = picture();
    let (raw, width, height) = (picture.as_bytes(), picture.width(), picture.height());
    let colour = picture.color().into();
    let out = &mut bytes;
    macro_rules! encode {
        ($encoder:expr) => {{
            let mut encoder = $encoder;
            if let Some(exif) = exif {
                encoder.set_exif_metadata(exif).unwrap();
            }
            encoder.write_image(raw, width, height, colour).unwrap();
        }};
    }
    match format {
        ImageFormat::Png => encode!(image::codecs::png::PngEncoder::new(out)),
        ImageFormat::Jpeg => encode!(image::codecs::jpeg::JpegEncoder::new(out)),
        ImageFormat::Webp => encode!(image::codecs::webp::WebPEncoder::new_lossless(out)),
        ImageFormat::Gif => image::codecs::gif::GifEncoder::new(out)
            .encode(raw, width, height, colour)
            .unwrap(),
    }
    bytes
}

fn pixels(bytes: &[u8], format: ImageFormat) -> DynamicImage {
    reader(bytes, format).decode().unwrap()
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// The file without metadata, whatever the size of its frames.
fn cleaned(bytes: &[u8], format: ImageFormat) -> Option<Vec<u8>> {
    let size = reader(bytes, format).into_dimensions().ok()?;
    super::cleaned(bytes, format, &mut Frames::of(size))
}

const ALL: [ImageFormat; 4] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::Gif,
    ImageFormat::Webp,
];

#[test]
fn a_clean_picture_is_the_same_picture_and_what_follows_it_is_gone() {
    for format in ALL {
        let mut dirty = encoded(format, None);
        dirty.extend(SECRET);

        assert_eq!(told_format(&dirty), Some(format));
        let clean = cleaned(&dirty, format).unwrap();

        assert_eq!(pixels(&clean, format), pixels(&dirty, format), "{format:?}");
        assert!(!holds(&clean, SECRET), "{format:?}");
        assert!(try_out(&clean, format).is_ok());
        assert_eq!(cleaned(&clean, format).unwrap(), clean, "{format:?}");
    }
}

#[test]
fn of_exif_the_orientation_alone_is_kept() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Webp] {
        for orientation in [1, 6] {
            let dirty = encoded(format, Some(exif_with(orientation)));
            assert!(holds(&dirty, SECRET), "{format:?}");

            let clean = cleaned(&dirty, format).unwrap();

            assert!(!holds(&clean, SECRET), "{format:?}");
            let mut decoder = reader(&clean, format).into_decoder().unwrap();
            let kept = decoder.orientation().unwrap().to_exif();
            assert_eq!(kept, orientation, "{format:?}");
        }
    }
}

#[test]
fn what_is_cut_off_is_no_image() {
    for format in ALL {
        let whole = encoded(format, None);
        for length in 0..whole.len() {
            let cut = &whole[..length];
            let clean = cleaned(cut, format);
            // Only padding may be missing.
            let tried = clean.is_some_and(|clean| try_out(&clean, format).is_ok());
            assert!(!tried || whole.len() - length <= 1, "{format:?} {length}");
        }
    }
}

#[test]
fn any_single_wrong_byte_is_survived() {
    for format in ALL {
        let whole = encoded(
            format,
            Some(exif_with(6)).filter(|_| format != ImageFormat::Gif),
        );
        for at in 0..whole.len() {
            let mut wrong = whole.clone();
            wrong[at] ^= 0xff;
            if check_size(&wrong, format).is_ok()
                && let Some(clean) = cleaned(&wrong, format)
            {
                drop(try_out(&clean, format));
            }
        }
    }
}

#[test]
fn comments_and_what_programs_add_go() {
    let jpeg = encoded(ImageFormat::Jpeg, None);
    let segment = |kind: u8, data: &[u8]| {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xff, kind], &length[..], data].concat()
    };
    let xmp = segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat());
    let comment = segment(0xfe, SECRET);
    let dirty = [&jpeg[..2], &xmp, &comment, &jpeg[2..]].concat();
    assert_eq!(
        cleaned(&dirty, ImageFormat::Jpeg),
        cleaned(&jpeg, ImageFormat::Jpeg)
    );

    let gif = encoded(ImageFormat::Gif, None);
    let end = gif.len() - 1;
    let length = u8::try_from(SECRET.len()).unwrap();
    let comment = [&b"!\xfe"[..], &[length], SECRET, &[0]].concat();
    let repeats = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
    let dirty = [&gif[..end], &comment, repeats, b";"].concat();
    let clean = cleaned(&dirty, ImageFormat::Gif).unwrap();
    assert_eq!(clean, [&gif[..end], repeats, b";"].concat());
}

/// EXIF as cameras write it: turned, and where.
fn exif_of_camera() -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    // The tag of positions, and where theirs begins.
    tiff.extend([0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0]);
    tiff.extend([0; 4]);
    // The latitude's hemisphere, and more that is secret.
    tiff.extend([1, 0, 1, 0, 2, 0, 2, 0, 0, 0, b'N', 0, 0, 0]);
    tiff.extend([0; 4]);
    tiff.extend(SECRET);
    tiff
}

#[test]
fn a_photo_is_seen_upright_and_nobody_sees_where_it_was_taken() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Webp] {
        let photo = encoded(format, Some(exif_of_camera()));
        let seen = |bytes: &[u8]| {
            let mut decoder = reader(bytes, format).into_decoder().unwrap();
            let orientation = decoder.orientation().unwrap();
            let mut picture = DynamicImage::from_decoder(decoder).unwrap();
            picture.apply_orientation(orientation);
            (orientation, picture)
        };

        let clean = cleaned(&photo, format).unwrap();

        assert_eq!(seen(&clean), seen(&photo), "{format:?}");
        assert_eq!(seen(&clean).0, Orientation::Rotate90, "{format:?}");
        assert_eq!(seen(&clean).1.width(), picture().height(), "{format:?}");
        let mut decoder = reader(&clean, format).into_decoder().unwrap();
        let exif = decoder.exif_metadata().unwrap().unwrap();
        // One directory with one entry.
        assert_eq!((exif.len(), exif[9]), (26, 1), "{format:?}");
        assert!(!holds(&exif, &[0x88, 0x25]) && !holds(&clean, SECRET));
    }
}

/// Three pictures that follow each other.
fn frames() -> Vec<Frame> {
    let turned = [picture(), picture().fliph(), picture().rotate180()];
    let frames = turned.map(|picture| Frame::new(picture.to_rgba8()));
    frames.into()
}

fn moving_gif() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder.set_repeat(Repeat::Infinite).unwrap();
    encoder.encode_frames(frames()).unwrap();
    drop(encoder);
    let end = bytes.len() - 1;
    let length = u8::try_from(SECRET.len()).unwrap();
    [&bytes[..end], b"!\xfe", &[length], SECRET, b"\0;"].concat()
}

pub(super) fn moving_webp() -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        let padding = &[0][..data.len() % 2];
        [name, &length[..], data, padding].concat()
    };
    let (width, height) = (picture().width() - 1, picture().height() - 1);
    let size = [width, height].map(|side| side.to_le_bytes()[..3].to_vec());
    let size = size.concat();
    let mut inside = b"WEBP".to_vec();
    // It moves, and has EXIF.
    inside.extend(chunk(b"VP8X", &[&[0x0a, 0, 0, 0], &size[..]].concat()));
    inside.extend(chunk(b"ANIM", &[0; 6]));
    for frame in frames() {
        let mut still = Vec::new();
        let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut still);
        let picture: DynamicImage = frame.into_buffer().into();
        picture.write_with_encoder(encoder).unwrap();
        // At the corner, for 100 ms.
        let head = [&[0; 6], &size[..], &[100, 0, 0, 0]].concat();
        inside.extend(chunk(b"ANMF", &[&head[..], &still[12..]].concat()));
    }
    inside.extend(chunk(b"EXIF", &exif_with(1)));
    chunk(b"RIFF", &inside)
}

#[test]
fn what_moves_still_moves() {
    let of_gif = |bytes: &[u8]| {
        let decoder = GifDecoder::new(Cursor::new(bytes.to_vec())).unwrap();
        decoder.into_frames().collect_frames().unwrap()
    };
    let of_webp = |bytes: &[u8]| {
        let decoder = WebPDecoder::new(Cursor::new(bytes.to_vec())).unwrap();
        decoder.into_frames().collect_frames().unwrap()
    };
    let shown = |frames: Vec<Frame>| -> Vec<_> {
        let shown = |frame: Frame| (frame.delay(), frame.into_buffer());
        frames.into_iter().map(shown).collect()
    };
    for (format, dirty) in [
        (ImageFormat::Gif, moving_gif()),
        (ImageFormat::Webp, moving_webp()),
    ] {
        let frames = |bytes: &[u8]| match format {
            ImageFormat::Gif => shown(of_gif(bytes)),
            _ => shown(of_webp(bytes)),
        };
        assert!(holds(&dirty, SECRET));

        let clean = cleaned(&dirty, format).unwrap();

        assert_eq!(frames(&clean).len(), 3, "{format:?}");
        assert!(frames(&clean) == frames(&dirty), "{format:?}");
        assert!(!holds(&clean, SECRET), "{format:?}");
        assert!(try_out(&clean, format).is_ok(), "{format:?}");
        // The loop stays as well.
        let repeats: &[u8] = match format {
            ImageFormat::Gif => b"NETSCAPE2.0",
            _ => b"ANIM",
        };
        assert!(holds(&clean, repeats), "{format:?}");
    }
}

#[test]
fn too_many_pixels_are_refused_by_the_header() {
    let mut png = encoded(ImageFormat::Png, None);
    for (width, height, fits) in [
        (60_000_u32, 60_000_u32, false),
        (12_001, 1, false),
        (12_000, 12_000, false),
        (12_000, 1, true),
        (8_000, 5_000, true),
    ] {
        png[16..20].copy_from_slice(&width.to_be_bytes());
        png[20..24].copy_from_slice(&height.to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(&png[12..29]);
        png[29..33].copy_from_slice(&crc.sum().to_be_bytes());

        let checked = check_size(&png, ImageFormat::Png);

        assert_eq!(checked.is_ok(), fits, "{width} x {height}: {checked:?}");
        assert!(fits || matches!(checked, Err(ImageError::TooLarge)));
    }
}

/// A PNG with a colour profile of so many bytes, and how it lies in there.
fn png_with_profile(length: usize) -> (Vec<u8>, Vec<u8>) {
    let mut folded = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    folded.write_all(&vec![b'p'; length]).unwrap();
    let data = [b"profile\0\0", &*folded.finish().unwrap()].concat();
    let mut crc = flate2::Crc::new();
    crc.update(b"iCCP");
    crc.update(&data);
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let chunk = [&length[..], b"iCCP", &data, &crc.sum().to_be_bytes()].concat();
    let mut png = encoded(ImageFormat::Png, None);
    png.splice(33..33, chunk.iter().copied());
    (png, chunk)
}

#[test]
fn a_colour_profile_stays_unless_it_unfolds_without_end() {
    for (length, stays) in [(3_000, true), (4 << 20, true), ((4 << 20) + 1, false)] {
        let (png, chunk) = png_with_profile(length);

        let (clean, _) = clean(&png).unwrap();

        assert_eq!(holds(&clean, &chunk), stays, "{length}");
        let shown = pixels(&clean, ImageFormat::Png);
        assert_eq!(shown.as_bytes(), picture().as_bytes());
    }
}

#[test]
fn what_is_no_image_is_told_so() {
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>";
    for bytes in [&svg[..], b"%PDF-1.7", b"", b"BM1234567890"] {
        assert_eq!(told_format(bytes), None);
    }
}
