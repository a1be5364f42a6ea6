//! Transfers as a screen shows them: texts of codes, films, pictures.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use std::io::Write as _;
use std::path::Path;

use dcrcold_signer::qr::{Density, Frame, Picture, Stream};

/// Pixels of a module, and modules of light margin.
const SCALE: usize = 4;
const MARGIN: usize = 4;

/// The first frames that are shown of a transfer's bytes, one code after the other even if one is enough.
pub fn frames(transfer: &[u8], density: Density, count: usize) -> Vec<Frame> {
    let stream = Stream::new(transfer.to_vec()).expect("it fits into codes");
    let mut parts = stream.parts();
    (0..count).map(|_| Frame::Part(parts.next_at(density))).collect()
}

/// The texts of the first frames.
pub fn texts(transfer: &[u8], density: Density, count: usize) -> Vec<String> {
    frames(transfer, density, count).iter().map(Frame::text).collect()
}

/// The text of a transfer that fits into one code.
pub fn whole(transfer: &[u8]) -> String {
    Stream::new(transfer.to_vec()).expect("it fits into codes").whole().expect("one code is enough").0.text()
}

/// How many frames carry a transfer when none is lost.
pub fn needed(transfer: &[u8], density: Density) -> usize {
    transfer.len().div_ceil(80).div_ceil(density.symbols())
}

/// A picture of a code, and how many pixels it has in a row: grey, light and dark as a camera sees a screen.
pub fn grey(frame: &Frame, density: Density) -> (usize, Vec<u8>) {
    let picture = Picture::of(frame, density).expect("the frame was made for this density");
    let side = (picture.width() + 2 * MARGIN) * SCALE;
    let dark = |x: usize, y: usize| {
        let [x, y] = [x / SCALE, y / SCALE];
        x >= MARGIN && y >= MARGIN && picture.is_dark(x - MARGIN, y - MARGIN)
    };
    let pixels = (0..side).flat_map(|y| (0..side).map(move |x| if dark(x, y) { 40 } else { 210 }));
    (side, pixels.collect())
}

/// A film of frames.
pub fn film(frames: &[Frame], density: Density) -> Vec<u8> {
    let mut film = Vec::new();
    for frame in frames {
        let (side, pixels) = grey(frame, density);
        if film.is_empty() {
            writeln!(film, "YUV4MPEG2 W{side} H{side} F8:1 Ip A1:1 Cmono").expect("memory");
        }
        film.extend(b"FRAME\n");
        film.extend(pixels);
    }
    film
}

/// A folder of pictures, one for each frame.
pub fn pictures(folder: &Path, frames: &[Frame], density: Density) {
    for (number, frame) in frames.iter().enumerate() {
        let (side, pixels) = grey(frame, density);
        picture(folder, number, side, &pixels);
    }
}

/// A folder of pictures without a code.
pub fn blanks(folder: &Path, count: usize) {
    const SIDE: usize = 64;
    (0..count).for_each(|number| picture(folder, number, SIDE, &[128; SIDE * SIDE]));
}

fn picture(folder: &Path, number: usize, side: usize, pixels: &[u8]) {
    let file = std::fs::File::create_new(folder.join(format!("{number:03}.png"))).expect("a new file");
    let side = u32::try_from(side).expect("a small picture");
    let mut encoder = png::Encoder::new(file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(pixels)).expect("a file on disk");
}
