//! What was signed before, told of a request and kept from one to the next.

use std::fs;
use std::path::Path;

use dcrcold_core::hash::{Sink, TransferId, TxId};
use dcrcold_core::machine::{Counter, Mark, Memory, Met, NoMemory, Outpoint};
use dcrcold_core::policy::{Limits, Rule, Warning};
use dcrcold_signer::journal::{History, Journal, JournalError};
use dcrcold_signer::keystore::{Access, Contents, KeyStoreError};
use dcrcold_signer::signer::{RememberError, SignerError, StoreMemory, review};
use dcrcold_signer::transfer::{InputRef, Purchase, Send};

use crate::cold::{self, Cold, PRICE, atoms, encoded, external, index};
use crate::disk::OnDisk;
use crate::written::Written;
use crate::{key, record, three_requests};

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

fn prefix_id(prefix: &[u8]) -> TxId {
    TxId::of_prefix(|sink| sink.put(prefix))
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
