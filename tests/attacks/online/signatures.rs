//! The file is an answer to the right request, and one of its signatures is not the one that was made: missing, one too
//! many, by another key, over something else, or the same in a second form.

use dcrcold::wallet::purchase::PurchaseError;
use dcrcold_core::hash::{SIGHASH_ALL, SignatureHash};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Index, KeyPath};
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::key::{MessageSignature, PrivateKey, Signature};
use dcrcold_signer::message;
use dcrcold_signer::rebuild::{Completed, RebuildError};
use dcrcold_signer::transfer::{AnswerError, Encode};
use dcrcold_signer::tx::{Transaction, signature_hash};

use crate::world::{Stopped, World, signatures};

/// The order of the curve.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc,
    0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

fn answer_error(stopped: &Stopped) -> Option<&AnswerError> {
    match stopped {
        Stopped::Purchase(PurchaseError::Rebuild(RebuildError::Answer(error))) => Some(error),
        _ => None,
    }
}

fn wrong(what: &'static str) -> impl Fn(&Stopped) -> bool {
    move |stopped| matches!(answer_error(stopped), Some(AnswerError::WrongSignature { what: found, .. }) if *found == what)
}

fn miscounted(what: &'static str, number: usize) -> impl Fn(&Stopped) -> bool {
    move |stopped| matches!(answer_error(stopped), Some(AnswerError::Count { what: kind, found, .. }) if *kind == what && *found == number)
}

/// The order less a number: the other s of the same signature.
fn negated(s: &[u8]) -> [u8; 32] {
    let mut result = ORDER;
    let mut borrow = false;
    for (digit, less) in result.iter_mut().zip(s).rev() {
        let (once, first) = digit.overflowing_sub(*less);
        let (twice, second) = once.overflowing_sub(u8::from(borrow));
        (*digit, borrow) = (twice, first || second);
    }
    result
}

fn high(signature: &Signature) -> Signature {
    let mut bytes = *signature.as_bytes();
    let s = negated(&bytes[32..]);
    bytes[32..].copy_from_slice(&s);
    Signature::from_bytes(bytes)
}

fn with(signature: &Signature, r: Option<[u8; 32]>, s: Option<[u8; 32]>) -> Signature {
    let mut bytes = *signature.as_bytes();
    if let Some(r) = r {
        bytes[..32].copy_from_slice(&r);
    }
    if let Some(s) = s {
        bytes[32..].copy_from_slice(&s);
    }
    Signature::from_bytes(bytes)
}

/// Changes the header byte of a message signature.
fn headed(signature: &MessageSignature, change: impl FnOnce(u8) -> u8) -> MessageSignature {
    let mut bytes = *signature.as_bytes();
    bytes[0] = change(bytes[0]);
    MessageSignature::from_bytes(bytes)
}

/// A key of the owner's account, which the attacker has not, to show what even such a key could not do.
fn owner_key(path: KeyPath) -> PrivateKey {
    let account = AccountPath { coin_type: CoinType::standard(Network::Simnet), account: Account::FIRST };
    let master = ExtendedPrivateKey::master(&[7; 32], Network::Simnet, Derivation::Decred).unwrap();
    master.account(account).unwrap().address_key(path).unwrap()
}

fn internal(index: u64) -> KeyPath {
    KeyPath::internal(Index::new(index).unwrap())
}

fn stranger() -> PrivateKey {
    PrivateKey::from_bytes(&[9; 32]).unwrap()
}

/// What the right answer completes.
fn completed() -> Completed {
    let world = World::new();
    world.wallet.completed(&world.request, &world.answer.to_container(Network::Simnet).unwrap()).unwrap()
}

/// The digest of a ticket's input after the transaction was changed.
fn digest(change: impl FnOnce(&mut Transaction), hash_type: u8) -> SignatureHash {
    let completed = completed();
    let mut ticket = completed.tickets[0].clone();
    change(&mut ticket);
    let script = &completed.funding.unwrap().outputs[0].script;
    signature_hash(&ticket, 0, script, hash_type).unwrap()
}

#[test]
fn leaves_the_signature_of_a_coin_out() {
    signatures(|answer| answer.inputs.clear(), miscounted("input", 0));
}

#[test]
fn leaves_the_signature_of_a_ticket_out() {
    signatures(|answer| answer.tickets.truncate(1), miscounted("ticket", 1));
}

#[test]
fn leaves_the_registrations_out() {
    signatures(|answer| answer.messages.clear(), miscounted("message", 0));
}

#[test]
fn adds_a_signature_of_a_coin() {
    signatures(|answer| answer.inputs.push(answer.inputs[0]), miscounted("input", 2));
}

#[test]
fn adds_a_signature_of_a_ticket() {
    signatures(|answer| answer.tickets.push(answer.tickets[0]), miscounted("ticket", 3));
}

#[test]
fn adds_a_registration() {
    signatures(|answer| answer.messages.push(answer.messages[0]), miscounted("message", 3));
}

#[test]
fn swaps_the_signatures_of_two_tickets() {
    signatures(|answer| answer.tickets.swap(0, 1), wrong("ticket"));
}

#[test]
fn swaps_two_registrations() {
    signatures(|answer| answer.messages.swap(0, 1), wrong("message"));
}

#[test]
fn signs_two_tickets_with_one_signature() {
    signatures(|answer| answer.tickets[1] = answer.tickets[0], wrong("ticket"));
}

#[test]
fn signs_a_coin_with_the_signature_of_a_ticket() {
    signatures(|answer| answer.inputs[0] = answer.tickets[0], wrong("input"));
}

#[test]
fn lets_the_last_signature_be_wrong() {
    signatures(|answer| answer.messages[1] = answer.messages[0], wrong("message"));
}

/// The network takes no high S, so that the split would be sent and its tickets never.
#[test]
fn changes_the_form_of_a_tickets_signature() {
    signatures(|answer| answer.tickets[1] = high(&answer.tickets[1]), wrong("ticket"));
}

#[test]
fn changes_the_form_of_a_coins_signature() {
    signatures(|answer| answer.inputs[0] = high(&answer.inputs[0]), wrong("input"));
}

/// With the other recovery code the same key comes out: a second answer to one request.
#[test]
fn changes_the_form_of_a_registration() {
    signatures(
        |answer| {
            let mut bytes = *answer.messages[0].as_bytes();
            let s = negated(&bytes[33..]);
            bytes[33..].copy_from_slice(&s);
            bytes[0] = 31 + ((bytes[0] - 31) ^ 1);
            answer.messages[0] = MessageSignature::from_bytes(bytes);
        },
        wrong("message"),
    );
}

#[test]
fn names_another_recovery_code() {
    signatures(
        |answer| answer.messages[0] = headed(&answer.messages[0], |byte| 31 + ((byte - 31) ^ 1)),
        wrong("message"),
    );
}

#[test]
fn names_a_recovery_code_that_does_not_exist() {
    signatures(|answer| answer.messages[0] = headed(&answer.messages[0], |_| 35), wrong("message"));
}

/// Without the bit for compressed keys another address comes out of the same key.
#[test]
fn calls_the_key_of_a_registration_uncompressed() {
    signatures(|answer| answer.messages[0] = headed(&answer.messages[0], |byte| byte - 4), wrong("message"));
}

#[test]
fn signs_a_coin_with_a_key_of_its_own() {
    signatures(|answer| answer.inputs[0] = stranger().sign(&digest(|_| (), SIGHASH_ALL)), wrong("input"));
}

#[test]
fn signs_a_ticket_with_a_key_of_its_own() {
    signatures(|answer| answer.tickets[0] = stranger().sign(&digest(|_| (), SIGHASH_ALL)), wrong("ticket"));
}

#[test]
fn signs_a_ticket_with_another_key_of_the_owner() {
    signatures(|answer| answer.tickets[0] = owner_key(internal(0)).sign(&digest(|_| (), SIGHASH_ALL)), wrong("ticket"));
}

#[test]
fn signs_a_registration_with_a_key_of_its_own() {
    let body = completed().registrations[0].body.clone();
    signatures(|answer| answer.messages[0] = message::sign(&stranger(), body.as_bytes()), wrong("message"));
}

#[test]
fn signs_a_registration_with_another_key_of_the_owner() {
    let body = completed().registrations[0].body.clone();
    signatures(|answer| answer.messages[0] = message::sign(&owner_key(internal(0)), body.as_bytes()), wrong("message"));
}

#[test]
fn signs_another_registration() {
    let body = completed().registrations[0].body.replace("\"timestamp\":1", "\"timestamp\":2");
    signatures(|answer| answer.messages[0] = message::sign(&owner_key(internal(2)), body.as_bytes()), wrong("message"));
}

/// A signature that leaves the outputs open: whoever sees it puts his own in.
#[test]
fn signs_a_ticket_without_its_outputs() {
    let key = owner_key(internal(1));
    signatures(|answer| answer.tickets[0] = key.sign(&digest(|_| (), 2)), wrong("ticket"));
}

#[test]
fn signs_a_ticket_with_another_voter() {
    let key = owner_key(internal(1));
    let other = digest(|ticket| ticket.outputs[0].script[5] ^= 1, SIGHASH_ALL);
    signatures(|answer| answer.tickets[0] = key.sign(&other), wrong("ticket"));
}

#[test]
fn signs_a_ticket_without_an_expiry() {
    let key = owner_key(internal(1));
    let other = digest(|ticket| ticket.expiry = 0, SIGHASH_ALL);
    signatures(|answer| answer.tickets[0] = key.sign(&other), wrong("ticket"));
}

/// What the tests above would show for nothing: with the owner's key over the right bytes it is the right answer.
#[test]
fn the_owners_own_signature_is_no_attack() {
    let world = World::new();
    assert_eq!(owner_key(internal(1)).sign(&digest(|_| (), SIGHASH_ALL)), world.answer.tickets[0]);
    let body = completed().registrations[0].body.clone();
    assert_eq!(message::sign(&owner_key(internal(2)), body.as_bytes()), world.answer.messages[0]);
    let negated_twice = high(&high(&world.answer.inputs[0]));
    assert_eq!(negated_twice, world.answer.inputs[0]);
}

#[test]
fn signs_with_nothing() {
    signatures(|answer| answer.tickets[0] = with(&answer.tickets[0], Some([0; 32]), Some([0; 32])), wrong("ticket"));
}

#[test]
fn signs_with_an_s_of_zero() {
    signatures(|answer| answer.tickets[0] = with(&answer.tickets[0], None, Some([0; 32])), wrong("ticket"));
}

#[test]
fn signs_with_an_r_of_zero() {
    signatures(|answer| answer.tickets[0] = with(&answer.tickets[0], Some([0; 32]), None), wrong("ticket"));
}

#[test]
fn signs_with_an_r_that_is_the_order() {
    signatures(|answer| answer.tickets[0] = with(&answer.tickets[0], Some(ORDER), None), wrong("ticket"));
}

#[test]
fn signs_with_the_largest_numbers() {
    signatures(
        |answer| {
            answer.messages[0] = MessageSignature::from_bytes([&[31][..], &[0xff; 64]].concat().try_into().unwrap());
        },
        wrong("message"),
    );
}
