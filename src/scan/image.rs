//! Pictures in shades of grey.

use std::fmt;

use super::picture::MAX_FILE;

/// The most pixels of a picture, 16.8 million: more than any frame of a camera and most pictures of phones.
pub const MAX_PIXELS: usize = 1 << 24;
/// The longest side of a picture, in pixels.
pub const MAX_SIDE: u32 = 8_192;

/// Why bytes are no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// Nothing, or more than is looked at.
    #[error("picture has {width} x {height} pixels, expected 1 to {MAX_PIXELS} and sides up to {MAX_SIDE}")]
    Size {
        /// Pixels in a row, as claimed.
        width: u32,
        /// Rows, as claimed.
        height: u32,
    },
    /// Another number of bytes than the size asks for.
    #[error("picture of {size} pixels has {found} bytes, expected {expected}")]
    Length {
        /// Its size.
        size: Size,
        /// The bytes that are there.
        found: usize,
        /// The bytes that are needed.
        expected: usize,
    },
    /// Rows that overlap.
    #[error("picture of {size} pixels has rows {found} bytes apart, expected {expected} or more")]
    Stride {
        /// Its size.
        size: Size,
        /// Bytes from one row to the next.
        found: usize,
        /// Bytes of a row.
        expected: usize,
    },
    /// A file of another kind.
    #[error("picture is neither PNG nor JPEG")]
    UnknownFormat,
    /// More bytes than a picture of allowed size needs.
    #[error("picture has more than {MAX_FILE} bytes")]
    FileTooLong,
    /// A file that cannot be decoded.
    #[error("{format} is damaged or of an unusual kind: {reason}")]
    Damaged {
        /// PNG or JPEG.
        format: &'static str,
        /// What its decoder says.
        reason: String,
    },
}

/// Pixels in a row, and rows: both at least one and together within [`MAX_PIXELS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// Checks a size, which makes it fit for an allocation.
    ///
    /// # Errors
    /// [`ImageError::Size`].
    pub const fn new(width: u32, height: u32) -> Result<Self, ImageError> {
        // Sides first, so that the product has no overflow.
        let sides = 0 < width && width <= MAX_SIDE && 0 < height && height <= MAX_SIDE;
        if sides && width as usize * height as usize <= MAX_PIXELS {
            Ok(Self { width, height })
        } else {
            Err(ImageError::Size { width, height })
        }
    }

    /// Pixels in a row.
    #[must_use]
    pub const fn width(self) -> usize {
        self.width as usize
    }

    /// Rows.
    #[must_use]
    pub const fn height(self) -> usize {
        self.height as usize
    }

    /// Pixels in all.
    #[must_use]
    pub const fn pixels(self) -> usize {
        self.width() * self.height()
    }

    /// Half of both sides, rounded down, if anything is left.
    pub(super) fn half(self) -> Option<Self> {
        Self::new(self.width / 2, self.height / 2).ok()
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.width, self.height)
    }
}

/// A picture of one byte a pixel, row by row from the top left: 0 is black, 255 white.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Luma {
    size: Size,
    pixels: Vec<u8>,
}

impl Luma {
    /// Takes pixels, one byte each, without padding between rows.
    ///
    /// # Errors
    /// [`ImageError`] when the size is refused or not that of the pixels.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, ImageError> {
        Self::with_size(Size::new(width, height)?, pixels)
    }

    /// Takes pixels of a size that was checked before.
    ///
    /// # Errors
    /// [`ImageError::Length`].
    pub fn with_size(size: Size, pixels: Vec<u8>) -> Result<Self, ImageError> {
        if pixels.len() == size.pixels() {
            Ok(Self { size, pixels })
        } else {
            Err(ImageError::Length { size, found: pixels.len(), expected: size.pixels() })
        }
    }

    /// Its size.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Its pixels, row by row.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Gives the pixels up, so that their memory can serve again.
    #[must_use]
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bounded_before_pixels_are_there() {
        let sizes = [(0, 1), (1, 0), (MAX_SIDE + 1, 1), (1, u32::MAX), (u32::MAX, u32::MAX), (4_097, 4_096)];
        let mut cases = 0;
        for (width, height) in sizes {
            assert_eq!(Size::new(width, height), Err(ImageError::Size { width, height }));
            cases += 1;
        }
        assert_eq!(Size::new(4_096, 4_096).unwrap().pixels(), MAX_PIXELS);
        assert_eq!(Size::new(MAX_SIDE, 1).unwrap().half(), None);
        println!("{cases} sizes refused");
        assert_eq!(cases, 6);
    }

    #[test]
    fn pixels_have_to_be_as_many_as_the_size_says() {
        for (bytes, expected) in [(5, 6), (7, 6), (0, 6)] {
            let error = Luma::new(2, 3, vec![0; bytes]).unwrap_err();
            assert_eq!(error, ImageError::Length { size: Size::new(2, 3).unwrap(), found: bytes, expected });
        }
        assert_eq!(Luma::new(2, 3, vec![7; 6]).unwrap().pixels(), [7; 6]);
    }
}
