//! One screen after the other, and what was seen of them.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::{Rect, Size};
use ratatui_core::style::{Color, Modifier, Style};

use super::layout::{self, ABOVE, LABEL, Place, Row, Screen};
use super::sheet::{Sheet, Tone};

/// Shows sheets screen by screen.
pub struct Pager {
    title: &'static str,
    sheets: Vec<Sheet>,
    size: Size,
    screens: Vec<Screen>,
    at: usize,
    /// The row at the top when a key was pressed last: another size begins at it, and the size before comes back to it.
    top: Option<Place>,
    /// The last row that was shown. Screens are shown one after the other, so everything before it was shown as well.
    seen: Option<Place>,
}

/// What came of turning on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// There is another screen.
    Screen,
    /// That was the last one, and all were shown.
    End,
}

impl Pager {
    /// Puts sheets on screens of a size and begins with the first.
    #[must_use]
    pub fn new(title: &'static str, sheets: Vec<Sheet>, size: Size) -> Self {
        let mut pager = Self { title, sheets, size: Size::ZERO, screens: Vec::new(), at: 0, top: None, seen: None };
        pager.resize(size);
        pager
    }

    /// Puts the sheets on screens of another size and stays at the text that is shown.
    pub fn resize(&mut self, size: Size) {
        if size == self.size {
            return;
        }
        self.size = size;
        self.screens = layout::screens(&self.sheets, size);
        self.at = self.screens.iter().rposition(|screen| screen.first() <= self.top).unwrap_or(0);
    }

    /// The number of the screen that is shown, from 1, and how many there are.
    #[must_use]
    pub const fn position(&self) -> (usize, usize) {
        (self.at + 1, self.screens.len())
    }

    /// Whether the end was shown, which nobody gets to without everything before it.
    #[must_use]
    pub fn seen_all(&self) -> bool {
        self.seen.is_some() && self.seen >= self.screens.last().and_then(Screen::last)
    }

    /// Turns to the next screen. Nothing is passed over: what was not shown is not turned away from.
    pub fn forward(&mut self) -> Turned {
        let shown = self.screens.get(self.at).and_then(Screen::last);
        if self.seen < shown {
            return Turned::Screen;
        }
        if self.at + 1 < self.screens.len() {
            self.turn_to(self.at + 1);
            return Turned::Screen;
        }
        if self.seen_all() { Turned::End } else { Turned::Screen }
    }

    /// Turns to the screen before.
    pub fn back(&mut self) {
        self.turn_to(self.at.saturating_sub(1));
    }

    /// Turns to the first screen.
    pub fn restart(&mut self) {
        self.turn_to(0);
    }

    fn turn_to(&mut self, number: usize) {
        self.at = number;
        self.top = self.screens.get(number).and_then(Screen::first);
    }

    /// Draws the screen on a grid of the size that was told, and takes it as shown.
    pub fn show(&mut self, grid: &mut Buffer) {
        if grid.area.as_size() != self.size {
            return;
        }
        let Some(screen) = self.screens.get(self.at) else { return };
        let sheet = &self.sheets[screen.sheet];
        let (number, count) = self.position();
        title(grid, self.title, &format!("page {number} of {count}"));
        let again = self.at > 0 && self.screens[self.at - 1].sheet == screen.sheet;
        heading(grid, &sheet.heading, sheet.tone, again);
        for (y, row) in (ABOVE..).zip(&screen.rows) {
            mark(grid, y, sheet.tone);
            if let Some(row) = row {
                grid.set_string(row.column, y, &row.text, style_of(row, sheet.tone));
            }
        }
        let next = if number == count { "Space: to the check words" } else { "Space: next" };
        footer(grid, &[next, "Up: back", "q: decline"]);
        self.seen = self.seen.max(screen.last());
    }
}

/// Values stand out, and what a warning warns of.
fn style_of(row: &Row, tone: Tone) -> Style {
    match (row.is_label(), tone) {
        (true, Tone::Warning) => Style::new().add_modifier(Modifier::BOLD).fg(Color::Red),
        (true, _) => Style::new(),
        (false, _) => Style::new().add_modifier(Modifier::BOLD),
    }
}

/// The bar at the top.
pub(super) fn title(grid: &mut Buffer, left: &str, right: &str) {
    let Rect { width, .. } = grid.area;
    grid.set_style(Rect::new(0, 0, width, 1), Style::new().add_modifier(Modifier::REVERSED));
    grid.set_string(1, 0, left, Style::new());
    let length = u16::try_from(right.len()).unwrap_or(width);
    grid.set_string(width.saturating_sub(length + 1), 0, right, Style::new());
}

pub(super) fn heading(grid: &mut Buffer, text: &str, tone: Tone, again: bool) {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let style = match tone {
        Tone::Plain => bold,
        Tone::Warning => bold.add_modifier(Modifier::REVERSED).fg(Color::Red),
        Tone::Claimed => bold.fg(Color::Yellow),
    };
    mark(grid, 1, tone);
    let text = if tone == Tone::Warning { format!(" WARNING: {text} ") } else { text.to_owned() };
    let column = if tone == Tone::Warning { LABEL - 1 } else { LABEL };
    grid.set_string(column, 1, &text, style);
    let end = column + u16::try_from(text.len()).unwrap_or_default();
    if again && end + 12 < grid.area.width {
        grid.set_string(end, 1, ", continued", Style::new());
    }
}

/// The tone at the left edge of a row, so that nobody needs colours to see it.
fn mark(grid: &mut Buffer, y: u16, tone: Tone) {
    match tone {
        Tone::Plain => {}
        Tone::Warning => {
            grid.set_string(0, y, "!", Style::new().fg(Color::Red).add_modifier(Modifier::BOLD));
        }
        Tone::Claimed => {
            grid.set_string(0, y, "?", Style::new().fg(Color::Yellow));
        }
    }
}

/// The keys at the bottom.
pub(super) fn footer(grid: &mut Buffer, keys: &[&str]) {
    let Rect { width, height, .. } = grid.area;
    let wide = keys.join("    ");
    let text = if wide.len() + 2 <= usize::from(width) { wide } else { keys.join("  ") };
    grid.set_stringn(1, height - 1, text, usize::from(width - 1), Style::new().add_modifier(Modifier::DIM));
}
