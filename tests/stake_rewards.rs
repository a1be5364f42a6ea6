//! Payouts, the lottery's numbers and automatic revocations against `stake_rewards.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, hex, list, number, parsed, text};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::stake::lottery::{Hash256Prng, TooFewTickets, draw};
use dcrcold_signer::stake::payout::{revocation_payouts, vote_payouts};
use dcrcold_signer::stake::revocation::{Revocation, automatic_revocation};
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::tx::{OutPoint, RawValue, Transaction, TxIn, TxKind, TxOut};
use serde_json::Value;

fn amount(value: &Value) -> Amount {
    Amount::from_atoms(number(value)).unwrap()
}

fn amounts(value: &Value) -> Vec<Amount> {
    list(value).iter().map(amount).collect()
}

fn header(value: &Value) -> BlockHeader {
    BlockHeader::decode(&hex(value)).unwrap()
}

#[test]
fn payouts_and_numbers_are_those_of_dcrd() {
    let mut vectors = Vectors::load("stake_rewards.json");
    vectors.each("vote", |row| {
        let paid =
            vote_payouts(amount(&row["ticket_price"]), amount(&row["vote_subsidy"]), &amounts(&row["contributions"]));
        assert_eq!(paid, Some(amounts(&row["outputs"])), "{}", row["name"]);
    });
    vectors.each("revocation", |row| {
        let (price, contributions) = (amount(&row["ticket_price"]), amounts(&row["contributions"]));
        // Before DCP0009 a revocation paid like a vote without a subsidy.
        let paid = match row["auto_revocations"].as_bool().unwrap() {
            true => revocation_payouts(price, &contributions, &header(&row["prev_block_header"])),
            false => vote_payouts(price, Amount::ZERO, &contributions),
        };
        assert_eq!(paid, Some(amounts(&row["outputs"])), "{}", row["name"]);
    });
    vectors.one("hash256prng", check_numbers);
    vectors.one("create_revocation", check_revocations);
    vectors.finish(2 + 4 + 3 + 2);
}

/// The first numbers, numbers below five from a fresh start, and the state after 100,000.
fn check_numbers(row: &Value) -> usize {
    let seed = hex(&row["seed"]);
    let mut prng = Hash256Prng::new(&seed);
    let first: Vec<u32> = (0..16).map(|_| prng.next_u32()).collect();
    assert_eq!(first, list(&row["first_16_u32"]).iter().map(number::<u32>).collect::<Vec<_>>());

    let mut prng = Hash256Prng::new(&seed);
    let small: Vec<u32> = (0..16).map(|_| prng.uniform(5)).collect();
    assert_eq!(small, list(&row["uniform5_first_16_fresh"]).iter().map(number::<u32>).collect::<Vec<_>>());

    let mut prng = Hash256Prng::new(&seed);
    for _ in 0..100_000 {
        prng.next_u32();
    }
    let mut state = prng.state_hash();
    state.reverse();
    assert_eq!(state.as_slice(), hex(&row["state_hash_after_100000"]));
    3
}

fn check_revocations(row: &Value) -> usize {
    let ticket = read_ticket(row);
    let previous = header(&row["prev_block_header"]);
    for case in list(&row["cases"]) {
        let known = Transaction::decode(&hex(&case["tx"])).unwrap();
        assert_eq!(known.id().to_string(), text(&case["txid"]));
        assert_eq!(known.kind(), TxKind::Revocation);
        let read = Revocation::read(&known).unwrap();
        assert_eq!(read.ticket, ticket.id);
        let payees: Vec<_> = ticket.shares.iter().map(|share| share.commitment.payee).collect();
        assert_eq!(read.payouts.iter().map(|(payee, _)| *payee).collect::<Vec<_>>(), payees);
        if case["auto"].as_bool().unwrap() {
            assert_eq!(automatic_revocation(&ticket, &previous), Some(known));
        } else {
            check_legacy(&ticket, &read, amount(&case["fee"]));
        }
    }
    list(&row["cases"]).len()
}

/// A revocation by a wallet pays its fee out of the first payout; nothing here builds one any more.
fn check_legacy(ticket: &Ticket, read: &Revocation, fee: Amount) {
    let mut exact = vote_payouts(ticket.price, Amount::ZERO, &ticket.contributions()).unwrap();
    exact[0] = exact[0].checked_sub(fee).unwrap();
    assert_eq!(read.payouts.iter().map(|(_, amount)| *amount).collect::<Vec<_>>(), exact);
}

/// The ticket of the revocations, of which the file has the id and the outputs.
fn read_ticket(row: &Value) -> Ticket {
    let outputs = list(&row["ticket_outputs"]).iter().map(|output| TxOut {
        value: RawValue(number(&output["value"])),
        script_version: number(&output["version"]),
        script: hex(&output["script"]),
    });
    let inputs = vec![TxIn::unsigned(OutPoint::NONE, RawValue::UNKNOWN); 2];
    let tx = Transaction { version: 1, inputs, outputs: outputs.collect(), lock_time: 0, expiry: 0 };
    Ticket { id: parsed(&row["ticket"]), ..Ticket::read(&tx).unwrap() }
}

#[test]
fn draws_of_a_chain_are_repeated() {
    let mut vectors = Vectors::parse("lottery.json", include_str!("data/lottery.json"));
    vectors.each("draws", |row| {
        let header = header(&row["header"]);
        let winners: Vec<TxId> = list(&row["winners"]).iter().map(parsed).collect();
        // Of the tickets that lost, nothing matters but how many they are.
        let mut live = vec![TxId::from_bytes([0; 32]); number(&row["live"])];
        for (place, winner) in list(&row["places"]).iter().zip(&winners) {
            live[number::<usize>(place)] = *winner;
        }
        let draw = draw(&header, &live, winners.len()).unwrap();
        assert_eq!(draw.winners, winners);
        assert_eq!(draw.final_state.as_slice(), hex(&row["final_state"]));
    });
    vectors.finish(5);
}

#[test]
fn a_draw_has_different_winners() {
    let vectors = Vectors::load("block_headers.json");
    let header = header(&vectors.get("headers")[0]["header"]);
    let live: Vec<TxId> = (0..5).map(|byte| TxId::from_bytes([byte; 32])).collect();
    let mut winners = draw(&header, &live, 5).unwrap().winners;
    winners.sort_unstable();
    assert_eq!(winners, live);
    assert_eq!(draw(&header, &live[..4], 5), Err(TooFewTickets { live: 4, winners: 5 }));
}
