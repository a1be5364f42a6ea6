//! `sign` when the disk is full and when the power fails, at every step that changes a file: no answer leaves before it is
//! remembered, and whatever happened, signing again gives the same answer.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;
#[path = "common/interrupt.rs"]
mod interrupt;
#[path = "common/offline.rs"]
mod offline;
#[path = "common/skip.rs"]
mod skip;
#[path = "common/trace.rs"]
mod trace;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::{hex, text};
use dcrcold_core::hash::TransferId;
use dcrcold_signer::keystore::{Access, LockedStore};
use dcrcold_signer::sealed::Passphrase;
use dcrcold_signer::signer::{JournalState, StoreMemory};
use interrupt::{Point, changes, tracing};
use offline::{Cold, SIGNER, case, stderr};
use zeroize::Zeroizing;

/// The requests of one wallet: the first makes the journal, the second is appended to it.
const REQUESTS: [&str; 2] = ["three tickets and a purse top-up", "two outputs and change"];
/// A folder in which the requests before this one are signed.
struct Before {
    cold: Cold,
    /// The records of the journal.
    records: usize,
    files: Vec<(&'static str, Option<Vec<u8>>)>,
}

impl Before {
    fn each() -> [Self; 2] {
        [Self::new(0), Self::new(1)]
    }

    fn new(records: usize) -> Self {
        let mut cold = Cold::of(&case(REQUESTS[0]));
        fs::create_dir(cold.path("out")).unwrap();
        if records == 1 {
            let output = sign(&cold, cold.command(&*SIGNER));
            assert!(output.status.success(), "{}", stderr(&output));
            let next = case(REQUESTS[1]);
            let transfer = &next["transfer"];
            fs::write(cold.path("request"), hex(&transfer["request"])).unwrap();
            (cold.id, cold.answer) = (text(&transfer["id"]).to_owned(), hex(&transfer["answer"]));
        }
        let files = ["keystore", "keystore.journal"].map(|name| (name, fs::read(cold.path(name)).ok()));
        let before = Self { cold, records, files: files.into() };
        before.restore();
        before
    }

    /// Brings back the state before the request.
    fn restore(&self) {
        for entry in fs::read_dir(self.cold.folder.path()).unwrap().chain(fs::read_dir(self.cold.path("out")).unwrap())
        {
            let name = entry.as_ref().unwrap().file_name().into_string().unwrap();
            if name.starts_with(".dcrcold-") || name == "answer" {
                fs::remove_file(entry.unwrap().path()).unwrap();
            }
        }
        for (name, bytes) in &self.files {
            match bytes {
                Some(bytes) => fs::write(self.cold.path(name), bytes).unwrap(),
                None => drop(fs::remove_file(self.cold.path(name))),
            }
        }
    }

    /// How many records the journal has, and what is wrong with it.
    fn journal(&self) -> (usize, JournalState) {
        let passphrase = Passphrase::new(Zeroizing::new("correct horse".to_owned())).unwrap();
        let store = LockedStore::open(&self.cold.path("keystore"), Access::Read).unwrap().unlock(passphrase).unwrap();
        let memory = StoreMemory::open(&store).unwrap();
        let id: TransferId = self.cold.id.parse().unwrap();
        let entries = memory.journal().entries();
        assert_eq!(memory.journal().find(&id).is_some(), entries.len() > self.records);
        (entries.len(), memory.state())
    }

    /// Whether the answer lies anywhere below the folder of answers, under whatever name.
    fn answer_left(&self) -> bool {
        fs::read_dir(self.cold.path("out")).unwrap().any(|entry| {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            bytes == self.cold.answer
        })
    }

    /// What has to hold after an interruption.
    fn check(&self, what: &str) -> Left {
        let (records, state) = self.journal();
        assert_eq!(state, JournalState::Good, "{what}");
        let remembered = records > self.records;
        let answer = fs::read(self.cold.path("out/answer")).ok();
        assert!(answer.as_ref().is_none_or(|answer| *answer == self.cold.answer), "{what}: a part of an answer");
        assert!(remembered || !self.answer_left(), "{what}: an answer that nobody remembers");
        // Once more, on a machine that works.
        if answer.is_some() {
            fs::remove_file(self.cold.path("out/answer")).unwrap();
        }
        let output = sign(&self.cold, self.cold.command(&*SIGNER));
        assert!(output.status.success(), "{what}: {}", stderr(&output));
        assert_eq!(fs::read(self.cold.path("out/answer")).unwrap(), self.cold.answer, "{what}");
        assert_eq!(self.journal(), (self.records + 1, JournalState::Good), "{what}");
        match (remembered, answer) {
            (_, Some(_)) => Left::Answer,
            (true, None) => Left::Record,
            (false, None) => Left::Nothing,
        }
    }
}

/// What an interruption left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    Nothing,
    Record,
    Answer,
}

/// Signs with a program in front of the signer's arguments.
fn sign(cold: &Cold, mut program: Command) -> Output {
    program.args(["--store", "keystore", "--passphrase-file", "passphrase"]);
    let output = program.args(["sign", "request", "--out", "out/answer", "--approve", &cold.id]).output().unwrap();
    if cold.path("out/answer").exists() && output.status.success() {
        assert_eq!(fs::read(cold.path("out/answer")).unwrap(), cold.answer);
    }
    output
}

/// The places where a whole `sign` changes files of its folder.
fn steps(before: &Before) -> Vec<Point> {
    let cold = &before.cold;
    let output = sign(cold, traced(cold, tracing("trace")));
    assert!(output.status.success(), "{}", stderr(&output));
    let steps = changes(&fs::read_to_string(cold.path("trace")).unwrap(), cold.folder.path().to_str().unwrap());
    before.restore();
    steps
}

/// The signer, with a tracer in front of it.
fn traced(cold: &Cold, tracer: Command) -> Command {
    let mut command = cold.home(tracer);
    command.arg(&*SIGNER);
    command
}

fn interrupt(
    before: &Before,
    how: &str,
    tracer: impl Fn(&Point) -> Command,
    check: impl Fn(&str, &Output),
) -> BTreeMap<Left, usize> {
    let mut left = BTreeMap::new();
    for point in steps(before) {
        let what = format!("{how} at {} {}, {} records before", point.name, point.number, before.records);
        let output = sign(&before.cold, traced(&before.cold, tracer(&point)));
        check(&what, &output);
        let found = before.check(&what);
        *left.entry(found).or_default() += 1;
        before.restore();
    }
    left
}

/// One test at a time: a process that one of them is starting holds, for a moment, the lock that the other one has.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn a_power_cut_at_any_step_loses_nothing_that_left() {
    if trace::is_missing() {
        return;
    }
    let _alone = alone();
    for before in Before::each() {
        let left = interrupt(&before, "killed", Point::killing, |what, output| {
            assert_eq!((output.status.signal(), output.status.code()), (Some(9), None), "{what}: {}", stderr(output));
        });
        report("power cuts", &before, &left);
    }
}

#[test]
fn a_full_disk_at_any_step_is_told_and_loses_nothing_that_left() {
    if trace::is_missing() {
        return;
    }
    let _alone = alone();
    for before in Before::each() {
        let left = interrupt(
            &before,
            "full disk",
            |point| point.failing("ENOSPC"),
            |what, output| {
                assert_eq!(output.status.code(), Some(1), "{what}: {}", stderr(output));
                assert!(stderr(output).contains("No space left on device"), "{what}: {}", stderr(output));
                // Nobody is left to take a file away that has no name of its own.
                assert_eq!(unnamed(before.cold.folder.path()) + unnamed(&before.cold.path("out")), 0, "{what}");
            },
        );
        report("full disks", &before, &left);
    }
}

/// The temporary files in a folder.
fn unnamed(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".dcrcold-")).count()
}

/// All three have to be seen: steps before the record, between it and the answer, and behind both.
fn report(what: &str, before: &Before, left: &BTreeMap<Left, usize>) {
    let count = left.values().sum::<usize>();
    println!("{what} with {} records before: {count} cases, {left:?}", before.records);
    assert!(count >= 12 && left.len() == 3, "{left:?}");
}
