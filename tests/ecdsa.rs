//! Signing and key recovery, `ecdsa.json`.

use dcrcold_core::hash::{MessageHash, SignatureHash};
use dcrcold_signer::key::{KeyError, MessageSignature, PrivateKey, PublicKey, Signature};
use dcrcold_signer::message::{MessageError, recover};

mod common;

use common::{Vectors, array, hex, number, text};

#[test]
fn signatures_agree_with_dcrd() {
    let mut vectors = Vectors::load("ecdsa.json");
    vectors.each("sign", |row| {
        let digest = array(&row["hash"]);
        assert_eq!(blake256::blake256(&hex(&row["message"])), digest);
        let key = PrivateKey::from_bytes(&array(&row["privkey"])).unwrap();
        let public = PublicKey::from_bytes(&array(&row["pubkey"])).unwrap();
        assert_eq!(key.public_key(), public);
        let mut rs = [0; 64];
        for (half, name) in rs.chunks_exact_mut(32).zip(["r", "s"]) {
            // The vectors leave leading zero bytes out.
            let bytes = hex(&row[name]);
            half[32 - bytes.len()..].copy_from_slice(&bytes);
        }
        let compact = MessageSignature::from_bytes(array(&row["compact_compressed"]));
        assert_eq!(compact.as_bytes()[0], 31 + number::<u8>(&row["recovery_code"]));
        assert_eq!(compact.as_bytes()[1..], rs);
        assert_eq!(recover(&compact, &MessageHash::from_bytes(digest)).unwrap().key, public);
        let digest = SignatureHash::from_bytes(digest);
        public.verify(&digest, &Signature::from_bytes(rs)).unwrap();
        // A random nonce is nothing that can be reproduced, only checked.
        if row["nonce_is_rfc6979"].as_bool().unwrap() {
            assert_eq!(key.sign(&digest).as_bytes(), &rs);
            assert_eq!(key.sign_message(&MessageHash::from_bytes(*digest.as_bytes())), compact);
        }
    });
    vectors.each("recover_compact_errors", |row| {
        let error = text(&row["error"]);
        let Ok(bytes) = <[u8; 65]>::try_from(hex(&row["sig"])) else {
            // The length is part of the type.
            return assert_eq!(error, "ErrSigInvalidLen");
        };
        let digest = MessageHash::from_bytes(array(&row["hash"]));
        let expected = match error {
            "ErrSigInvalidRecoveryCode" => MessageError::RecoveryCode { found: bytes[0] },
            "ErrSigRTooBig" | "ErrSigRIsZero" => MessageError::ScalarOutOfRange { name: 'r' },
            "ErrSigSTooBig" | "ErrSigSIsZero" => MessageError::ScalarOutOfRange { name: 's' },
            "ErrSigOverflowsPrime" | "ErrPointNotOnCurve" => MessageError::NoSuchPoint,
            other => panic!("unknown error {other}"),
        };
        assert_eq!(recover(&MessageSignature::from_bytes(bytes), &digest), Err(expected));
    });
    vectors.elsewhere("strict_der_consensus");
    vectors.elsewhere("der_parse");
    vectors.elsewhere("pubkey_encoding_consensus");
    vectors.finish(18 + 15);
}

#[test]
fn a_high_s_signature_is_wrong() {
    let key = PrivateKey::from_bytes(&[5; 32]).unwrap();
    let digest = SignatureHash::from_bytes([6; 32]);
    let good = key.sign(&digest);
    key.public_key().verify(&digest, &good).unwrap();
    let mut high = *good.as_bytes();
    let mut borrow = 0;
    for (byte, order) in high[32..].iter_mut().zip(secp256k1::constants::CURVE_ORDER).rev() {
        let difference = i16::from(order) - i16::from(*byte) - borrow;
        borrow = i16::from(difference < 0);
        *byte = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    let high = Signature::from_bytes(high);
    assert_eq!(key.public_key().verify(&digest, &high), Err(KeyError::WrongSignature));
}

#[test]
fn private_keys_of_zero_and_of_the_order_are_refused() {
    for bytes in [[0; 32], secp256k1::constants::CURVE_ORDER, [0xff; 32]] {
        assert_eq!(PrivateKey::from_bytes(&bytes).err(), Some(KeyError::PrivateOutOfRange));
    }
}
