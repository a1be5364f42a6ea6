//! Frames as cameras deliver them, to shades of grey.

use super::contain::contain;
use super::image::{ImageError, Luma, Size};
use super::picture::{JPEG_SIGNATURE, decode_jpeg};

/// How a camera writes pixels. The names are those of V4L2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFormat {
    /// One byte a pixel.
    Grey,
    /// Two bytes a pixel: brightness, and in turns one of two colour differences.
    Yuyv,
    /// A plane of brightness, and one of colour with half as many rows.
    Nv12,
    /// A JPEG for each frame, often without the tables that every decoder knows.
    Mjpeg,
}

/// An application segment that says "motion JPEG": a decoder then takes the usual Huffman tables where there are none.
const AVI1: [u8; 9] = *b"\xff\xe0\x00\x07AVI1\x00";

/// Makes a grey picture of a frame.
///
/// `stride` is the number of bytes from one row to the next; it and `size` do not count for [`PixelFormat::Mjpeg`], which
/// has its own. Bytes after the last row are ignored, since cameras round their buffers up.
///
/// # Errors
/// [`ImageError`]: a stride shorter than a row, fewer bytes than the size asks for, or a damaged JPEG.
pub fn luma(format: PixelFormat, size: Size, stride: usize, frame: &[u8]) -> Result<Luma, ImageError> {
    match format {
        PixelFormat::Grey => plane(size, stride, frame, 1, size.height()),
        // The colour is not looked at, but a frame that ends before it was cut off.
        PixelFormat::Nv12 => plane(size, stride, frame, 1, size.height() + size.height().div_ceil(2)),
        PixelFormat::Yuyv => plane(size, stride, frame, 2, size.height()),
        PixelFormat::Mjpeg => mjpeg(frame),
    }
}

/// Takes every `step`th byte of rows that lie `stride` bytes apart; `rows` have to be there in all.
fn plane(size: Size, stride: usize, frame: &[u8], step: usize, rows: usize) -> Result<Luma, ImageError> {
    let row = size.width() * step;
    if stride < row {
        return Err(ImageError::Stride { size, found: stride, expected: row });
    }
    // The last row need not be padded.
    let expected = stride.checked_mul(rows - 1).and_then(|bytes| bytes.checked_add(row)).unwrap_or(usize::MAX);
    if frame.len() < expected {
        return Err(ImageError::Length { size, found: frame.len(), expected });
    }
    let mut pixels = Vec::with_capacity(size.pixels());
    for row in frame.chunks(stride).take(size.height()).map(|bytes| &bytes[..row]) {
        match step {
            1 => pixels.extend_from_slice(row),
            _ => pixels.extend(row.iter().step_by(step)),
        }
    }
    Luma::with_size(size, pixels)
}

fn mjpeg(frame: &[u8]) -> Result<Luma, ImageError> {
    if !frame.starts_with(&JPEG_SIGNATURE) {
        return Err(ImageError::UnknownFormat);
    }
    let (start, rest) = frame.split_at(2);
    let file = [start, &AVI1, rest].concat();
    let gave_up = ImageError::Damaged { format: "JPEG", reason: "its decoder gave up".to_owned() };
    contain(|| decode_jpeg(&file)).unwrap_or(Err(gave_up))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: fn() -> Size = || Size::new(4, 2).unwrap();
    const GREY: [u8; 8] = [10, 20, 30, 40, 50, 60, 70, 80];

    #[test]
    fn brightness_is_taken_from_every_format() {
        let yuyv: Vec<u8> = GREY.iter().flat_map(|grey| [*grey, 128]).collect();
        let nv12 = [&GREY[..], &[128; 4]].concat();
        for (format, stride, frame) in
            [(PixelFormat::Grey, 4, &GREY[..]), (PixelFormat::Yuyv, 8, &yuyv), (PixelFormat::Nv12, 4, &nv12)]
        {
            assert_eq!(luma(format, SIZE(), stride, frame).unwrap().pixels(), GREY, "{format:?}");
            let longer = [frame, &[9; 5]].concat();
            assert_eq!(luma(format, SIZE(), stride, &longer).unwrap().pixels(), GREY, "{format:?}, rounded up");
        }
    }

    #[test]
    fn padding_between_rows_is_left_out() {
        let padded = [10, 20, 30, 40, 0, 0, 50, 60, 70, 80];
        assert_eq!(luma(PixelFormat::Grey, SIZE(), 6, &padded).unwrap().pixels(), GREY);
        let padded = [10, 1, 20, 2, 30, 1, 40, 2, 0, 50, 1, 60, 2, 70, 1, 80, 2];
        assert_eq!(luma(PixelFormat::Yuyv, SIZE(), 9, &padded).unwrap().pixels(), GREY);
    }

    #[test]
    fn frames_that_were_cut_off_are_refused() {
        let mut cases = 0;
        for (format, stride, bytes) in [
            (PixelFormat::Grey, 4, 8),
            (PixelFormat::Grey, 7, 11),
            (PixelFormat::Yuyv, 8, 16),
            (PixelFormat::Nv12, 4, 12),
        ] {
            for found in 0..bytes {
                let error = luma(format, SIZE(), stride, &vec![0; found]).unwrap_err();
                assert_eq!(error, ImageError::Length { size: SIZE(), found, expected: bytes });
                cases += 1;
            }
            luma(format, SIZE(), stride, &vec![0; bytes]).unwrap();
        }
        println!("{cases} frames refused");
        assert_eq!(cases, 8 + 11 + 16 + 12);
    }

    #[test]
    fn a_stride_holds_a_row() {
        for (format, stride, expected) in
            [(PixelFormat::Grey, 3, 4), (PixelFormat::Yuyv, 7, 8), (PixelFormat::Nv12, 0, 4)]
        {
            let error = luma(format, SIZE(), stride, &[0; 64]).unwrap_err();
            assert_eq!(error, ImageError::Stride { size: SIZE(), found: stride, expected });
        }
        let huge = luma(PixelFormat::Grey, SIZE(), usize::MAX, &[0; 64]);
        assert!(matches!(huge, Err(ImageError::Length { .. })), "{huge:?}");
    }
}
