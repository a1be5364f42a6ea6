//! Somebody has the disk and wants the signer to forget: what the journal lost is told in every review, and what it never
//! held cannot be put in.

use std::fs;

use dcrcold_core::machine::{Memory, Recall};
use dcrcold_core::policy::{Rule, Warning};
use dcrcold_signer::journal::{History, Journal, JournalError, JournalKey};
use dcrcold_signer::keystore::{Access, Contents};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::signer::{SignerError, StoreMemory, review};
use dcrcold_signer::transfer::{Answer, Purchase};

use crate::cold::{Cold, encoded, index};
use crate::disk::OnDisk;
use crate::harness::{Victim, warnings};

/// Magic and version.
const START: usize = 9;

/// A key store that approved a purchase and a send, and what asks for the same coins again.
struct Signed {
    cold: Cold,
    disk: OnDisk,
    again: Vec<u8>,
}

fn purchase_at(cold: &Cold, at: u32) -> Vec<u8> {
    encoded(&Purchase { first_internal: index(at), ..cold.purchase(1) })
}

impl Signed {
    fn new() -> Self {
        let cold = Victim::new().cold;
        let disk = OnDisk::new(&cold.contents);
        disk.sign(&purchase_at(&cold, 0)).unwrap();
        disk.sign(&encoded(&cold.send())).unwrap();
        let again = purchase_at(&cold, 3);
        Self { cold, disk, again }
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.disk.journal()).unwrap()
    }

    /// What the signer remembers with these bytes for a journal, without opening the key store anew.
    fn memory_with(&self, history: &History, journal: &[u8]) -> (Contents, StoreMemory) {
        fs::write(self.disk.journal(), journal).unwrap();
        let mut contents = Contents::decode(&self.cold.contents.encode()).unwrap();
        contents.set_history(Some(history.clone()));
        let read = Journal::read(self.disk.journal(), contents.journal_key()).unwrap();
        let memory = StoreMemory::new(&contents, read);
        (contents, memory)
    }

    /// The pages of warnings then.
    fn warnings_with(&self, history: &History, journal: &[u8]) -> Vec<Warning> {
        let (contents, mut memory) = self.memory_with(history, journal);
        warnings(review(&self.again, &contents, &mut memory).unwrap().request())
    }

    /// Sees that the loss is noticed, and now and then that its page comes first: a review takes longer.
    fn notices(&self, history: &History, journal: &[u8], at: usize) {
        let (_, mut memory) = self.memory_with(history, journal);
        assert_eq!(memory.recall(), Recall::Incomplete, "at {at}");
        if at.is_multiple_of(16) {
            assert_eq!(self.warnings_with(history, journal).first(), Some(&Warning::MemoryIncomplete), "at {at}");
        }
    }

    fn history(&self) -> History {
        self.disk.open(Access::Read).contents().history().unwrap().clone()
    }
}

/// Where the first record ends.
fn end_of_first(bytes: &[u8]) -> usize {
    START + 52 + u32::from_le_bytes(bytes[START..START + 4].try_into().unwrap()) as usize
}

/// What an honest journal tells about the coin that is asked for again.
const HONEST: [Warning; 2] = [Warning::OutpointSignedBefore, Warning::VoterIndexUsedBefore];

#[test]
fn an_honest_journal_is_no_attack() {
    let signed = Signed::new();
    assert_eq!(signed.disk.warnings(&signed.again), HONEST);
}

#[test]
fn deletes_the_journal() {
    let signed = Signed::new();
    fs::remove_file(signed.disk.journal()).unwrap();
    assert_eq!(signed.disk.warnings(&signed.again), [Warning::MemoryIncomplete]);
}

#[test]
fn leaves_an_empty_journal() {
    let signed = Signed::new();
    fs::write(signed.disk.journal(), []).unwrap();
    assert_eq!(signed.disk.warnings(&signed.again), [Warning::MemoryIncomplete]);
}

#[test]
fn leaves_a_journal_that_was_just_begun() {
    let signed = Signed::new();
    fs::write(signed.disk.journal(), &signed.bytes()[..START]).unwrap();
    assert_eq!(signed.disk.warnings(&signed.again), [Warning::MemoryIncomplete]);
}

#[test]
fn cuts_the_journal_at_any_byte() {
    let signed = Signed::new();
    let (bytes, history) = (signed.bytes(), signed.history());
    for end in 0..bytes.len() {
        signed.notices(&history, &bytes[..end], end);
    }
    println!("journals cut: {} cases", bytes.len());
}

#[test]
fn changes_any_byte_of_the_journal() {
    let signed = Signed::new();
    let (bytes, history) = (signed.bytes(), signed.history());
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        signed.notices(&history, &changed, at);
    }
    println!("bytes of a journal changed: {} cases", bytes.len());
}

/// The record of the purchase is taken out; that of the send stays.
#[test]
fn takes_one_record_out() {
    let signed = Signed::new();
    let (bytes, history) = (signed.bytes(), signed.history());
    let first = end_of_first(&bytes);
    let without = [&bytes[..START], &bytes[first..]].concat();
    assert_eq!(signed.warnings_with(&history, &without), [Warning::MemoryIncomplete]);
    assert_eq!(signed.warnings_with(&history, &bytes), HONEST);
}

#[test]
fn writes_the_records_in_another_order() {
    let signed = Signed::new();
    let (bytes, history) = (signed.bytes(), signed.history());
    let first = end_of_first(&bytes);
    let swapped = [&bytes[..START], &bytes[first..], &bytes[START..first]].concat();
    assert_eq!(signed.warnings_with(&history, &swapped)[0], Warning::MemoryIncomplete);
}

#[test]
fn brings_back_an_older_copy() {
    let cold = Victim::new().cold;
    let disk = OnDisk::new(&cold.contents);
    disk.sign(&encoded(&cold.send())).unwrap();
    let older = fs::read(disk.journal()).unwrap();
    disk.sign(&purchase_at(&cold, 0)).unwrap();
    fs::write(disk.journal(), older).unwrap();
    assert_eq!(disk.warnings(&purchase_at(&cold, 3)), [Warning::MemoryIncomplete]);
}

/// Two copies of one key store approved different requests, as many of them; each journal is authentic.
#[test]
fn swaps_the_journal_for_that_of_another_copy() {
    let (here, there) = (Signed::new(), Victim::new().cold);
    let disk = OnDisk::new(&there.contents);
    disk.sign(&encoded(&there.register())).unwrap();
    disk.sign(&encoded(&there.send())).unwrap();
    fs::copy(disk.journal(), here.disk.journal()).unwrap();
    assert_eq!(here.disk.warnings(&here.again)[0], Warning::MemoryIncomplete);
}

#[test]
fn swaps_the_journal_for_that_of_another_seed() {
    let signed = Signed::new();
    let contents = &signed.cold.contents;
    let key = JournalKey::derive(
        &Seed::from_bytes(&[6; 32]).unwrap(),
        contents.network(),
        contents.derivation(),
        contents.coin_type(),
    );
    let entries = Journal::read(signed.disk.journal(), contents.journal_key()).unwrap();
    let records: Vec<_> = entries.entries().iter().map(|entry| entry.record.clone()).collect();
    fs::remove_file(signed.disk.journal()).unwrap();
    let mut foreign = Journal::read(signed.disk.journal(), key).unwrap();
    records.into_iter().for_each(|record| foreign.append(record, None).unwrap());
    assert_eq!(signed.disk.warnings(&signed.again), [Warning::MemoryIncomplete]);
}

/// Without the seed nobody writes a record that counts: not even one that says that nothing happened.
#[test]
fn writes_a_journal_of_its_own() {
    let signed = Signed::new();
    let mut forged = signed.bytes()[..START].to_vec();
    for number in 1..3_u64 {
        forged.extend(32_u32.to_le_bytes());
        forged.extend(number.to_le_bytes());
        forged.extend([0; 16 + 24 + 32]);
    }
    assert_eq!(signed.warnings_with(&signed.history(), &forged), [Warning::MemoryIncomplete]);
}

#[test]
fn repeats_a_record_to_hide_another() {
    let signed = Signed::new();
    let (bytes, history) = (signed.bytes(), signed.history());
    let first = end_of_first(&bytes);
    let repeated = [&bytes[..first], &bytes[START..first]].concat();
    assert_eq!(signed.warnings_with(&history, &repeated)[0], Warning::MemoryIncomplete);
}

#[test]
fn fills_the_disk_with_a_journal_without_end() {
    let signed = Signed::new();
    let mut large = signed.bytes();
    large.resize((1 << 24) + 1, 0);
    fs::write(signed.disk.journal(), large).unwrap();
    let store = signed.disk.open(Access::Write);
    assert!(matches!(StoreMemory::open(&store), Err(JournalError::File(_))), "read without a bound");
}

/// The journal is exchanged while the person reads: nothing is signed that cannot be remembered behind what was read.
#[test]
fn exchanges_the_journal_during_the_review() {
    let signed = Signed::new();
    let before = signed.bytes();
    let (reviewed, mut memory, mut store) = signed.disk.review(&signed.again).unwrap();
    let id = *reviewed.request().id();
    let approved = reviewed.approve(&id).unwrap();
    fs::write(signed.disk.journal(), &before[..START]).unwrap();
    let result: Result<Answer, SignerError> = approved.sign(&mut memory.with(&mut store));
    assert!(matches!(result, Err(SignerError::Remember(_))), "{result:?}");
    assert_eq!(signed.bytes(), &before[..START], "nothing was written");
}

#[test]
fn has_something_signed_that_cannot_be_written_down() {
    let signed = Signed::new();
    let (reviewed, mut memory, mut store) = signed.disk.review(&signed.again).unwrap();
    let id = *reviewed.request().id();
    fs::remove_file(signed.disk.journal()).unwrap();
    fs::create_dir(signed.disk.journal()).unwrap();
    let result = reviewed.approve(&id).unwrap().sign(&mut memory.with(&mut store));
    assert!(matches!(result, Err(SignerError::Remember(_))), "{result:?}");
}

/// The loss does not wear off: not by the next approvals, and not by those after them.
#[test]
fn waits_until_the_loss_is_forgotten() {
    let signed = Signed::new();
    fs::remove_file(signed.disk.journal()).unwrap();
    for at in [3, 6, 9] {
        let request = purchase_at(&signed.cold, at);
        assert_eq!(signed.disk.warnings(&request)[0], Warning::MemoryIncomplete);
        signed.disk.sign(&request).unwrap();
    }
    let far = purchase_at(&signed.cold, 1_000_000);
    signed.disk.refuses(&far, Rule::IndexTooFar);
}
