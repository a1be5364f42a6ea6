//! What votes choose.

use std::fs;

use dcrcold::chain::BlockId;
use dcrcold::voter::Folder;
use dcrcold::voter::choices::{self, ChoicesError, ballot};
use dcrcold::vsp::{Preferences, TreasuryKey, TreasuryPolicy};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_core::script::{Payee, Payment, StakeTag};
use dcrcold_signer::stake::vote::Vote;
use dcrcold_signer::tx::check::TreasuryChoice;
use dcrcold_signer::tx::{OutPoint, Transaction, TxIn, TxKind, TxOut};

use crate::fixture::{attend, buy, hot, settled, station};

/// A treasury spend by a key, voted on until `end`.
fn spend(key: u8, end: u32) -> Transaction {
    let mut input = TxIn::unsigned(OutPoint::NONE, Amount::ZERO.into());
    input.signature_script = [&[64][..], &[1; 64], &[33, 2], &[key; 32], &[0xc2]].concat();
    let data = TxOut::new(Amount::ZERO, &[&[0x6a, 32][..], &[key; 32]].concat());
    let payee = Payee::KeyHash(dcrcold_core::hash::Hash160::from_bytes([key; 20]));
    let paid = Payment { tag: Some(StakeTag::Treasury), payee }.script();
    let paid = TxOut::new(Amount::from_atoms(1_000_000).unwrap(), paid.as_bytes());
    Transaction { version: 3, inputs: vec![input], outputs: vec![data, paid], lock_time: 0, expiry: end + 2 }
}

fn key(key: u8) -> TreasuryKey {
    let mut bytes = [key; 33];
    bytes[0] = 2;
    TreasuryKey::from_bytes(bytes)
}

#[test]
fn policies_on_spends_precede_those_on_keys() {
    let end = 288 * 100;
    let (open, other, closed) = (spend(1, end), spend(2, end), spend(1, end - 288 * 20));
    assert_eq!(open.kind(), TxKind::TreasurySpend);
    let block = BlockId { hash: BlockHash::from_bytes([5; 32]), height: Height(end - 10) };
    let spends = [open.clone(), other.clone(), closed, open.clone()];
    let vote = |preferences: &Preferences| {
        let ballot = ballot(Network::Mainnet, &block, preferences, &spends);
        assert!(ballot.treasury.is_sorted_by_key(|vote| vote.spend));
        ballot.treasury.into_iter().map(|vote| (vote.spend, vote.choice)).collect::<Vec<_>>()
    };
    let mut preferences = Preferences::default();
    assert!(vote(&preferences).is_empty());
    preferences.treasury_keys.insert(key(1), TreasuryPolicy::Yes);
    assert_eq!(vote(&preferences), [(open.id(), TreasuryChoice::Yes)]);
    preferences.treasury_spends.insert(open.id(), TreasuryPolicy::No);
    assert_eq!(vote(&preferences), [(open.id(), TreasuryChoice::No)]);
    preferences.treasury_spends.insert(open.id(), TreasuryPolicy::Abstain);
    assert!(vote(&preferences).is_empty());
    preferences.treasury_keys.insert(key(2), TreasuryPolicy::No);
    assert_eq!(vote(&preferences), [(other.id(), TreasuryChoice::No)]);
}

#[test]
fn choices_outlive_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("choices.json");
    assert_eq!(choices::load(&path).unwrap(), Preferences::default());
    let mut preferences = Preferences::default();
    preferences.agendas.insert("maxtreasuryspend".parse().unwrap(), "yes".parse().unwrap());
    preferences.treasury_keys.insert(key(1), TreasuryPolicy::No);
    preferences.treasury_spends.insert(spend(1, 288).id(), TreasuryPolicy::Abstain);
    choices::store(&path, &preferences).unwrap();
    assert_eq!(choices::load(&path).unwrap(), preferences);
    let malformed = [
        "",
        "[1]",
        "{\"agendas\":{\"a b\":\"yes\"}}",
        "{\"agenda\":{}}",
        "{\"treasury_keys\":{\"02\":\"yes\"}}",
        "{\"treasury_spends\":{\"00\":\"yes\"}}",
        "{\"treasury_keys\":{\"020101010101010101010101010101010101010101010101010101010101010101\":\"maybe\"}}",
    ];
    for text in malformed {
        fs::write(&path, text).unwrap();
        assert!(matches!(choices::load(&path), Err(ChoicesError::Malformed { .. })), "{text}");
    }
    println!("choices: {} malformed files", malformed.len());
}

#[test]
fn agendas_and_choices_that_do_not_exist_are_named() {
    let check = |agenda: &str, choice: &str| {
        choices::check(Network::Mainnet, &agenda.parse().unwrap(), &choice.parse().unwrap()).map_err(|e| e.to_string())
    };
    assert_eq!(check("maxtreasuryspend", "no"), Ok(()));
    let expected = "found choice \"maybe\" on maxtreasuryspend, expected abstain or no or yes";
    assert_eq!(check("maxtreasuryspend", "maybe").unwrap_err(), expected);
    assert_eq!(check("nothing", "yes").unwrap_err(), "found agenda \"nothing\", expected maxtreasuryspend");
}

/// Changed choices count from the next vote on; a file that cannot be read is told, and the choices before it count.
#[test]
fn choices_are_in_the_votes_on_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = Folder::new(folder.path().to_owned()).choices_file(&hot(1).fingerprint());
    let mut sim = settled(21);
    buy(&mut sim, 1, 0..20);
    let mut station = station(folder.path(), &[1]);
    let (mut bits, mut problems) = (Vec::new(), 0);
    for _ in 0..200 {
        match bits.len() {
            0..3 => {}
            3..6 => fs::write(&path, "{\"agendas\":{\"maxtreasuryspend\":\"no\"}}").unwrap(),
            _ => fs::write(&path, "{").unwrap(),
        }
        let report = attend(&mut station, &mut sim);
        problems += report.problems.len();
        let mined = sim.mine(1).unwrap();
        let block = dcrcold::chain::ChainSource::block(&mut sim, &mined.hash).unwrap();
        for cast in &report.cast {
            let vote = block.stake_transactions.iter().find(|tx| tx.id() == cast.vote).unwrap();
            bits.push(Vote::read(vote).unwrap().ballot.bits);
        }
    }
    println!("choices: {} votes", bits.len());
    assert!(bits.len() > 8 && problems > 0);
    assert!(bits.iter().all(|bits| bits.version() == 12));
    assert!(bits[..3].iter().all(|bits| bits.bits == 1) && bits[5..].iter().all(|bits| bits.bits == 3));
}

/// A slip in a file that a person wrote is not taken for an abstention in silence; what else it says counts.
#[test]
fn a_choice_that_does_not_exist_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = Folder::new(folder.path().to_owned()).choices_file(&hot(1).fingerprint());
    fs::write(&path, "{\"agendas\":{\"maxtreasuryspend\":\"yse\",\"of-the-past\":\"yes\"}}").unwrap();
    let mut sim = settled(22);
    buy(&mut sim, 1, 0..20);
    let mut station = station(folder.path(), &[1]);
    let report = loop {
        let report = attend(&mut station, &mut sim);
        if !report.cast.is_empty() {
            break report;
        }
        assert!(report.problems.is_empty());
        sim.mine(1).unwrap();
    };
    let expected = [
        "abstains: found choice \"yse\" on maxtreasuryspend, expected abstain or no or yes",
        "abstains: found agenda \"of-the-past\", expected maxtreasuryspend",
    ];
    let told = report.problems.iter().filter(|problem| expected.contains(&problem.as_str())).count();
    println!("choices: {told} slips told, {} votes", report.cast.len());
    assert_eq!((told, report.problems.len()), (2, 2), "{:?}", report.problems);
}
