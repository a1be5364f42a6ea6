//! Pictures that somebody made to do harm.

use std::io::{self, BufReader, Cursor, Read};
use std::time::Instant;

use dcrcold_signer::qr::Density;
use dcrcold_signer::scan::image::{ImageError, Luma, Size};
use dcrcold_signer::scan::picture::decode;
use dcrcold_signer::scan::pngs::Pngs;
use dcrcold_signer::scan::reader::Reader;
use dcrcold_signer::scan::source::{Source, SourceError};
use dcrcold_signer::scan::y4m::{Film, FilmError};
use dcrcold_simulator::camera::{Camera, Conditions, Screen};

use super::random::Random;
use super::{codes, wide};

/// A chunk of a PNG, with the check sum that it has.
fn chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let summed = [&kind, body].concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length[..], &summed, &crc32fast::hash(&summed).to_be_bytes()].concat()
}

/// A PNG up to its pixels, 8 bits grey.
fn png_head(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(*b"IHDR", &header)].concat()
}

/// Fails when it is read: what a decoder must not come to.
struct Trap;

impl Read for Trap {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        panic!("read past the header")
    }
}

fn size(width: u32, height: u32) -> ImageError {
    ImageError::Size { width, height }
}

#[test]
fn bombs_are_refused_by_their_headers() {
    let sides = [(65_535, 65_535), (8_193, 1), (8_192, 2_049), (u32::MAX >> 1, u32::MAX >> 1)];
    for (width, height) in sides {
        let file = png_head(width, height);
        assert_eq!(decode(&file), Err(size(width, height)));
        let mut row = Pngs::new(BufReader::new(Cursor::new(file).chain(Trap)));
        assert!(matches!(row.next(), Err(SourceError::Image(found)) if found == size(width, height)));
    }
    // No pixels at all are refused by the decoder before anybody asks for the size.
    assert!(decode(&png_head(0, 0)).is_err());
    let film = Film::new(BufReader::new(Cursor::new(b"YUV4MPEG2 W65535 H65535\n").chain(Trap)));
    assert!(matches!(film, Err(SourceError::Image(found)) if found == size(65_535, 65_535)));
    let mut jpeg = include_bytes!("../data/scan/baseline.jpg").to_vec();
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    assert_eq!(decode(&jpeg), Err(size(65_500, 65_500)));
    println!("{} bombs refused", 2 * sides.len() + 3);
}

#[test]
fn claims_of_chunks_take_no_memory() {
    let mut cases = 0;
    for length in [u32::MAX, 1 << 31, (64 << 20) + 1] {
        let claim = [&png_head(1, 1)[..], &length.to_be_bytes(), b"IDAT"].concat();
        assert!(decode(&claim).is_err());
        let mut row = Pngs::new(BufReader::new(Cursor::new(claim)));
        assert!(matches!(row.next(), Err(SourceError::Image(ImageError::FileTooLong))));
        cases += 1;
    }
    // A claim that is allowed, in a stream that ends: it takes as much as came.
    let claim = [&png_head(1, 1)[..], &(60_u32 << 20).to_be_bytes(), b"IDAT"].concat();
    assert!(matches!(Pngs::new(Cursor::new(claim)).next(), Err(SourceError::Read(_))));
    for start in [&b"\x89PNG\r\n\x1a\n"[..], b"\x89PNG\r\n\x1a\r", b"\x89"] {
        assert!(Pngs::new(start).next().is_err());
        cases += 1;
    }
    let no_header = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(*b"IDAT", &[0; 13])].concat();
    assert!(matches!(Pngs::new(&no_header[..]).next(), Err(SourceError::Image(ImageError::Damaged { .. }))));
    println!("{} claims refused", cases + 2);
}

#[test]
fn a_line_without_an_end_is_not_read_on() {
    let endless = BufReader::with_capacity(64, Cursor::new(b"YUV4MPEG2 ").chain(io::repeat(b'X')));
    assert!(matches!(Film::new(endless), Err(SourceError::Film(FilmError::Line))));
    let film = Cursor::new(b"YUV4MPEG2 W1 H1\n").chain(io::repeat(b' '));
    assert!(matches!(Film::new(BufReader::new(film)).unwrap().next(), Err(SourceError::Film(FilmError::Line))));
}

#[test]
fn damaged_pictures_are_errors_and_nothing_else() {
    let files: [&[u8]; 3] = [
        include_bytes!("../data/scan/baseline.jpg"),
        include_bytes!("../data/scan/progressive.jpg"),
        include_bytes!("../data/scan/interlaced.png"),
    ];
    let (mut random, mut refused, mut cases) = (Random(9), 0, 0);
    for file in files {
        for _ in 0..60 {
            let mut file = file.to_vec();
            for _ in 0..1 + random.below(4) {
                random.damage(&mut file, 2);
            }
            if random.below(4) == 0 {
                file.truncate(random.below(file.len()));
            }
            if let Err(error) = decode(&file) {
                let told = error.to_string();
                assert!(!told.contains(char::is_control), "{told:?}");
                refused += 1;
            }
            cases += 1;
        }
    }
    println!("{cases} damaged pictures, {refused} refused");
    assert!(refused > cases / 4);
}

#[test]
fn garbage_has_no_codes() {
    let (mut random, mut reader) = (Random(10), Reader::new());
    let cases = 120;
    for case in 0..cases {
        let (width, height) = (1 + random.below(200), 1 + random.below(200));
        // Noise, noise in blocks that look like modules, and black and white alone.
        let block = 1 + random.below(4);
        let row: Vec<u8> = (0..width * height).map(|_| random.byte()).collect();
        let pixels = (0..width * height).map(|n| {
            let shade = row[n / width / block * width + n % width / block];
            if case % 3 == 2 { if shade < 128 { 0 } else { 255 } } else { shade }
        });
        let size = [width, height].map(|side| u32::try_from(side).unwrap());
        let picture = Luma::new(size[0], size[1], pixels.collect()).unwrap();
        assert_eq!(reader.read(&picture), [""; 0]);
        assert_eq!(reader.read_still(&picture), [""; 0]);
    }
    println!("{cases} pictures of nothing");
}

/// A picture that is full of the corners of codes, each 7 pixels wide.
fn corners(size: Size, every: usize) -> Luma {
    let dark = |x: usize, y: usize| {
        let (x, y) = (x % every, y % every);
        x < 7 && y < 7 && x.min(6 - x).min(y).min(6 - y) != 1
    };
    let pixels = (0..size.pixels()).map(|n| if dark(n % size.width(), n / size.width()) { 0 } else { 255 });
    Luma::with_size(size, pixels.collect()).unwrap()
}

#[test]
fn a_picture_full_of_corners_has_an_end() {
    let mut reader = Reader::new();
    let screen = Screen::of_code(&codes(Density::V20, 1)[0].1, 4);
    let code = Camera::new(wide(), 1).photograph(&screen, None, &Conditions::CLEAN);
    for every in [8, 9, 12, 20] {
        let picture = corners(wide(), every);
        let start = Instant::now();
        assert_eq!(reader.read(&picture), [""; 0]);
        println!("corners every {every} pixels: {:.1} s", start.elapsed().as_secs_f64());
        assert_eq!(reader.read(&code).len(), 1, "the next frame is read as ever");
    }
}

/// Without a bound the corners alone take minutes: each is compared with all before it.
#[test]
fn the_largest_picture_full_of_corners_has_an_end() {
    let (mut reader, picture) = (Reader::new(), corners(Size::new(4_096, 4_096).unwrap(), 9));
    let start = Instant::now();
    assert_eq!(reader.read_still(&picture), [""; 0]);
    println!("{} corners: {:.1} s", (4_096 / 9) * (4_096 / 9), start.elapsed().as_secs_f64());
}
