//! Pictures as files: PNG and JPEG to shades of grey.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Transformations};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::contain::contain;
use super::image::{ImageError, Luma, Size};

/// The first bytes of every PNG.
pub(super) const PNG_SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// The first bytes of every JPEG: start of image, and of the next marker.
pub(super) const JPEG_SIGNATURE: [u8; 3] = [0xff, 0xd8, 0xff];
/// The longest file of a picture, 64 MB: four bytes for each of [`super::image::MAX_PIXELS`].
pub const MAX_FILE: usize = 4 * super::image::MAX_PIXELS;
/// What a PNG decoder allocates at most beside the pixels: rows, and chunks that are not skipped.
const PNG_MEMORY: usize = 8 << 20;

/// Reads a PNG or a JPEG, whichever it is. What is transparent stands on white.
///
/// # Errors
/// [`ImageError`]: another format, a size out of bounds (known before memory is taken for the pixels), or damage.
pub fn decode(file: &[u8]) -> Result<Luma, ImageError> {
    let (format, decoder): (_, fn(&[u8]) -> _) = match file {
        _ if file.starts_with(&PNG_SIGNATURE) => ("PNG", decode_png),
        _ if file.starts_with(&JPEG_SIGNATURE) => ("JPEG", decode_jpeg),
        _ => return Err(ImageError::UnknownFormat),
    };
    contain(|| decoder(file)).unwrap_or(Err(ImageError::Damaged { format, reason: "its decoder gave up".to_owned() }))
}

fn damaged_png(error: &DecodingError) -> ImageError {
    ImageError::Damaged { format: "PNG", reason: error.to_string() }
}

fn decode_png(file: &[u8]) -> Result<Luma, ImageError> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: PNG_MEMORY });
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(|error| damaged_png(&error))?;
    let size = Size::new(header.width, header.height)?;
    let mut reader = decoder.read_info().map_err(|error| damaged_png(&error))?;
    let (color, depth) = reader.output_color_type();
    debug_assert_eq!(depth, BitDepth::Eight, "the transformations make it so");
    let samples = color.samples();
    let mut pixels = vec![0; size.pixels() * samples];
    reader.next_frame(&mut pixels).map_err(|error| damaged_png(&error))?;
    let grey = match color {
        ColorType::Grayscale => pixels,
        ColorType::GrayscaleAlpha => gather(&pixels, |[grey, alpha]: &[u8; 2]| on_white(*grey, *alpha)),
        ColorType::Rgb => gather(&pixels, |rgb: &[u8; 3]| grey(*rgb)),
        ColorType::Rgba => {
            gather(&pixels, |[red, green, blue, alpha]: &[u8; 4]| on_white(grey([*red, *green, *blue]), *alpha))
        }
        ColorType::Indexed => {
            return Err(ImageError::Damaged { format: "PNG", reason: "its palette is missing".to_owned() });
        }
    };
    Luma::with_size(size, grey)
}

/// Makes one byte of each group of samples.
fn gather<const N: usize>(samples: &[u8], pixel: impl Fn(&[u8; N]) -> u8) -> Vec<u8> {
    samples.as_chunks::<N>().0.iter().map(pixel).collect()
}

/// The brightness of a colour, with the weights of ITU-R BT.601 in 256ths.
fn grey([red, green, blue]: [u8; 3]) -> u8 {
    let sum = 77 * u16::from(red) + 150 * u16::from(green) + 29 * u16::from(blue);
    sum.to_be_bytes()[0]
}

fn on_white(grey: u8, alpha: u8) -> u8 {
    let dark = u16::from(255 - grey) * u16::from(alpha) / 255;
    255 - dark.to_le_bytes()[0]
}

pub(super) fn decode_jpeg(file: &[u8]) -> Result<Luma, ImageError> {
    // Some of the library's reasons end with the end of a line.
    let damaged = |reason: String| ImageError::Damaged { format: "JPEG", reason: reason.trim_end().to_owned() };
    // The brightness is a channel of its own in a JPEG, so no colour is ever made. Sizes are bounded below.
    let options = DecoderOptions::default()
        .set_use_unsafe(false)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|error| damaged(error.to_string()))?;
    let (width, height) = decoder.dimensions().ok_or_else(|| damaged("it has no size".to_owned()))?;
    let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    let size = Size::new(side(width), side(height))?;
    let pixels = decoder.decode().map_err(|error| damaged(error.to_string()))?;
    Luma::with_size(size, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_black_and_what_is_transparent_stay_what_they_are() {
        assert_eq!((grey([255; 3]), grey([0; 3])), (255, 0));
        for value in 0..=255 {
            assert_eq!((on_white(value, 255), on_white(value, 0)), (value, 255));
            assert_eq!(grey([value; 3]), value);
        }
    }
}
