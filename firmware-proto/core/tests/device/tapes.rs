//! Records what passes between a host, a device and its keys, so that a device without keys can do it all again: the
//! probe of firmware-proto/probe, which `scripts/gates/device-budget` runs on an emulated processor.

use std::fs;
use std::path::Path;

use dcrcold_core::apdu::{Command, MAX_DATA};
use dcrcold_core::path::{Index, KeyPath};

use crate::host::{Case, Host, hex, list, of, record, vectors};
use crate::largest;

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Command = 0,
    Reply = 1,
    Key = 2,
    Signature = 3,
    Mac = 4,
}

/// Records one after the other: kind, length in two bytes, little endian, content.
#[derive(Default)]
pub struct Tape(Vec<u8>);

impl Tape {
    pub fn put(&mut self, kind: Kind, content: &[u8]) {
        self.0.push(kind as u8);
        self.0.extend((content.len() as u16).to_le_bytes());
        self.0.extend(content);
    }

    /// The kinds of all records.
    fn kinds(&self) -> Vec<u8> {
        let (mut rest, mut kinds) = (self.0.as_slice(), Vec::new());
        while let [kind, low, high, tail @ ..] = rest {
            kinds.push(*kind);
            rest = &tail[usize::from(u16::from_le_bytes([*low, *high]))..];
        }
        kinds
    }
}

/// Plays a host's part and returns what was recorded.
fn recorded(mut host: Host, play: impl FnOnce(&mut Host)) -> Tape {
    host.platform.os.tape.replace(Some(Tape::default()));
    play(&mut host);
    host.platform.os.tape.take().unwrap()
}

/// Leaves a tape where the probe finds it.
fn keep(name: &str, tape: &Tape) -> usize {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tapes");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), &tape.0).unwrap();
    let commands = tape.kinds().iter().filter(|kind| **kind == Kind::Command as u8).count();
    println!("  {name}: {commands} commands, {} bytes", tape.0.len());
    commands
}

/// What a host does first, whatever the request.
fn greet(host: &mut Host, case: &Case) {
    host.send(&Command::Abort).unwrap();
    host.send(&Command::Version).unwrap();
    host.send(&Command::Account(case.of)).unwrap();
    host.send(&Command::Address { of: case.of, path: KeyPath::internal(Index::FIRST) }).unwrap();
}

/// A whole session, every page of the review read by the host, too.
fn session(case: &Case, size: usize) -> Tape {
    recorded(case.host(), |host| {
        greet(host, case);
        case.name_voter(host);
        let checked = host.stream(&case.request, size).unwrap_or_else(|failure| panic!("{}: {failure}", case.name));
        for number in 0..checked[32] {
            host.send(&Command::Page(number)).unwrap();
        }
        host.send(&Command::Approve(case.id)).unwrap();
        for number in 0..case.counts.iter().sum() {
            host.send(&Command::Signature(number)).unwrap();
        }
        host.send(&Command::Abort).unwrap();
    })
}

#[test]
fn what_the_probe_replays_is_recorded() {
    let mut commands = keep("largest-purchase", &session(&largest::purchase("the largest purchase", 24, 0), MAX_DATA));
    commands += keep("largest-send", &session(&largest::send(), MAX_DATA));
    commands += keep("largest-registration", &session(&largest::register(), MAX_DATA));
    commands +=
        keep("longest-parent", &session(&largest::purchase("a parent of a megabyte", 1, largest::LONGEST), MAX_DATA));
    for (number, case) in Case::all().iter().enumerate() {
        commands += keep(&format!("vector-{number:02}"), &session(case, 7));
    }
    let vectors = vectors();
    let refused = &vectors["refused"];
    let record = record(of(&refused["wallet"]), &refused["voter"]);
    let tape = recorded(Host::new(&hex(&refused["wallet"]["seed"]), true), |host| {
        let mac = host.register(record).unwrap();
        for case in list(&refused["cases"]) {
            host.send(&Command::Voter { record, mac }).unwrap();
            assert!(host.stream(&hex(&case["request"]), MAX_DATA).is_err());
        }
        // Bytes that are no commands, and commands out of order.
        for byte in 0..=u8::MAX {
            assert!(host.raw(&[byte; 20]).outcome().is_err());
        }
        assert!(host.is_idle());
    });
    commands += keep("refusals", &tape);
    println!("tapes: 20 with {commands} commands");
    assert!(commands > 5_000);
}
