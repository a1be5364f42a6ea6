//! What stands beside a code or above it.

use ratatui_core::buffer::Buffer;
use ratatui_core::style::{Modifier, Style};

use super::place::Cells;
use super::{Caption, Codes, Current, LARGEST_STILL, LARGEST_UNASKED};
use crate::qr::Density;
use crate::screens::layout::pieces;
use crate::screens::pager::title;

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const DIM: Style = Style::new().add_modifier(Modifier::DIM);

impl Codes {
    /// Draws the screen.
    pub fn show(&self, grid: &mut Buffer) {
        let Some(current) = &self.current else { return self.ask_for_room(grid) };
        current.place.paint(grid, &current.picture);
        if current.place.beside {
            self.text_beside(grid, current);
        } else {
            self.text_above(grid, current);
        }
    }

    fn text_beside(&self, grid: &mut Buffer, current: &Current) {
        let Caption { kind, network, bytes, words: [a, b, c, d] } = &self.caption;
        let gap = || (String::new(), PLAIN);
        let mut lines = vec![(kind.to_string(), BOLD), (format!("for {network}, {bytes} bytes"), PLAIN), gap()];
        lines.push(("Check words:".to_owned(), PLAIN));
        lines.extend([(format!("  {a} {b}"), BOLD), (format!("  {c} {d}"), BOLD), gap()]);
        lines.extend(self.state(current).into_iter().map(|line| (line, PLAIN)));
        lines.push(gap());
        lines.extend(self.keys(current).map(|key| (key.to_owned(), DIM)));
        let text = current.place.text;
        let room = text.width - 2;
        let rows = lines.iter().flat_map(|(line, style)| pieces(line, room, room).into_iter().map(|it| (it, *style)));
        for (y, (row, style)) in (1..text.height).zip(rows) {
            grid.set_string(1, y, row.trim_end(), style);
        }
    }

    /// As many rows as there are; the words are the last to go.
    fn text_above(&self, grid: &mut Buffer, current: &Current) {
        let words = self.caption.words.join(" ");
        let (width, rows) = (usize::from(self.size.width) - 1, current.place.text.height);
        if rows == 1 {
            title(grid, &words, "");
            return;
        }
        let state = match current.still {
            true => "one code".to_owned(),
            false => format!("{} of {} or more", self.shown, self.frames(current)),
        };
        title(grid, &self.what(), &state);
        grid.set_stringn(1, 1, words, width, BOLD);
        let keys = self.keys(current).collect::<Vec<_>>().join("  ");
        let lines = self.is_limited(current).then_some(SMALL).into_iter().chain([keys.as_str()]);
        for (y, line) in (2..rows).zip(lines) {
            grid.set_stringn(1, y, line, width, DIM);
        }
    }

    fn what(&self) -> String {
        format!("{} for {}", self.caption.kind, self.caption.network)
    }

    /// How many frames like the one at hand the whole transfer takes.
    fn frames(&self, current: &Current) -> usize {
        self.stream.source_symbols().div_ceil(current.density.symbols())
    }

    /// Whether nothing but the window keeps the codes from being larger.
    fn is_limited(&self, current: &Current) -> bool {
        let still = self.stream.whole().map(|(_, density)| density).filter(|density| *density <= LARGEST_STILL);
        current.density < self.wanted.or(still).unwrap_or(LARGEST_UNASKED)
    }

    fn state(&self, current: &Current) -> Vec<String> {
        let size = format!("Size {} of {}", size(current.density), Density::ALL.len());
        if current.still {
            return vec!["One code: it stands still.".to_owned(), size];
        }
        let paused = if self.paused { ", paused" } else { "" };
        let (frames, rate) = (self.frames(current), self.rate);
        let mut lines = vec![format!("Frame {}{paused}", self.shown), format!("Any {frames} or a few more do")];
        lines.extend([format!("{rate} a second"), size]);
        lines.extend(self.is_limited(current).then(|| SMALL.to_owned()));
        lines
    }

    fn keys(&self, current: &Current) -> impl Iterator<Item = &'static str> {
        let moving = ["Space: pause", "< >: speed"].into_iter().filter(|_| !current.still);
        let cells = if self.cells == Cells::Halves { "f: without gaps" } else { "f: half cells" };
        moving.chain(["- +: size", cells, "q: done"])
    }

    fn ask_for_room(&self, grid: &mut Buffer) {
        let (columns, rows) = self.cells.smallest();
        let (width, height) = (grid.area.width, grid.area.height);
        let mut lines = vec![
            "No room for a code.".to_owned(),
            "Enlarge the terminal, or make its letters smaller.".to_owned(),
            format!("{width} x {height}, needed {columns} x {rows}"),
        ];
        lines.extend((self.cells == Cells::Whole).then(|| "f: half cells".to_owned()));
        lines.push("q: done".to_owned());
        title(grid, &self.what(), "");
        let room = width.saturating_sub(2);
        for (y, row) in (2..height).zip(lines.iter().flat_map(|line| pieces(line, room, room))) {
            grid.set_string(1, y, row.trim_end(), PLAIN);
        }
    }
}

/// Why codes are smaller than they would be.
const SMALL: &str = "Small, as the window is";

/// A size as a person counts it.
fn size(density: Density) -> usize {
    Density::ALL.into_iter().filter(|other| *other <= density).count()
}
