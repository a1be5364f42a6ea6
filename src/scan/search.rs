//! Codes in a picture, found by the C++ port inside rxing.
//!
//! Its own `QrReader` is not used: that one tries every three corners that it can think of, which for a picture full of
//! corners takes minutes, and asks the clock when it has found a code. The steps are the same.

use rxing::Binarizer;
use rxing::Luma8Source;
use rxing::common::{DetectorRXingResult, HybridBinarizer};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{FindFinderPatterns, GenerateFinderPatternSets, SampleQR};

use super::contain::contain;
use super::image::Size;

/// Corners that are looked at, those found first: a sheet of 40 codes has 120 and some that are none.
const MAX_CORNERS: usize = 240;

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
    let mut corners = FindFinderPatterns(bits, care == Care::Still, 0);
    corners.truncate(MAX_CORNERS);
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
