//! Network parameters, activation heights and genesis blocks against `network_params.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, array, hex, text};
use dcrcold_core::net::{Network, Params};
use dcrcold_signer::block::{Block, genesis};
use dcrcold_signer::stake::subsidy::{REDUCTION_DIVISOR, REDUCTION_MULTIPLIER};
use dcrcold_signer::stake::vote;
use serde_json::Value;

/// What only a full node, a miner or the peer protocol needs.
const UNUSED: [&str; 10] = [
    "stake_version_interval",
    "max_tx_size",
    "rule_change_activation_interval",
    "rule_change_activation_quorum",
    "treasury_vote_interval",
    "treasury_vote_interval_multiplier",
    "wire_magic",
    "p2p_port",
    "dcrwallet_grpc_port",
    "accept_non_std_txs",
];

#[test]
fn parameters_are_those_of_dcrd() {
    let mut vectors = Vectors::load("network_params.json");
    for network in Network::ALL {
        vectors.one(network.name(), |row| {
            let checked = check_prefixes(network.params(), row)
                + check_stake_rules(network.params(), row)
                + check_subsidy(network.params(), row)
                + check_genesis(network, row)
                + check_versions(network, row);
            assert_eq!(checked + UNUSED.len(), row.as_object().unwrap().len());
            assert!(UNUSED.iter().all(|key| row.get(key).is_some()));
            checked
        });
        vectors.data_only(network.name(), UNUSED.len());
    }
    vectors.finish(3 * 30);
}

fn check_prefixes(params: &Params, row: &Value) -> usize {
    let addresses = &row["address_prefix"];
    assert_eq!(params.public_key, array(&addresses["pubkey"]));
    assert_eq!(params.key_hash, array(&addresses["p2pkh_ecdsa"]));
    assert_eq!(params.key_hash_ed25519, array(&addresses["p2pkh_ed25519"]));
    assert_eq!(params.key_hash_schnorr, array(&addresses["p2pkh_schnorr"]));
    assert_eq!(params.script_hash, array(&addresses["p2sh"]));
    assert_eq!(params.wif, array(&row["wif_prefix"]));
    assert_eq!(params.extended_private, array(&row["xprv_version"]));
    assert_eq!(params.extended_public, array(&row["xpub_version"]));
    let [coin_type, legacy] = params.coin_types;
    assert_eq!(coin_type, row["slip44_coin_type"]);
    assert_eq!(legacy, row["legacy_coin_type"]);
    6
}

fn check_stake_rules(params: &Params, row: &Value) -> usize {
    assert_eq!(params.minimum_stake_difficulty.atoms(), row["minimum_stake_diff"]);
    assert_eq!(params.ticket_pool_size, row["ticket_pool_size"]);
    assert_eq!(params.tickets_per_block, row["tickets_per_block"]);
    assert_eq!(params.ticket_maturity, row["ticket_maturity"]);
    assert_eq!(params.ticket_expiry, row["ticket_expiry"]);
    assert_eq!(params.coinbase_maturity, row["coinbase_maturity"]);
    assert_eq!(params.ticket_change_maturity, row["sstx_change_maturity"]);
    assert_eq!(params.stake_difficulty_window, row["stake_diff_window_size"]);
    assert_eq!(params.max_tickets_per_block, row["max_fresh_stake_per_block"]);
    assert_eq!(params.stake_enabled_height, row["stake_enabled_height"]);
    assert_eq!(params.stake_validation_height, row["stake_validation_height"]);
    11
}

fn check_subsidy(params: &Params, row: &Value) -> usize {
    assert_eq!(params.base_subsidy, row["base_subsidy"]);
    assert_eq!(params.subsidy_reduction_interval, row["subsidy_reduction_interval"]);
    assert_eq!(REDUCTION_MULTIPLIER, row["mul_subsidy"]);
    assert_eq!(REDUCTION_DIVISOR, row["div_subsidy"]);
    assert_eq!(params.block_one_subsidy, row["block_one_subsidy"]);
    assert_eq!(params.target_block_seconds, row["target_seconds_per_block"]);
    assert_eq!(params.dcrd_rpc_port, row["dcrd_rpc_port"]);
    assert_eq!(params.dcrwallet_rpc_port, row["dcrwallet_rpc_port"]);
    8
}

fn check_genesis(network: Network, row: &Value) -> usize {
    let bytes = hex(&row["genesis_block"]);
    let block = Block::decode(&bytes).unwrap();
    assert_eq!(block.encode(), bytes);
    assert_eq!(block.header, genesis::header(network));
    assert_eq!(block.id().to_string(), text(&row["genesis_hash"]));
    // The genesis block of testnet3 has the plain transaction id in its merkle root.
    assert_eq!(block.check_merkle(network).is_ok(), network != Network::Testnet3, "{network}");
    2
}

fn check_versions(network: Network, row: &Value) -> usize {
    let newest = vote::newest_version(network);
    assert_eq!(newest, row["latest_vote_version"]);
    assert_eq!(row["vote_versions"].as_array().unwrap().last().unwrap(), newest);
    assert_eq!(vote::STAKEBASE_SCRIPT.as_slice(), hex(&row["stake_base_sig_script"]));
    3
}
