//! The code on a terminal, as a camera has it: cells to pixels, pixels to text, texts to a transfer.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use dcrcold_signer::qr::{Assembly, Frame};
use dcrcold_signer::scan::image::Luma;
use dcrcold_signer::scan::reader::Reader;

use crate::terminal::{Cell, Paint, Terminal};

/// Pixels of a cell: twice as high as wide, as those of most fonts are.
const CELL: (usize, usize) = (4, 8);

/// The rectangle of cells that a code takes, its quiet zone included: columns from and to, rows from and to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Columns from and to.
    pub columns: (usize, usize),
    /// Rows from and to.
    pub rows: (usize, usize),
}

impl Area {
    /// How many columns.
    pub const fn width(self) -> usize {
        self.columns.1 - self.columns.0
    }

    /// How many rows.
    pub const fn height(self) -> usize {
        self.rows.1 - self.rows.0
    }
}

/// Where the code stands, if there is one. Every cell of it has both its colours, black and white.
pub fn area(terminal: &Terminal) -> Option<Area> {
    let cells = terminal.cells();
    let is_code = |cell: &Cell| cell.ground != Paint::Themed;
    let rows = cells.iter().position(|row| row.iter().any(is_code))?;
    let last = cells.iter().rposition(|row| row.iter().any(is_code))?;
    let columns = cells[rows].iter().position(is_code)?;
    let end = cells[rows].iter().rposition(is_code)?;
    let area = Area { columns: (columns, end + 1), rows: (rows, last + 1) };
    for (y, row) in cells.iter().enumerate() {
        for (x, cell) in row.iter().enumerate() {
            let inside = (area.rows.0..area.rows.1).contains(&y) && (area.columns.0..area.columns.1).contains(&x);
            assert_eq!(is_code(cell), inside, "cell {x}, {y} of {area:?}:\n{}", terminal.text());
            assert!(!inside || cell.ink == Paint::Black, "cell {x}, {y}: {cell:?}");
            assert!(!inside || matches!(cell.symbol, ' ' | '\u{2580}' | '\u{2584}'), "cell {x}, {y}: {cell:?}");
        }
    }
    Some(area)
}

/// The terminal as a picture. What is not black or white by itself is dark, as most themes are.
pub fn picture(terminal: &Terminal) -> Luma {
    let cells = terminal.cells();
    let (width, height) = (cells[0].len() * CELL.0, cells.len() * CELL.1);
    let pixel = |x: usize, y: usize| -> u8 {
        let cell = cells[y / CELL.1][x / CELL.0];
        let upper = y % CELL.1 < CELL.1 / 2;
        let inked = match cell.symbol {
            '\u{2580}' => upper,
            '\u{2584}' => !upper,
            _ => false,
        };
        match if inked { cell.ink } else { cell.ground } {
            Paint::Themed => 40,
            Paint::Black => 0,
            Paint::White => 255,
        }
    };
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| pixel(x, y)).collect();
    Luma::new(width.try_into().unwrap(), height.try_into().unwrap(), pixels).unwrap()
}

/// The text of the code that is seen.
pub fn text(terminal: &Terminal) -> Option<String> {
    let mut texts = Reader::new().read(&picture(terminal));
    assert!(texts.len() < 2, "{texts:?}");
    texts.pop()
}

/// Waits for a code that is not this one, and gives its text.
pub fn next(terminal: &mut Terminal, last: &str) -> String {
    for _ in 0..10_000 {
        let there = terminal.at_rest() && area(terminal).is_some();
        if let Some(text) = there.then(|| text(terminal)).flatten().filter(|text| text != last) {
            return text;
        }
        terminal.look();
    }
    panic!("no other code on\n{}", terminal.text());
}

/// Reads codes until a transfer is there, and gives its bytes and how many codes were read.
pub fn receive(terminal: &mut Terminal) -> (Vec<u8>, usize) {
    let (mut last, mut assembly, mut count) = (String::new(), None::<Assembly>, 0);
    loop {
        last = next(terminal, &last);
        count += 1;
        match Frame::parse(last.as_bytes()).unwrap() {
            Frame::Whole(transfer) => return (transfer, count),
            Frame::Part(part) => {
                let assembly = assembly.get_or_insert_with(|| Assembly::new(&part));
                assembly.take(&part).unwrap();
                if let Some(transfer) = assembly.transfer() {
                    return (transfer.unwrap().encode(), count);
                }
            }
        }
    }
}
