//! Subsidies against `subsidy.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, number, parsed, text};
use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::agenda::Agenda;
use dcrcold_signer::stake::subsidy::{
    SubsidySplit, TreasuryShare, block_subsidy, treasury_subsidy, vote_subsidy, vote_subsidy_with, work_subsidy,
};
use serde_json::Value;

fn split(row: &Value) -> SubsidySplit {
    match text(&row["split"]) {
        "original" => SubsidySplit::Original,
        "dcp0010" => SubsidySplit::Dcp0010,
        "dcp0012" => SubsidySplit::Dcp0012,
        other => panic!("unknown split {other}"),
    }
}

/// The height of a row. There are no blocks below 0, and the genesis block creates nothing either.
fn height(row: &Value) -> Height {
    Height(u32::try_from(row["height"].as_i64().unwrap().max(0)).unwrap())
}

#[test]
fn subsidies_are_those_of_dcrd() {
    let mut vectors = Vectors::load("subsidy.json");
    vectors.each("dcrd_tests", |row| {
        let (network, height, votes) = (parsed(&row["net"]), height(row), number(&row["votes"]));
        let treasury =
            if row["treasury_agenda"].as_bool().unwrap() { TreasuryShare::Whole } else { TreasuryShare::ByVotes };
        let name = &row["name"];
        assert_eq!(block_subsidy(network, height).atoms(), row["full"], "{name}");
        assert_eq!(work_subsidy(network, height, votes, split(row)).atoms(), row["work"], "{name}");
        assert_eq!(vote_subsidy_with(network, height, split(row)).atoms(), row["vote"], "{name}");
        assert_eq!(treasury_subsidy(network, height, votes, treasury).atoms(), row["treasury"], "{name}");
    });
    vectors.each("generated", |row| {
        let (network, height) = (parsed(&row["net"]), height(row));
        assert_eq!(block_subsidy(network, height).atoms(), row["full"]);
        assert_eq!(vote_subsidy_with(network, height, split(row)).atoms(), row["vote"]);
    });
    vectors.one("activation", |networks| {
        for (name, heights) in networks.as_object().unwrap() {
            let network: Network = name.parse().unwrap();
            assert_eq!(Agenda::SubsidySplit.first_block(network).0, heights["dcp0010"]);
            assert_eq!(Agenda::SubsidySplitRound2.first_block(network).0, heights["dcp0012"]);
        }
        networks.as_object().unwrap().len()
    });
    // The parameters again, which `network_params.json` has too.
    vectors.data_only("params", 3);
    vectors.finish(82 + 69 + 2);
}

#[test]
fn the_split_is_that_of_the_block_after_the_one_voted_on() {
    let last_before = Height(Agenda::SubsidySplitRound2.first_block(Network::Mainnet).0 - 1);
    let found = vote_subsidy(Network::Mainnet, last_before);
    assert_eq!(found, vote_subsidy_with(Network::Mainnet, last_before, SubsidySplit::Dcp0012));
    // Mainnet block 432100 pays its votes on block 432099.
    assert_eq!(vote_subsidy(Network::Mainnet, Height(432_099)).atoms(), 93_272_061);
}

#[test]
fn the_end_of_all_heights_has_no_subsidy() {
    assert_eq!(block_subsidy(Network::Simnet, Height(u32::MAX)).atoms(), 0);
    assert_eq!(vote_subsidy(Network::Simnet, Height(u32::MAX)).atoms(), 0);
}
