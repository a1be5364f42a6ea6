//! What a camera sees, in the cells of a terminal.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Style};

use crate::scan::image::Luma;

/// The most columns of a preview: more would show no more to anybody, and take time on slow lines.
const MOST_COLUMNS: usize = 160;
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
    pub(super) fn show(&self, grid: &mut Buffer, area: Rect) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
