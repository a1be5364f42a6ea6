//! A transfer shown as QR codes, one after the other, or one that stands still.

mod place;
mod text;

use std::time::Duration;

use dcrcold_core::net::Network;
use ratatui_core::layout::Size;

use self::place::{Cells, Place};
use crate::qr::{Density, Frame, Picture, Stream, SymbolId};
use crate::transfer::Kind;

/// Frames in a second: cameras take 15 to 30, and a frame has to stand for two of theirs.
const SLOWEST: u32 = 4;
const USUAL: u32 = 8;
const FASTEST: u32 = 12;
/// What cameras read from an arm's length; a person may ask for more.
const LARGEST_UNASKED: Density = Density::V20;
/// A code that stands still may be one larger: a camera has all the time it wants.
const LARGEST_STILL: Density = Density::V25;

/// What is shown, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// Its kind.
    pub kind: Kind,
    /// Its network.
    pub network: Network,
    /// How long it is as a file.
    pub bytes: usize,
    /// Its check words, for the comparison with the other side.
    pub words: [&'static str; 4],
}

/// What is shown of a transfer, and how fast.
pub struct Codes {
    stream: Stream,
    caption: Caption,
    /// The largest codes that a person asked for.
    wanted: Option<Density>,
    cells: Cells,
    rate: u32,
    paused: bool,
    next: SymbolId,
    shown: u32,
    current: Option<Current>,
    size: Size,
}

/// The code at hand.
struct Current {
    picture: Picture,
    density: Density,
    place: Place,
    still: bool,
}

impl Codes {
    /// Shows a transfer on a screen of a size.
    #[must_use]
    pub fn new(stream: Stream, caption: Caption, size: Size) -> Self {
        let mut codes = Self {
            stream,
            caption,
            wanted: None,
            cells: Cells::Halves,
            rate: USUAL,
            paused: false,
            next: SymbolId::FIRST,
            shown: 0,
            current: None,
            size,
        };
        codes.draw();
        codes
    }

    /// How long the code at hand stands. `None` while none follows it.
    ///
    /// Never the same twice in a row, from 85 to 115 in a hundred of the period: a camera that keeps step with the screen
    /// sees each code while it changes.
    #[must_use]
    pub fn period(&self) -> Option<Duration> {
        let moving = !self.paused && self.current.as_ref().is_some_and(|current| !current.still);
        let seed = u32::from_le_bytes(*self.stream.id().as_bytes());
        let jitter = 85 + seed.wrapping_add(self.shown.wrapping_mul(11)) % 31;
        moving.then(|| Duration::from_millis(u64::from(10 * jitter / self.rate)))
    }

    /// Goes on to the next code.
    pub fn advance(&mut self) {
        if self.period().is_some() {
            self.draw();
        }
    }

    /// Stops or goes on.
    pub fn pause(&mut self) {
        self.paused = !self.paused;
    }

    /// More frames in a second.
    pub fn faster(&mut self) {
        self.rate = (self.rate + 1).min(FASTEST);
    }

    /// Fewer frames in a second.
    pub fn slower(&mut self) {
        self.rate = (self.rate - 1).max(SLOWEST);
    }

    /// Larger codes, which hold more. Whoever reads need not start again.
    pub fn larger(&mut self) {
        self.want(Density::larger);
    }

    /// Smaller codes, which are easier to read.
    pub fn smaller(&mut self) {
        self.want(Density::smaller);
    }

    fn want(&mut self, other: impl Fn(Density) -> Option<Density>) {
        if let Some(density) = self.current.as_ref().map(|current| current.density) {
            self.wanted = other(density).or(Some(density));
            self.draw();
        }
    }

    /// Modules of half a cell, or of two cells.
    pub fn switch_cells(&mut self) {
        self.cells = if self.cells == Cells::Halves { Cells::Whole } else { Cells::Halves };
        self.draw();
    }

    /// Takes another size of the screen.
    pub fn resize(&mut self, size: Size) {
        if size != self.size {
            self.size = size;
            self.draw();
        }
    }

    /// Draws the next code: the one that is enough, or another one of the stream.
    fn draw(&mut self) {
        self.current = self.still().or_else(|| self.part());
    }

    fn still(&self) -> Option<Current> {
        let (frame, density) = self.stream.whole()?;
        let place = self.place(density).filter(|_| density <= self.wanted.unwrap_or(LARGEST_STILL))?;
        Some(Current { picture: Picture::of(&frame, density)?, density, place, still: true })
    }

    fn part(&mut self) -> Option<Current> {
        let mut fitting = Density::ALL.into_iter().rev().filter(|density| *density <= self.largest());
        let (density, place) = fitting.find_map(|density| Some((density, self.place(density)?)))?;
        let mut parts = self.stream.parts_from(self.next);
        let picture = Picture::of(&Frame::Part(parts.next_at(density)), density)?;
        self.next = parts.next_symbol();
        self.shown += 1;
        Some(Current { picture, density, place, still: false })
    }

    fn largest(&self) -> Density {
        self.wanted.unwrap_or(LARGEST_UNASKED)
    }

    fn place(&self, density: Density) -> Option<Place> {
        Place::find(density.modules(), self.cells, self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(length: usize, size: Size) -> Codes {
        let caption = Caption { kind: Kind::Send, network: Network::Simnet, bytes: length, words: ["aardvark"; 4] };
        Codes::new(Stream::new(vec![7; length]).unwrap(), caption, size)
    }

    #[test]
    fn no_two_codes_stand_for_the_same_time_and_the_rate_holds() {
        for rate in SLOWEST..=FASTEST {
            let mut codes = codes(20_000, Size::new(80, 24));
            codes.rate = rate;
            let periods: Vec<u128> = (0..310)
                .map(|_| {
                    codes.advance();
                    codes.period().unwrap().as_millis()
                })
                .collect();
            let (usual, mean) = (1_000.0 / f64::from(rate), periods.iter().sum::<u128>() as f64 / 310.0);
            assert!((mean / usual - 1.0).abs() < 0.01, "{rate} a second: {mean} ms");
            let bounds = 0.84 * usual..=1.16 * usual;
            assert!(periods.iter().all(|period| bounds.contains(&(*period as f64))), "{rate}: {periods:?}");
            assert!(periods.windows(2).all(|pair| pair[0] != pair[1]), "{rate}: {periods:?}");
        }
    }

    #[test]
    fn one_code_stands_and_none_follows_it() {
        let mut codes = codes(1_000, Size::new(200, 80));
        assert_eq!((codes.period(), codes.shown), (None, 0));
        codes.advance();
        assert_eq!(codes.shown, 0);
        codes.smaller();
        assert!(codes.period().is_some() && codes.shown == 1);
        codes.pause();
        assert_eq!(codes.period(), None);
    }

    #[test]
    fn every_screen_is_drawn_whatever_its_size() {
        let mut drawn = 0;
        for (width, height) in (40..130).step_by(3).flat_map(|width| (12..70).step_by(2).map(move |it| (width, it))) {
            let mut codes = codes(20_000, Size::new(width, height));
            codes.next = SymbolId::new(1_000_000).unwrap();
            let mut grid = ratatui_core::buffer::Buffer::empty(ratatui_core::layout::Rect::new(0, 0, width, height));
            for _ in 0..2 {
                codes.show(&mut grid);
                codes.switch_cells();
                drawn += 1;
            }
        }
        println!("screens: {drawn} cases");
        assert_eq!(drawn, 2 * 30 * 29);
    }
}
