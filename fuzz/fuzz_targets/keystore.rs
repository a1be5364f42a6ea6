//! The content of a key store once it is open: what reads writes the same bytes again, and its keys can be made.
#![no_main]

use dcrcold_signer::keystore::Contents;
use dcrcold_signer::signer::{RegisteredVoters, SpendingKeys};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(contents) = Contents::decode(bytes) else { return };
    assert_eq!(**contents.encode(), *bytes);
    let _ = SpendingKeys::new(&contents);
    let _ = RegisteredVoters::new(&contents);
    let _ = contents.journal_key();
});
