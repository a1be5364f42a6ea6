//! Merkle roots, inclusion proofs and filter commitments against `header_commitments.json` and known blocks.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, hex, list, number, parsed, text};
use dcrcold_core::hash::TreeHash;
use dcrcold_core::net::Network;
use dcrcold_signer::block::commitment::{self, CommitmentError};
use dcrcold_signer::block::{Block, BlockHeader, TreeError, merkle};
use dcrcold_signer::tx::Transaction;
use serde_json::Value;

/// A list of hashes, in which `33 x hash` stands for 33 times the same.
fn hashes(value: &Value) -> Vec<TreeHash> {
    let repeated = list(value).iter().flat_map(|entry| {
        let (times, hash) = text(entry).split_once(" x ").unwrap_or(("1", text(entry)));
        vec![hash.parse().unwrap(); times.parse().unwrap()]
    });
    repeated.collect()
}

#[test]
fn roots_and_proofs_are_the_known_ones() {
    let mut vectors = Vectors::load("header_commitments.json");
    vectors.each("blocks", check_roots);
    vectors.one("merkle_proofs", |trees| list(trees).iter().map(check_tree).sum());
    vectors.each("verify", |row| {
        let (root, leaf) = (parsed(&row["root"]), parsed(&row["leaf"]));
        let found = merkle::verify(&root, &leaf, number(&row["index"]), &hashes(&row["proof"]));
        assert_eq!(found, row["valid"].as_bool().unwrap(), "{}", row["name"]);
    });
    vectors.finish(5 + 45 + 11);
}

fn check_roots(row: &Value) {
    let header = BlockHeader::decode(&hex(&row["header"])).unwrap();
    let regular = merkle::root(&hashes(&row["regular_full_hashes"]));
    let stake = merkle::root(&hashes(&row["stake_full_hashes"]));
    let combined = merkle::combined_root(&regular, &stake);
    assert_eq!(regular.to_string(), text(&row["regular_root"]));
    assert_eq!(stake.to_string(), text(&row["stake_tree_root"]));
    assert_eq!(combined.to_string(), text(&row["combined_root"]));
    if row["dcp0005"].as_bool().unwrap() {
        assert_eq!(header.merkle_root, combined);
        let filter = parsed(&row["filter_hash"]);
        assert!(merkle::verify(
            &header.stake_root,
            &filter,
            number(&row["proof_index"]),
            &hashes(&row["proof_hashes"])
        ));
    } else {
        assert_eq!((header.merkle_root, header.stake_root), (regular, stake));
    }
}

/// Checks every leaf's proof of one tree, and returns how many there are.
fn check_tree(row: &Value) -> usize {
    let leaves = hashes(&row["leaves"]);
    let root = merkle::root(&leaves);
    assert_eq!(root.to_string(), text(&row["root"]));
    assert_eq!(merkle::prove(&leaves, leaves.len()), None);
    for proof in list(&row["proofs"]) {
        let index = number(&proof["index"]);
        let siblings = merkle::prove(&leaves, index).unwrap();
        assert_eq!(siblings, hashes(&proof["proof"]));
        assert!(merkle::verify(&root, &leaves[index], u32::try_from(index).unwrap(), &siblings));
    }
    list(&row["proofs"]).len()
}

/// Block 432100 of mainnet, put together from its header and its transactions.
fn block_432100() -> Block {
    let transactions = Vectors::load("wire_tx.json");
    let transactions: Vec<_> = list(transactions.get("transactions"))
        .iter()
        .filter(|row| text(&row["name"]).starts_with("mainnet 432100"))
        .map(|row| Transaction::decode(&hex(&row["full"])).unwrap())
        .collect();
    let vectors = Vectors::load("header_commitments.json");
    let row = &vectors.get("blocks")[0];
    let pick = |hashes: &Value| {
        let find = |hash| transactions.iter().find(|tx| tx.full_hash() == parsed(hash)).unwrap().clone();
        list(hashes).iter().map(find).collect()
    };
    Block {
        header: BlockHeader::decode(&hex(&row["header"])).unwrap(),
        transactions: pick(&row["regular_full_hashes"]),
        stake_transactions: pick(&row["stake_full_hashes"]),
    }
}

#[test]
fn a_real_block_holds_what_its_header_says() {
    let block = block_432100();
    assert_eq!(block.check_merkle(Network::Mainnet), Ok(()));
    assert_eq!(u32::try_from(block.encode().len()).unwrap(), block.header.size.0);
    assert_eq!(Block::decode(&block.encode()).unwrap(), block);
}

#[test]
fn a_block_with_another_transaction_is_refused() {
    let mut block = block_432100();
    block.stake_transactions.swap(0, 1);
    assert!(matches!(block.check_merkle(Network::Mainnet), Err(TreeError::MerkleRoot { .. })));
    let mut block = block_432100();
    block.transactions[0].inputs[0].block_index ^= 1;
    assert!(matches!(block.check_merkle(Network::Mainnet), Err(TreeError::MerkleRoot { .. })));
}

#[test]
fn a_block_with_a_transaction_twice_is_refused() {
    let mut block = block_432100();
    let last = block.stake_transactions.last().unwrap().clone();
    let id = last.id();
    // An odd level is completed with its last node, so this list has the same root.
    block.stake_transactions.push(last);
    assert_eq!(block.check_merkle(Network::Mainnet), Err(TreeError::Duplicate { id }));
}

#[test]
fn known_blocks_are_read_and_their_filters_checked() {
    let vectors = Vectors::load("cfilters_v2.json");
    let mut read = 0;
    for row in list(vectors.get("blocks")) {
        let filter = hex(&row["filter"]);
        let header = match row.get("block") {
            Some(bytes) => {
                let bytes = hex(bytes);
                let block = Block::decode(&bytes).unwrap();
                assert_eq!(block.encode(), bytes);
                assert_eq!(block.id().to_string(), text(&row["block_hash"]));
                assert_eq!(block.check_merkle(Network::Mainnet), Ok(()), "{}", row["name"]);
                read += 1;
                block.header
            }
            None => block_432100().header,
        };
        check_filter(&header, filter, row);
    }
    println!("cfilters_v2.json: {read} blocks read");
    assert_eq!(read, 6);
}

fn check_filter(header: &BlockHeader, mut filter: Vec<u8>, row: &Value) {
    let block = header.id();
    let found = commitment::filter_hash(&filter);
    assert_eq!(found.to_string(), text(&row["filter_hash"]));
    if !row["committed_in_header"].as_bool().unwrap() {
        let error = commitment::check_filter(Network::Mainnet, header, &filter);
        assert_eq!(error, Err(CommitmentError::NotCommitted { block }));
        return;
    }
    assert_eq!(commitment::check_filter(Network::Mainnet, header, &filter), Ok(()));
    let other = commitment::check_proof(Network::Mainnet, header, &filter, 1, &[found]);
    assert_eq!(other, Err(CommitmentError::Position { block, index: 1 }));
    filter[0] ^= 1;
    let error = commitment::check_filter(Network::Mainnet, header, &filter).unwrap_err();
    assert!(matches!(error, CommitmentError::Filter { expected, .. } if expected == header.stake_root));
}

#[test]
fn an_empty_filter_has_the_hash_of_zeros() {
    assert_eq!(commitment::filter_hash(&[]).as_bytes(), &[0; 32]);
}
