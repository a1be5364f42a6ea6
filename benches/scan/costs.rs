//! What a frame costs: time on one core, and memory.

use dcrcold_benches::Race;
use dcrcold_signer::qr::{Assembly, Density, Frame, Stream};
use dcrcold_signer::scan::convert::{PixelFormat, luma};
use dcrcold_signer::scan::image::{Luma, Size};
use dcrcold_signer::scan::reader::Reader;
use dcrcold_simulator::camera::{Camera, Conditions};
use stats_alloc::Region;

use super::MEMORY;
use super::table::{codes, screens};

const ROUNDS: u32 = 20;

pub(crate) fn print() {
    let size = Size::new(1_280, 720).expect("a camera's");
    let pictures: Vec<(&str, Luma)> = Conditions::NAMED
        .into_iter()
        .map(|(name, conditions)| {
            let screen = screens(name, &codes(Density::V20, 1)).remove(0);
            (name, Camera::new(size, 5).photograph(&screen, None, &conditions))
        })
        .collect();
    println!("\nOne frame of {size} with a code of version 20, one core, best of {ROUNDS} rounds");
    times(size, &pictures);
    memory(&pictures);
    hostile_frames();
}

fn times(size: Size, pictures: &[(&str, Luma)]) {
    let nothing = Luma::with_size(size, vec![90; size.pixels()]).expect("as many pixels");
    let yuyv = vec![90; 2 * size.pixels()];
    let mut race = Race::default();
    for (name, picture) in pictures {
        let mut reader = Reader::new();
        race = race.with(name, move || reader.read(picture));
    }
    let mut reader = Reader::new();
    race = race.with("nothing to be seen, all three passes", move || reader.read(&nothing));
    race = race.with("YUYV to grey", || luma(PixelFormat::Yuyv, size, 2 * size.width(), &yuyv));
    for (name, time) in race.run(ROUNDS) {
        println!("{name:<40} {:>8.2} ms", time.as_secs_f64() * 1e3);
    }
}

/// Frames of all conditions, again and again.
fn memory(pictures: &[(&str, Luma)]) {
    let mut reader = Reader::new();
    let mut read = |rounds: usize| -> usize {
        (0..rounds).map(|_| pictures.iter().map(|(_, picture)| reader.read(picture).len()).sum::<usize>()).sum()
    };
    let first = read(1);
    let region = Region::new(MEMORY);
    let later = read(25);
    let change = region.change();
    // What a buffer grew by is counted as allocated, and what it shrank by as freed.
    let kept = change.bytes_allocated.cast_signed() - change.bytes_deallocated.cast_signed();
    println!("\nAfter {first} frames another {later}: {} allocations, {kept} bytes more are kept", change.allocations);
}

/// Frames with a right check sum that mean harm, each given to a receiver of the largest transfer there can be.
fn hostile_frames() {
    let largest = Stream::new(vec![7; 327_680]).expect("the largest");
    let texts = |stream: &Stream, first: u32| -> Vec<String> {
        let mut parts = stream.parts_from(dcrcold_signer::qr::SymbolId::new(first).expect("a number"));
        (0..40).map(|_| Frame::Part(parts.next_at(Density::V30)).text()).collect()
    };
    let other = Stream::new(vec![8; 327_680]).expect("another one");
    let mut damaged = texts(&largest, 0);
    damaged.iter_mut().for_each(|text| text.replace_range(100..101, "?"));
    let cases = [
        ("frames of another transfer", texts(&other, 0)),
        ("misread frames", damaged),
        ("combinations near the last number, of use", texts(&largest, 16_776_000)),
        ("frames that are known", vec![texts(&largest, 0).remove(0); 40]),
    ];
    println!("\nFrames of version 30 at a receiver of a transfer of 320 KB, text and codec, the slowest of 40");
    for (name, texts) in cases {
        let Ok(Frame::Part(part)) = Frame::parse(first(&largest).as_bytes()) else { unreachable!("a part") };
        let mut assembly = Assembly::new(&part);
        assembly.take(&part).expect("the first frame");
        let region = Region::new(MEMORY);
        let slowest = texts.iter().map(|text| {
            dcrcold_benches::time(1, || match Frame::parse(text.as_bytes()) {
                Ok(Frame::Part(part)) => assembly.take(&part).is_ok(),
                _ => false,
            })
        });
        let slowest = slowest.max().expect("forty").as_secs_f64() * 1e3;
        let change = region.change();
        let kept = change.bytes_allocated.cast_signed() - change.bytes_deallocated.cast_signed();
        println!("{name:<40} {slowest:>8.3} ms, {kept} bytes kept");
    }
}

fn first(stream: &Stream) -> String {
    Frame::Part(stream.parts().next_at(Density::V30)).text()
}
