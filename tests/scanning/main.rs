//! `dcrcold-signer sign --scan`: requests by light, from lines, films and pictures, at a terminal and without one.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "../common/codes.rs"]
mod codes;
#[path = "../common/mod.rs"]
mod common;
mod hostile;
#[path = "../common/offline.rs"]
mod offline;
mod screens;
#[path = "../common/skip.rs"]
mod skip;
#[path = "../common/terminal.rs"]
mod terminal;

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use dcrcold_signer::qr::Density;
use offline::{Cold, SIGNER, case, stderr};

/// The smallest codes, so that a small request takes several.
const SMALL: Density = Density::V6;

fn cold() -> Cold {
    Cold::of(&case("three tickets and a purse top-up"))
}

fn request(cold: &Cold) -> Vec<u8> {
    fs::read(cold.path("request")).unwrap()
}

/// The texts that carry the request when none is lost.
fn shown(cold: &Cold) -> Vec<String> {
    let request = request(cold);
    codes::texts(&request, SMALL, codes::needed(&request, SMALL))
}

/// Scans and signs; `source` are the options of the source, `input` is what standard input holds.
fn scan(cold: &Cold, source: &[&str], input: &[u8]) -> Output {
    let approve = ["--out", "answer", "--approve", &cold.id];
    given(cold.signer(&*SIGNER, &[&["sign", "--scan"], source, &approve[..]].concat()), input)
}

/// What a program says to this on its standard input.
fn given(mut command: Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Who has enough, or cannot use it, stops reading.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn lines(texts: &[String]) -> Vec<u8> {
    (texts.join("\n") + "\n").into_bytes()
}

fn answer(cold: &Cold) -> Option<Vec<u8>> {
    fs::read(cold.path("answer")).ok()
}

/// The files of kept frames.
fn kept(cold: &Cold) -> Vec<String> {
    let entries = fs::read_dir(cold.folder.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("scan-")).collect()
}

#[test]
fn every_source_gives_the_answer_that_a_file_gives() {
    let mut cases = 0;
    for name in ["three tickets and a purse top-up", "direct: coins become tickets, no split"] {
        let case = case(name);
        let bytes = common::hex(&case["transfer"]["request"]);
        let frames = codes::frames(&bytes, SMALL, codes::needed(&bytes, SMALL));
        let texts: Vec<_> = frames.iter().map(dcrcold_signer::qr::Frame::text).collect();
        let (film, whole) = (codes::film(&frames, SMALL), codes::whole(&bytes));
        let sources: [(&[&str], &[u8]); 5] = [
            (&["--text"], &lines(&texts)),
            (&["--text"], whole.as_bytes()),
            (&["--frames", "-"], &film),
            (&["--frames", "film.y4m"], b""),
            (&["--frames", "pictures"], b""),
        ];
        for (source, input) in sources {
            let cold = Cold::of(&case);
            fs::write(cold.path("film.y4m"), &film).unwrap();
            fs::create_dir(cold.path("pictures")).unwrap();
            codes::pictures(&cold.path("pictures"), &frames, SMALL);
            // Nothing of it comes by file.
            fs::remove_file(cold.path("request")).unwrap();
            let output = scan(&cold, source, input);
            assert!(output.status.success(), "{name} {source:?}: {}", stderr(&output));
            assert_eq!(answer(&cold).unwrap(), cold.answer, "{name} {source:?}");
            assert!(stderr(&output).contains("Scanned a purchase request for "), "{}", stderr(&output));
            assert!(kept(&cold).is_empty());
            cases += 1;
        }
    }
    println!("sources: {cases} cases");
    assert_eq!(cases, 10);
}

#[test]
fn a_scan_that_ends_early_is_gone_on_with() {
    let cold = cold();
    let shown = shown(&cold);
    let output = scan(&cold, &["--text"], &lines(&shown[..2]));
    assert_eq!(output.status.code(), Some(1));
    let expected =
        "error: the codes ended with 2 of 5 symbols\nhint: they are kept; run the same command again to go on\n";
    assert!(stderr(&output).ends_with(expected), "{}", stderr(&output));
    assert_eq!((answer(&cold), kept(&cold).len()), (None, 1));
    let output = scan(&cold, &["--text"], &lines(&shown[2..]));
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("Goes on with 2 symbols of before."), "{}", stderr(&output));
    assert_eq!((answer(&cold).unwrap(), kept(&cold).len()), (cold.answer, 0));
}

/// What is told when a file cannot get its name.
const EXISTS: &str =
    "error: answer exists already and is not overwritten\nhint: choose another name, or move the file away\n";

#[test]
fn a_request_is_scanned_once_whatever_keeps_the_answer_from_its_file() {
    let cold = cold();
    let shown = shown(&cold);
    // Whoever approves makes a mistake.
    let other = "0".repeat(64);
    let wrong = ["sign", "--scan", "--text", "--out", "answer", "--approve", &other];
    let output = given(cold.signer(&*SIGNER, &wrong), &lines(&shown));
    assert_eq!((output.status.code(), kept(&cold).len()), (Some(4), 1), "{}", stderr(&output));
    // While it is scanned, something else takes the name of the answer.
    let right = ["sign", "--scan", "--text", "--out", "answer", "--approve", &cold.id];
    let mut child = cold.signer(&*SIGNER, &right).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let threads = format!("/proc/{}/task", child.id());
    while fs::read_dir(&threads).unwrap().count() < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ends before it reads");
    }
    fs::create_dir(cold.path("answer")).unwrap();
    stdin.write_all(&lines(&shown[3..4])).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(stderr(&output).ends_with(EXISTS), "{}", stderr(&output));
    assert!(stderr(&output).contains("Goes on with 5 symbols of before."), "{}", stderr(&output));
    assert_eq!(kept(&cold).len(), 1);
    fs::remove_dir(cold.path("answer")).unwrap();
    // Any code of it is enough now.
    let output = scan(&cold, &["--text"], &lines(&shown[1..2]));
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("Goes on with 5 symbols of before."), "{}", stderr(&output));
    assert_eq!((answer(&cold).unwrap(), kept(&cold).len()), (cold.answer, 0));
}

#[test]
fn what_is_no_picture_is_told() {
    let cold = cold();
    fs::write(cold.path("none.png"), b"no picture").unwrap();
    fs::create_dir(cold.path("empty")).unwrap();
    for (folder, count) in [("one", 1), ("two", 2)] {
        fs::create_dir(cold.path(folder)).unwrap();
        codes::blanks(&cold.path(folder), count);
    }
    let mut cases = 0;
    for (source, input, expected) in [
        (["--frames", "-"], &b"neither film nor picture"[..], "error: stream is neither a YUV4MPEG2 film nor PNGs"),
        (["--frames", "-"], b"YUV4MPEG2 W0 H0\n", "error: picture has 0 x 0 pixels"),
        (["--frames", "-"], b"YUV4MPEG2 W99999 H99999\n", "error: picture has 99999 x 99999 pixels"),
        (["--frames", "none.png"], b"", "error: none.png: "),
        (["--frames", "missing"], b"", "error: cannot read missing: "),
        (
            ["--frames", "empty"],
            b"",
            "error: empty has no files that end in .png, .jpg or .jpeg, and no code was read\n",
        ),
        (["--frames", "one"], b"", "error: the codes ended, and no code was found in the picture\nhint: "),
        (["--frames", "two"], b"", "error: the codes ended, and no code was found in the pictures\nhint: "),
    ] {
        let output = scan(&cold, &source, input);
        assert_eq!(output.status.code(), Some(1), "{source:?}");
        assert!(stderr(&output).contains(expected), "{source:?}: {}", stderr(&output));
        cases += 1;
    }
    println!("no pictures: {cases} cases");
    assert_eq!(cases, 8);
}

#[test]
fn pictures_that_cannot_be_read_keep_nobody_from_those_after_them() {
    const BROKEN: usize = 100;
    let cold = cold();
    fs::create_dir(cold.path("pictures")).unwrap();
    for number in 0..BROKEN {
        fs::write(cold.path(&format!("pictures/.{number}.jpg")), b"\xff\xd8\xff").unwrap();
    }
    let bytes = request(&cold);
    codes::pictures(&cold.path("pictures"), &codes::frames(&bytes, SMALL, codes::needed(&bytes, SMALL)), SMALL);
    let output = scan(&cold, &["--frames", "pictures"], b"");
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output).matches("JPEG is damaged").count(), BROKEN);
    assert!(!stderr(&output).contains('\u{fffd}'), "what is wrong is told in one line: {}", stderr(&output));
    assert_eq!(answer(&cold).unwrap(), cold.answer);
}

#[test]
fn what_is_named_and_no_camera_is_told() {
    let named: [(&[&str], &str); 3] = [
        (&["--camera=/dev/video999"], "error: there is no camera /dev/video999"),
        (&["--camera=/dev/null"], "error: /dev/null is no camera"),
        (&["--camera=request"], "error: request is no camera"),
    ];
    assert_eq!(refused_cameras(&named), 3);
}

#[test]
fn a_machine_without_a_camera_is_told() {
    let mut devices = fs::read_dir("/dev").unwrap().map(|entry| entry.unwrap().file_name());
    if devices.any(|name| name.to_string_lossy().starts_with("video")) {
        offline::skipped("there is a camera, which this test would use");
        return;
    }
    let expected = "error: no camera was found";
    assert_eq!(refused_cameras(&[(&[], expected), (&["--camera"], expected)]), 2);
}

/// Scans from each and says how many were refused with these words.
fn refused_cameras(cameras: &[(&[&str], &str)]) -> usize {
    let cold = cold();
    let mut cases = 0;
    for (source, expected) in cameras {
        let output = scan(&cold, source, b"");
        assert_eq!(output.status.code(), Some(5), "{source:?} {}", stderr(&output));
        assert!(stderr(&output).starts_with(expected), "{source:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("--frames"), "what works without one is told: {}", stderr(&output));
        cases += 1;
    }
    println!("no cameras: {cases} cases");
    cases
}
