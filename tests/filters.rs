//! Version 2 filters against dcrd's: encoding, matching, and what of a block goes into its filter.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::HashMap;

use common::{Vectors, array, hex, list, number, parsed, text};
use dcrcold::chain::filter::{Filter, FilterKey, build, entries};
use dcrcold_core::hash::TxId;
use dcrcold_signer::block::{Block, commitment};
use dcrcold_signer::tx::{OutPoint, RawValue, Tree, TxOut};
use serde_json::Value;

#[test]
fn filters_agree_with_dcrd() {
    let mut file = Vectors::load("cfilters_v2.json");
    let messages = Vectors::load("p2p_messages.json");
    file.each("gcs", |row| {
        let key = FilterKey::from_bytes(array(&row["key"]));
        let items: Vec<_> = list(&row["items"]).iter().map(hex).collect();
        check_filter(row, key, &items);
    });
    file.each("blocks", |row| check_block(row, &block_bytes(row, &messages)));
    file.data_only("b", 1);
    file.data_only("m", 1);
    file.finish(8 + 7);
}

fn check_filter(row: &Value, key: FilterKey, items: &[Vec<u8>]) {
    let bytes = build(key, items.iter().map(Vec::as_slice));
    assert_eq!(bytes, hex(&row["filter"]));
    assert_eq!(commitment::filter_hash(&bytes), parsed(&row["filter_hash"]));
    let filter = Filter::decode(&bytes).unwrap();
    assert_eq!(filter.len(), number::<usize>(&row["n"]));
    for item in items.iter().filter(|item| !item.is_empty()) {
        assert!(filter.matches_any(key, [item.as_slice()]));
    }
    for item in list(&row["non_matches"]) {
        assert!(!filter.matches_any(key, [hex(item).as_slice()]));
    }
}

fn check_block(row: &Value, bytes: &[u8]) {
    let block = Block::decode(bytes).unwrap();
    assert_eq!(block.id(), parsed(&row["block_hash"]));
    let key = FilterKey::of(&block.header);
    assert_eq!(key, FilterKey::from_bytes(array(&row["key"])));
    let outside = spent_outside(row);
    let inside = outputs_of(&block);
    let found = entries::entries(&block, |outpoint| outside.get(outpoint).or_else(|| inside.get(outpoint))).unwrap();
    let expected: Vec<_> = list(&row["entries"]).iter().map(|entry| hex(&entry["script"])).collect();
    let (mut sorted, mut wanted) = (found.clone(), expected);
    sorted.sort();
    wanted.sort();
    assert_eq!(sorted, wanted);
    check_filter(row, key, &found);
    if row["committed_in_header"].as_bool().unwrap() {
        assert_eq!(commitment::filter_hash(&hex(&row["filter"])), block.header.stake_root);
    }
    let filter = Filter::decode(&hex(&row["filter"])).unwrap();
    for other in row.get("not_in_filter").map_or(&[][..], list) {
        let expected = other.get("matches").is_some_and(|matches| matches.as_bool().unwrap());
        assert_eq!(filter.matches_any(key, [hex(&other["script"]).as_slice()]), expected);
    }
}

fn block_bytes(row: &Value, messages: &Vectors) -> Vec<u8> {
    if let Some(block) = row.get("block") {
        return hex(block);
    }
    let named = text(&row["block_ref"]);
    let message = list(messages.get("messages"))
        .iter()
        .find(|message| named.contains(&format!("`{}`", text(&message["name"]))))
        .unwrap_or_else(|| panic!("no message for {named}"));
    hex(&message["payload"])
}

fn spent_outside(row: &Value) -> HashMap<OutPoint, TxOut> {
    let rows = row["prev_scripts"].as_array().map_or(&[][..], Vec::as_slice);
    rows.iter()
        .map(|row| {
            let tree = Tree::from_code(number(&row["tree"])).unwrap();
            let outpoint = OutPoint { id: parsed::<TxId>(&row["txid"]), index: number(&row["index"]), tree };
            let script_version = number(&row["version"]);
            (outpoint, TxOut { value: RawValue(0), script_version, script: hex(&row["script"]) })
        })
        .collect()
}

fn outputs_of(block: &Block) -> HashMap<OutPoint, TxOut> {
    let mut outputs = HashMap::new();
    for (tree, transactions) in [(Tree::Regular, &block.transactions), (Tree::Stake, &block.stake_transactions)] {
        for tx in transactions {
            let id = tx.id();
            for (index, output) in (0..).zip(&tx.outputs) {
                outputs.insert(OutPoint { id, index, tree }, output.clone());
            }
        }
    }
    outputs
}
