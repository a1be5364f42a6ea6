//! The journal: cut at every byte, every bit flipped, replayed, swapped for others, lost; and remembering through it.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "common/cold.rs"]
mod cold;
mod common;
#[path = "common/disk.rs"]
mod disk;

use std::fs;
use std::path::{Path, PathBuf};

use cold::{Cold, PRICE, atoms, encoded, external, index};
use dcrcold_core::hash::{Sink, TransferId, TxId};
use dcrcold_core::machine::{Counter, Mark, Memory, Met, NoMemory, Outpoint, Recall};
use dcrcold_core::path::{Account, CoinType};
use dcrcold_core::policy::{Limits, Rule, Warning};
use dcrcold_core::request::{Purse, Rest};
use dcrcold_signer::file::FileError;
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::journal::{Entry, Flaw, History, Journal, JournalError, JournalKey, Marks, Record};
use dcrcold_signer::keystore::{Access, Contents, KeyStoreError};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::signer::{JournalState, RememberError, SignerError, StoreMemory, review};
use dcrcold_signer::transfer::{InputRef, Purchase, Register, Send};
use disk::OnDisk;
use tempfile::TempDir;

/// Magic and version.
const START: usize = 9;

fn key(cold: &Cold) -> JournalKey {
    cold.contents.journal_key()
}

fn prefix_id(prefix: &[u8]) -> TxId {
    TxId::of_prefix(|sink| sink.put(prefix))
}

/// A purchase, a send of another coin, and a registration.
fn three_requests(cold: &Cold) -> [Vec<u8>; 3] {
    let purse = Some(Purse { amount: atoms(10_000_000), index: index(3) });
    let send = Send { rest: Rest::Change(index(11)), ..cold.send() };
    let register = Register { first: index(2), ..cold.register() };
    [encoded(&Purchase { purse, ..cold.purchase(2) }), encoded(&send), encoded(&register)]
}

fn record(cold: &Cold, request: &[u8]) -> Record {
    let reviewed = cold.review::<256, 100>(request, &Limits::DEFAULT).unwrap();
    Record::of(&*reviewed)
}

/// A journal of three records, its bytes, and what the key store remembered before the first and after each.
struct Written {
    cold: Cold,
    folder: TempDir,
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    histories: [History; 4],
}

impl Written {
    fn new() -> Self {
        let (cold, folder) = (Cold::new(), tempfile::tempdir().unwrap());
        let path = folder.path().join("keystore.journal");
        let mut journal = Journal::read(path.clone(), key(&cold)).unwrap();
        let mut histories = [const { None }; 4];
        histories[0] = Some(History::new());
        for (number, request) in three_requests(&cold).iter().enumerate() {
            let mut history = histories[number].clone().unwrap();
            let record = record(&cold, request);
            history.marks.raise(record.account, &record.uses);
            journal.append(record, histories[number].as_ref()).unwrap();
            history.head = journal.last().unwrap().head;
            histories[number + 1] = Some(history);
        }
        let bytes = fs::read(&path).unwrap();
        let entries = journal.entries().to_vec();
        Self { cold, folder, bytes, entries, histories: histories.map(Option::unwrap) }
    }

    /// Where each record ends, the start of the file first.
    fn ends(&self) -> Vec<usize> {
        let mut ends = vec![START];
        while let Some(length) = self.bytes.get(*ends.last().unwrap()..).and_then(|rest| rest.first_chunk()) {
            ends.push(ends.last().unwrap() + 52 + u32::from_le_bytes(*length) as usize);
        }
        ends
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("keystore.journal")
    }

    /// Reads a journal of these bytes, next to a key store with this history.
    fn with(&self, bytes: &[u8], history: Option<&History>) -> StoreMemory {
        fs::write(self.path(), bytes).unwrap();
        self.reread(history)
    }

    fn reread(&self, history: Option<&History>) -> StoreMemory {
        let mut contents = self.contents();
        contents.set_history(history.cloned());
        StoreMemory::new(&contents, Journal::read(self.path(), key(&self.cold)).unwrap())
    }

    fn contents(&self) -> Contents {
        Contents::decode(&self.cold.contents.encode()).unwrap()
    }

    fn copies(&self) -> usize {
        let files = fs::read_dir(self.folder.path()).unwrap();
        files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains(".damaged-")).count()
    }

    /// Appends one more record, as the next approval does, and reads again: what was lost stays lost and is told.
    fn goes_on(&self, history: &History) {
        let mut journal = Journal::read(self.path(), key(&self.cold)).unwrap();
        let (known, complete) = (journal.entries().len(), history.is_complete(journal.entries()));
        let keeps = journal.flaw() == Some(Flaw::Damaged) || (journal.flaw().is_some() && !complete);
        let before = (fs::read(self.path()).unwrap_or_default(), self.copies());
        let another = record(&self.cold, &encoded(&self.cold.purchase(1)));
        journal.append(another.clone(), Some(history)).unwrap();
        let mut next = history.clone();
        next.head = journal.last().unwrap().head;
        let memory = self.reread(Some(&next));
        let entries = memory.journal().entries();
        assert_eq!((entries.len(), memory.journal().flaw()), (known + 1, None));
        assert_eq!(entries.last().unwrap().record, another);
        assert_eq!(memory.state(), if complete { JournalState::Good } else { JournalState::Older });
        assert_eq!(self.copies(), before.1 + usize::from(keeps));
        if keeps {
            let copy = self.folder.path().join("keystore.journal.damaged-1");
            assert_eq!(fs::read(&copy).unwrap(), before.0);
            fs::remove_file(copy).unwrap();
        }
    }
}

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

fn counters(cold: &Cold) -> [Counter; 3] {
    let voter = cold.voter().fingerprint(cold::NETWORK);
    [Counter::Internal(cold.path()), Counter::Voter(voter), Counter::Purse(voter)]
}

fn marks(memory: &mut StoreMemory, cold: &Cold) -> [Mark; 3] {
    counters(cold).map(|counter| memory.mark(counter))
}

fn marks_of(marks: &Marks, cold: &Cold) -> [Mark; 3] {
    let voter = marks.voter(&cold.voter().fingerprint(cold::NETWORK));
    let registered = |mark| if mark == 0 { Mark::Unknown } else { Mark::Below(mark) };
    let internal = Mark::Below(marks.internal(Account::FIRST).unwrap_or_default());
    [internal, registered(voter.voting), registered(voter.purse)]
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

/// A key store that was made with its keys.
fn new_keys(cold: &mut Cold) -> OnDisk {
    cold.contents.set_history(Some(History::new()));
    OnDisk::new(&cold.contents)
}

#[test]
fn the_same_request_gives_the_same_answer_and_no_warning() {
    let mut cold = Cold::new();
    let (this, requests) = (new_keys(&mut cold), three_requests(&cold));
    let mut answers = Vec::new();
    for (number, request) in requests.iter().enumerate() {
        assert_eq!(this.warnings(request), []);
        answers.push(this.sign(request).unwrap());
        assert_eq!(this.records(), number + 1);
    }
    let files = || [this.store(), this.journal()].map(|path| fs::read(path).unwrap());
    let before = files();
    for (request, answer) in requests.iter().zip(&answers) {
        assert_eq!(this.warnings(request), []);
        assert_eq!(this.sign(request).unwrap(), *answer);
        let unrecorded = review(request, &cold.contents, &mut NoMemory).unwrap();
        let id = *unrecorded.request().id();
        assert_eq!(unrecorded.approve(&id).unwrap().sign(&mut NoMemory).unwrap(), *answer);
    }
    assert_eq!(files(), before, "there was nothing new to remember");
}

#[test]
fn coins_and_voter_keys_of_earlier_requests_are_told_and_not_refused() {
    let mut cold = Cold::new();
    let this = new_keys(&mut cold);
    let first = encoded(&Purchase { first_internal: index(1), ..cold.purchase(2) });
    this.sign(&first).unwrap();
    // The same coin and keys with another expiry: both, and each names the first request.
    let mut again = cold.purchase(2);
    again.expiry.0 += 1;
    let coins_and_keys = [Warning::OutpointSignedBefore, Warning::VoterIndexUsedBefore];
    assert_eq!(this.warnings(&encoded(&again)), coins_and_keys);
    let (reviewed, ..) = this.review(&encoded(&again)).unwrap();
    let earlier = reviewed.request().past().coins().listed()[0].earlier;
    assert_eq!(earlier, record(&cold, &first).request);
    // The tickets of the first request take what its split pays: whoever signs over that split signs over them.
    let purchase = cold.review::<256, 100>(&first, &Limits::DEFAULT).unwrap();
    let mut split = Vec::new();
    let dcrcold_core::machine::Work::Purchase(work) = purchase.work() else { panic!("a purchase") };
    let mut sink = dcrcold_signer::wire::Buffer(Vec::new());
    work.write_split(&mut sink);
    split.extend(sink.0);
    let mut direct = cold.direct(&[PRICE]);
    direct.inputs[0].path = dcrcold_core::path::KeyPath::internal(index(2));
    direct.parents = vec![split.clone()];
    assert_eq!(this.warnings(&encoded(&direct)), coins_and_keys);
    // Change is nobody's input yet.
    let change = InputRef { parent: 0, output: 2, path: dcrcold_core::path::KeyPath::internal(index(1)) };
    let mut send = Send { inputs: vec![change], parents: vec![split], ..cold.send() };
    send.outputs[0].amount = atoms(10_000_000);
    assert_eq!(this.warnings(&encoded(&send)), []);
    this.sign(&encoded(&again)).unwrap();
    this.sign(&encoded(&direct)).unwrap();
    assert_eq!(this.records(), 3);
    // A cancellation spends the coin that two requests spend.
    let cancel = Send { parents: cold.purchase(2).parents, ..cold.send() };
    assert_eq!(this.warnings(&encoded(&cancel)), [Warning::OutpointSignedBefore; 2]);
    this.sign(&encoded(&cancel)).unwrap();
    // Which of two came first makes no difference, and a request never stands in its own way.
    let (reviewed, ..) = this.review(&first).unwrap();
    let counts = |met: &Met| met.listed().iter().map(|shared| shared.count).collect::<Vec<_>>();
    let past = reviewed.request().past();
    assert_eq!((counts(past.coins()), counts(past.voter_keys())), (vec![1, 1, 1], vec![1, 2]));
}

#[test]
fn indexes_follow_what_was_approved() {
    let mut cold = Cold::new();
    let this = new_keys(&mut cold);
    let at = |number| encoded(&Purchase { first_internal: index(number), ..cold.purchase(1) });
    let refused = |number| match this.sign(&at(number)).err() {
        Some(SignerError::Refused(refusal)) => refusal.rule == Rule::IndexTooFar,
        _ => false,
    };
    // New keys have signed nothing: the first request lies within what a restore finds.
    assert!(refused(20));
    this.sign(&at(19)).unwrap();
    // Change at 19, then the ticket's output at 20 and its reward at 21.
    assert!(refused(42));
    this.sign(&at(41)).unwrap();
    assert!(refused(64));
    // Reuse is allowed, and lowers nothing.
    this.sign(&at(0)).unwrap();
    this.sign(&at(63)).unwrap();
}

/// Whoever knows the public key of the account can pay any of its keys, and ask to have that coin spent.
#[test]
fn a_coin_at_a_far_key_does_not_raise_a_mark() {
    let mut cold = Cold::new();
    let this = new_keys(&mut cold);
    let far = dcrcold_core::path::KeyPath::internal(index(1_000_000));
    let mut send = cold.send();
    send.inputs[0].path = far;
    let output = dcrcold_signer::tx::TxOut::new(atoms(300_000_000), &cold.script(far, None));
    send.parents = vec![cold::parent_of(vec![output])];
    this.sign(&encoded(&send)).unwrap();
    let after = encoded(&Purchase { first_internal: index(1_000_001), ..cold.purchase(1) });
    assert!(matches!(this.sign(&after), Err(SignerError::Refused(refusal)) if refusal.rule == Rule::IndexTooFar));
}

#[test]
fn after_a_restore_the_first_approval_sets_the_marks() {
    let cold = Cold::new();
    let this = OnDisk::new(&cold.contents);
    let at = |number| encoded(&Purchase { first_internal: index(number), ..cold.purchase(1) });
    assert_eq!(this.warnings(&at(0)), [Warning::MemoryEmpty]);
    assert_eq!(this.warnings(&at(500)), [Warning::MemoryEmpty, Warning::IndexUnmarked]);
    this.sign(&at(500)).unwrap();
    assert_eq!(this.warnings(&at(500)), []);
    assert!(matches!(this.sign(&at(523)), Err(SignerError::Refused(refusal)) if refusal.rule == Rule::IndexTooFar));
    this.sign(&at(522)).unwrap();
}

/// The key store travels in a backup; the journal stays behind.
#[test]
fn marks_travel_in_the_backup() {
    let mut cold = Cold::new();
    let this = new_keys(&mut cold);
    let at = |number| encoded(&Purchase { first_internal: index(number), ..cold.purchase(1) });
    this.sign(&at(19)).unwrap();
    fs::remove_file(this.journal()).unwrap();
    assert_eq!(this.warnings(&at(0)), [Warning::MemoryIncomplete]);
    assert!(matches!(this.sign(&at(42)), Err(SignerError::Refused(refusal)) if refusal.rule == Rule::IndexTooFar));
    // The loss is told until it is given up.
    this.sign(&at(41)).unwrap();
    assert_eq!(
        this.warnings(&at(5)),
        [Warning::MemoryIncomplete, Warning::OutpointSignedBefore, Warning::VoterIndexUsedBefore]
    );
    let forget = |contents: &mut Contents| {
        contents.set_history(None);
        Ok::<_, KeyStoreError>(())
    };
    this.open(Access::Write).update(forget).unwrap();
    assert_eq!(this.warnings(&at(900))[..2], [Warning::MemoryEmpty, Warning::IndexUnmarked]);
    this.sign(&at(900)).unwrap();
    assert_eq!(
        this.warnings(&at(5)),
        [
            Warning::OutpointSignedBefore,
            Warning::OutpointSignedBefore,
            Warning::VoterIndexUsedBefore,
            Warning::VoterIndexUsedBefore
        ]
    );
    assert_eq!(this.records(), 2);
}

/// The power fails between the journal and the key store.
#[test]
fn a_key_store_that_is_behind_its_journal_catches_up() {
    let mut cold = Cold::new();
    let (this, requests) = (new_keys(&mut cold), three_requests(&cold));
    let before = fs::read(this.store()).unwrap();
    let answer = this.sign(&requests[0]).unwrap();
    fs::write(this.store(), &before).unwrap();
    assert_eq!(this.warnings(&requests[0]), []);
    assert_eq!(this.sign(&requests[0]).unwrap(), answer);
    assert_eq!(this.records(), 1);
    assert_ne!(fs::read(this.store()).unwrap(), before);
    this.sign(&requests[1]).unwrap();
    fs::write(this.store(), &before).unwrap();
    this.sign(&requests[2]).unwrap();
    assert_eq!((this.records(), this.warnings(&requests[1])), (3, vec![]));
}

#[test]
fn nothing_is_signed_that_cannot_be_remembered() {
    let mut cold = Cold::new();
    let (this, requests) = (new_keys(&mut cold), three_requests(&cold));
    let ready = |access| {
        let store = this.open(access);
        let mut memory = StoreMemory::open(&store).unwrap();
        let reviewed = review(&requests[0], store.contents(), &mut memory).unwrap();
        let id: TransferId = *reviewed.request().id();
        (reviewed.approve(&id).unwrap(), memory, store)
    };
    let (approved, mut memory, mut store) = ready(Access::Read);
    let result = approved.sign(&mut memory.with(&mut store));
    assert!(matches!(result, Err(SignerError::Remember(RememberError::KeyStore(KeyStoreError::OnlyRead { .. })))));
    drop(store);
    // A folder in the place of the journal, from after it was read.
    let (approved, mut memory, mut store) = ready(Access::Write);
    fs::create_dir(this.journal()).unwrap();
    let result = approved.sign(&mut memory.with(&mut store));
    assert!(matches!(result, Err(SignerError::Remember(RememberError::Journal(JournalError::File(_))))));
    fs::remove_dir(this.journal()).unwrap();
    drop(store);
    assert!(!Path::new(&this.journal()).exists());
    this.sign(&requests[0]).unwrap();
}

/// An own voter of keys that have signed nothing starts low; a registered one may have served others before.
#[test]
fn marks_of_voters_depend_on_whose_they_are() {
    let mut cold = Cold::new();
    cold.contents.set_history(Some(History::new()));
    let folder = tempfile::tempdir().unwrap();
    let empty = |cold: &Cold| Journal::read(folder.path().join("none"), key(cold)).unwrap();
    let mut memory = StoreMemory::new(&cold.contents, empty(&cold));
    let registered = cold.voter().fingerprint(cold::NETWORK);
    let own = dcrcold_core::hash::Fingerprint::from_bytes([1; 16]);
    assert_eq!(memory.mark(Counter::Voter(registered)), Mark::Unknown);
    assert_eq!(memory.mark(Counter::Purse(registered)), Mark::Unknown);
    assert_eq!(memory.mark(Counter::Voter(own)), Mark::Below(0));
    assert_eq!(memory.mark(Counter::Purse(own)), Mark::Below(0));
    cold.contents.set_history(None);
    let mut memory = StoreMemory::new(&cold.contents, empty(&cold));
    assert_eq!(memory.mark(Counter::Voter(own)), Mark::Unknown);
}

#[test]
fn an_outpoint_is_asked_for_by_transaction_and_place() {
    let written = Written::new();
    let mut memory = written.with(&written.bytes, Some(&written.histories[3]));
    let nobody = TransferId::from_bytes([0; 32]);
    let id = prefix_id(&written.cold.send().parents[0]);
    let send = written.entries[1].record.request;
    assert_eq!(memory.spent_by(&Outpoint { id, output: 0 }, &nobody, 0), Some(send));
    assert_eq!(memory.spent_by(&Outpoint { id, output: 0 }, &nobody, 1), None);
    assert_eq!(memory.spent_by(&Outpoint { id, output: 0 }, &send.request, 0), None, "not by itself");
    assert_eq!(memory.spent_by(&Outpoint { id, output: 1 }, &nobody, 0), None);
    let voter = written.cold.voter().fingerprint(cold::NETWORK);
    let named = |memory: &mut StoreMemory, key| memory.named_by(&voter, index(key), &nobody, 0).is_some();
    assert_eq!([0, 1, 2, 3].map(|key| named(&mut memory, key)), [true, true, true, false]);
    assert!(memory.named_by(&dcrcold_core::hash::Fingerprint::from_bytes([1; 16]), index(0), &nobody, 0).is_none());
    assert_eq!(external(0).index, index(0));
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
