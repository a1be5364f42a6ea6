//! The file: cut at every byte, every bit flipped, replayed, swapped for others, lost.

use std::fs;

use dcrcold_core::machine::{Memory, Recall};
use dcrcold_core::path::CoinType;
use dcrcold_signer::file::FileError;
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::journal::{Flaw, History, Journal, JournalError, JournalKey};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::signer::{JournalState, StoreMemory};

use crate::cold::{self, PRICE, atoms};
use crate::written::{START, Written, marks, marks_of};
use crate::{common, key, record, three_requests};

#[test]
fn every_record_reads_back() {
    let written = Written::new();
    let read = written.with(&written.bytes, Some(&written.histories[3]));
    assert_eq!((read.state(), read.journal().entries()), (JournalState::Good, &written.entries[..]));
    let [purchase, send, register] = three_requests(&written.cold).map(|request| record(&written.cold, &request));
    assert_eq!([&purchase, &send, &register], [0, 1, 2].map(|place| &written.entries[place].record));
    // The coin, and the two outputs of the split that the tickets take.
    assert_eq!((purchase.spent.len(), send.spent.len(), register.spent.len()), (3, 1, 0));
    assert_eq!(purchase.request.spent, atoms(2 * (PRICE.atoms() + 2_980) + 100_000_000));
}

#[test]
fn a_journal_cut_anywhere_is_read_up_to_there_and_what_is_lost_is_told() {
    let written = Written::new();
    let ends = written.ends();
    assert_eq!(ends.last(), Some(&written.bytes.len()));
    let mut ran = 0;
    for cut in 0..=written.bytes.len() {
        let whole = ends.iter().filter(|end| **end <= cut).count().saturating_sub(1);
        for (known, history) in written.histories.iter().enumerate() {
            let mut memory = written.with(&written.bytes[..cut], Some(history));
            assert_eq!(memory.journal().entries(), &written.entries[..whole], "cut at {cut}");
            let clean = ends.contains(&cut);
            assert_eq!(memory.journal().flaw(), (!clean).then_some(Flaw::Cut), "cut at {cut}");
            let (recall, state) = match (whole >= known, clean) {
                (true, true) => (Recall::Whole, JournalState::Good),
                (true, false) => (Recall::Whole, JournalState::CutShort),
                (false, true) => (Recall::Incomplete, JournalState::Older),
                (false, false) => (Recall::Incomplete, JournalState::Damaged),
            };
            assert_eq!((memory.recall(), memory.state()), (recall, state), "cut at {cut}, {known} known");
            // Marks are those of the key store and of what came after it.
            let last = &written.histories[known.max(whole)].marks;
            assert_eq!(marks(&mut memory, &written.cold), marks_of(last, &written.cold), "cut at {cut}, {known} known");
            ran += 1;
        }
        // Every write waits for the disk, so not at every byte.
        if cut % 5 == 0 || ends.iter().any(|end| cut.abs_diff(*end) < 2) {
            written.with(&written.bytes[..cut], None);
            written.goes_on(&written.histories[cut % 4]);
        }
    }
    println!("cut journals: {ran} cases");
    assert_eq!(ran, 4 * (written.bytes.len() + 1));
}

#[test]
fn a_flipped_bit_anywhere_loses_records_and_never_makes_one() {
    let written = Written::new();
    let mut ran = 0;
    for bit in 0..written.bytes.len() * 8 {
        let mut bytes = written.bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let mut memory = written.with(&bytes, Some(&written.histories[3]));
        let read = memory.journal().entries();
        assert!(read.len() < 3 && read.iter().all(|entry| written.entries.contains(entry)), "bit {bit}");
        assert!(memory.journal().flaw().is_some(), "bit {bit}");
        assert_eq!((memory.recall(), memory.state()), (Recall::Incomplete, JournalState::Damaged), "bit {bit}");
        assert_eq!(marks(&mut memory, &written.cold), marks_of(&written.histories[3].marks, &written.cold));
        if bit % 41 == 0 {
            written.goes_on(&written.histories[3]);
        }
        ran += 1;
    }
    println!("flipped bits of a journal: {ran} cases");
    assert!(ran > 4000);
}

/// A record that is damaged does not take those behind it along.
#[test]
fn what_follows_a_damaged_record_is_still_known() {
    let written = Written::new();
    let mut bytes = written.bytes.clone();
    bytes[written.ends()[1] - 1] ^= 1;
    let memory = written.with(&bytes, Some(&written.histories[3]));
    assert_eq!(memory.journal().entries().iter().map(|entry| entry.head.number).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn records_replayed_swapped_or_taken_out_are_noticed() {
    let written = Written::new();
    let ends = written.ends();
    let piece = |number: usize| &written.bytes[ends[number]..ends[number + 1]];
    let file = |pieces: &[usize]| {
        let mut bytes = written.bytes[..START].to_vec();
        pieces.iter().for_each(|number| bytes.extend(piece(*number)));
        bytes
    };
    let numbers = |memory: &StoreMemory| -> Vec<u64> {
        memory.journal().entries().iter().map(|entry| entry.head.number).collect()
    };
    let damaged = Some(Flaw::Damaged);
    for (pieces, known, complete, flaw) in [
        (&[0, 1, 2, 0][..], &[1, 2, 3][..], true, damaged),
        (&[0, 0, 1, 2], &[1, 2, 3], true, damaged),
        (&[0, 1, 2, 2, 2], &[1, 2, 3], true, damaged),
        (&[0, 2, 1], &[1, 3], false, damaged),
        (&[2, 0, 1], &[3], false, damaged),
        (&[0, 2], &[1, 3], false, None),
        (&[1, 2], &[2, 3], false, None),
        (&[0, 1], &[1, 2], false, None),
        (&[2], &[3], false, None),
        (&[], &[], false, None),
    ] {
        let mut memory = written.with(&file(pieces), Some(&written.histories[3]));
        assert_eq!((numbers(&memory), memory.journal().flaw()), (known.to_vec(), flaw), "{pieces:?}");
        assert_eq!(memory.recall(), if complete { Recall::Whole } else { Recall::Incomplete }, "{pieces:?}");
        written.goes_on(&written.histories[3]);
    }
    fs::remove_file(written.path()).unwrap();
    let memory = written.reread(Some(&written.histories[3]));
    assert_eq!(memory.state(), JournalState::Missing);
    written.goes_on(&written.histories[3]);
}

/// Two copies of one key store write two journals; each is authentic, and neither passes for the other.
#[test]
fn the_journal_of_another_copy_of_the_key_store_is_noticed() {
    let (here, there) = (Written::new(), Written::new());
    // The same requests were approved, at the same places: only the tags differ.
    let mut memory = here.with(&there.bytes, Some(&here.histories[3]));
    assert_eq!((memory.journal().entries().len(), memory.recall()), (3, Recall::Incomplete));
    here.goes_on(&here.histories[3]);
    // A journal that is longer than the key store knows, and has another beginning.
    let memory = here.with(&there.bytes, Some(&here.histories[1]));
    assert_eq!(memory.state(), JournalState::Older);
    here.goes_on(&here.histories[1]);
    // Records of both in one file.
    let ends = here.ends();
    let mixed = [&here.bytes[..ends[2]], &there.bytes[ends[2]..]].concat();
    let memory = here.with(&mixed, Some(&here.histories[1]));
    assert_eq!((memory.journal().entries().len(), memory.state()), (3, JournalState::Older));
}

#[test]
fn the_journal_of_another_seed_says_nothing() {
    let (written, folder) = (Written::new(), tempfile::tempdir().unwrap());
    let contents = &written.cold.contents;
    let (network, derivation, coin) = (contents.network(), contents.derivation(), contents.coin_type());
    let seed = Seed::from_bytes(&[6; 32]).unwrap();
    let path = folder.path().join("journal");
    let mut foreign = Journal::read(path.clone(), JournalKey::derive(&seed, network, derivation, coin)).unwrap();
    foreign.append(written.entries[0].record.clone(), None).unwrap();
    let mut memory = written.with(&fs::read(path).unwrap(), None);
    assert_eq!((memory.journal().entries(), memory.state()), (&[][..], JournalState::Damaged));
    assert_eq!(memory.recall(), Recall::Empty);
    written.goes_on(&History::new());
}

#[test]
fn a_journal_has_a_bound() {
    let written = Written::new();
    let largest = 1 << 24;
    let mut bytes = written.bytes.clone();
    bytes.resize(largest, 0);
    let memory = written.with(&bytes, Some(&written.histories[3]));
    assert_eq!((memory.state(), memory.journal().entries().len()), (JournalState::Damaged, 3));
    bytes.push(0);
    fs::write(written.path(), &bytes).unwrap();
    let error = Journal::read(written.path(), key(&written.cold)).err();
    assert!(matches!(error, Some(JournalError::File(FileError::TooLarge { .. }))));
}

#[test]
fn a_journal_that_somebody_else_writes_to_is_left_alone() {
    let written = Written::new();
    let mut journal = Journal::read(written.path(), key(&written.cold)).unwrap();
    let longer = [&written.bytes[..], &[0]].concat();
    fs::write(written.path(), &longer).unwrap();
    let result = journal.append(written.entries[0].record.clone(), None);
    assert!(matches!(result, Err(JournalError::Changed { .. })));
    assert_eq!(fs::read(written.path()).unwrap(), longer);
}

/// The example in docs/journal.md is a file of the case files, which a test makes from the vectors.
#[test]
fn the_worked_example_is_a_journal() {
    let page = fs::read_to_string(common::folder("").join("../docs/journal.md")).unwrap();
    let mut blocks = page.split("```text\n").skip(1).map(|block| {
        let lines = block.split("```").next().unwrap().lines();
        let hex: String = lines.map(|line| line.split(' ').next().unwrap()).collect();
        base16ct::lower::decode_vec(hex).unwrap()
    });
    let journal = fs::read(common::folder("cmd/signer/files").join("signed-before.journal")).unwrap();
    assert_eq!(blocks.next(), Some(journal.clone()));
    // The content is what the sealed part opens to, with the key that is printed.
    let content = blocks.next().unwrap();
    let seed = Seed::from_bytes(&[0; 32]).unwrap();
    let (network, derivation) = (cold::NETWORK, Derivation::Decred);
    let key = JournalKey::derive(&seed, network, derivation, CoinType::standard(network));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    fs::write(&path, journal).unwrap();
    let record = Journal::read(path, key).unwrap().entries()[0].record.clone();
    assert_eq!(record.encode(), content);
}
