//! What a screen shows, pixel by pixel.

use dcrcold_signer::qr::Picture;

/// Pixels of a screen for each module of a code.
const MODULE: usize = 8;

/// A screen, or as much of it as shows a code with its margin.
#[derive(Clone, Debug)]
pub struct Screen {
    pub(super) width: usize,
    pub(super) height: usize,
    /// From 0 to 1, row by row.
    pub(super) pixels: Vec<f32>,
}

/// A character of a terminal: the brightness of its upper and of its lower half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Of the upper half, 255 is white.
    pub above: u8,
    /// Of the lower half.
    pub below: u8,
}

impl Screen {
    /// A code with a margin of so many modules.
    #[must_use]
    pub fn of_code(code: &Picture, margin: usize) -> Self {
        let modules = code.width() + 2 * margin;
        let light = |x: usize, y: usize| x < margin || y < margin || !code.is_dark(x - margin, y - margin);
        Self::of_grid(modules, modules, (MODULE, MODULE), |x, y| f32::from(u8::from(light(x, y))))
    }

    /// Codes of one size side by side on paper, so many in a row, each with a margin of its own.
    ///
    /// # Panics
    /// When there is no code.
    #[must_use]
    pub fn of_sheet(codes: &[Picture], across: usize, margin: usize) -> Self {
        let side = codes[0].width() + 2 * margin;
        let light = |x: usize, y: usize| {
            let (inner_x, inner_y) = (x % side, y % side);
            let code = codes.get(y / side * across + x / side);
            inner_x < margin
                || inner_y < margin
                || !code.is_some_and(|code| code.is_dark(inner_x - margin, inner_y - margin))
        };
        let down = codes.len().div_ceil(across);
        Self::of_grid(across * side, down * side, (MODULE, MODULE), |x, y| f32::from(u8::from(light(x, y))))
    }

    /// A code as a terminal shows it, two modules in a character, with a gap of so many pixels of 16 after each row.
    #[must_use]
    pub fn of_code_in_rows(code: &Picture, margin: usize, gap: usize) -> Self {
        let modules = code.width() + 2 * margin;
        let shade = |x: usize, y: usize| {
            let light = x < margin || y < margin || !code.is_dark(x - margin, y - margin);
            if light { 255 } else { 0 }
        };
        let cell = |x: usize, row: usize| Cell { above: shade(x, 2 * row), below: shade(x, 2 * row + 1) };
        Self::of_terminal(modules, modules.div_ceil(2), (MODULE, 2 * MODULE), gap, &cell)
    }

    /// A terminal's grid of characters, each so many pixels wide and high, of which the last `gap` rows are dark.
    #[must_use]
    pub fn of_terminal(
        columns: usize,
        rows: usize,
        (width, height): (usize, usize),
        gap: usize,
        cell: &dyn Fn(usize, usize) -> Cell,
    ) -> Self {
        let mut pixels = Vec::with_capacity(columns * width * rows * height);
        for row in 0..rows {
            let cells: Vec<Cell> = (0..columns).map(|column| cell(column, row)).collect();
            for line in 0..height {
                for cell in &cells {
                    let shade = if line >= height - gap {
                        0
                    } else if line < height / 2 {
                        cell.above
                    } else {
                        cell.below
                    };
                    pixels.extend(std::iter::repeat_n(f32::from(shade) / 255.0, width));
                }
            }
        }
        Self { width: columns * width, height: rows * height, pixels }
    }

    /// The screen while the one that was shown before still shines through.
    pub(super) fn mixed_with(&self, before: &Self, share: f32) -> Self {
        assert_eq!((self.width, self.height), (before.width, before.height), "a screen keeps its size");
        let mixed = |(now, before): (&f32, &f32)| now * (1.0 - share) + before * share;
        Self { pixels: self.pixels.iter().zip(&before.pixels).map(mixed).collect(), ..*self }
    }

    /// The same screen with black for white.
    #[must_use]
    pub fn inverted(mut self) -> Self {
        self.pixels.iter_mut().for_each(|pixel| *pixel = 1.0 - *pixel);
        self
    }

    fn of_grid(
        columns: usize,
        rows: usize,
        (width, height): (usize, usize),
        shade: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let (across, down) = (columns * width, rows * height);
        let pixels = (0..across * down).map(|n| shade(n % across / width, n / across / height)).collect();
        Self { width: across, height: down, pixels }
    }
}
