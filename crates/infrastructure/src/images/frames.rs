//! The pictures of an animation. Only the first one is tried out: of the others it must be known
//! that they are not more than whoever looks at them can take.

use alumx_application::ports::ImageError;

/// What the frames of an image come to.
pub(super) struct Frames {
    width: u32,
    height: u32,
    count: u64,
    pixels: u64,
}

impl Frames {
    pub const MAX: u64 = 1000;
    pub const MAX_PIXELS: u64 = 400_000_000;

    /// No frames yet, of an image of this size.
    pub const fn of((width, height): (u32, u32)) -> Self {
        Self {
            width,
            height,
            count: 0,
            pixels: 0,
        }
    }

    /// Adds a frame; `None` if it reaches beyond the image.
    pub fn add(&mut self, [left, top, width, height]: [u32; 4]) -> Option<()> {
        let fits =
            left.checked_add(width)? <= self.width && top.checked_add(height)? <= self.height;
        self.count += 1;
        self.pixels = self
            .pixels
            .saturating_add(u64::from(width) * u64::from(height));
        fits.then_some(())
    }

    /// Whether a picture of this size is the whole image.
    pub const fn is_whole(&self, (width, height): (u32, u32)) -> bool {
        self.width == width && self.height == height
    }

    /// Whether the image moves.
    pub const fn any(&self) -> bool {
        self.count > 0
    }

    /// Refuses too many frames.
    pub fn check(&self) -> Result<(), ImageError> {
        if self.count > Self::MAX || self.pixels > Self::MAX_PIXELS {
            return Err(ImageError::TooLarge);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
