//! Every condition that a camera in a hand meets.

use dcrcold_signer::qr::Density;
use dcrcold_signer::scan::image::Size;
use dcrcold_signer::scan::reader::Reader;
use dcrcold_simulator::camera::{Camera, Conditions, Screen};

use super::{codes, small, wide};

/// Frames for each condition and size.
const FRAMES: usize = 12;
const MARGIN: usize = 4;
/// Pixels of 16 between two rows of characters.
const GAP: usize = 1;

#[test]
fn frames_are_read_in_every_condition() {
    let (mut read, mut taken) = (0, 0);
    for (size, density) in [(wide(), Density::V20), (small(), Density::V15)] {
        for (seed, (name, conditions)) in (0..).zip(Conditions::NAMED) {
            let found = frames_read(size, density, name, &conditions, seed);
            println!("{size}, version {}, {name}: {found} of {FRAMES}", density.version());
            read += found;
            taken += FRAMES;
        }
    }
    println!("{read} of {taken} frames read");
    assert_eq!(taken, 2 * 8 * FRAMES);
    assert!(read * 100 >= taken * 99, "{read} of {taken}");
}

fn frames_read(size: Size, density: Density, name: &str, conditions: &Conditions, seed: u64) -> usize {
    let (mut camera, mut reader) = (Camera::new(size, seed), Reader::new());
    let codes = codes(density, FRAMES);
    let gap = if Conditions::has_gaps(name) { GAP } else { 0 };
    let screens: Vec<Screen> = codes.iter().map(|(_, code)| Screen::of_code_in_rows(code, MARGIN, gap)).collect();
    let before = screens.iter().cycle().skip(FRAMES - 1);
    let pictures =
        screens.iter().zip(before).map(|(screen, before)| camera.photograph(screen, Some(before), conditions));
    let found = pictures.zip(&codes).map(|(picture, (text, _))| {
        let texts = reader.read(&picture);
        assert!(texts.is_empty() || texts == [text.as_str()], "misread");
        texts.len()
    });
    found.sum()
}
