//! `dcrcold show` as files: pages to print and animations, read back as pictures of a phone are.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "common/random.rs"]
mod random;
#[path = "common/shown.rs"]
mod shown;

use std::fs;
use std::process::{Command, Output};

use dcrcold_core::net::Network;
use dcrcold_signer::qr::{Assembly, Frame, Taken};
use dcrcold_signer::scan::image::Luma;
use dcrcold_signer::scan::reader::Reader;
use dcrcold_signer::transfer::{Container, Kind};
use shown::Online;

/// A request of so many bytes.
fn request(length: usize) -> Online {
    Online::new(Kind::Send, Network::Simnet, length)
}

fn command(online: &Online, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dcrcold")).args(args).current_dir(online.folder.path()).output().unwrap()
}

fn run(online: &Online, args: &[&str]) -> Output {
    let output = command(online, args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The grey of a PNG of one bit a pixel.
fn page(bytes: &[u8]) -> Luma {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Eight));
    Luma::new(info.width, info.height, pixels).unwrap()
}

/// The frames of an animation, each with its delay.
fn frames(bytes: &[u8]) -> Vec<(Luma, u16)> {
    let mut decoder = gif::DecodeOptions::new().read_info(bytes).unwrap();
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        let pixels = frame.buffer.iter().map(|index| if *index == 1 { 0 } else { 255 }).collect();
        frames.push((Luma::new(width, height, pixels).unwrap(), frame.delay));
    }
    frames
}

/// Takes frames until the transfer is there; how many were of use.
fn assemble(texts: impl IntoIterator<Item = String>) -> (Option<Container>, usize) {
    let (mut assembly, mut used) = (None::<Assembly>, 0);
    for text in texts {
        match Frame::parse(text.as_bytes()).unwrap() {
            Frame::Whole(transfer) => return (Some(Container::parse(&transfer).unwrap()), 1),
            Frame::Part(part) => {
                let assembly = assembly.get_or_insert_with(|| Assembly::new(&part));
                used += usize::from(assembly.take(&part).unwrap() == Taken::New);
                if let Some(transfer) = assembly.transfer() {
                    return (Some(transfer.unwrap()), used);
                }
            }
        }
    }
    (None, used)
}

#[test]
fn pages_are_read_back_and_some_codes_may_be_lost() {
    for (length, pages) in [(900, 1), (1_200, 1), (2_000, 1), (12_000, 5)] {
        let online = request(length);
        let output = run(&online, &["--json", "show", "request", "--png", "page.png"]);
        let facts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let names: Vec<_> = facts["pages"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let expected: Vec<_> = (1..=pages).map(|number| format!("page-{number}.png")).collect();
        assert!(names == expected || pages == 1 && names == ["page.png"], "{names:?}");
        let mut texts = Vec::new();
        for name in names {
            texts.extend(Reader::new().read_still(&page(&fs::read(online.folder.path().join(name)).unwrap())));
        }
        assert_eq!(texts.len() as u64, facts["codes_on_pages"].as_u64().unwrap(), "every code is read");
        if texts.len() > 1 {
            let needed = (texts.len() * 5).div_ceil(6);
            // A stain on the first ones, and the rest in another order.
            let lost = texts.len() - needed;
            texts = texts.split_off(lost);
            texts.reverse();
        }
        assert_eq!(assemble(texts.clone()).0, Some(online.request.clone()), "{length}");
        println!("{length} bytes: {pages} pages, {} codes were enough", texts.len());
    }
}

#[test]
fn an_animation_is_read_back_from_anywhere() {
    for length in [100, 900, 5_000] {
        let online = request(length);
        run(&online, &["show", "request", "--gif", "film.gif"]);
        let film = frames(&fs::read(online.folder.path().join("film.gif")).unwrap());
        let texts: Vec<String> = film.iter().flat_map(|(frame, _)| Reader::new().read(frame)).collect();
        assert_eq!(texts.len(), film.len(), "every frame is read");
        assert!(film.iter().all(|(_, delay)| (11..=14).contains(delay)));
        for first in 0..film.len() {
            let seen = texts[first..].iter().chain(&texts[..first]).step_by(2).chain(&texts).cloned();
            assert_eq!(assemble(seen).0.as_ref(), Some(&online.request));
        }
        println!("{length} bytes: {} frames", film.len());
        assert_eq!(film.len() == 1, length < 1_000);
    }
}

#[test]
fn nothing_is_overwritten_and_too_much_is_not_printed() {
    let online = request(2_000);
    run(&online, &["show", "request", "--png", "page.png", "--gif", "film.gif"]);
    let files = ["page.png", "film.gif"].map(|name| fs::read(online.folder.path().join(name)).unwrap());
    for args in [["--png", "page.png", "--gif", "other.gif"], ["--png", "other.png", "--gif", "film.gif"]] {
        let output = command(&online, &[&["show", "request"], &args[..]].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(!online.folder.path().join("other.gif").exists() && !online.folder.path().join("other.png").exists());
    }
    assert_eq!(["page.png", "film.gif"].map(|name| fs::read(online.folder.path().join(name)).unwrap()), files);
    let online = request(80_000);
    let output = command(&online, &["show", "request", "--png", "page.png"]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: 34 pages are too many, expected 30 at most\nhint:"), "{error}");
}
