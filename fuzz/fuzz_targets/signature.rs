//! Signatures in DER and in signature scripts, and scripts as such.
#![no_main]

use dcrcold_core::script::{Commitment, Payment};
use dcrcold_signer::tx::der;
use dcrcold_signer::tx::script::instructions;
use dcrcold_signer::tx::sigscript::KeySignature;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(signature) = der::parse(bytes) {
        assert_eq!(der::encode(&signature), bytes);
    }
    let _ = der::check_consensus(bytes);
    if let Ok(signature) = KeySignature::read(bytes) {
        assert_eq!(signature.script(), bytes);
    }
    if let Some(payment) = Payment::recognise(bytes) {
        assert_eq!(payment.script().as_bytes(), bytes);
    }
    if let Some(commitment) = Commitment::recognise(bytes) {
        assert_eq!(Commitment::recognise(commitment.script().as_bytes()), Some(commitment));
    }
    for instruction in instructions(bytes) {
        if instruction.is_err() {
            break;
        }
    }
});
