//! A scan under way: what the camera sees, how much is there, and at the end what it is.
//!
//! Nothing here is a reason to trust what was scanned: a request is reviewed as any other, and an answer is verified.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::{Position, Rect, Size};
use ratatui_core::style::{Modifier, Style};

use super::approval::lines;
use super::layout::{LABEL, ROOMY, VALUE, pieces};
use super::pager::{footer, heading, title};
use super::preview::Preview;
use super::sheet::Tone;
use crate::qr::{Progress, StreamId};
use crate::receive::{Counts, Scanned};

/// Rows below the preview beside counts and a note: the bar, the keys.
const BELOW: u16 = 2;
/// Rows that counts and a note have each on a roomy screen and on a small one, and more when they are long.
const FEW: [usize; 2] = [2, 1];

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
    use crate::scan::image::Luma;

    fn rows(grid: &Buffer) -> Vec<String> {
        let width = usize::from(grid.area.width);
        grid.content.chunks(width).map(|row| row.iter().map(ratatui_core::buffer::Cell::symbol).collect()).collect()
    }

    fn grid((width, height): (u16, u16)) -> Buffer {
        Buffer::empty(Rect::new(0, 0, width, height))
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
            scanning.see(Preview::of(&Luma::new(1280, 720, vec![128; 1280 * 720]).unwrap()));
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
