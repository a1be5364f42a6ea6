//! Real tickets and votes against `ticket_examples.json` and `vote_examples.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, hex, list, number, parsed, text};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;
use dcrcold_core::script::{Commitment, Payee, Payment, StakeTag};
use dcrcold_signer::stake::subsidy::vote_subsidy;
use dcrcold_signer::stake::ticket::{FeeLimits, Share, Ticket};
use dcrcold_signer::stake::vote::{Ballot, TICKET_INPUT, Vote, VoteBits, unsigned_vote};
use dcrcold_signer::tx::check::{TreasuryChoice, TreasuryVote};
use dcrcold_signer::tx::{OutPoint, RawValue, Transaction, Tree, TxIn, TxKind, TxOut};
use serde_json::Value;

fn amount(value: &Value) -> Amount {
    Amount::from_atoms(number(value)).unwrap()
}

#[test]
fn real_tickets_are_read_and_rebuilt() {
    let mut vectors = Vectors::load("ticket_examples.json");
    vectors.each("real_tickets", check_ticket);
    vectors.finish(19);
}

fn check_ticket(row: &Value) {
    let bytes = hex(&row["tx"]);
    let tx = Transaction::decode(&bytes).unwrap();
    let ticket = Ticket::read(&tx).unwrap();
    assert_eq!(tx.kind(), TxKind::Ticket);
    assert_eq!(bytes.len(), number::<usize>(&row["size"]));
    assert_eq!(ticket.id.to_string(), text(&row["txid"]));
    assert_eq!(ticket.price, amount(&row["price"]));
    assert_eq!(ticket.fee(), Some(amount(&row["fee"])));
    let voting = Payment { tag: Some(StakeTag::Submission), payee: ticket.voting };
    assert_eq!(voting.script().as_bytes(), hex(&row["voting_script"]));
    assert_eq!(tx.expiry, row["expiry"]);
    assert_eq!(ticket.shares.len(), list(&row["commitments"]).len());
    for ((share, commitment), input) in ticket.shares.iter().zip(list(&row["commitments"])).zip(list(&row["inputs"])) {
        check_share(share, commitment);
        let contributed = share.commitment.amount.checked_add(share.change);
        assert_eq!(contributed, Some(amount(&input["value"])));
    }
    assert_eq!(rebuild(&ticket, row).id(), ticket.id);
}

fn check_share(share: &Share, row: &Value) {
    let commitment = &share.commitment;
    assert_eq!(commitment.payee.hash().to_string(), text(&row["hash160"]));
    assert_eq!(commitment.payee.is_script(), row["p2sh"].as_bool().unwrap());
    assert_eq!(commitment.amount, amount(&row["amount"]));
    assert_eq!(share.change, amount(&row["change"]));
    if let Some(script) = row.get("change_script") {
        let change = Payment { tag: Some(StakeTag::Change), payee: share.change_payee };
        assert_eq!(change.script().as_bytes(), hex(script));
    }
    check_limits(commitment, row);
}

fn check_limits(commitment: &Commitment, row: &Value) {
    assert_eq!(format!("{:04x}", commitment.limits), text(&row["fee_limits"]));
    let limits = FeeLimits(commitment.limits);
    let known = |flag: &str, exponent: &str| row[flag].as_bool().unwrap().then(|| number(&row[exponent]));
    assert_eq!(limits.vote(), known("vote_limit_flag", "vote_limit_log2"));
    assert_eq!(limits.revocation(), known("revoke_limit_flag", "revoke_limit_log2"));
}

/// The ticket made again from what was read and from the outputs it spends.
fn rebuild(ticket: &Ticket, row: &Value) -> Transaction {
    let inputs = list(&row["inputs"]).iter().map(|input| {
        let tree = Tree::from_code(number(&input["tree"])).unwrap();
        let previous = OutPoint { id: parsed(&input["txid"]), index: number(&input["index"]), tree };
        TxIn::unsigned(previous, RawValue(number(&input["value"])))
    });
    let tagged = |tag, payee| Payment { tag: Some(tag), payee }.script();
    let mut outputs = vec![TxOut::new(ticket.price, tagged(StakeTag::Submission, ticket.voting).as_bytes())];
    for share in &ticket.shares {
        outputs.push(TxOut::new(Amount::ZERO, share.commitment.script().as_bytes()));
        outputs.push(TxOut::new(share.change, tagged(StakeTag::Change, share.change_payee).as_bytes()));
    }
    Transaction { version: 1, inputs: inputs.collect(), outputs, lock_time: 0, expiry: number(&row["expiry"]) }
}

#[test]
fn reference_ticket_and_vote_are_read() {
    let vectors = Vectors::load("stake_tx_structure.json");
    let find = |kind: &str| list(vectors.get("transactions")).iter().find(|row| row["kind"] == kind).unwrap();
    let ticket = Ticket::read(&Transaction::decode(&hex(&find("ticket")["tx"])).unwrap()).unwrap();
    let commitments = list(vectors.get("reference_ticket_commitments"));
    assert_eq!(ticket.shares.len(), commitments.len());
    ticket.shares.iter().zip(commitments).for_each(|(share, row)| check_share(share, row));

    let vote = Vote::read(&Transaction::decode(&hex(&find("vote")["tx"])).unwrap()).unwrap();
    let known = vectors.get("reference_vote");
    assert_eq!(vote.ballot.block.to_string(), text(&known["block_hash"]));
    assert_eq!(vote.ballot.height.0, known["block_height"]);
    assert_eq!(vote.ballot.bits.bits, known["vote_bits"]);
    println!("stake_tx_structure.json: 4 reference rows");
}

#[test]
fn real_votes_are_rebuilt_to_the_same_bytes() {
    let mut vectors = Vectors::load("vote_examples.json");
    vectors.each("votes", |row| {
        let ticket = Ticket::read(&Transaction::decode(&hex(&row["ticket"])).unwrap()).unwrap();
        let bits = VoteBits { bits: number(&row["vote_bits"]), extended: hex(&row["vote_bits_ext"]) };
        let (block, height) = (parsed(&row["block_hash"]), Height(number(&row["block_height"])));
        let ballot = Ballot { block, height, bits, treasury: Vec::new() };
        let unsigned = unsigned_vote(&ticket, &ballot, amount(&row["subsidy"])).unwrap();
        assert_eq!(unsigned.encode(), hex(&row["unsigned_vote"]));
        assert_eq!(unsigned.id().to_string(), text(&row["vote_txid"]));

        let signed = Transaction::decode(&hex(&row["vote"])).unwrap();
        assert_eq!(signed.id(), unsigned.id());
        let vote = Vote::read(&signed).unwrap();
        assert_eq!((vote.ticket, &vote.ballot), (ticket.id, &ballot));
        assert_eq!(vote.payouts.len(), ticket.shares.len());
    });
    vectors.finish(9);
}

/// A ticket with `shares` contributions of 1 DCR each.
fn ticket_of(shares: usize) -> Ticket {
    let payee = Payee::KeyHash(dcrcold_core::hash::Hash160::of(b"payee"));
    let commitment = Commitment { payee, amount: Amount::constant::<100_000_000>(), limits: 0 };
    let share = Share { commitment, change: Amount::ZERO, change_payee: payee };
    Ticket {
        id: dcrcold_core::hash::TxId::from_bytes([7; 32]),
        price: Amount::constant::<90_000_000>(),
        voting: payee,
        shares: vec![share; shares],
    }
}

fn ballot_with(spends: u8) -> Ballot {
    let treasury = (0..spends).map(|spend| TreasuryVote {
        spend: dcrcold_core::hash::TxId::from_bytes([spend; 32]),
        choice: if spend % 2 == 0 { TreasuryChoice::Yes } else { TreasuryChoice::No },
    });
    Ballot {
        block: dcrcold_core::hash::BlockHash::from_bytes([9; 32]),
        height: Height(800_000),
        bits: VoteBits::new(VoteBits::APPROVE, 11),
        treasury: treasury.collect(),
    }
}

#[test]
fn treasury_votes_are_read_as_they_were_built() {
    let subsidy = vote_subsidy(Network::Mainnet, Height(800_000));
    for (shares, spends) in [(1, 0), (1, 1), (3, 2), (63, 7), (64, 0)] {
        let ballot = ballot_with(spends);
        let tx = unsigned_vote(&ticket_of(shares), &ballot, subsidy).unwrap();
        assert_eq!(tx.kind(), TxKind::Vote, "{shares} shares, {spends} treasury votes");
        let vote = Vote::read(&tx).unwrap();
        assert_eq!(vote.ballot, ballot);
        assert_eq!(vote.ballot.bits.version(), 11);
        assert_eq!(vote.payouts.len(), shares);
        assert_eq!(tx.inputs[TICKET_INPUT].previous, ticket_of(shares).submission());
    }
}

#[test]
fn votes_that_would_not_be_votes_are_refused() {
    let subsidy = vote_subsidy(Network::Mainnet, Height(800_000));
    assert!(unsigned_vote(&ticket_of(1), &ballot_with(8), subsidy).is_err());
    assert!(unsigned_vote(&ticket_of(64), &ballot_with(1), subsidy).is_err());
    let mut ballot = ballot_with(0);
    ballot.bits.extended = vec![0; 74];
    assert!(unsigned_vote(&ticket_of(1), &ballot, subsidy).is_err());
    assert!(unsigned_vote(&ticket_of(0), &ballot_with(0), Amount::ZERO).is_ok_and(|tx| tx.outputs.len() == 2));
}
