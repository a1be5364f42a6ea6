//! Size estimates, fees and the fees of VSPs against `sizes_fees.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, number, text};
use dcrcold_core::amount::{Amount, FeeRate, Height, Size};
use dcrcold_core::fees::{KEY_HASH_SCRIPT, Outputs, SCRIPT_HASH_SCRIPT, TICKET_SIZE};
use dcrcold_core::net::Network;
use dcrcold_core::script::COMMITMENT_SCRIPT;
use dcrcold_signer::stake::subsidy::SubsidySplit;
use dcrcold_signer::stake::vsp_fee::{FeeBasis, vsp_fee};
use serde_json::Value;

/// A key hash script behind a stake opcode.
const TAGGED_SCRIPT: u32 = KEY_HASH_SCRIPT + 1;

fn outputs(script: u32, count: u32) -> Outputs {
    (0..count).fold(Outputs::default(), |outputs, _| outputs.with(script))
}

#[test]
fn sizes_and_fees_are_those_of_dcrwallet() {
    let mut vectors = Vectors::load("sizes_fees.json");
    vectors.each("estimate_serialize_size", |row| {
        assert_eq!(row["input_script_sizes"][0], 108, "only key hash inputs are estimated");
        let estimated = outputs(number(&row["output_script_sizes"][0]), number(&row["output_script_sizes"][1]));
        let size = with_change(estimated, row).size(number(&row["input_script_sizes"][1]));
        assert_eq!(size.0, row["size"]);
    });
    vectors.each("ticket_size_estimates", |row| {
        let inputs: u32 = number(&row["inputs"]);
        let pairs = (0..inputs).fold(outputs(TAGGED_SCRIPT, 1), |outputs, _| {
            outputs.with(u32::try_from(COMMITMENT_SCRIPT).unwrap()).with(TAGGED_SCRIPT)
        });
        assert!(inputs > 1 || pairs.size(1) == TICKET_SIZE);
        check_size(pairs.size(inputs), row);
    });
    vectors.each("split_size_estimates", |row| {
        let split = with_change(outputs(KEY_HASH_SCRIPT, number(&row["ticket_outputs"])), row);
        check_size(split.size(number(&row["inputs"])), row);
    });
    vectors.one("vote_size_estimates", check_votes);
    vectors.one("constants", check_constants);
    // The sizes of inputs that this project does not spend.
    vectors.data_only("constants", 2);
    vectors.each("vsp_fee", check_vsp_fee);
    vectors.finish(17 + 4 + 5 + 2 + 7 + 7);
}

fn with_change(outputs: Outputs, row: &Value) -> Outputs {
    match number(&row["change_script_size"]) {
        0 => outputs,
        script => outputs.with(script),
    }
}

fn check_size(size: Size, row: &Value) {
    assert_eq!(size.0, row["size"]);
    assert_eq!(FeeRate::RELAY_MINIMUM.fee(size).unwrap().atoms(), row["fee_at_10000"]);
}

/// A vote of a ticket with one share: a stakebase, whose script has two bytes, and one key hash input.
fn check_votes(row: &Value) -> usize {
    let stakebase = 2 + 41 + 17;
    let reference = 38;
    for (bits, key) in [(2, "solo_vote_2byte_bits"), (6, "solo_vote_6byte_bits")] {
        let size = Outputs::default().with(reference).with(2 + bits).with(TAGGED_SCRIPT).size(1);
        assert_eq!(size.0 + stakebase, row[key]);
    }
    2
}

fn check_constants(row: &Value) -> usize {
    let none = Outputs::default();
    let input = none.size(2).0 - none.size(1).0;
    assert_eq!(input, row["redeem_p2pkh_input"]);
    assert_eq!(input - 41 - 17, row["redeem_p2pkh_sigscript"]);
    assert_eq!(KEY_HASH_SCRIPT, row["p2pkh_pkscript"]);
    assert_eq!(SCRIPT_HASH_SCRIPT, row["p2sh_pkscript"]);
    assert_eq!(COMMITMENT_SCRIPT, number::<usize>(&row["ticket_commitment_script"]));
    assert_eq!(none.with(KEY_HASH_SCRIPT).size(0).0 - none.size(0).0, row["p2pkh_output"]);
    assert_eq!(FeeRate::RELAY_MINIMUM.atoms_per_kb(), row["default_relay_fee_per_kb"]);
    7
}

fn check_vsp_fee(row: &Value) {
    let amount = |key: &str| Amount::from_atoms(number(&row[key])).unwrap();
    let split = match text(&row["split"]) {
        "original" => SubsidySplit::Original,
        "dcp0010" => SubsidySplit::Dcp0010,
        "dcp0012" => SubsidySplit::Dcp0012,
        other => panic!("unknown split {other}"),
    };
    let (price, ticket_fee) = (amount("ticket_price"), amount("ticket_fee"));
    let basis = FeeBasis { price, ticket_fee, height: Height(number(&row["height"])), split };
    let fee = vsp_fee(Network::Mainnet, &basis, row["vsp_fee_percent"].to_string().parse().unwrap());
    assert_eq!(fee, Some(amount("fee")));
}
