//! Films of codes, as Chromium takes them for a camera: Y4M with `C420`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use dcrcold_signer::qr::{Density, Frame, Picture, Stream};
use dcrcold_signer::transfer::Container;

const WIDTH: usize = 640;
const HEIGHT: usize = 480;
/// Surround, paper and ink: no camera sees pure black and white.
const TONES: [u8; 3] = [70, 215, 40];

/// Pictures of the codes of a transfer: all that are needed, and as many combinations.
pub(crate) fn of(transfer: &Container, density: Density) -> Vec<Vec<u8>> {
    let stream = Stream::new(transfer.encode()).unwrap();
    let mut parts = stream.parts();
    let count = 2 * stream.source_symbols().div_ceil(density.symbols());
    let mut draw = |_| picture(&Picture::of(&Frame::Part(parts.next_at(density)), density).unwrap());
    (0..count).map(&mut draw).collect()
}

/// A picture without a code.
pub(crate) fn blank() -> Vec<u8> {
    vec![TONES[0]; WIDTH * HEIGHT]
}

fn picture(code: &Picture) -> Vec<u8> {
    let zone = Picture::QUIET_ZONE;
    let side = code.width() + 2 * zone;
    let scale = HEIGHT / side;
    let (left, top) = ((WIDTH - side * scale) / 2, (HEIGHT - side * scale) / 2);
    let mut pixels = blank();
    for y in 0..side * scale {
        for x in 0..side * scale {
            let (column, row) = (x / scale, y / scale);
            let dark = column >= zone && row >= zone && code.is_dark(column - zone, row - zone);
            pixels[(top + y) * WIDTH + left + x] = if dark { TONES[2] } else { TONES[1] };
        }
    }
    pixels
}

/// Writes a film that the browser repeats without end.
pub(crate) fn write(path: &Path, pictures: &[Vec<u8>]) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420").unwrap();
    for picture in pictures {
        file.write_all(b"FRAME\n").unwrap();
        file.write_all(picture).unwrap();
        file.write_all(&vec![128; WIDTH * HEIGHT / 2]).unwrap();
    }
    file.flush().unwrap();
}
