//! From a transfer over light to the same bytes.

use dcrcold_signer::qr::{Assembly, Density, Frame, Picture, Stream};
use dcrcold_signer::scan::image::Size as Pixels;
use dcrcold_signer::scan::reader::Reader;
use dcrcold_signer::screens::{Caption, Codes};
use dcrcold_signer::transfer::Container;
use dcrcold_simulator::camera::{Camera, Cell, Conditions, Screen};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::{Rect, Size};
use ratatui_core::style::Color;

use super::{small, transfer, wide};

/// Sends a transfer by frames of which a camera misses three of ten; returns what came and how many were shown.
fn sent(container: &Container, density: Density, size: Pixels, conditions: &Conditions) -> (Container, usize) {
    let stream = Stream::new(container.encode()).unwrap();
    let mut parts = stream.parts();
    let (mut camera, mut reader) = (Camera::new(size, 7), Reader::new());
    let (mut before, mut assembly) = (None, None::<Assembly>);
    for shown in 1..400_usize {
        let code = Picture::of(&Frame::Part(parts.next_at(density)), density).unwrap();
        let screen = Screen::of_code_in_rows(&code, 2, 1);
        let before = before.replace(screen.clone());
        if shown * 7 % 10 < 3 {
            continue;
        }
        let picture = camera.photograph(&screen, before.as_ref(), conditions);
        for text in reader.read(&picture) {
            let Frame::Part(part) = Frame::parse(text.as_bytes()).unwrap() else { panic!("a whole transfer") };
            let assembly = assembly.get_or_insert_with(|| Assembly::new(&part));
            assembly.take(&part).unwrap();
            if let Some(container) = assembly.transfer() {
                return (container.unwrap(), shown);
            }
        }
    }
    panic!("nothing came")
}

#[test]
fn transfers_of_every_size_come_out_as_they_were() {
    let conditions = |name| Conditions::NAMED.into_iter().find(|(of, _)| *of == name).unwrap().1;
    let cases = [
        (100, Density::V6, small(), "from the side"),
        (1_000, Density::V10, small(), "in a hand"),
        (4_000, Density::V15, small(), "between frames"),
        (4_000, Density::V20, wide(), "in poor light"),
        (8_000, Density::V20, wide(), "between frames"),
        (6_000, Density::V25, wide(), "in a hand"),
        (8_000, Density::V30, Pixels::new(1_920, 1_080).unwrap(), "glare"),
    ];
    for (length, density, size, name) in cases {
        let container = transfer(length);
        let (found, shown) = sent(&container, density, size, &conditions(name));
        let needed = length.div_ceil(80).div_ceil(density.symbols());
        println!(
            "{length} bytes, version {}, {size}, {name}: {shown} frames shown, {needed} needed",
            density.version()
        );
        assert_eq!(found, container);
    }
    println!("{} transfers", cases.len());
}

/// The terminal as its emulator draws it: colours as they are, letters as grey cells, and everything else dark.
fn terminal(grid: &Buffer) -> Screen {
    let shade = |color| match color {
        Color::Rgb(red, _, _) => red,
        _ => 20,
    };
    let cell = |x: usize, y: usize| {
        let at = &grid.content[y * usize::from(grid.area.width) + x];
        let (above, below) = (shade(at.fg), shade(at.bg));
        match at.symbol() {
            " " => Cell { above: below, below },
            "\u{2580}" => Cell { above, below },
            "\u{2584}" => Cell { above: below, below: above },
            _ => Cell { above: 120, below: 120 },
        }
    };
    // Cells are twice as high as wide but for an eighth, and emulators leave a line between rows.
    Screen::of_terminal(grid.area.width.into(), grid.area.height.into(), (9, 16), 1, &cell)
}

#[test]
fn the_signers_screen_is_read_from_a_picture_of_the_whole_terminal() {
    let mut frames = 0;
    for (columns, rows, length) in [(192, 54, 6_000), (150, 45, 3_000), (80, 24, 600), (160, 60, 900)] {
        let container = transfer(length);
        let stream = Stream::new(container.encode()).unwrap();
        let words = ["abandon", "ability", "able", "about"];
        let caption = Caption { kind: container.kind(), network: container.network(), bytes: length, words };
        let mut shown = Codes::new(stream, caption, Size { width: columns, height: rows });
        let (mut camera, mut reader) = (Camera::new(wide(), 17), Reader::new());
        let conditions = Conditions { fill: 0.97, rotation: 1.0, ..Conditions::NAMED[1].1 };
        let mut assembly = None::<Assembly>;
        let found = loop {
            let mut grid = Buffer::empty(Rect::new(0, 0, columns, rows));
            shown.show(&mut grid);
            frames += 1;
            assert!(frames < 100, "nothing came from {columns} x {rows}");
            let texts = reader.read(&camera.photograph(&terminal(&grid), None, &conditions));
            match texts.first().map(|text| Frame::parse(text.as_bytes()).unwrap()) {
                Some(Frame::Whole(bytes)) => break Container::parse(&bytes).unwrap(),
                Some(Frame::Part(part)) => {
                    let assembly = assembly.get_or_insert_with(|| Assembly::new(&part));
                    assembly.take(&part).unwrap();
                    if let Some(container) = assembly.transfer() {
                        break container.unwrap();
                    }
                }
                None => {}
            }
            shown.advance();
        };
        assert_eq!(found, container, "{columns} x {rows}");
    }
    println!("four sizes of terminals, {frames} frames");
}

#[test]
fn a_sheet_of_paper_is_one_picture() {
    let container = transfer(4_700);
    let stream = Stream::new(container.encode()).unwrap();
    let mut parts = stream.parts();
    let frames: Vec<Frame> = (0..12).map(|_| Frame::Part(parts.next_at(Density::V15))).collect();
    let codes: Vec<Picture> = frames.iter().map(|frame| Picture::of(frame, Density::V15).unwrap()).collect();
    // Turned more, its corners would not be in the picture.
    let paper = Conditions { rotation: 3.0, surround: 120, fill: 0.9, ..Conditions::NAMED[2].1 };
    let mut camera = Camera::new(Pixels::new(1_920, 1_440).unwrap(), 3);
    let picture = camera.photograph(&Screen::of_sheet(&codes, 4, 4), None, &paper);
    let texts = Reader::new().read_still(&picture);
    let read = frames.iter().filter(|frame| texts.contains(&frame.text())).count();
    println!("{read} of {} codes on one sheet", frames.len());
    assert_eq!((read, texts.len()), (12, 12));
}
