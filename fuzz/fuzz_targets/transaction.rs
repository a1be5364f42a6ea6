//! A transaction from the network, and what it is if it belongs to a ticket.
#![no_main]

use dcrcold_signer::stake::revocation::Revocation;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vote::Vote;
use dcrcold_signer::tx::{Transaction, signature_hash};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(transaction) = Transaction::decode(bytes) {
        assert_eq!(transaction.encode(), bytes);
        let _ = transaction.kind();
        let _ = (Ticket::read(&transaction), Vote::read(&transaction), Revocation::read(&transaction));
        for hash_type in [0, 1, 2, 3, 0x81, 0x82, 0x83, 0xff] {
            let _ = signature_hash(&transaction, 0, &[0x76], hash_type);
        }
    }
    if let Ok(transaction) = Transaction::decode_prefix(bytes) {
        assert_eq!(transaction.encode_prefix(), bytes);
    }
});
