//! Frames read for each size of picture and code, surroundings, and condition.

use dcrcold_signer::qr::{Density, Frame, Picture, Stream};
use dcrcold_signer::scan::image::Size;
use dcrcold_signer::scan::reader::{Pass, Reader};
use dcrcold_simulator::camera::{Camera, Conditions, Screen};

/// Pictures of cameras, and the codes in them.
const SIGHTS: [(u32, u32, Density); 6] = [
    (1_280, 720, Density::V10),
    (1_280, 720, Density::V20),
    (1_280, 720, Density::V30),
    (640, 480, Density::V10),
    (640, 480, Density::V15),
    (640, 480, Density::V20),
];
/// A dark room, and a screen or a sheet that is white all around the code.
const SURROUNDINGS: [(&str, u8); 2] = [("dark", 30), ("white", 230)];

/// Frames of a transfer, as text and as codes.
pub(crate) fn codes(density: Density, count: usize) -> Vec<(String, Picture)> {
    let stream = Stream::new((0..40_000_u32).map(|n| (n * n / 7).to_le_bytes()[0]).collect()).expect("40 KB");
    let mut parts = stream.parts();
    let frames = (0..count).map(|_| Frame::Part(parts.next_at(density)));
    frames.map(|frame| (frame.text(), Picture::of(&frame, density).expect("it fits"))).collect()
}

/// Screens with their gaps, if the condition has any.
pub(crate) fn screens(name: &str, codes: &[(String, Picture)]) -> Vec<Screen> {
    let gap = usize::from(Conditions::has_gaps(name));
    codes.iter().map(|(_, code)| Screen::of_code_in_rows(code, 4, gap)).collect()
}

pub(crate) fn print(frames: usize) {
    println!("Frames read of {frames}, by the pass that read them first: {:?}", Pass::ALL);
    let (mut read, mut taken) = (0, 0);
    for (surround_name, surround) in SURROUNDINGS {
        for (width, height, density) in SIGHTS {
            let size = Size::new(width, height).expect("a camera's");
            let codes = codes(density, frames);
            for (seed, (name, conditions)) in (0..).zip(Conditions::NAMED) {
                let conditions = Conditions { surround, ..conditions };
                let by_pass = passes(Camera::new(size, seed), &codes, &screens(name, &codes), &conditions);
                let found: usize = by_pass.iter().sum();
                let [first, second, third] = by_pass;
                println!(
                    "{surround_name:<6} {size:<11} version {:<3} {name:<21} {found:>4}   {first} + {second} + {third}",
                    density.version()
                );
                read += found;
                taken += frames;
            }
        }
    }
    println!("{read} of {taken} frames read");
}

/// How many frames each pass was the first to read.
fn passes(mut camera: Camera, codes: &[(String, Picture)], screens: &[Screen], conditions: &Conditions) -> [usize; 3] {
    let mut by_pass = [0; 3];
    let before = screens.iter().cycle().skip(screens.len() - 1);
    for ((screen, before), (text, _)) in screens.iter().zip(before).zip(codes) {
        let picture = camera.photograph(screen, Some(before), conditions);
        // A reader that knows nothing, so that its first pass is always the same.
        let mut reader = Reader::new();
        let texts = reader.read(&picture);
        assert!(texts.iter().all(|found| found == text), "misread");
        if !texts.is_empty() {
            let pass = Pass::ALL.iter().position(|pass| *pass == reader.helped_last()).expect("one of three");
            by_pass[pass] += 1;
        }
    }
    by_pass
}
