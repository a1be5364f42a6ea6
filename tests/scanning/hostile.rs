//! What a hostile online machine, or somebody with a screen of his own, can do to the signer by codes.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use dcrcold_core::net::Network;
use dcrcold_signer::qr::{Density, StreamId};
use dcrcold_signer::transfer::{Container, Kind};

use super::offline::{Cold, SIGNER, is_missing, stderr};
use super::{SMALL, answer, codes, cold, kept, lines, request, scan, shown};

/// Scans lines that must not be signed; returns what was told.
fn refused(cold: &Cold, texts: &[String], status: i32) -> String {
    let output = scan(cold, &["--text"], &lines(texts));
    assert_eq!(output.status.code(), Some(status), "{}", stderr(&output));
    assert_eq!(answer(cold), None);
    stderr(&output)
}

#[test]
fn an_answer_as_a_request_is_refused_by_name() {
    let cold = cold();
    let told = refused(&cold, &[codes::whole(&cold.answer)], 7);
    assert!(told.contains("error: scanned an answer for mainnet, 620 bytes, check words "), "{told}");
    assert!(told.contains(", expected a request\nhint: it is for `dcrcold scan`, online\n"), "{told}");
}

#[test]
fn exports_and_hot_keys_are_refused_by_name() {
    let cold = cold();
    let mut cases = 0;
    for (kind, name, status) in [
        (Kind::WatchExport, "error: scanned a watch export ", 7),
        (Kind::VoterExport, "error: scanned a voter export ", 7),
        (Kind::HotKeys, "error: scanned hot keys ", 3),
    ] {
        let transfer = Container::new(kind, Network::Mainnet, vec![0xa0; 300]).unwrap().encode();
        let texts = codes::texts(&transfer, SMALL, codes::needed(&transfer, SMALL));
        let told = refused(&cold, &texts, status);
        assert!(told.contains(name), "{told}");
        assert!(kept(&cold).is_empty(), "whole and refused, it is not kept");
        cases += 1;
    }
    println!("kinds refused: {cases} cases");
    assert_eq!(cases, 3);
}

#[test]
fn a_request_for_another_network_is_refused_by_the_rule() {
    let cold = cold();
    let other = super::offline::case("restake: vote and revocation outputs");
    let other = super::common::hex(&other["transfer"]["request"]);
    let told = refused(&cold, &[codes::whole(&other)], 3);
    assert!(told.contains("network-mismatch"), "{told}");
}

#[test]
fn a_request_that_is_altered_is_refused_by_the_rule() {
    let cold = cold();
    let mut cases = 0;
    let request = request(&cold);
    for at in [60, 100, request.len() - 1] {
        let mut altered = request.clone();
        altered[at] ^= 1;
        let texts = codes::texts(&altered, SMALL, codes::needed(&altered, SMALL));
        let told = refused(&cold, &texts, 7);
        assert!(told.contains("a byte was altered\nhint: scan again from the beginning"), "{told}");
        cases += 1;
    }
    println!("altered requests: {cases} cases");
    assert_eq!(cases, 3);
}

#[test]
fn another_transfer_mixed_in_changes_nothing() {
    let cold = cold();
    let shown = shown(&cold);
    let other = super::offline::case("direct: coins become tickets, no split");
    let other = super::common::hex(&other["transfer"]["request"]);
    let others = codes::texts(&other, SMALL, shown.len());
    let mixed: Vec<_> = shown.iter().zip(&others).flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
    let output = scan(&cold, &["--text"], &lines(&mixed));
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("5 of use, 4 of another transfer"), "{}", stderr(&output));
    assert_eq!(answer(&cold).unwrap(), cold.answer);
}

#[test]
fn garbage_and_a_huge_line_change_nothing() {
    let cold = cold();
    let shown = shown(&cold);
    let mut input = Vec::new();
    for (number, text) in shown.iter().enumerate() {
        input.extend(format!("{text}\r\n\r\nUR:BYTES/{number}\nDCR1/{number}\n").as_bytes());
        input.extend([0xff, 0xfe, 0x1b, b'[', b'2', b'J', 0, b'\n']);
        input.extend(vec![b'A'; 4 << 20]);
        input.push(b'\n');
    }
    let output = scan(&cold, &["--text"], &input);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(!stderr(&output).contains('\x1b'));
    assert_eq!(answer(&cold).unwrap(), cold.answer);
}

#[test]
fn a_line_without_end_takes_no_memory() {
    let cold = cold();
    // Two gigabytes on a pipe, and one of addresses to live in, program and all.
    let script = "ulimit -v 1048576; head -c 2147483648 /dev/zero | tr '\\0' A | exec \"$0\" \"$@\"";
    let mut command = cold.command("sh");
    command.args(["-c", script, &SIGNER, "--store", "keystore", "--passphrase-file", "passphrase"]);
    let output = command.args(["sign", "--scan", "--text", "--out", "answer", "--approve", &cold.id]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("no code was of a transfer"), "{}", stderr(&output));
}

#[test]
fn frames_that_lie_end_the_scan_and_are_not_kept() {
    let cold = cold();
    let shown = shown(&cold);
    // The first symbols of another transfer in the name of this one.
    let mut lying = request(&cold);
    lying[20..60].fill(0xee);
    let lie = relabelled(&codes::texts(&lying, SMALL, 1)[0], StreamId::of(&request(&cold)));
    let told = refused(&cold, &[&shown[..3], &[lie]].concat(), 7);
    assert!(told.contains(" contradict each other\nhint: scan again from the beginning"), "{told}");
    assert!(kept(&cold).is_empty(), "nothing tells which of them was wrong");
}

/// The same symbols in the name of another stream, with the right check sum.
fn relabelled(text: &str, stream: StreamId) -> String {
    const BASE45: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let digit = |character: &u8| BASE45.iter().position(|known| known == character).unwrap();
    let groups = text.as_bytes()[5..].chunks(3).map(|group| group.iter().rev().fold(0, |sum, it| sum * 45 + digit(it)));
    let mut bytes: Vec<u8> = groups.flat_map(|value| u16::try_from(value).unwrap().to_be_bytes()).collect();
    if text.len() % 3 == 1 {
        bytes.remove(bytes.len() - 2);
    }
    bytes.truncate(bytes.len() - 4);
    bytes[1..5].copy_from_slice(stream.as_bytes());
    let sum = !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    });
    bytes.extend(sum.to_le_bytes());
    let mut text = "DCR1/".to_owned();
    for group in bytes.chunks(2) {
        let mut value = group.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        for _ in 0..=group.len() {
            text.push(char::from(BASE45[value % 45]));
            value /= 45;
        }
    }
    text
}

#[test]
fn a_kept_file_that_was_tampered_with_costs_its_head_start_alone() {
    let mut cases = 0;
    let of_another = codes::texts(&vec![7; 400], SMALL, 5).join("\n") + "\n";
    for tamper in ["", "no frame\n", "\0\0\0\0", "DCR1/\n", &of_another, &"DCR1/".repeat(1 << 20)] {
        let cold = cold();
        let shown = shown(&cold);
        scan(&cold, &["--text"], &lines(&shown[..2]));
        let [name] = &kept(&cold)[..] else { panic!("one file") };
        fs::write(cold.path(name), tamper).unwrap();
        let output = scan(&cold, &["--text"], &lines(&shown));
        assert!(output.status.success(), "{tamper:.20?}: {}", stderr(&output));
        assert_eq!((answer(&cold).unwrap(), kept(&cold).len()), (cold.answer.clone(), 0));
        cases += 1;
    }
    // Lines that lie and have the right check sum.
    let cold = cold();
    let shown = shown(&cold);
    scan(&cold, &["--text"], &lines(&shown[..1]));
    let [name] = &kept(&cold)[..] else { panic!("one file") };
    let lie = relabelled(&codes::texts(&vec![7; 340], SMALL, 5)[4], StreamId::of(&request(&cold)));
    fs::write(cold.path(name), lie + "\n").unwrap();
    let output = scan(&cold, &["--text"], &lines(&[&shown[1..], &shown].concat()));
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("it was dropped"), "{}", stderr(&output));
    assert_eq!(answer(&cold).unwrap(), cold.answer);
    println!("tampered files: {} cases", cases + 1);
    assert_eq!(cases, 6);
}

#[test]
fn two_scans_at_once_keep_one_file() {
    let cold = cold();
    let shown = shown(&cold);
    let mut first = cold.signer(&*SIGNER, &["sign", "--scan", "--text", "--out", "first", "--approve", &cold.id]);
    let mut first = first.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    let mut told = BufReader::new(first.stderr.take().unwrap()).lines();
    input.write_all(&lines(&shown[..2])).unwrap();
    // By the time that it tells how far it is, it has the file.
    assert!(told.any(|line| line.unwrap().starts_with("2 of 5; ")));
    let output = scan(&cold, &["--text"], &lines(&shown[2..4]));
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("Another scan keeps this transfer; this one does not."), "{}", stderr(&output));
    assert!(stderr(&output).contains("hint: they are not kept"), "{}", stderr(&output));
    assert_eq!(kept(&cold).len(), 1);
    input.write_all(&lines(&shown[2..])).unwrap();
    drop(input);
    drop(told);
    assert!(first.wait().unwrap().success());
    assert_eq!(fs::read(cold.path("first")).unwrap(), cold.answer);
    assert!(kept(&cold).is_empty());
}

#[test]
fn a_disk_that_is_full_keeps_no_frame_and_stops_no_scan() {
    const STRACE: &str = "strace";
    if is_missing(STRACE) {
        return;
    }
    let mut cases = 0;
    // Writing a line, and bringing it to the disk.
    for call in ["write", "fdatasync"] {
        let cold = cold();
        let shown = shown(&cold);
        let mut command = Command::new(STRACE);
        let name = format!("scan-{}.frames", StreamId::of(&request(&cold)));
        let path = fs::canonicalize(cold.folder.path()).unwrap().join(name);
        command.args(["-f", "-qq", "-o", "trace", "-P"]).arg(path);
        command.args(["-e", &format!("inject={call}:error=ENOSPC"), &SIGNER]);
        command.args(["--store", "keystore", "--passphrase-file", "passphrase", "sign", "--scan", "--text"]);
        command.args(["--out", "answer", "--approve", &cold.id]).current_dir(cold.folder.path());
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&lines(&shown)).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{call}: {}", stderr(&output));
        assert!(stderr(&output).contains("Not kept over a break: "), "{call}: {}", stderr(&output));
        assert!(stderr(&output).contains("No space left on device"), "{call}: {}", stderr(&output));
        assert_eq!(answer(&cold).unwrap(), cold.answer);
        cases += 1;
    }
    println!("full disks: {cases} cases");
    assert_eq!(cases, 2);
}

#[test]
fn a_picture_that_claims_much_takes_little() {
    let cold = cold();
    // A film of the largest pictures that has none.
    let mut film = b"YUV4MPEG2 W4096 H4096 Cmono\n".to_vec();
    film.extend(b"FRAME\n");
    film.extend([0; 1_000]);
    let output = scan(&cold, &["--frames", "-"], &film);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("error: film ends within frame 1, and no code was read"), "{}", stderr(&output));
    // Frames without a code do no harm before those with one.
    let bytes = request(&cold);
    let frames = codes::frames(&bytes, Density::V10, 2);
    let mut film = codes::film(&frames, Density::V10);
    let (side, _) = codes::grey(&frames[0], Density::V10);
    let header = film.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let blank = [&b"FRAME\n"[..], &vec![0x80; side * side]].concat();
    film.splice(header..header, blank.repeat(20));
    let output = scan(&cold, &["--frames", "-"], &film);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(answer(&cold).unwrap(), cold.answer);
}
