//! Standard scripts, opcodes and script parts against `script_classification.json` and `script_stake_tests.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, hex, list, number, parsed, text};
use dcrcold_core::hash::Hash160;
use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::tx::opcode::Opcode;
use dcrcold_signer::tx::script::{Instruction, instructions, last_push};
use dcrcold_signer::tx::standard::{ScriptKey, StandardScript};
use serde_json::Value;

/// Names that dcrd has for an opcode besides the one it prints.
const ALIASES: [(&str, &str); 4] = [
    ("OP_FALSE", "OP_0"),
    ("OP_TRUE", "OP_1"),
    ("OP_NOP2", "OP_CHECKLOCKTIMEVERIFY"),
    ("OP_NOP3", "OP_CHECKSEQUENCEVERIFY"),
];

#[test]
fn scripts_have_the_forms_that_dcrd_sees() {
    let mut vectors = Vectors::load("script_classification.json");
    vectors.each("classification", check_form);
    vectors.each("address_extraction", check_addresses);
    vectors.one("opcodes", |names| {
        let names = names.as_object().unwrap();
        for (name, value) in names {
            let printed = ALIASES.iter().find(|(alias, _)| alias == name).map_or(name.as_str(), |(_, name)| name);
            assert_eq!(Opcode(number(value)).to_string(), printed);
        }
        names.len()
    });
    vectors.finish(101 + 121 + 206);
}

fn check_form(row: &Value) {
    let script = hex(&row["script"]);
    let version = number(&row["version"]);
    // For a signature script dcrd names the form of the redeem script it ends with.
    let in_signature = row["is_signature_script"].as_bool().unwrap();
    let judged = if in_signature { last_push(&script).unwrap_or_default() } else { &script };
    let found = StandardScript::recognise(version, judged);
    let name = found.as_ref().map_or("nonstandard", StandardScript::name);
    assert_eq!(name, text(&row["type"]), "{}", row["name"]);
    match found {
        Some(form) if in_signature => {
            assert!(matches!(form, StandardScript::Multisig { .. }));
            assert_eq!(judged, hex(&row["data"]));
        }
        Some(form) => {
            assert_eq!(required_signatures(&form), row["required_sigs"], "{}", row["name"]);
            let data = row["data"].as_str().map(|_| hex(&row["data"]));
            assert_eq!(payload(&form), data, "{}", row["name"]);
        }
        None => assert_eq!(row["data"], Value::Null),
    }
}

fn required_signatures(form: &StandardScript) -> u8 {
    match form {
        StandardScript::Multisig { required, .. } => *required,
        StandardScript::NullData | StandardScript::TreasuryAdd => 0,
        _ => 1,
    }
}

/// What dcrd gives as the data of a form: the key or the hash.
fn payload(form: &StandardScript) -> Option<Vec<u8>> {
    match form {
        StandardScript::PublicKey(ScriptKey::Compressed(key)) | StandardScript::PublicKeySchnorr(key) => {
            Some(key.to_vec())
        }
        StandardScript::PublicKey(ScriptKey::Uncompressed(key)) => Some(key.to_vec()),
        StandardScript::PublicKeyEd25519(key) => Some(key.to_vec()),
        StandardScript::Payment(payment) => Some(payment.payee.hash().as_bytes().to_vec()),
        StandardScript::KeyHashEd25519(hash) | StandardScript::KeyHashSchnorr(hash) => Some(hash.as_bytes().to_vec()),
        StandardScript::Multisig { .. } | StandardScript::NullData | StandardScript::TreasuryAdd => None,
    }
}

/// The form again, and the addresses it pays.
fn check_addresses(row: &Value) {
    let form = StandardScript::recognise(0, &hex(&row["script"]));
    assert_eq!(form.as_ref().map_or("nonstandard", StandardScript::name), text(&row["type"]), "{}", row["name"]);
    let addresses = form.map(|form| form.addresses(parsed(&row["net"]))).unwrap_or_default();
    let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, list(&row["addresses"]).iter().map(text).collect::<Vec<_>>(), "{}", row["name"]);
}

#[test]
fn stake_scripts_come_apart_and_together() {
    let mut vectors = Vectors::load("script_stake_tests.json");
    vectors.each("tests", |row| {
        let (signature, spent) = (hex(&row["sig_script"]), hex(&row["pk_script"]));
        for script in [&signature, &spent] {
            let parts: Vec<_> = instructions(script).map(Result::unwrap).collect();
            assert_eq!(assemble(&parts), *script);
        }
        let treasury = row["flags"] == "TREASURY";
        assert_eq!(verdict(&signature, &spent, treasury), text(&row["expected"]), "{}", row["comment"]);
    });
    vectors.finish(38);
}

fn assemble(parts: &[Instruction<'_>]) -> Vec<u8> {
    // The rows push directly only, so the opcode says the length.
    parts.iter().flat_map(|part| [&[part.opcode.0], part.data].concat()).collect()
}

/// What becomes of spending `spent` with `signature`, by as much of a script engine as the rows need.
fn verdict(signature: &[u8], spent: &[u8], treasury: bool) -> &'static str {
    let mut stack = Vec::new();
    run(signature, &mut stack);
    let mut before = stack.clone();
    run(spent, &mut stack);
    if !is_true(stack.last()) {
        return "ERR_EVAL_FALSE";
    }
    if !matches!(Payment::recognise(spent), Some(Payment { payee: Payee::ScriptHash(_), .. })) {
        return "OK";
    }
    let redeem = last_push(signature).unwrap();
    if instructions(redeem).any(|part| is_stake_opcode(part.unwrap().opcode, treasury)) {
        return "ERR_P2SH_STAKE_OPCODES";
    }
    before.pop();
    run(redeem, &mut before);
    if is_true(before.last()) { "OK" } else { "ERR_EVAL_FALSE" }
}

fn run(script: &[u8], stack: &mut Vec<Vec<u8>>) {
    for part in instructions(script).map(Result::unwrap) {
        match part.opcode.0 {
            0x01..=0x4b => stack.push(part.data.to_vec()),
            0x51..=0x60 => stack.push(vec![part.small_integer().unwrap()]),
            0x87 => {
                let equal = stack.pop() == stack.pop();
                stack.push(vec![equal.into()]);
            }
            0x93 => {
                let sum = stack.pop().unwrap()[0] + stack.pop().unwrap()[0];
                stack.push(vec![sum]);
            }
            0xa9 => {
                let hash = Hash160::of(&stack.pop().unwrap());
                stack.push(hash.as_bytes().to_vec());
            }
            // Nothing happens at NOPs, and stake opcodes are such.
            0xb0..=0xbd | 0xc1..=0xc3 => {}
            other => panic!("no row had opcode {other:#x}"),
        }
    }
}

fn is_true(top: Option<&Vec<u8>>) -> bool {
    top.is_some_and(|top| top.iter().any(|byte| *byte != 0))
}

fn is_stake_opcode(opcode: Opcode, treasury: bool) -> bool {
    matches!(opcode.0, 0xba..=0xbd) || (treasury && matches!(opcode.0, 0xc1..=0xc3))
}
