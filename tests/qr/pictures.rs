//! Frames as codes, read back from their pixels by the reader that reads what cameras see.

use dcrcold_signer::qr::{Density, Frame, Picture, Stream};
use dcrcold_signer::scan::image::Luma;
use dcrcold_signer::scan::reader::Reader;

use crate::random::Random;
use crate::transfer;

/// Pixels of a module.
const SCALE: usize = 4;

fn photograph(picture: &Picture) -> Luma {
    let side = (picture.width() + 2 * Picture::QUIET_ZONE) * SCALE;
    let dark = |at: usize| (at / SCALE).checked_sub(Picture::QUIET_ZONE);
    let pixel = |(x, y)| dark(x).zip(dark(y)).is_some_and(|(x, y)| picture.is_dark(x, y));
    let pixels = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    let side = u32::try_from(side).unwrap();
    Luma::new(side, side, pixels.map(|at| if pixel(at) { 0 } else { 255 }).collect()).unwrap()
}

fn read_back(frame: &Frame, density: Density) {
    let picture = Picture::of(frame, density).unwrap();
    assert_eq!(picture.width(), density.modules());
    assert_eq!(Reader::new().read(&photograph(&picture)), [frame.text()], "{density:?}");
}

#[test]
fn every_density_is_read_back_full_and_nearly_empty() {
    let (mut random, mut cases) = (Random(11), 0);
    for density in Density::ALL {
        let stream = Stream::new(transfer(60_000, &mut random).encode()).unwrap();
        let mut parts = stream.parts();
        for _ in 0..20 {
            read_back(&Frame::Part(parts.next_at(density)), density);
            cases += 1;
        }
        read_back(&Frame::Part(parts.next_with(1)), density);
        cases += 1;
    }
    println!("{cases} codes of symbols");
    assert_eq!(cases, 126);
}

#[test]
fn whole_transfers_of_every_length_are_read_back() {
    let (mut random, mut cases) = (Random(12), 0);
    for length in (48..=1_671).step_by(31).chain([121, 122, 255, 256, 497, 498, 824, 825, 1_227, 1_228, 1_671]) {
        let stream = Stream::new(transfer(length, &mut random).encode()).unwrap();
        let (frame, density) = stream.whole().unwrap();
        read_back(&frame, density);
        cases += 1;
    }
    println!("{cases} codes of whole transfers");
    assert_eq!(cases, 64);
}
