//! Uploaded images: told by their content, tried out, and freed from what isn't shown.
//!
//! The picture itself is never encoded anew, so that it loses nothing and animations stay: the
//! file is taken apart and put together again without the pieces that hold metadata. What
//! follows its end is dropped on the way. Of EXIF the orientation alone is kept.

mod exif;
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

use crate::files::{Spool, blocking, io_error};

/// Cleans images one at a time: each may take 160 MB while it is tried out.
pub struct LosslessCleaner {
    spool: Arc<Spool>,
    running: Arc<Semaphore>,
}

impl LosslessCleaner {
    const MAX_SIDE: u32 = 12_000;
    const MAX_PIXELS: u64 = 40_000_000;
    const MAX_MEMORY: u64 = 400 * 1024 * 1024;

    /// A cleaner whose results wait in this spool.
    pub fn new(spool: Arc<Spool>) -> Self {
        let running = Arc::new(Semaphore::new(1));
        Self { spool, running }
    }
}

#[async_trait]
impl ImageCleaner for LosslessCleaner {
    async fn clean(&self, upload: Upload) -> Result<CleanImage, ImageError> {
        // As many wait as there are places for uploads.
        let running = self.running.clone().acquire_owned().await;
        let running = running.map_err(|_| ImageError::Busy)?;
        let (bytes, format) = blocking(move || {
            // Held by the work, not by the request: one that is dropped doesn't end the work.
            let _running = running;
            let bytes = read(upload.file).map_err(io_error)?;
            let format = told_format(&bytes).ok_or(ImageError::UnknownFormat)?;
            check_size(&bytes, format)?;
            let clean = cleaned(&bytes, format).ok_or(ImageError::Invalid)?;
            try_out(&clean, format)?;
            Ok::<_, ImageError>((clean, format))
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

/// From the header alone: what is too large is not unfolded.
fn check_size(bytes: &[u8], format: ImageFormat) -> Result<(), ImageError> {
    let size = reader(bytes, format).into_dimensions().map_err(why)?;
    let pixels = u64::from(size.0) * u64::from(size.1);
    if size.0.max(size.1) > LosslessCleaner::MAX_SIDE || pixels > LosslessCleaner::MAX_PIXELS {
        return Err(ImageError::TooLarge);
    }
    Ok(())
}

/// Unfolds the picture, or the first of several, and throws it away.
fn try_out(bytes: &[u8], format: ImageFormat) -> Result<(), ImageError> {
    let decoder = reader(bytes, format).into_decoder().map_err(why)?;
    let length = usize::try_from(decoder.total_bytes()).map_err(|_| ImageError::TooLarge)?;
    if decoder.total_bytes() > LosslessCleaner::MAX_MEMORY {
        return Err(ImageError::TooLarge);
    }
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

/// The file without metadata; `None` if it isn't put together as its format wants.
fn cleaned(bytes: &[u8], format: ImageFormat) -> Option<Vec<u8>> {
    match format {
        ImageFormat::Png => png::cleaned(bytes),
        ImageFormat::Jpeg => jpeg::cleaned(bytes),
        ImageFormat::Gif => gif::cleaned(bytes),
        ImageFormat::Webp => webp::cleaned(bytes),
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
