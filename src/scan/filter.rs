//! What is done to a picture in which no code was found.

use super::image::{Luma, Size};

/// Takes the mean of each pixel and its eight neighbours: noise goes, and so do the lines that terminals leave between rows.
///
/// Pixels on the edge stay as they are. `sums` is memory for the work.
pub(super) fn blur(picture: &Luma, blurred: &mut Vec<u8>, sums: &mut Vec<u16>) {
    let (width, pixels) = (picture.size().width(), picture.pixels());
    blurred.clear();
    blurred.extend_from_slice(pixels);
    if width < 3 {
        return;
    }
    let rows = pixels.windows(3 * width).step_by(width);
    let inner = blurred.chunks_exact_mut(width).skip(1);
    for (three, row) in rows.zip(inner) {
        let (above, rest) = three.split_at(width);
        let (middle, below) = rest.split_at(width);
        sums.clear();
        let columns = above.iter().zip(middle).zip(below);
        sums.extend(columns.map(|((a, b), c)| u16::from(*a) + u16::from(*b) + u16::from(*c)));
        for (pixel, sum) in row[1..].iter_mut().zip(sums.windows(3)) {
            // 7282 / 2^16 is a ninth, exact for sums of nine bytes.
            let ninth = (u32::from(sum[0] + sum[1] + sum[2]) * 7_282) >> 16;
            *pixel = ninth.to_le_bytes()[0];
        }
    }
}

/// Makes one pixel of four: for pictures that are sharper or noisier than they are good.
///
/// Nothing when no pixel is left.
pub(super) fn halve(picture: &Luma, halved: &mut Vec<u8>) -> Option<Size> {
    let half = picture.size().half()?;
    halved.clear();
    for two in picture.pixels().chunks_exact(2 * picture.size().width()) {
        let (above, below) = two.split_at(picture.size().width());
        let pairs = above.chunks_exact(2).zip(below.chunks_exact(2));
        halved.extend(pairs.map(|(above, below)| {
            let sum = u16::from(above[0]) + u16::from(above[1]) + u16::from(below[0]) + u16::from(below[1]);
            (sum / 4).to_le_bytes()[0]
        }));
    }
    debug_assert_eq!(halved.len(), half.pixels());
    Some(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of any size with something in it.
    fn picture(width: u32, height: u32) -> Luma {
        let pixels = (0..width * height).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
        Luma::new(width, height, pixels).unwrap()
    }

    #[test]
    fn blurred_pixels_are_the_mean_of_nine() {
        let mut cases = 0;
        for (width, height) in [(3, 3), (4, 3), (7, 5), (64, 48), (1, 9), (2, 9), (9, 1), (9, 2)] {
            let picture = picture(width, height);
            let at = |x: usize, y: usize| u32::from(picture.pixels()[y * picture.size().width() + x]);
            let mut blurred = vec![9; 3];
            blur(&picture, &mut blurred, &mut vec![1; 5]);
            assert_eq!(blurred.len(), picture.size().pixels());
            let (width, height) = (picture.size().width(), picture.size().height());
            for (index, pixel) in blurred.iter().enumerate() {
                let (x, y) = (index % width, index / width);
                let inner = 0 < x && x + 1 < width && 0 < y && y + 1 < height;
                let nine: u32 =
                    if inner { (0..9).map(|n| at(x + n % 3 - 1, y + n / 3 - 1)).sum() } else { 9 * at(x, y) };
                assert_eq!(u32::from(*pixel), nine / 9, "{x}, {y} of {width} x {height}");
                cases += 1;
            }
        }
        println!("{cases} pixels");
        assert_eq!(cases, 9 + 12 + 35 + 64 * 48 + 2 * (9 + 18));
    }

    #[test]
    fn the_ninth_is_exact_for_every_sum() {
        for sum in 0..=9 * 255_u32 {
            assert_eq!((sum * 7_282) >> 16, sum / 9);
        }
    }

    #[test]
    fn halved_pixels_are_the_mean_of_four() {
        for (width, height) in [(2, 2), (3, 3), (7, 4), (64, 48)] {
            let picture = picture(width, height);
            let mut halved = vec![1];
            let half = halve(&picture, &mut halved).unwrap();
            assert_eq!((half.width(), half.height()), (width as usize / 2, height as usize / 2));
            let at = |x: usize, y: usize| u32::from(picture.pixels()[y * width as usize + x]);
            for (index, pixel) in halved.iter().enumerate() {
                let (x, y) = (index % half.width() * 2, index / half.width() * 2);
                let sum = at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1);
                assert_eq!(u32::from(*pixel), sum / 4);
            }
        }
        assert_eq!(halve(&picture(1, 9), &mut Vec::new()), None);
    }
}
