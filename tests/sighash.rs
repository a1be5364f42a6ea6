//! Signature hashes of every type against `sighash.json`, and real signatures against `signed_inputs.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, array, hex, list, number, text};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{SIGHASH_ALL, signature_hash_all};
use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::key::PublicKey;
use dcrcold_signer::tx::script::{instructions, last_push};
use dcrcold_signer::tx::sighash::SighashError;
use dcrcold_signer::tx::sigscript::{self, KeySignature, SignatureError};
use dcrcold_signer::tx::{Transaction, TxOut, der, signature_hash, signature_script};
use serde_json::Value;

#[test]
fn digests_are_the_known_ones() {
    let mut vectors = Vectors::load("sighash.json");
    vectors.each("vectors", |row| {
        let tx = Transaction::decode(&hex(&row["tx"])).unwrap();
        let (position, script) = (number(&row["input"]), hex(&row["script"]));
        let hash_type = number(&row["hash_type"]);
        let digest = signature_hash(&tx, position, &script, hash_type);
        if row["error"].is_null() {
            assert_eq!(digest.unwrap().to_string(), text(&row["sighash"]), "{}", row["comment"]);
        } else {
            assert_eq!(text(&row["error"]), "SIGHASH_SINGLE_IDX");
            let outputs = tx.outputs.len();
            assert_eq!(digest, Err(SighashError::NoSingleOutput { position, outputs }), "{}", row["comment"]);
        }
    });
    vectors.finish(123);
}

#[test]
fn an_input_that_is_not_there_has_no_digest() {
    let vectors = Vectors::load("sighash.json");
    let tx = Transaction::decode(&hex(&vectors.get("vectors")[0]["tx"])).unwrap();
    let inputs = tx.inputs.len();
    let error = signature_hash(&tx, inputs, &[], SIGHASH_ALL).unwrap_err();
    assert_eq!(error, SighashError::NoInput { position: inputs, inputs });
}

#[test]
fn real_inputs_are_signed_by_their_keys() {
    let mut vectors = Vectors::load("signed_inputs.json");
    let (mut key_hashes, mut script_hashes) = (0, 0);
    vectors.each("inputs", |row| {
        let tx = Transaction::decode(&hex(&row["tx"])).unwrap();
        assert_eq!(tx.id().to_string(), text(&row["txid"]));
        let position = number(&row["input"]);
        list(&row["verifications"]).iter().for_each(|signature| check_signature(&tx, position, signature));
        let value = Amount::from_atoms(number(&row["prev_value"])).unwrap();
        let spent = TxOut::new(value, &hex(&row["prev_script"]));
        match Payment::recognise(&spent.script).unwrap().payee {
            Payee::KeyHash(_) => key_hashes += check_key_hash(&tx, position, &spent, &row["verifications"][0]),
            Payee::ScriptHash(_) => script_hashes += check_script_hash(&tx, position, &spent, &row["verifications"]),
        }
    });
    println!("of these, {key_hashes} spend a key hash and {script_hashes} a script hash");
    vectors.finish(79);
}

/// Verifies one signature over the script that the row says is signed.
fn check_signature(tx: &Transaction, position: usize, row: &Value) {
    let script = hex(&row["signed_script"]);
    let hash_type = number(&row["hash_type"]);
    let digest = signature_hash(tx, position, &script, hash_type).unwrap();
    assert_eq!(digest.to_string(), text(&row["sighash"]));
    // The core has a short form for transactions of version 1, which are all that it signs.
    if hash_type == SIGHASH_ALL && tx.version == 1 {
        let inputs = u32::try_from(tx.inputs.len()).unwrap();
        let place = u32::try_from(position).unwrap();
        assert_eq!(signature_hash_all(&tx.id(), inputs, place, &script), digest);
    }
    let der = hex(&row["signature_der"]);
    der::check_consensus(&der).unwrap();
    let signature = der::parse(&der).unwrap();
    assert_eq!(der::encode(&signature), der);
    PublicKey::from_bytes(&array(&row["pubkey"])).unwrap().verify(&digest, &signature).unwrap();
}

fn check_key_hash(tx: &Transaction, position: usize, spent: &TxOut, row: &Value) -> usize {
    let found = sigscript::check_input(tx, position, spent).unwrap();
    let known = KeySignature {
        signature: der::parse(&hex(&row["signature_der"])).unwrap(),
        hash_type: number(&row["hash_type"]),
        public_key: PublicKey::from_bytes(&array(&row["pubkey"])).unwrap(),
    };
    assert_eq!(found, known);
    assert_eq!(known.script(), tx.inputs[position].signature_script);
    assert_eq!(signature_script(&known.signature, &known.public_key), known.script());
    for broken in broken_inputs(tx, position) {
        let error = sigscript::check_input(&broken, position, spent).unwrap_err();
        let broken_here = matches!(
            error,
            SignatureError::Key(_)
                | SignatureError::OtherKey { .. }
                | SignatureError::HashType { .. }
                | SignatureError::Form
        );
        assert!(broken_here, "{error}");
    }
    1
}

/// The transaction with another output value, another key, an undefined hash type, and no signature.
fn broken_inputs(tx: &Transaction, position: usize) -> [Transaction; 4] {
    let mut broken = [tx.clone(), tx.clone(), tx.clone(), tx.clone()];
    broken[0].outputs[0].value.0 ^= 1;
    *broken[1].inputs[position].signature_script.last_mut().unwrap() ^= 1;
    let key_push = 34;
    let script = &mut broken[2].inputs[position].signature_script;
    let hash_type = script.len() - key_push - 1;
    script[hash_type] = 4;
    broken[3].inputs[position].signature_script.clear();
    broken
}

fn check_script_hash(tx: &Transaction, position: usize, spent: &TxOut, signatures: &Value) -> usize {
    let script = &tx.inputs[position].signature_script;
    let redeem = last_push(script).unwrap();
    let payee = Payment::recognise(&spent.script).unwrap().payee;
    assert_eq!(*payee.hash(), dcrcold_core::hash::Hash160::of(redeem));
    for signature in list(signatures) {
        assert_eq!(redeem, hex(&signature["signed_script"]));
        let mut pushed = hex(&signature["signature_der"]);
        pushed.push(number(&signature["hash_type"]));
        assert!(instructions(script).any(|part| part.unwrap().data == pushed));
    }
    assert_eq!(sigscript::check_input(tx, position, spent), Err(SignatureError::NotKeyHash));
    1
}
