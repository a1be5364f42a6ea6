//! Signed messages: whoever is recovered from a signature is who verifies.
#![no_main]

use dcrcold_core::net::Network;
use dcrcold_core::script::Payee;
use dcrcold_signer::address::Address;
use dcrcold_signer::key::MessageSignature;
use dcrcold_signer::message::{hash, recover, verify};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Some(signature) = std::str::from_utf8(input).ok().and_then(MessageSignature::from_base64) {
        assert_eq!(signature.to_string().as_bytes(), input);
    }
    let Some((bytes, message)) = input.split_first_chunk::<65>() else { return };
    let signature = MessageSignature::from_bytes(*bytes);
    let Ok(signer) = recover(&signature, &hash(message)) else { return };
    let address = Address::of_payee(Network::Mainnet, &Payee::KeyHash(signer.hash));
    assert_eq!(verify(&address, message, &signature), Ok(()));
    assert!(verify(&address, &[message, &[0]].concat(), &signature).is_err());
});
