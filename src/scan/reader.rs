//! The text of the codes in a picture.

use super::filter::{blur, halve};
use super::image::Luma;
use super::search::{Care, search};

/// What is done to a picture before codes are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// A blur of 3 x 3 pixels, for noise and for gaps between a terminal's rows.
    Blurred,
    /// Nothing: for codes so small that a blur wipes them out.
    Raw,
    /// Half the size, for noise and sharpness that blurring leaves.
    Half,
}

impl Pass {
    /// All, in the order in which they are tried: noise in a picture as it is looks like corners everywhere, and takes four times
    /// as long.
    pub const ALL: [Self; 3] = [Self::Blurred, Self::Raw, Self::Half];
}

/// Reads codes, picture after picture of one camera or film.
///
/// It keeps its memory from one picture to the next, and begins with the pass that helped last.
pub struct Reader {
    order: [Pass; 3],
    changed: Vec<u8>,
    sums: Vec<u16>,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// Makes a reader that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { order: Pass::ALL, changed: Vec::new(), sums: Vec::new() }
    }

    /// The texts of the codes in a frame, where another frame follows if this one has none.
    ///
    /// Codes inverted, without a light margin, or with less than 3 pixels a module are not found.
    pub fn read(&mut self, frame: &Luma) -> Vec<String> {
        let mut texts = Vec::new();
        for turn in 0..self.order.len() {
            self.look(self.order[turn], frame, Care::Frame, &mut texts);
            if !texts.is_empty() {
                self.order[..=turn].rotate_right(1);
                break;
            }
        }
        texts
    }

    /// The texts of all codes in a picture that comes once, such as one of a paper sheet: every pass is made, with more
    /// care.
    pub fn read_still(&mut self, picture: &Luma) -> Vec<String> {
        let mut texts = Vec::new();
        for pass in Pass::ALL {
            self.look(pass, picture, Care::Still, &mut texts);
        }
        texts
    }

    /// The pass that found a code last, and is tried first next time.
    #[must_use]
    pub const fn helped_last(&self) -> Pass {
        self.order[0]
    }

    fn look(&mut self, pass: Pass, picture: &Luma, care: Care, texts: &mut Vec<String>) {
        match pass {
            Pass::Raw => search(picture.size(), picture.pixels(), care, texts),
            Pass::Blurred => {
                blur(picture, &mut self.changed, &mut self.sums);
                search(picture.size(), &self.changed, care, texts);
            }
            Pass::Half => {
                if let Some(size) = halve(picture, &mut self.changed) {
                    search(size, &self.changed, care, texts);
                }
            }
        }
    }
}
