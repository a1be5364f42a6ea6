//! A scan under way: what the camera sees, how much is there, and at the end what it is.
//!
//! Nothing here is a reason to trust what was scanned: a request is reviewed as any other, and an answer is verified.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::{Position, Rect, Size};
use ratatui_core::style::{Color, Modifier, Style};

use super::approval::lines;
use super::layout::{LABEL, VALUE, pieces};
use super::pager::{footer, heading, title};
use super::sheet::Tone;
use crate::qr::{Progress, StreamId};
use crate::receive::{Counts, Scanned};
use crate::scan::image::Luma;

/// The most columns of a preview: more would show no more to anybody, and take time on slow lines.
const MOST_COLUMNS: usize = 160;
/// Rows below the preview beside counts and a note: the bar, the keys.
const BELOW: u16 = 2;
/// Rows that counts and a note have each on a roomy screen and on a small one, and more when they are long.
const FEW: [usize; 2] = [2, 1];
/// From this height on there is room.
const ROOMY: u16 = 16;
/// Steps of grey. Fewer than a screen has, so that noise draws less anew.
const GREYS: u8 = 16;

/// A small picture of what a camera sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    width: usize,
    height: usize,
    grey: Vec<u8>,
}

impl Preview {
    /// Makes a picture small enough to be shown: each of its pixels is the mean of those that it stands for.
    #[must_use]
    pub fn of(picture: &Luma) -> Self {
        let (width, height) = (picture.size().width(), picture.size().height());
        let step = width.max(height).div_ceil(MOST_COLUMNS);
        let (small_width, small_height) = ((width / step).max(1), (height / step).max(1));
        let mean = |x: usize, y: usize| {
            let (rows, columns) = (y * step..((y + 1) * step).min(height), x * step..((x + 1) * step).min(width));
            let count = u32::try_from(rows.len() * columns.len()).unwrap_or(u32::MAX).max(1);
            let sums = rows.map(|row| {
                let row = &picture.pixels()[row * width..][columns.clone()];
                row.iter().map(|pixel| u32::from(*pixel)).sum::<u32>()
            });
            u8::try_from(sums.sum::<u32>() / count).unwrap_or(u8::MAX)
        };
        let places = (0..small_height).flat_map(|y| (0..small_width).map(move |x| (x, y)));
        Self { width: small_width, height: small_height, grey: places.map(|(x, y)| mean(x, y)).collect() }
    }

    /// The grey at a place of a picture that is `of` pixels large.
    fn at(&self, x: usize, y: usize, of: (usize, usize)) -> u8 {
        let (x, y) = (x * self.width / of.0, y * self.height / of.1);
        self.grey.get(y * self.width + x).copied().unwrap_or(0)
    }

    /// Draws the picture in the middle of a part of the screen, as large as it fits; two rows of pixels are one of text.
    fn show(&self, grid: &mut Buffer, area: Rect) {
        let room = (usize::from(area.width), usize::from(area.height) * 2);
        // Width by height, as the picture has them.
        let wide = (room.0, room.0 * self.height / self.width);
        let high = (room.1 * self.width / self.height, room.1);
        let (width, height) = if wide.1 <= room.1 { wide } else { high };
        let of = (width.max(1), height.max(2) & !1);
        let left = area.x + (area.width - u16::try_from(of.0).unwrap_or(area.width).min(area.width)) / 2;
        for (row, y) in (0..of.1 / 2).zip(area.y..area.bottom()) {
            for (column, x) in (0..of.0).zip(left..area.right()) {
                let [above, below] = [2 * row, 2 * row + 1].map(|line| step(self.at(column, line, of)));
                let style = Style::new().fg(shade(above)).bg(shade(below));
                // A space where both are the same: fonts leave gaps around half blocks.
                grid.set_string(x, y, if above == below { " " } else { "\u{2580}" }, style);
            }
        }
    }
}

fn step(grey: u8) -> u8 {
    grey / (u8::MAX / GREYS + 1)
}

fn shade(step: u8) -> Color {
    let grey = step * (u8::MAX / (GREYS - 1));
    Color::Rgb(grey, grey, grey)
}

/// What texts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Eye {
    /// Pictures.
    Pictures,
    /// Somebody types, pastes, or holds a hand scanner.
    Keyboard,
}

/// A scan, as a person sees it.
pub struct Scanning {
    title: &'static str,
    eye: Eye,
    preview: Option<Preview>,
    /// Characters of the line that is being typed.
    typed: usize,
    progress: Option<Progress>,
    counts: Counts,
    other: Option<StreamId>,
    note: String,
    /// What is wrong with the pictures.
    trouble: String,
}

impl Scanning {
    /// Begins; `title` stands in the bar at the top.
    #[must_use]
    pub fn new(title: &'static str, eye: Eye) -> Self {
        let counts = Counts::default();
        let (note, trouble) = (String::new(), String::new());
        Self { title, eye, preview: None, typed: 0, progress: None, counts, other: None, note, trouble }
    }

    /// Takes a picture that the camera saw: nothing is wrong with it any more.
    pub fn see(&mut self, preview: Preview) {
        self.preview = Some(preview);
        self.trouble.clear();
    }

    /// Takes what is wrong with the pictures, which is told until one comes.
    pub fn fail(&mut self, trouble: impl Into<String>) {
        self.trouble = trouble.into();
    }

    /// Takes how many characters of a line were typed.
    pub const fn typed(&mut self, characters: usize) {
        self.typed = characters;
    }

    /// Takes how far the scan is.
    pub fn advance(&mut self, progress: Option<Progress>, counts: Counts, other: Option<StreamId>) {
        (self.progress, self.counts, self.other) = (progress, counts, other);
    }

    /// Takes what the person should know; nothing takes it away.
    pub fn note(&mut self, note: impl Into<String>) {
        self.note = note.into();
    }

    /// Draws the screen and says where the cursor stands.
    pub fn show(&self, grid: &mut Buffer) -> Option<Position> {
        title(grid, self.title, &self.state());
        let Size { width, height } = grid.area.as_size();
        let (plain, bold) = (Style::new(), Style::new().add_modifier(Modifier::BOLD));
        let room = width.saturating_sub(LABEL + 1);
        let texts = [(told(self.counts), plain), (self.noted(), bold)];
        let rows = texts.each_ref().map(|(text, style)| (pieces(text, room, room), *style));
        // The picture gives way to words, and keeps its size while they are few.
        let few = FEW[usize::from(height < ROOMY)];
        let below: usize = rows.iter().map(|(pieces, _)| pieces.len().max(few)).sum();
        let below = u16::try_from(below).unwrap_or(height).saturating_add(BELOW);
        let area = Rect::new(0, 1, width, height.saturating_sub(1 + below));
        let cursor = self.show_eye(grid, area);
        let mut y = area.bottom();
        if let Some(progress) = self.progress {
            bar(grid, y, progress);
        }
        for (pieces, style) in &rows {
            let free = few.saturating_sub(pieces.len());
            for piece in pieces {
                y = (y + 1).min(height - 1);
                grid.set_string(LABEL, y, piece, *style);
            }
            y += u16::try_from(free).unwrap_or_default();
        }
        let turn = if self.other.is_some() { &["Esc: stop", "Tab: the other"][..] } else { &["Esc: stop"] };
        footer(grid, turn);
        cursor
    }

    fn show_eye(&self, grid: &mut Buffer, area: Rect) -> Option<Position> {
        match (&self.eye, &self.preview) {
            (Eye::Pictures, Some(preview)) => preview.show(grid, area),
            (Eye::Pictures, None) => {
                lines(grid, LABEL, 2, "Waiting for pictures.", Style::new());
            }
            (Eye::Keyboard, _) => {
                let ask = "Scan, paste or type the text of each code, then Enter.";
                let y = lines(grid, LABEL, 2, ask, Style::new());
                let typed = format!("> {} characters", self.typed);
                grid.set_string(LABEL, y, &typed, Style::new().add_modifier(Modifier::BOLD));
                return Some(Position::new(LABEL + u16::try_from(typed.len()).unwrap_or_default(), y));
            }
        }
        None
    }

    fn state(&self) -> String {
        self.progress.map_or_else(|| "nothing yet".to_owned(), |of| format!("{} of {}", of.symbols, of.needed))
    }

    fn noted(&self) -> String {
        let note = if self.trouble.is_empty() { &self.note } else { &self.trouble };
        match (&**note, self.other) {
            ("", Some(other)) => format!("There is another transfer too, {other}; it is not mixed in."),
            (note, _) => note.to_owned(),
        }
    }
}

/// The counts in words. What did not happen is left out.
#[must_use]
pub fn told(counts: Counts) -> String {
    let Counts { frames, of_use, known, other, damaged, foreign } = counts;
    let codes = if frames == 1 { "code" } else { "codes" };
    let mut text = format!("{frames} {codes}: {of_use} of use");
    for (count, what) in
        [(known, "known"), (damaged, "misread"), (other, "of another transfer"), (foreign, "of something else")]
    {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    text
}

/// A bar that is full when nothing is missing, and not before.
fn bar(grid: &mut Buffer, y: u16, progress: Progress) {
    let room = usize::from(grid.area.width.saturating_sub(2 * LABEL + 2));
    let full = room * progress.symbols / progress.needed.max(1);
    let text = format!("[{}{}]", "#".repeat(full), ".".repeat(room - full));
    grid.set_string(LABEL, y, text, Style::new().add_modifier(Modifier::BOLD));
}

/// Draws what was scanned, before anything is done with it.
pub fn show_scanned(grid: &mut Buffer, name: &'static str, scanned: &Scanned) {
    title(grid, name, "complete");
    heading(grid, &format!("scanned {}", scanned.kind), Tone::Plain, false);
    let (plain, bold) = (Style::new(), Style::new().add_modifier(Modifier::BOLD));
    let roomy = grid.area.height >= ROOMY;
    let mut y = if roomy { 3 } else { 2 };
    for (label, value) in [
        ("Network", scanned.network.to_string()),
        ("Size", format!("{} bytes", scanned.size)),
        ("Check words, as on the other screen", scanned.words.join(" ")),
    ] {
        y = lines(grid, LABEL, y, label, plain);
        y = lines(grid, VALUE, y, &value, bold) + u16::from(roomy);
    }
    footer(grid, &["Enter: go on", "Esc: drop it"]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(grid: &Buffer) -> Vec<String> {
        let width = usize::from(grid.area.width);
        grid.content.chunks(width).map(|row| row.iter().map(ratatui_core::buffer::Cell::symbol).collect()).collect()
    }

    fn grid((width, height): (u16, u16)) -> Buffer {
        Buffer::empty(Rect::new(0, 0, width, height))
    }

    /// Left half black, right half white.
    fn halves(width: u32, height: u32) -> Luma {
        let row = (0..width).map(|x| if x < width / 2 { 0 } else { 255 });
        let pixels = (0..height).flat_map(|_| row.clone()).collect();
        Luma::new(width, height, pixels).unwrap()
    }

    #[test]
    fn a_preview_has_the_shape_of_the_picture_and_stays_in_its_place() {
        let mut cases = 0;
        for (width, height) in [(1, 1), (1280, 720), (640, 480), (720, 1280), (8192, 1), (1, 8192), (3, 2), (161, 90)] {
            let preview = Preview::of(&halves(width, height));
            assert!(preview.width <= MOST_COLUMNS && preview.height <= MOST_COLUMNS);
            assert_eq!(preview.grey.len(), preview.width * preview.height);
            for size in [(40, 12), (80, 24), (200, 60)] {
                let mut grid = grid(size);
                let area = Rect::new(0, 1, size.0, size.1 - 7);
                preview.show(&mut grid, area);
                for (y, row) in grid.content.chunks(size.0.into()).enumerate() {
                    let drawn = row.iter().filter(|cell| cell.bg != Color::Reset).count();
                    let inside = (usize::from(area.y)..usize::from(area.bottom())).contains(&y);
                    assert!(drawn == 0 || inside, "{width} x {height} on {size:?}");
                }
                let painted = grid.content.iter().filter(|cell| cell.bg != Color::Reset).count();
                assert!(painted > 0);
                if (width, height) == (1280, 720) {
                    let rows =
                        grid.content.chunks(size.0.into()).filter(|row| row.iter().any(|cell| cell.bg != Color::Reset));
                    let rows = rows.count();
                    let columns = painted / rows;
                    // Half as many rows of text as of pixels.
                    assert!((columns * 9).abs_diff(rows * 2 * 16) <= 32, "{columns} x {rows}");
                }
                cases += 1;
            }
        }
        println!("previews: {cases} cases");
        assert_eq!(cases, 24);
    }

    #[test]
    fn a_preview_shows_dark_and_light_where_they_are() {
        let mut grid = grid((80, 24));
        Preview::of(&halves(1280, 720)).show(&mut grid, Rect::new(0, 1, 80, 17));
        let row: Vec<_> = grid.content[5 * 80..6 * 80].iter().filter(|cell| cell.bg != Color::Reset).collect();
        assert_eq!((row[0].bg, row[row.len() - 1].bg), (Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255)));
    }

    #[test]
    fn the_bar_is_full_when_nothing_is_missing_and_not_before() {
        let shown = |symbols, needed| {
            let mut grid = grid((40, 12));
            bar(&mut grid, 3, Progress { symbols, needed });
            rows(&grid)[3].trim().to_owned()
        };
        assert_eq!(shown(0, 7), format!("[{}]", ".".repeat(34)));
        assert_eq!(shown(4_096, 4_096), format!("[{}]", "#".repeat(34)));
        assert!(shown(4_095, 4_096).contains('.'));
    }

    #[test]
    fn everything_is_said_on_the_smallest_screen() {
        let mut cases = 0;
        for size in [(40, 12), (80, 24), (200, 60)] {
            let mut scanning = Scanning::new("dcrcold-signer: scan", Eye::Pictures);
            scanning.see(Preview::of(&halves(1280, 720)));
            let counts = Counts { frames: 99, of_use: 80, known: 9, other: 4, damaged: 3, foreign: 3 };
            let progress = Progress { symbols: 80, needed: 824 };
            scanning.advance(Some(progress), counts, Some(StreamId::from_bytes([0x12, 0x34, 0x56, 0x78])));
            let mut grid = grid(size);
            scanning.show(&mut grid);
            let text = rows(&grid).concat().split_whitespace().collect::<Vec<_>>().join(" ");
            for said in [
                "80 of 824",
                "99 codes: 80 of use, 9 known, 3 misread, 4 of another transfer, 3 of something else",
                "There is another transfer too, 12345678; it is not mixed in.",
                "Esc: stop",
                "Tab: the other",
            ] {
                assert!(text.contains(said), "{said:?} on {size:?}:\n{}", rows(&grid).join("\n"));
                cases += 1;
            }
        }
        println!("said on screens: {cases} cases");
        assert_eq!(cases, 15);
    }
}
