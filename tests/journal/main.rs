//! The journal: cut at every byte, every bit flipped, replayed, swapped for others, lost; and remembering through it.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "../common/cold.rs"]
mod cold;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/disk.rs"]
mod disk;
mod files;
mod remembering;
mod written;

use cold::{Cold, atoms, encoded, index};
use dcrcold_core::policy::Limits;
use dcrcold_core::request::{Purse, Rest};
use dcrcold_signer::journal::{JournalKey, Record};
use dcrcold_signer::transfer::{Purchase, Register, Send};

fn key(cold: &Cold) -> JournalKey {
    cold.contents.journal_key()
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
