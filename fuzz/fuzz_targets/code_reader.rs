//! Small pictures in which codes are looked for.
#![no_main]

use dcrcold_signer::scan::image::Luma;
use dcrcold_signer::scan::reader::Reader;
use libfuzzer_sys::fuzz_target;

// The first byte is the width; of the rest each bit is a pixel, or each byte when the width is odd.
fuzz_target!(|input: &[u8]| {
    let Some((width, rest)) = input.split_first() else { return };
    let pixels: Vec<u8> = if width % 2 == 0 {
        rest.iter().flat_map(|byte| (0..8).map(move |bit| if byte >> bit & 1 == 0 { 230 } else { 20 })).collect()
    } else {
        rest.to_vec()
    };
    let height = pixels.len().checked_div(usize::from(*width)).unwrap_or(0);
    let pixels = pixels[..height * usize::from(*width)].to_vec();
    let Ok(picture) = Luma::new(u32::from(*width), u32::try_from(height).expect("few rows"), pixels) else { return };
    let mut reader = Reader::new();
    let texts = reader.read(&picture);
    // A code takes three corners; there are bounds on corners for each of the three passes.
    let still = reader.read_still(&picture);
    assert!(texts.len() <= 80 && still.len() <= 3 * 80);
});
