//! Pictures as files, alone, in a row and in folders, and films.

use std::fs;
use std::io::Cursor;

use dcrcold_signer::scan::convert::{PixelFormat, luma};
use dcrcold_signer::scan::folder::Folder;
use dcrcold_signer::scan::image::{ImageError, Luma, Size};
use dcrcold_signer::scan::picture::decode;
use dcrcold_signer::scan::pngs::Pngs;
use dcrcold_signer::scan::reader::Reader;
use dcrcold_signer::scan::source::{Source, SourceError, stream};
use dcrcold_signer::scan::y4m::{Film, FilmError};
use png::{BitDepth, ColorType, Encoder};

/// A picture with something in it, whose sides are odd.
fn picture() -> Luma {
    let pixels = (0..31 * 17_u32).map(|n| (n * n / 3).to_le_bytes()[0]).collect();
    Luma::new(31, 17, pixels).unwrap()
}

fn png(
    size: Size,
    color: ColorType,
    depth: BitDepth,
    data: &[u8],
    change: impl Fn(&mut Encoder<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let (width, height) = (u32::try_from(size.width()).unwrap(), u32::try_from(size.height()).unwrap());
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    change(&mut encoder);
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    file
}

/// A grey picture as a PNG.
fn grey_png(picture: &Luma) -> Vec<u8> {
    png(picture.size(), ColorType::Grayscale, BitDepth::Eight, picture.pixels(), |_| {})
}

fn film(header: &str, frame: &[u8], frames: usize) -> Vec<u8> {
    let mut film = format!("YUV4MPEG2 {header}\n").into_bytes();
    for _ in 0..frames {
        film.extend_from_slice(b"FRAME\n");
        film.extend_from_slice(frame);
    }
    film
}

#[test]
fn pngs_of_every_kind_give_the_same_greys() {
    let expected = picture();
    let pixels = expected.pixels();
    let each = |samples: fn(u8) -> Vec<u8>| -> Vec<u8> { pixels.iter().flat_map(|grey| samples(*grey)).collect() };
    let palette: Vec<u8> = (0..=255).flat_map(|grey| [grey; 3]).collect();
    let files = [
        ("grey", ColorType::Grayscale, BitDepth::Eight, pixels.to_vec()),
        ("grey and opaque", ColorType::GrayscaleAlpha, BitDepth::Eight, each(|grey| vec![grey, 255])),
        ("colour", ColorType::Rgb, BitDepth::Eight, each(|grey| vec![grey; 3])),
        ("colour and opaque", ColorType::Rgba, BitDepth::Eight, each(|grey| vec![grey, grey, grey, 255])),
        ("grey of 16 bits", ColorType::Grayscale, BitDepth::Sixteen, each(|grey| vec![grey, 7])),
        ("colour of 16 bits", ColorType::Rgb, BitDepth::Sixteen, each(|grey| [grey, 7].repeat(3))),
        ("palette", ColorType::Indexed, BitDepth::Eight, pixels.to_vec()),
    ];
    for (name, color, depth, data) in &files {
        let file = png(expected.size(), *color, *depth, data, |encoder| {
            if *color == ColorType::Indexed {
                encoder.set_palette(palette.clone());
            }
        });
        assert_eq!(decode(&file).unwrap(), expected, "{name}");
    }
    println!("{} kinds of PNG", files.len());
}

#[test]
fn bits_are_black_and_white_and_what_is_transparent_is_white() {
    let size = Size::new(9, 2).unwrap();
    let bits = png(size, ColorType::Grayscale, BitDepth::One, &[0b1010_0000, 0, 0, 0x80], |_| {});
    let mut expected = [0; 18];
    (expected[0], expected[2], expected[17]) = (255, 255, 255);
    assert_eq!(decode(&bits).unwrap().pixels(), expected);
    let half = [10, 20, 30, 0, 10, 20, 30, 128, 0, 0, 0, 255];
    let file = png(Size::new(3, 1).unwrap(), ColorType::Rgba, BitDepth::Eight, &half, |_| {});
    assert_eq!(decode(&file).unwrap().pixels(), [255, 137, 0]);
    let keyed = png(Size::new(2, 1).unwrap(), ColorType::Grayscale, BitDepth::Eight, &[0, 1], |encoder| {
        encoder.set_trns(&[0_u8, 0][..]);
    });
    assert_eq!(decode(&keyed).unwrap().pixels(), [255, 1], "black is the transparent colour here");
}

#[test]
fn pictures_of_phones_are_read() {
    let files: [(&str, &[u8]); 3] = [
        ("baseline.jpg", include_bytes!("../data/scan/baseline.jpg")),
        ("progressive.jpg", include_bytes!("../data/scan/progressive.jpg")),
        ("interlaced.png", include_bytes!("../data/scan/interlaced.png")),
    ];
    for (name, file) in files {
        let texts = Reader::new().read_still(&decode(file).unwrap());
        assert_eq!(texts, [include_str!("../data/scan/text.txt")], "{name}");
    }
    println!("{} pictures", files.len());
}

#[test]
fn motion_jpegs_need_no_tables() {
    let whole: &[u8] = include_bytes!("../data/scan/baseline.jpg");
    let bare = without_huffman_tables(whole);
    assert!(bare.len() < whole.len() - 400, "four tables have 420 bytes");
    assert!(decode(&bare).is_err(), "a file has its tables");
    let size = Size::new(1, 1).unwrap();
    let [whole, bare] = [whole, &bare].map(|frame| luma(PixelFormat::Mjpeg, size, 0, frame).unwrap());
    assert_eq!(bare, whole);
    assert_eq!(Reader::new().read(&bare), [include_str!("../data/scan/text.txt")]);
}

/// Leaves the segments of Huffman tables out, as cameras do.
fn without_huffman_tables(jpeg: &[u8]) -> Vec<u8> {
    let (mut bare, mut place) = (jpeg[..2].to_vec(), 2);
    // Segments up to the start of the scan: two bytes of marker, then a length that counts itself.
    loop {
        let marker = jpeg[place + 1];
        let end = place + 2 + usize::from(u16::from_be_bytes([jpeg[place + 2], jpeg[place + 3]]));
        if marker == 0xda {
            return [&bare, &jpeg[place..]].concat();
        }
        if marker != 0xc4 {
            bare.extend_from_slice(&jpeg[place..end]);
        }
        place = end;
    }
}

#[test]
fn rows_of_pngs_are_read_one_by_one() {
    let file = grey_png(&picture());
    let mut three = Pngs::new(Cursor::new(file.repeat(3)));
    for _ in 0..3 {
        assert_eq!(three.next().unwrap(), Some(picture()));
    }
    assert_eq!(three.next().unwrap(), None);
    let mut cut = Pngs::new(Cursor::new([&file[..], &file[..file.len() - 1]].concat()));
    assert_eq!(cut.next().unwrap(), Some(picture()));
    assert!(matches!(cut.next(), Err(SourceError::Read(_))));
    assert_eq!(cut.next().unwrap(), None, "nothing follows what was cut off");
}

#[test]
fn a_damaged_png_in_a_row_leaves_the_next() {
    let file = grey_png(&picture());
    let mut damaged = file.clone();
    let place = damaged.len() - 20;
    damaged[place] ^= 1;
    let mut row = Pngs::new(Cursor::new([&damaged[..], &file].concat()));
    assert!(matches!(row.next(), Err(SourceError::Image(ImageError::Damaged { format: "PNG", .. }))));
    assert_eq!(row.next().unwrap(), Some(picture()));
}

#[test]
fn films_are_read_frame_by_frame() {
    let picture = picture();
    // 31 x 17 pixels have 16 x 9 of each colour.
    let with_colour = [picture.pixels(), &[128; 2 * 16 * 9]].concat();
    let headers = [
        ("W31 H17 F30:1 Ip A1:1 C420mpeg2 XYSCSS=420MPEG2", &with_colour[..]),
        ("W31 H17", &with_colour),
        ("H17 W31 C420 It", &with_colour),
        ("C420jpeg W31 H17", &with_colour),
        ("W31 H17 C420paldv", &with_colour),
        ("W31 H17 F25:1 Cmono", picture.pixels()),
    ];
    for (header, frame) in headers {
        let file = film(header, frame, 2);
        let mut film = Film::new(&file[..]).unwrap();
        assert_eq!(film.size(), picture.size());
        for _ in 0..2 {
            assert_eq!(film.next().unwrap().as_ref(), Some(&picture), "{header}");
        }
        assert_eq!(film.next().unwrap(), None);
    }
    println!("{} headers", headers.len());
}

#[test]
fn headers_of_films_are_strict() {
    let field = |field| FilmError::Field { field };
    let colour = |found: &str| FilmError::ColourSpace { found: found.to_owned() };
    let cases = [
        ("W31", field('H')),
        ("H17", field('W')),
        ("W H17", field('W')),
        ("W+31 H17", field('W')),
        ("W31 W31 H17", field('W')),
        ("W4294967296 H17", field('W')),
        ("W31 H-1", field('H')),
        ("W31 H17 C420p10", colour("420p10")),
        ("W31 H17 C422", colour("422")),
        ("W31 H17 C444alpha", colour("444alpha")),
        ("W31 H17 C", colour("")),
        ("W31 H17 Cmono Cmono", field('C')),
    ];
    for (header, expected) in &cases {
        match Film::new(Cursor::new(film(header, b"", 0))) {
            Err(SourceError::Film(found)) => assert_eq!(found, *expected, "{header}"),
            _ => panic!("{header}"),
        }
    }
    for header in ["W0 H1", "W1 H0", "W8193 H1", "W8192 H8192", "W4294967295 H4294967295"] {
        let refused = Film::new(Cursor::new(film(header, b"", 0)));
        assert!(matches!(refused, Err(SourceError::Image(ImageError::Size { .. }))), "{header}");
    }
    for start in ["YUV4MPEG W1 H1\n", "YUV4MPEG2\n", "", "YUV4MPEG2 W1 H1"] {
        assert!(matches!(Film::new(start.as_bytes()), Err(SourceError::Film(_))), "{start:?}");
    }
    println!("{} headers refused", cases.len() + 9);
}

#[test]
fn a_film_that_stops_in_a_frame_says_so() {
    let whole = film("W31 H17", &[9; 31 * 17 + 2 * 16 * 9], 2);
    let header = film("W31 H17", b"", 0).len();
    let frame = (whole.len() - header) / 2;
    let mut cases = 0;
    for end in header + frame + 1..whole.len() {
        let mut film = Film::new(&whole[..end]).unwrap();
        assert!(film.next().unwrap().is_some());
        let error = film.next().unwrap_err();
        let expected = if end < header + frame + 6 { FilmError::Line } else { FilmError::Truncated { number: 2 } };
        assert!(matches!(&error, SourceError::Film(found) if *found == expected), "{end}: {error}");
        assert!(film.next().unwrap().is_none());
        cases += 1;
    }
    let mut other = Film::new(&b"YUV4MPEG2 W1 H1 Cmono\nFRAME\n1FRAMES\n2"[..]).unwrap();
    assert!(other.next().unwrap().is_some());
    assert!(matches!(other.next(), Err(SourceError::Film(FilmError::NoFrame { number: 2 }))));
    println!("{cases} ends");
}

#[test]
fn streams_are_told_apart_by_their_first_byte() {
    let film = film("W31 H17 Cmono", picture().pixels(), 1);
    for bytes in [film, grey_png(&picture())] {
        assert_eq!(stream(&bytes[..]).unwrap().next().unwrap(), Some(picture()));
    }
    for other in [&b""[..], b"RIFF", b"\xff\xd8\xff\xe0"] {
        assert!(matches!(stream(other), Err(SourceError::UnknownStream)));
    }
}

#[test]
fn folders_are_read_in_the_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let shade = |shade| grey_png(&Luma::new(1, 1, vec![shade]).unwrap());
    for (name, file) in [
        ("b.PNG", shade(2)),
        ("a.png", shade(1)),
        ("c.jpeg", b"no picture".to_vec()),
        ("d.jpg", shade(4)),
        ("notes.txt", b"not looked at".to_vec()),
    ] {
        fs::write(folder.path().join(name), file).unwrap();
    }
    fs::create_dir(folder.path().join("folder.png")).unwrap();
    let mut pictures = Folder::new(folder.path()).unwrap();
    assert_eq!(pictures.remaining(), 4);
    for expected in [Some(1), Some(2), None, Some(4)] {
        match (pictures.next(), expected) {
            (Ok(Some(found)), Some(shade)) => assert_eq!(found.pixels(), [shade]),
            (Err(SourceError::Picture { path, source: ImageError::UnknownFormat }), None) => {
                assert!(path.ends_with("c.jpeg"));
            }
            (found, _) => panic!("{found:?}"),
        }
    }
    assert!(pictures.next().unwrap().is_none());
    assert!(Folder::new(&folder.path().join("a.png")).unwrap().next().unwrap().is_some(), "a file is one picture");
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Folder::new(empty.path()), Err(SourceError::NoPictures { .. })));
    assert!(matches!(Folder::new(&empty.path().join("none")), Err(SourceError::File { .. })));
}
