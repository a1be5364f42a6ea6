//! A picture in black and white: codes and letters.

use dcrcold_signer::qr::Picture;
use font8x8::legacy::BASIC_LEGACY;

/// Pixels of a letter before it is made larger.
const LETTER: usize = 8;

/// A light picture that is drawn on in dark.
pub(super) struct Canvas {
    width: usize,
    dark: Vec<bool>,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { width, dark: vec![false; width * height] }
    }

    pub(super) const fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.dark.len() / self.width
    }

    /// Pixels of a text in letters that are so many times as large.
    pub(super) fn text_width(text: &str, scale: usize) -> usize {
        text.len() * LETTER * scale
    }

    /// Writes printable ASCII; everything else is left out.
    pub(super) fn text(&mut self, left: usize, top: usize, scale: usize, text: &str) {
        for (number, letter) in text.bytes().enumerate() {
            let rows = BASIC_LEGACY.get(usize::from(letter)).copied().unwrap_or_default();
            let left = left + number * LETTER * scale;
            for (y, row) in rows.into_iter().enumerate() {
                for x in (0..LETTER).filter(|x| row >> x & 1 == 1) {
                    self.block(left + x * scale, top + y * scale, scale);
                }
            }
        }
    }

    /// Writes a text in the middle of a stretch.
    pub(super) fn centred(&mut self, left: usize, width: usize, top: usize, scale: usize, text: &str) {
        let room = width.saturating_sub(Self::text_width(text, scale));
        self.text(left + room / 2, top, scale, text);
    }

    /// Draws a code without its quiet zone, which is for the caller to leave.
    pub(super) fn code(&mut self, left: usize, top: usize, scale: usize, picture: &Picture) {
        for y in 0..picture.width() {
            for x in (0..picture.width()).filter(|x| picture.is_dark(*x, y)) {
                self.block(left + x * scale, top + y * scale, scale);
            }
        }
    }

    /// A dark square; what is beyond the edge is left out.
    fn block(&mut self, left: usize, top: usize, side: usize) {
        let right = (left + side).min(self.width);
        for y in top..(top + side).min(self.height()) {
            if let Some(row) = self.dark.get_mut(y * self.width + left..y * self.width + right) {
                row.fill(true);
            }
        }
    }

    /// A byte for each pixel: 0 is light, 1 is dark.
    pub(super) fn indexed(&self) -> Vec<u8> {
        self.dark.iter().copied().map(u8::from).collect()
    }

    /// A bit for each pixel, rows begin with a byte: 1 is light.
    pub(super) fn bits(&self) -> Vec<u8> {
        let pack = |bits: &[bool]| {
            bits.iter().enumerate().fold(0xff, |byte: u8, (n, dark)| byte & !(u8::from(*dark) << (7 - n)))
        };
        self.dark.chunks(self.width).flat_map(|row| row.chunks(8).map(pack)).collect()
    }
}
