//! A frame as the modules of a QR code.

use qrcode::bits::Bits;
use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode, Version};

use super::{Density, Frame};

/// The modules of a QR code, without its quiet zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    dark: Vec<bool>,
}

impl Picture {
    /// Light modules that belong around a code. Source: ISO/IEC 18004, 6.3.8.
    pub const QUIET_ZONE: usize = 4;

    /// Draws a frame at a density: one alphanumeric segment, error correction L.
    ///
    /// Nothing when the frame does not fit.
    #[must_use]
    pub fn of(frame: &Frame, density: Density) -> Option<Self> {
        let text = frame.text();
        // Not the crate's choice of segments, which at full capacity finds no room for what fits.
        let draw = || -> Result<QrCode, QrError> {
            let mut bits = Bits::new(Version::Normal(i16::from(density.version())));
            bits.push_alphanumeric_data(text.as_bytes())?;
            bits.push_terminator(EcLevel::L)?;
            QrCode::with_bits(bits, EcLevel::L)
        };
        let code = draw().ok()?;
        Some(Self {
            width: code.width(),
            dark: code.into_colors().into_iter().map(|color| color == Color::Dark).collect(),
        })
    }

    /// Modules in a row, and rows.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Whether a module is dark. All around the code is light.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.width && y < self.width && self.dark[y * self.width + x]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qr::{MAX_LENGTH, Stream};

    /// The lines of modules that every code has: finders, timing, the dark module, error correction L.
    fn check_frame_of(picture: &Picture) {
        let (last, row) = (picture.width() - 1, |y: usize, from: usize| -> String {
            (from..from + 8).map(|x| if picture.is_dark(x, y) { '#' } else { '.' }).collect()
        });
        for (y, line) in
            ["#######.", "#.....#.", "#.###.#.", "#.###.#.", "#.###.#.", "#.....#.", "#######."].into_iter().enumerate()
        {
            assert_eq!(row(y, 0), line);
            assert_eq!(row(last - y, 0), line);
            assert_eq!(row(y, last - 7), line.chars().rev().collect::<String>());
        }
        for n in 8..last - 7 {
            assert_eq!((picture.is_dark(n, 6), picture.is_dark(6, n)), (n % 2 == 0, n % 2 == 0), "timing at {n}");
        }
        assert!(picture.is_dark(8, last - 7));
        // The level stands in the first two bits of the format, which are masked with 10: L is 01.
        assert_eq!((picture.is_dark(0, 8), picture.is_dark(1, 8)), (true, true));
        assert!(!picture.is_dark(last + 1, 0) && !picture.is_dark(0, last + 1));
    }

    #[test]
    fn full_frames_fit_every_density() {
        let mut cases = 0;
        for density in Density::ALL {
            let stream = Stream::new((0..MAX_LENGTH).map(|n| n.to_le_bytes()[0]).collect()).unwrap();
            let mut parts = stream.parts();
            // Another mask, another frame; the last ones are combinations, which no pattern runs through.
            for _ in 0..20 {
                let picture = Picture::of(&Frame::Part(parts.next_at(density)), density).unwrap();
                assert_eq!(picture.width(), density.modules());
                check_frame_of(&picture);
                cases += 1;
            }
        }
        println!("drawn: {cases} codes");
        assert_eq!(cases, 120);
    }

    /// The longest transfer that one code of a size holds, and one byte more.
    #[test]
    fn whole_transfers_fit_up_to_the_last_byte() {
        for (density, most) in Density::ALL.into_iter().zip([121, 255, 497, 824, 1_227, 1_671]) {
            let whole = |length| Frame::Whole(vec![0xa5; length]);
            check_frame_of(&Picture::of(&whole(most), density).unwrap());
            assert_eq!(Picture::of(&whole(most + 1), density), None, "{density:?}");
        }
    }

    #[test]
    fn a_frame_that_is_too_large_has_no_picture() {
        let stream = Stream::new(vec![1; 5_000]).unwrap();
        let frame = Frame::Part(stream.parts().next_at(Density::V20));
        assert_eq!(Picture::of(&frame, Density::V15), None);
        assert!(Picture::of(&frame, Density::V25).is_some(), "a larger code has room");
    }
}
