//! Codes in a picture, found by the C++ port inside rxing.
//!
//! Its own `QrReader` is not used: that one looks for all corners and tries every three that it can think of, which for a
//! picture full of corners takes minutes, and asks the clock when it has found a code. The steps are the same.

use rxing::common::cpp_essentials::{
    ConcentricPattern, FindLeftGuardBy, FixedPattern, GetPatternRowTP, IsPattern, LocateConcentricPattern, PatternRow,
    PatternView,
};
use rxing::common::{BitMatrix, DetectorRXingResult, HybridBinarizer};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{GenerateFinderPatternSets, SampleQR};
use rxing::{Binarizer, Luma8Source, Point, point};

use super::contain::contain;
use super::image::Size;

/// Corners that are looked at, those found first: a sheet of 40 codes has 120 and some that are none.
const MAX_CORNERS: usize = 240;
/// What a line through the middle of a corner meets, in modules: dark, light, dark, light, dark.
const CORNER: FixedPattern<5, 7, false> = FixedPattern::new([1, 1, 3, 1, 1]);

/// How closely a picture is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// A frame of many: one code, large.
    Frame,
    /// A picture that comes once: any number of codes, of any size.
    Still,
}

impl Care {
    /// Sets of three corners that are tried, most likely ones first. On a sheet most sets are of corners of several codes.
    const fn sets(self) -> usize {
        match self {
            Self::Frame => 240,
            Self::Still => 1_000,
        }
    }

    /// How many rows lie between two that are looked at: in a frame, those of a corner of version 20 in a fourth of it.
    fn step(self, height: u32) -> u32 {
        match self {
            Self::Frame => (3 * height / (4 * 97)).max(3),
            Self::Still => 3,
        }
    }
}

/// Puts the texts of all codes in a picture into `texts`, unless they are there.
///
/// A picture at which rxing panics has no codes.
pub(super) fn search(size: Size, pixels: &[u8], care: Care, texts: &mut Vec<String>) {
    let found = contain(|| codes(size, pixels, care)).flatten().unwrap_or_default();
    for text in found {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
}

fn codes(size: Size, pixels: &[u8], care: Care) -> Option<Vec<String>> {
    let (width, height) = (u32::try_from(size.width()).ok()?, u32::try_from(size.height()).ok()?);
    let binarizer = HybridBinarizer::new(Luma8Source::new_with_slice(pixels, width, height).ok()?);
    let bits = binarizer.get_black_matrix().ok()?;
    let mut corners = corners(bits, care);
    let (mut used, mut texts) = (Vec::new(), Vec::new());
    for set in GenerateFinderPatternSets(&mut corners).into_iter().take(care.sets()) {
        let three = [set.bl, set.tl, set.tr];
        if three.iter().any(|corner| used.contains(corner)) {
            continue;
        }
        let code = SampleQR(bits, &set).and_then(|code| Decode(code.getBits()));
        if let Ok(code) = code
            && code.isValid()
        {
            used.extend(three);
            texts.push(code.text());
        }
    }
    Some(texts)
}

/// The corners that come first, row by row, and no more than are looked at.
///
/// As `FindFinderPatterns`, which has no such end: it compares each place with every corner before it, and a picture of
/// 16.8 million pixels has room for 200,000.
fn corners(bits: &BitMatrix, care: Care) -> Vec<ConcentricPattern> {
    let (mut found, mut row) = (Vec::new(), PatternRow::default());
    let step = care.step(bits.height());
    let mut y = step - 1;
    while y < bits.height() && found.len() < MAX_CORNERS {
        GetPatternRowTP(bits, y, &mut row, false);
        corners_of_row(bits, &row, y, &mut found);
        y += step;
    }
    found
}

fn corners_of_row(bits: &BitMatrix, row: &PatternRow, y: u32, found: &mut Vec<ConcentricPattern>) {
    let Ok(y) = u16::try_from(y) else { return };
    let mut rest = PatternView::new(row);
    while let Ok(mut next) = FindLeftGuardBy::<5, _>(rest, 5, may_be_corner) {
        if !next.isValid() || found.len() == MAX_CORNERS {
            return;
        }
        let [before, first, second, middle] =
            [next.pixelsInFront(), next[0_usize], next[1_usize], next[2_usize]].map(f32::from);
        let place = point(before + first + second + middle / 2.0, f32::from(y) + 0.5);
        if !found.iter().any(|corner| is_inside(corner, place)) {
            let width: i32 = next.iter().map(i32::from).sum();
            found.extend(LocateConcentricPattern::<true, 5, 7>(bits, &CORNER.into(), place, 3 * width));
        }
        next.skipPair();
        next.skipPair();
        next.extend();
        rest = next;
    }
}

/// Whether five bars are about those of a corner.
fn may_be_corner(bars: &PatternView<'_>, before: Option<f32>) -> bool {
    let [a, b, middle, d, e] = [0_usize, 1, 2, 3, 4].map(|bar| bars[bar]);
    let plausible = middle >= 3 && middle >= 2 * a.max(e) && middle >= b.max(d);
    plausible && IsPattern::<true, 5, 7, false>(bars, &CORNER, before, 0.1, 0.0, 0.0) != 0.0
}

#[expect(clippy::cast_precision_loss, reason = "no corner has 2^23 pixels in a row")]
fn is_inside(corner: &ConcentricPattern, place: Point) -> bool {
    Point::distance(place, corner.p) < corner.size as f32 / 2.0
}

#[cfg(test)]
mod tests {
    use rxing::qrcode::cpp_port::detector::FindFinderPatterns;

    use super::*;
    use crate::qr::{Density, Frame, Picture, Stream};

    /// Bits of codes beside each other.
    fn sheet(codes: u32, scale: u32) -> BitMatrix {
        let stream = Stream::new(vec![0x5a; 4_000]).unwrap();
        let mut parts = stream.parts();
        let side = u32::try_from(Density::V6.modules()).unwrap() + 8;
        let mut bits = BitMatrix::new(codes * side * scale, side * scale).unwrap();
        for code in 0..codes {
            let picture = Picture::of(&Frame::Part(parts.next_at(Density::V6)), Density::V6).unwrap();
            let places = (0..picture.width()).flat_map(|y| (0..picture.width()).map(move |x| (x, y)));
            for (x, y) in places.filter(|(x, y)| picture.is_dark(*x, *y)) {
                let [x, y] = [x, y].map(|at| (u32::try_from(at).unwrap() + 4) * scale);
                bits.setRegion(x + code * side * scale, y, scale, scale).unwrap();
            }
        }
        bits
    }

    #[test]
    fn corners_are_those_of_the_library_up_to_the_bound() {
        let mut cases = 0;
        for (codes, scale) in [(1, 2), (1, 3), (1, 7), (3, 4), (20, 3), (90, 3)] {
            let bits = sheet(codes, scale);
            for care in [Care::Frame, Care::Still] {
                let mut expected = FindFinderPatterns(&bits, care == Care::Still, 0);
                assert!(expected.len() >= 3 * codes as usize, "{codes} {scale} {care:?}: {}", expected.len());
                expected.truncate(MAX_CORNERS);
                assert_eq!(corners(&bits, care), expected, "{codes} {scale} {care:?}");
                cases += 1;
            }
        }
        println!("corners: {cases} cases");
        assert_eq!(cases, 12);
    }
}
