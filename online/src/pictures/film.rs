//! An animation that shows a transfer over and over, for any program that shows pictures.

use dcrcold_signer::qr::{Density, Frame, Picture};
use gif::{Encoder, Repeat};

use super::canvas::Canvas;
use super::{PictureError, Subject};

/// Pixels of a module and of the quiet zone.
const MODULE: usize = 5;
const ZONE: usize = Picture::QUIET_ZONE * MODULE;
/// Pixels below the code for two lines.
const FOOT: usize = 40;
const LINE: usize = 16;
/// The size of codes that follow each other, and the largest that stands still.
const DENSITY: Density = Density::V20;
const LARGEST_STILL: Density = Density::V25;
/// Hundredths of a second of one frame: eight in a second, and never in step with a camera.
const DELAYS: [u16; 7] = [12, 14, 11, 13, 12, 11, 14];
/// The frames of an animation at most, some 20 MB.
const MOST_FRAMES: usize = 1_000;

/// Draws a transfer as an animation; a transfer that fits into one code stands still. The answer is a GIF file.
///
/// After the frames that are needed at least as many combinations follow, so that a camera that missed some need not wait
/// for them to come again.
///
/// # Errors
/// The library fails.
pub fn film(subject: &Subject<'_>) -> Result<Vec<u8>, PictureError> {
    let still = subject.stream.whole().filter(|(_, density)| *density <= LARGEST_STILL);
    let frames: Vec<Picture> = match still {
        Some((frame, density)) => Picture::of(&frame, density).into_iter().collect(),
        None => {
            let needed = subject.stream.source_symbols().div_ceil(DENSITY.symbols());
            let mut parts = subject.stream.parts();
            let pictures = (0..(2 * needed + 4).min(MOST_FRAMES)).map(|_| Frame::Part(parts.next_at(DENSITY)));
            pictures.filter_map(|frame| Picture::of(&frame, DENSITY)).collect()
        }
    };
    let side = frames.first().map_or(0, |picture| picture.width() * MODULE + 2 * ZONE);
    // One code may be small, and the words are not.
    let width =
        side.max(Canvas::text_width(&subject.words(), 1) + 2 * ZONE).max(Canvas::text_width(&subject.title(), 1));
    let [columns, rows] = [width, side + FOOT].map(|side| u16::try_from(side).unwrap_or(u16::MAX));
    let mut encoder = Encoder::new(Vec::new(), columns, rows, &[255, 255, 255, 0, 0, 0])?;
    encoder.set_repeat(Repeat::Infinite)?;
    for (picture, delay) in frames.iter().zip(DELAYS.into_iter().cycle()) {
        let mut canvas = Canvas::new(width, side + FOOT);
        canvas.code((width - side) / 2 + ZONE, ZONE, MODULE, picture);
        for (line, top) in [subject.title(), subject.words()].iter().zip((side..).step_by(LINE)) {
            canvas.centred(0, width, top, 1, line);
        }
        let frame = gif::Frame { delay, ..gif::Frame::from_indexed_pixels(columns, rows, canvas.indexed(), None) };
        encoder.write_frame(&frame)?;
    }
    Ok(encoder.into_inner()?)
}
