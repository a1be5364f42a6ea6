//! Screens as pictures, pixel by pixel, against the ones in tests/speculos/pictures.

use std::env;
use std::fs;
use std::path::PathBuf;

const WIDTH: u32 = 128;
const HEIGHT: u32 = 64;

/// A picture in black and white.
type Pixels = Vec<bool>;

/// The folder for the screens of a request with this name.
pub fn folder_for(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

/// Compares screens with the recorded ones of a folder; all of them have to be there and no other ones.
pub fn check(folder: &str, pictures: &[Vec<u8>]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/speculos/pictures").join(folder);
    let pictures: Vec<_> = pictures.iter().map(|picture| decode(picture)).collect();
    if env::var_os("DCRCOLD_SPECULOS_PICTURES").is_some_and(|value| value == "write") {
        write(&path, &pictures);
    }
    let recorded = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).count();
    assert_eq!(recorded, pictures.len(), "pictures in {folder}");
    for (number, picture) in (1..).zip(&pictures) {
        let file = path.join(format!("{number:02}.png"));
        let expected = decode(&fs::read(&file).unwrap());
        if *picture != expected {
            panic!("screen {number} of {folder} differs from its picture:\n{}", drawn(picture));
        }
    }
    println!("  pictures/{folder}: {recorded} screens");
}

fn decode(bytes: &[u8]) -> Pixels {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (WIDTH, HEIGHT));
    let samples = info.color_type.samples();
    pixels[..info.buffer_size()].chunks_exact(samples).map(|pixel| pixel[0] >= 128).collect()
}

fn write(path: &PathBuf, pictures: &[Pixels]) {
    let _ = fs::remove_dir_all(path);
    fs::create_dir_all(path).unwrap();
    for (number, picture) in (1..).zip(pictures) {
        let file = fs::File::create(path.join(format!("{number:02}.png"))).unwrap();
        let mut encoder = png::Encoder::new(file, WIDTH, HEIGHT);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let eight = |pixels: &[bool]| pixels.iter().fold(0, |byte, white| (byte << 1) | u8::from(*white));
        let bytes: Vec<u8> = picture.chunks_exact(8).map(eight).collect();
        encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
    }
}

/// A picture for people.
fn drawn(picture: &Pixels) -> String {
    let line = |pixels: &[bool]| pixels.iter().map(|white| if *white { '#' } else { ' ' }).collect::<String>();
    picture.chunks_exact(WIDTH as usize).map(line).collect::<Vec<_>>().join("\n")
}
