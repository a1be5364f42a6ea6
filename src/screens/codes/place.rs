//! Where a code stands on a screen, and its modules as cells.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::{Rect, Size};
use ratatui_core::style::{Color, Style};

use crate::qr::{Density, Picture};

/// Black on white whatever the theme is: a code in other colours is read badly, an inverted one not at all.
const BLACK: Color = Color::Rgb(0, 0, 0);
const WHITE: Color = Color::Rgb(255, 255, 255);
/// Modules of quiet zone where there is little room. Readers fail with less.
const NARROW_ZONE: usize = 2;
/// Columns of the text beside a code.
const TEXT: u16 = 28;

/// How modules become cells of a terminal, which are about twice as high as wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cells {
    /// A cell is two modules, one above the other.
    Halves,
    /// Two cells are a module. For terminals whose half blocks leave gaps between lines.
    Whole,
}

impl Cells {
    /// Columns and rows of a square of so many modules.
    const fn size(self, modules: usize) -> (usize, usize) {
        match self {
            Self::Halves => (modules, modules.div_ceil(2)),
            Self::Whole => (2 * modules, modules),
        }
    }

    /// The smallest screen with room for a code.
    pub(super) const fn smallest(self) -> (usize, usize) {
        let (columns, rows) = self.size(Density::V6.modules() + 2 * NARROW_ZONE);
        (columns, rows + 1)
    }
}

/// A place for a code and the text that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    cells: Cells,
    zone: usize,
    /// The code with its quiet zone.
    code: Rect,
    /// The rows or columns for text.
    pub(super) text: Rect,
    /// Whether the text stands beside the code and not above it.
    pub(super) beside: bool,
}

impl Place {
    /// Finds room for a code of so many modules: with a whole quiet zone if it can be, and text beside it if it can be.
    pub(super) fn find(modules: usize, cells: Cells, screen: Size) -> Option<Self> {
        let tries = [Picture::QUIET_ZONE, NARROW_ZONE].into_iter().flat_map(|zone| [(zone, true), (zone, false)]);
        tries.into_iter().find_map(|(zone, beside)| Self::with(modules, cells, screen, zone, beside))
    }

    fn with(modules: usize, cells: Cells, screen: Size, zone: usize, beside: bool) -> Option<Self> {
        let (columns, rows) = cells.size(modules + 2 * zone);
        let (columns, rows) = (u16::try_from(columns).ok()?, u16::try_from(rows).ok()?);
        let (left, above) = if beside { (TEXT, 0) } else { (0, 1) };
        let room = (screen.width.checked_sub(left + columns)?, screen.height.checked_sub(above + rows)?);
        let code = if beside {
            Rect::new(left + room.0 / 2, room.1 / 2, columns, rows)
        } else {
            // Up to four rows for text above the code.
            Rect::new(room.0 / 2, above + room.1.min(3), columns, rows)
        };
        let text = if beside { Rect::new(0, 0, left, screen.height) } else { Rect::new(0, 0, screen.width, code.y) };
        Some(Self { cells, zone, code, text, beside })
    }

    /// Draws a code.
    pub(super) fn paint(&self, grid: &mut Buffer, picture: &Picture) {
        let dark =
            |x: usize, y: usize| x >= self.zone && y >= self.zone && picture.is_dark(x - self.zone, y - self.zone);
        for place in self.code.positions() {
            let (x, y) = (usize::from(place.x - self.code.x), usize::from(place.y - self.code.y));
            let (above, below) = match self.cells {
                Cells::Halves => (dark(x, 2 * y), dark(x, 2 * y + 1)),
                Cells::Whole => (dark(x / 2, y), dark(x / 2, y)),
            };
            // Half blocks only where they are needed: the ground fills a cell in every font.
            let (symbol, ground) = match (above, below) {
                (false, false) => (" ", WHITE),
                (true, false) => ("\u{2580}", WHITE),
                (false, true) => ("\u{2584}", WHITE),
                (true, true) => (" ", BLACK),
            };
            if let Some(cell) = grid.cell_mut(place) {
                cell.set_symbol(symbol).set_style(Style::new().fg(BLACK).bg(ground));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_lies_on_the_screen_and_leaves_the_text_alone() {
        let mut found = 0;
        for cells in [Cells::Halves, Cells::Whole] {
            for (width, height) in (40..320).step_by(3).flat_map(|width| (12..160).map(move |height| (width, height))) {
                let screen = Rect::new(0, 0, width, height);
                for density in Density::ALL {
                    let Some(place) = Place::find(density.modules(), cells, screen.as_size()) else { continue };
                    assert_eq!(place.code.intersection(screen), place.code);
                    assert_eq!(place.text.intersection(screen), place.text);
                    assert!(place.code.intersection(place.text).is_empty() && place.text.height > 0);
                    found += 1;
                }
            }
        }
        println!("places: {found} cases");
        assert!(found > 50_000);
    }

    #[test]
    fn terminals_of_usual_sizes_have_room_for_known_codes() {
        let largest = |cells, width, height| {
            let fits = |density: &Density| Place::find(density.modules(), cells, Size::new(width, height)).is_some();
            Density::ALL.into_iter().rev().find(fits)
        };
        assert_eq!(largest(Cells::Halves, 40, 12), None);
        assert_eq!(largest(Cells::Halves, 45, 23), None);
        assert_eq!(largest(Cells::Halves, 44, 60), None);
        assert_eq!(largest(Cells::Halves, 45, 24), Some(Density::V6));
        assert_eq!(largest(Cells::Halves, 80, 24), Some(Density::V6));
        assert_eq!(largest(Cells::Halves, 192, 54), Some(Density::V20));
        assert_eq!(largest(Cells::Halves, 240, 67), Some(Density::V25));
        assert_eq!(largest(Cells::Whole, 192, 54), Some(Density::V6));
        assert_eq!((Cells::Halves.smallest(), Cells::Whole.smallest()), ((45, 24), (90, 46)));
    }
}
