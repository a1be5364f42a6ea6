//! Message signatures, `message_signing.json`.

use dcrcold_core::net::Network;
use dcrcold_signer::address::Address;
use dcrcold_signer::key::{MessageSignature, PrivateKey};
use dcrcold_signer::message::{MessageError, hash, recover, sign, verify};

mod common;

use common::{Vectors, array, hex, number, text};

#[test]
fn message_signatures_agree_with_dcrd() {
    let mut vectors = Vectors::load("message_signing.json");
    vectors.each("verify", |row| {
        let network: Network = text(&row["net"]).parse().unwrap();
        let message = text(&row["message"]).as_bytes();
        let signature = MessageSignature::from_base64(text(&row["signature_base64"])).unwrap();
        assert_eq!(hash(message).as_bytes().as_slice(), hex(&row["message_hash"]));
        assert_eq!(signature.as_bytes()[0], number::<u8>(&row["header_byte"]));
        let signer = recover(&signature, &hash(message)).unwrap();
        assert_eq!(Address::of_key_hash(network, signer.hash).to_string(), text(&row["recovered_address"]));
        let verdict = match Address::parse(text(&row["address"]), network) {
            Ok(address) => verify(&address, message, &signature).is_ok(),
            Err(_) => false,
        };
        assert_eq!(verdict, row["valid"].as_bool().unwrap());
    });
    vectors.each("sign", |row| {
        let key = PrivateKey::from_bytes(&array(&row["privkey"])).unwrap();
        let message = text(&row["message"]).as_bytes();
        assert_eq!(hash(message).as_bytes().as_slice(), hex(&row["message_hash"]));
        let signature = sign(&key, message);
        assert_eq!(signature.to_string(), text(&row["signature_base64"]));
        for (network, name) in [(Network::Mainnet, "address_mainnet"), (Network::Testnet3, "address_testnet3")] {
            let address = Address::parse(text(&row[name]), network).unwrap();
            verify(&address, message, &signature).unwrap();
        }
    });
    vectors.finish(4 + 7);
}

#[test]
fn only_key_hash_addresses_verify_messages() {
    let key = PrivateKey::from_bytes(&[9; 32]).unwrap();
    let signature = sign(&key, b"hello");
    let script: Address = "DcuQKx8BES9wU7C6Q5VmLBjw436r27hayjS".parse().unwrap();
    assert_eq!(verify(&script, b"hello", &signature), Err(MessageError::AddressKind));
    let own = Address::of_key_hash(Network::Mainnet, key.public_key().hash());
    verify(&own, b"hello", &signature).unwrap();
    assert!(matches!(verify(&own, b"hello!", &signature), Err(MessageError::OtherSigner { .. })));
}
