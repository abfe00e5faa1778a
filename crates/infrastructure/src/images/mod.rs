//! Uploaded images: told by their content, tried out, and freed from what isn't shown.
//!
//! The picture itself is never encoded anew, so that it loses nothing and animations stay: the
//! file is taken apart and put together again without the pieces that hold metadata. What
//! follows its end is dropped on the way. Of EXIF the orientation alone is kept.

mod exif;
mod frames;
mod gif;
mod jpeg;
mod png;
mod webp;

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::sync::Arc;

use alumx_application::ports::{CleanImage, FileStoreError, ImageCleaner, ImageError, Upload};
use alumx_domain::job_post::ImageFormat;
use async_trait::async_trait;
use image::{ImageDecoder, ImageReader, Limits};
use tokio::sync::Semaphore;

use self::frames::Frames;
use crate::files::{Spool, blocking, io_error};

/// Cleans images one at a time: each may take 512 MiB while it is tried
/// out, and a few times its own 5 MiB.
pub struct LosslessCleaner {
    spool: Arc<Spool>,
    running: Arc<Semaphore>,
    /// Of those that wait or run.
    places: Arc<Semaphore>,
}

impl LosslessCleaner {
    const MAX_SIDE: u32 = 12_000;
    const MAX_PIXELS: u64 = 40_000_000;
    const MAX_MEMORY: u64 = 512 * 1024 * 1024;
    /// How many may wait for the one that is cleaned: each of them may take a second.
    const WAITING: usize = 8;

    /// A cleaner whose results wait in this spool.
    pub fn new(spool: Arc<Spool>) -> Self {
        Self {
            spool,
            running: Arc::new(Semaphore::new(1)),
            places: Arc::new(Semaphore::new(1 + Self::WAITING)),
        }
    }
}

#[async_trait]
impl ImageCleaner for LosslessCleaner {
    async fn clean(&self, upload: Upload) -> Result<CleanImage, ImageError> {
        let place = self.places.clone().try_acquire_owned();
        let place = place.map_err(|_| ImageError::Busy)?;
        let running = self.running.clone().acquire_owned().await;
        let running = running.map_err(|_| ImageError::Busy)?;
        let (bytes, format) = blocking(move || {
            // Held by the work, not by the request: one that is dropped doesn't end the work.
            let _held = (place, running);
            clean(&read(upload.file).map_err(io_error)?)
        })
        .await?;
        let upload = self
            .spool
            .start()
            .await?
            .write(&bytes)
            .await?
            .finish()
            .await?;
        Ok(CleanImage { upload, format })
    }
}

/// The image that these bytes are, without metadata.
fn clean(bytes: &[u8]) -> Result<(Vec<u8>, ImageFormat), ImageError> {
    let format = told_format(bytes).ok_or(ImageError::UnknownFormat)?;
    let mut frames = Frames::of(check_size(bytes, format)?);
    let clean = cleaned(bytes, format, &mut frames).ok_or(ImageError::Invalid)?;
    frames.check()?;
    check_memory(&clean, format, &frames)?;
    try_out(&clean, format)?;
    Ok((clean, format))
}

fn read(mut file: File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn told_format(bytes: &[u8]) -> Option<ImageFormat> {
    match infer::get(bytes)?.mime_type() {
        "image/png" => Some(ImageFormat::Png),
        "image/jpeg" => Some(ImageFormat::Jpeg),
        "image/gif" => Some(ImageFormat::Gif),
        "image/webp" => Some(ImageFormat::Webp),
        _ => None,
    }
}

fn reader(bytes: &[u8], format: ImageFormat) -> ImageReader<Cursor<&[u8]>> {
    let format = match format {
        ImageFormat::Png => image::ImageFormat::Png,
        ImageFormat::Jpeg => image::ImageFormat::Jpeg,
        ImageFormat::Gif => image::ImageFormat::Gif,
        ImageFormat::Webp => image::ImageFormat::WebP,
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LosslessCleaner::MAX_SIDE);
    limits.max_image_height = Some(LosslessCleaner::MAX_SIDE);
    limits.max_alloc = Some(LosslessCleaner::MAX_MEMORY);
    reader.limits(limits);
    reader
}

/// The size, from the header alone: what is too large is not unfolded.
fn check_size(bytes: &[u8], format: ImageFormat) -> Result<(u32, u32), ImageError> {
    let size = match format {
        ImageFormat::Png => png::size(bytes).ok_or(ImageError::Invalid)?,
        _ => reader(bytes, format).into_dimensions().map_err(why)?,
    };
    let pixels = u64::from(size.0) * u64::from(size.1);
    if size.0.max(size.1) > LosslessCleaner::MAX_SIDE || pixels > LosslessCleaner::MAX_PIXELS {
        return Err(ImageError::TooLarge);
    }
    Ok(size)
}

/// Refuses what may take too much memory while it is unfolded. Not every decoder keeps to limits,
/// so this is what they allocate at worst.
fn check_memory(bytes: &[u8], format: ImageFormat, frames: &Frames) -> Result<(), ImageError> {
    let (width, height) = reader(bytes, format).into_dimensions().map_err(why)?;
    let bytes_per_pixel = match format {
        // Four channels of 16 bits; the picture, and a frame of it.
        ImageFormat::Png | ImageFormat::Gif => 8,
        // Three channels, and of a progressive one all coefficients of four.
        ImageFormat::Jpeg => 3 + 8,
        // The picture; its planes; its opacity, which is a picture of its own.
        ImageFormat::Webp if !frames.any() => 4 + 2 + 6,
        // The canvas and a frame beside them.
        ImageFormat::Webp => 4 + 2 + 6 + 4 + 4,
    };
    // Decoders work in blocks of up to 32 pixels a side.
    let [width, height] = [width, height].map(|side| u64::from(side).next_multiple_of(32));
    if width * height * bytes_per_pixel > LosslessCleaner::MAX_MEMORY {
        return Err(ImageError::TooLarge);
    }
    Ok(())
}

/// Unfolds the picture, or the first of several, and throws it away.
fn try_out(bytes: &[u8], format: ImageFormat) -> Result<(), ImageError> {
    let decoder = reader(bytes, format).into_decoder().map_err(why)?;
    let length = usize::try_from(decoder.total_bytes()).map_err(|_| ImageError::TooLarge)?;
    let mut pixels = vec![0; length];
    decoder.read_image(&mut pixels).map_err(why)
}

fn why(error: image::ImageError) -> ImageError {
    match error {
        image::ImageError::Limits(_) => ImageError::TooLarge,
        image::ImageError::IoError(error)
            if error.kind() != std::io::ErrorKind::UnexpectedEof
                && error.kind() != std::io::ErrorKind::InvalidData =>
        {
            FileStoreError::Unexpected(Box::new(error)).into()
        }
        _ => ImageError::Invalid,
    }
}

/// The file without metadata, its frames counted; `None` if it isn't put together as its format
/// wants.
fn cleaned(bytes: &[u8], format: ImageFormat, frames: &mut Frames) -> Option<Vec<u8>> {
    match format {
        ImageFormat::Png => png::cleaned(bytes, frames),
        ImageFormat::Jpeg => jpeg::cleaned(bytes),
        ImageFormat::Gif => gif::cleaned(bytes, frames),
        ImageFormat::Webp => webp::cleaned(bytes, frames),
    }
}

/// Reads a file from its start to its end.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }
}

#[cfg(test)]
mod tests;
