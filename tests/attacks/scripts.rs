//! The host names a coin of another kind than the signer believes: whatever is not a key hash that this account's key
//! at the given path opens is not signed for, even where the same key could open it.

use dcrcold_core::hash::Hash160;
use dcrcold_core::policy::Rule;
use dcrcold_core::script::{COMMITMENT_LIMITS, Commitment, Payee, Payment, StakeTag};
use dcrcold_signer::hd::ExtendedKeyData;
use dcrcold_signer::tx::TxOut;

use crate::cold::{Cold, atoms, encoded, external, parent_of};
use crate::harness::{Attack, Victim, purchase};

const PUSH_20: u8 = 0x14;
const PUSH_33: u8 = 0x21;
const PUSHDATA1: u8 = 0x4c;
const ONE: u8 = 0x51;
const TWO: u8 = 0x52;
const NOP: u8 = 0x61;
const RETURN: u8 = 0x6a;
const DUP: u8 = 0x76;
const EQUALVERIFY: u8 = 0x88;
const HASH160: u8 = 0xa9;
const CHECKSIG: u8 = 0xac;
const CHECKMULTISIG: u8 = 0xae;
const CHECKSIGALT: u8 = 0xbe;
const TADD: u8 = 0xc1;
const TSPEND: u8 = 0xc2;

/// The coin, worth the same as the honest one, has another script.
fn paying(version: u16, script: impl FnOnce(&Cold) -> Vec<u8>) -> Attack {
    purchase(|cold, purchase| {
        let value = atoms(60_000_000_000);
        let output = TxOut { script_version: version, ..TxOut::new(value, &script(cold)) };
        purchase.parents = vec![parent_of(vec![output])];
    })
}

fn is_unsupported(script: impl FnOnce(&Cold) -> Vec<u8>) {
    paying(0, script).is_refused(Rule::InputScriptUnsupported);
}

/// The script that pays the key 0/0, as an honest coin has it.
fn ours(cold: &Cold) -> Vec<u8> {
    cold.script(external(0), None)
}

fn hash(cold: &Cold) -> [u8; 20] {
    *cold.hash(external(0)).as_bytes()
}

fn public_key(cold: &Cold) -> [u8; 33] {
    let key: &ExtendedKeyData = &cold.account;
    key.address_key(external(0)).expect("a key that exists").to_bytes()
}

fn script_hash(cold: &Cold, tag: Option<StakeTag>) -> Vec<u8> {
    Payment { tag, payee: Payee::ScriptHash(cold.hash(external(0))) }.script().as_bytes().to_vec()
}

/// The money of a ticket spent as if it were a payment: its vote signed with the coin's key.
#[test]
fn spends_a_live_ticket() {
    is_unsupported(|cold| cold.script(external(0), Some(StakeTag::Submission)));
}

#[test]
fn spends_a_live_ticket_that_a_script_votes() {
    is_unsupported(|cold| script_hash(cold, Some(StakeTag::Submission)));
}

#[test]
fn spends_a_payout_of_the_treasury() {
    is_unsupported(|cold| cold.script(external(0), Some(StakeTag::Treasury)));
}

#[test]
fn spends_what_was_given_to_the_treasury() {
    is_unsupported(|_| vec![TADD]);
}

#[test]
fn spends_for_the_treasury() {
    is_unsupported(|_| vec![TSPEND]);
}

#[test]
fn has_a_key_sign_for_a_script_of_the_same_hash() {
    is_unsupported(|cold| script_hash(cold, None));
}

#[test]
fn has_a_key_sign_for_a_vote_that_pays_a_script() {
    is_unsupported(|cold| script_hash(cold, Some(StakeTag::Vote)));
}

#[test]
fn has_a_key_sign_for_a_revocation_that_pays_a_script() {
    is_unsupported(|cold| script_hash(cold, Some(StakeTag::Revocation)));
}

#[test]
fn has_a_key_sign_for_ticket_change_that_pays_a_script() {
    is_unsupported(|cold| script_hash(cold, Some(StakeTag::Change)));
}

#[test]
fn spends_a_coin_that_pays_the_bare_key() {
    is_unsupported(|cold| [&[PUSH_33][..], &public_key(cold), &[CHECKSIG]].concat());
}

/// The same key, another signature algorithm: what is a signature here gives nonces away there.
#[test]
fn has_the_key_sign_for_a_schnorr_script() {
    is_unsupported(|cold| [&[DUP, HASH160, PUSH_20][..], &hash(cold), &[EQUALVERIFY, TWO, CHECKSIGALT]].concat());
}

#[test]
fn has_the_key_sign_for_an_ed25519_script() {
    is_unsupported(|cold| [&[DUP, HASH160, PUSH_20][..], &hash(cold), &[EQUALVERIFY, ONE, CHECKSIGALT]].concat());
}

#[test]
fn has_the_key_sign_its_part_of_a_shared_coin() {
    is_unsupported(|cold| [&[ONE, PUSH_33][..], &public_key(cold), &[ONE, CHECKMULTISIG]].concat());
}

#[test]
fn spends_a_coin_that_anybody_can_spend() {
    is_unsupported(|_| vec![ONE]);
}

#[test]
fn spends_a_coin_without_a_script() {
    is_unsupported(|_| Vec::new());
}

#[test]
fn spends_what_was_burnt() {
    is_unsupported(|cold| [&[RETURN, PUSH_20][..], &hash(cold)].concat());
}

#[test]
fn spends_the_commitment_of_a_ticket() {
    is_unsupported(|cold| {
        let payee = Payee::KeyHash(cold.hash(external(0)));
        Commitment { payee, amount: atoms(60_000_000_000), limits: COMMITMENT_LIMITS }.script().as_bytes().to_vec()
    });
}

#[test]
fn hides_an_opcode_behind_a_script_of_ours() {
    is_unsupported(|cold| [&ours(cold)[..], &[NOP]].concat());
}

#[test]
fn hides_an_opcode_before_a_script_of_ours() {
    is_unsupported(|cold| [&[NOP], &ours(cold)[..]].concat());
}

#[test]
fn cuts_the_check_of_the_signature_off() {
    is_unsupported(|cold| ours(cold)[..24].to_vec());
}

#[test]
fn writes_the_push_of_the_hash_in_another_way() {
    is_unsupported(|cold| [&[DUP, HASH160, PUSHDATA1, PUSH_20][..], &hash(cold), &[EQUALVERIFY, CHECKSIG]].concat());
}

#[test]
fn tags_a_coin_twice() {
    is_unsupported(|cold| [&[StakeTag::Vote.opcode(), StakeTag::Change.opcode()], &ours(cold)[..]].concat());
}

/// A script of another version can be spent by anybody, whatever it says.
#[test]
fn spends_a_coin_of_script_version_1() {
    paying(1, ours).is_refused(Rule::ScriptVersionUnsupported);
}

#[test]
fn spends_a_coin_of_the_last_script_version() {
    paying(u16::MAX, ours).is_refused(Rule::ScriptVersionUnsupported);
}

#[test]
fn spends_a_strangers_coin() {
    paying(0, |_| Payment::to_key(Hash160::from_bytes([9; 20])).script().as_bytes().to_vec())
        .is_refused(Rule::InputNotOurs);
}

/// What the tests above would refuse for nothing: rewards and change of tickets are coins like others.
#[test]
fn rewards_and_ticket_change_are_no_attack() {
    for tag in [StakeTag::Vote, StakeTag::Revocation, StakeTag::Change] {
        let victim = Victim::new();
        let mut purchase = victim.cold.purchase(2);
        let script = victim.cold.script(external(0), Some(tag));
        purchase.parents = vec![parent_of(vec![TxOut::new(atoms(60_000_000_000), &script)])];
        victim.signs(&encoded(&purchase));
    }
}
