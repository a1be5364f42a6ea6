//! Pages to print: codes in numbered rows, more of them than are needed.

use dcrcold_signer::qr::{Density, Frame, Picture, Stream};

use super::canvas::Canvas;
use super::{PictureError, Subject};

/// A4 at 150 dots an inch.
const WIDTH: usize = 1_240;
const HEIGHT: usize = 1_754;
const DOTS_PER_METRE: u32 = 5_906;
const MARGIN: usize = 70;
/// Where codes begin, below the lines that say what they are.
const HEAD: usize = 200;
const COLUMNS: usize = 2;
const ROWS: usize = 3;
/// The size of codes of which there are several: most of a millimetre a module.
const DENSITY: Density = Density::V15;
const MODULE: usize = 5;
/// The largest code that stands alone on a page.
const LARGEST: Density = Density::V25;
const LARGE_MODULE: usize = 8;
/// Letters of usual size, and those of numbers below codes.
const LETTERS: usize = 2;
const LINE: usize = 26;
/// More than this nobody scans from paper.
const MOST_PAGES: usize = 30;

/// A page as a PNG file.
#[derive(Clone, Debug)]
pub struct Page {
    /// The file's bytes.
    pub png: Vec<u8>,
    /// How many codes are on it.
    pub codes: usize,
}

/// Draws a transfer on as many pages as it takes.
///
/// Of several codes a fifth more are there than are needed, whichever those are, so that a crease or a stain does no harm.
///
/// # Errors
/// More pages than anybody scans.
pub fn pages(subject: &Subject<'_>) -> Result<Vec<Page>, PictureError> {
    if let Some(picture) = whole(subject.stream) {
        let mut canvas = Canvas::new(WIDTH, HEIGHT);
        head(&mut canvas, subject, "One code holds all of it.", (1, 1));
        let side = picture.width() * LARGE_MODULE;
        canvas.code((WIDTH - side) / 2, HEAD + MARGIN, LARGE_MODULE, &picture);
        return Ok(vec![Page { png: png(&canvas)?, codes: 1 }]);
    }
    let needed = subject.stream.source_symbols().div_ceil(DENSITY.symbols());
    let count = needed + needed.div_ceil(5);
    let page_count = count.div_ceil(COLUMNS * ROWS);
    if page_count > MOST_PAGES {
        return Err(PictureError::TooLong { pages: page_count, most: MOST_PAGES });
    }
    let mut parts = subject.stream.parts();
    let pictures: Vec<_> =
        (0..count).filter_map(|_| Picture::of(&Frame::Part(parts.next_at(DENSITY)), DENSITY)).collect();
    let about = format!("Any {needed} of these {count} codes hold all of it, in any order.");
    let on_page = pictures.chunks(COLUMNS * ROWS).zip(0..);
    on_page.map(|(pictures, page)| draw(subject, &about, pictures, (page, page_count))).collect()
}

/// The one code, if one is enough.
fn whole(stream: &Stream) -> Option<Picture> {
    let (frame, density) = stream.whole().filter(|(_, density)| *density <= LARGEST)?;
    Picture::of(&frame, density)
}

fn draw(subject: &Subject<'_>, about: &str, pictures: &[Picture], page: (usize, usize)) -> Result<Page, PictureError> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    head(&mut canvas, subject, about, (page.0 + 1, page.1));
    let (column, row) = ((WIDTH - 2 * MARGIN) / COLUMNS, (HEIGHT - HEAD - MARGIN / 2) / ROWS);
    for (number, picture) in pictures.iter().enumerate() {
        let side = picture.width() * MODULE;
        let left = MARGIN + number % COLUMNS * column;
        let top = HEAD + number / COLUMNS * row;
        canvas.code(left + (column - side) / 2, top, MODULE, picture);
        let label = (page.0 * COLUMNS * ROWS + number + 1).to_string();
        // Below the quiet zone.
        canvas.centred(left, column, top + side + Picture::QUIET_ZONE * MODULE, LETTERS, &label);
    }
    Ok(Page { png: png(&canvas)?, codes: pictures.len() })
}

fn head(canvas: &mut Canvas, subject: &Subject<'_>, about: &str, (page, pages): (usize, usize)) {
    let page = format!("page {page} of {pages}");
    canvas.text(WIDTH - MARGIN - Canvas::text_width(&page, LETTERS), MARGIN, LETTERS, &page);
    let lines = [subject.title(), subject.words(), format!("id {}", subject.id), about.to_owned()];
    for (line, top) in lines.iter().zip((MARGIN..).step_by(LINE)) {
        canvas.text(MARGIN, top, LETTERS, line);
    }
}

fn png(canvas: &Canvas) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    let [width, height] = [canvas.width(), canvas.height()].map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let dots = png::PixelDimensions { xppu: DOTS_PER_METRE, yppu: DOTS_PER_METRE, unit: png::Unit::Meter };
    encoder.set_pixel_dims(Some(dots));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&canvas.bits())?;
    writer.finish()?;
    Ok(bytes)
}

/// Codes with their quiet zones and numbers have room in their places.
const _: () = {
    let side = (DENSITY.modules() + 2 * Picture::QUIET_ZONE) * MODULE;
    assert!(COLUMNS * side <= WIDTH - 2 * MARGIN && ROWS * (side + LINE) <= HEIGHT - HEAD - MARGIN / 2);
    assert!(LARGEST.modules() * LARGE_MODULE + 2 * MARGIN <= WIDTH);
};
