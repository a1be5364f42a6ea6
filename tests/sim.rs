//! The embedded network by itself: that it goes on, keeps its rules, comes back from undoing, is the same for the same
//! seed, and is shared between those who open its folder.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "common/purse.rs"]
mod purse;

use std::collections::BTreeSet;

use dcrcold::chain::filter::{Filter, FilterKey};
use dcrcold::chain::sim::{Rule, SETTLED, Settings, Sim, SimError};
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, commitment::check_filter};
use dcrcold_signer::stake::revocation::Revocation;
use dcrcold_signer::stake::vote::Vote;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxKind, TxOut};
use purse::{Coin, Purse, dcr};

/// The fee of a ticket and that of a split, generous.
const FEE: Amount = Amount::constant::<2_980>();
const FUNDING_FEE: Amount = Amount::constant::<20_000>();

fn settled() -> Sim {
    let mut sim = Sim::in_memory(Settings::new(1));
    sim.mine_to(SETTLED).unwrap();
    sim
}

fn blocks(sim: &mut Sim) -> Vec<Block> {
    let headers = sim.headers_after(&[]).unwrap();
    headers.iter().map(|header| sim.block(&header.id()).unwrap()).collect()
}

fn tip_block(sim: &mut Sim) -> Block {
    let tip = sim.tip().unwrap();
    sim.block(&tip.hash).unwrap()
}

fn txs(block: &Block, kind: TxKind) -> Vec<&Transaction> {
    block.transactions.iter().chain(&block.stake_transactions).filter(|tx| tx.kind() == kind).collect()
}

/// Pays `amount` to `purse`, mines it and gives the coin.
fn funded(sim: &mut Sim, purse: &Purse, amount: Amount) -> Coin {
    let id = sim.fund(&purse.script(None), amount).unwrap();
    sim.mine(1).unwrap();
    let block = tip_block(sim);
    let tx = block.transactions.iter().find(|tx| tx.id() == id).unwrap();
    let index = tx.outputs.iter().position(|output| output.script == purse.script(None)).unwrap();
    Coin::of(tx, u32::try_from(index).unwrap(), Tree::Regular)
}

/// Buys `count` tickets with a key that nobody votes with unless the test does.
fn bought(sim: &mut Sim, owner: &Purse, voter: &Purse, count: usize) -> Vec<Transaction> {
    let coin = funded(sim, owner, dcr(2_000));
    // Some headroom, in case the price rises before the tickets are mined.
    let price = Amount::from_atoms(sim.price().unwrap().next.atoms() * 11 / 10).unwrap();
    let each = price.checked_add(FEE).unwrap();
    let mut outputs = owner.split(&coin, each, count).outputs;
    let spent =
        each.checked_mul(u64::try_from(count).unwrap()).and_then(|spent| spent.checked_add(FUNDING_FEE)).unwrap();
    outputs.push(TxOut::new(coin.value().checked_sub(spent).unwrap(), &owner.script(None)));
    let split = owner.spend(&[coin], outputs);
    sim.send(&split).unwrap();
    let tickets: Vec<_> = (0..u32::try_from(count).unwrap())
        .map(|index| owner.ticket(&Coin::of(&split, index, Tree::Regular), price, voter))
        .collect();
    for ticket in &tickets {
        sim.send(ticket).unwrap();
    }
    sim.mine(2).unwrap();
    let mined: BTreeSet<TxId> = txs(&tip_block(sim), TxKind::Ticket).into_iter().map(Transaction::id).collect();
    assert!(tickets.iter().all(|ticket| mined.contains(&ticket.id())), "split and tickets take a block each");
    tickets
}

#[test]
fn every_header_commits_to_its_block_and_filter() {
    let mut sim = settled();
    let blocks = blocks(&mut sim);
    assert_eq!(blocks.len(), 240);
    for block in &blocks {
        block.check_merkle(Network::Simnet).unwrap();
        let filter = sim.filters(&[block.id()]).unwrap().remove(0);
        check_filter(Network::Simnet, &block.header, &filter).unwrap();
        let output = &block.transactions[0].outputs.last().unwrap().script;
        assert!(Filter::decode(&filter).unwrap().matches_any(FilterKey::of(&block.header), [output.as_slice()]));
    }
}

#[test]
fn blocks_vote_from_height_144_on_and_the_price_settles() {
    let mut sim = settled();
    for block in blocks(&mut sim) {
        let expected = if block.header.height.0 < 144 { 0 } else { 5 };
        assert_eq!(block.header.voters, expected, "height {}", block.header.height);
        assert_eq!(block.header.bits.0, 0x207f_ffff);
    }
    let price = sim.price().unwrap();
    assert!((dcr(20)..dcr(30)).contains(&price.next), "{}", price.next);
    assert!(price.estimate.min <= price.estimate.expected && price.estimate.expected <= price.estimate.max);
}

#[test]
fn the_price_holds_for_as_many_blocks_as_promised() {
    let mut sim = Sim::in_memory(Settings::new(3));
    sim.mine_to(Height(150)).unwrap();
    let mut promises = Vec::new();
    for _ in 0..24 {
        promises.push(sim.price().unwrap());
        sim.mine(1).unwrap();
    }
    let prices: Vec<_> = blocks(&mut sim).iter().map(|block| block.header.sbits.amount().unwrap()).collect();
    for promise in &promises[..12] {
        let first = usize::try_from(promise.tip.height.0).unwrap();
        let last = first + usize::try_from(promise.blocks_left).unwrap();
        assert_eq!(promise.current, prices[first - 1]);
        assert!(prices[first..last].iter().all(|price| *price == promise.next), "{promise:?}");
        assert_ne!(prices[last], promise.next, "{promise:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_chain_and_another_seed_another() {
    let tip = |seed| Sim::in_memory(Settings::new(seed)).mine(150).unwrap();
    assert_eq!(tip(7), tip(7));
    assert_ne!(tip(7), tip(8));
}

#[test]
fn a_foreign_ticket_votes_when_its_vote_is_sent_and_is_revoked_when_it_is_not() {
    let mut sim = settled();
    let (owner, voter) = (Purse::new(21), Purse::new(22));
    let tickets = bought(&mut sim, &owner, &voter, 8);
    let (mut voted, mut revoked) = (0, 0);
    for round in 0..1000 {
        if voted + revoked == tickets.len() {
            break;
        }
        let winners = sim.winners().unwrap();
        let called: Vec<_> = tickets.iter().filter(|ticket| winners.tickets.contains(&ticket.id())).collect();
        // Every second round the voter sleeps.
        for ticket in called.iter().filter(|_| round % 2 == 0) {
            sim.send(&voter.vote(ticket, winners.block.hash, winners.block.height)).unwrap();
        }
        sim.mine(1).unwrap();
        let block = tip_block(&mut sim);
        let voters: Vec<_> = txs(&block, TxKind::Vote).into_iter().map(|tx| Vote::read(tx).unwrap().ticket).collect();
        let revocations = txs(&block, TxKind::Revocation);
        let missed: Vec<_> = revocations.into_iter().map(|tx| Revocation::read(tx).unwrap().ticket).collect();
        for ticket in called {
            let (expected, other) = if round % 2 == 0 { (&voters, &missed) } else { (&missed, &voters) };
            assert!(expected.contains(&ticket.id()) && !other.contains(&ticket.id()));
            if round % 2 == 0 { voted += 1 } else { revoked += 1 }
        }
    }
    assert_eq!(voted + revoked, tickets.len());
    assert!(voted > 0 && revoked > 0, "{voted} voted, {revoked} were revoked");
}

#[test]
fn a_ticket_over_an_unmined_split_waits_in_the_stage() {
    let mut sim = settled();
    let purse = Purse::new(23);
    let coin = funded(&mut sim, &purse, dcr(100));
    let price = sim.price().unwrap().next;
    let each = price.checked_add(FEE).unwrap();
    // Whatever is not spent is the fee, and far beyond what is relayed.
    let split = purse.split(&coin, each, 1);
    assert!(matches!(sim.send(&split), Err(ChainError::Rejected { reason }) if reason.ends_with("(FeeTooHigh)")));
    let change = coin.value().checked_sub(each).and_then(|rest| rest.checked_sub(FUNDING_FEE)).unwrap();
    let outputs = [split.outputs, vec![TxOut::new(change, &purse.script(None))]].concat();
    let split = purse.spend(&[coin], outputs);
    let ticket = purse.ticket(&Coin::of(&split, 0, Tree::Regular), price, &purse);
    assert!(matches!(sim.send(&ticket), Err(ChainError::Rejected { reason }) if reason.ends_with("(Orphan)")));
    sim.send(&split).unwrap();
    sim.send(&ticket).unwrap();
    assert!(matches!(sim.send(&ticket), Err(ChainError::AlreadyKnown)));
    assert_eq!(sim.in_mempool(&[split.id(), ticket.id()]).unwrap(), [true, true]);
    sim.mine(1).unwrap();
    assert_eq!(sim.in_mempool(&[split.id(), ticket.id()]).unwrap(), [false, true]);
    sim.mine(1).unwrap();
    assert_eq!(sim.in_mempool(&[ticket.id()]).unwrap(), [false]);
    assert!(txs(&tip_block(&mut sim), TxKind::Ticket).iter().any(|tx| tx.id() == ticket.id()));
    assert!(matches!(sim.send(&split), Err(ChainError::AlreadyKnown)));
}

#[test]
fn a_reorganisation_mines_the_same_payments_again() {
    let mut sim = settled();
    let purse = Purse::new(24);
    let coin = funded(&mut sim, &purse, dcr(10));
    let old = sim.tip().unwrap();
    let new = sim.reorganise(3).unwrap();
    assert_eq!(new.height.0, old.height.0 + 1);
    assert!(matches!(sim.block(&old.hash), Err(ChainError::UnknownBlock { .. })));
    let mined =
        blocks(&mut sim).iter().flat_map(|block| &block.transactions).filter(|tx| tx.id() == coin.outpoint.id).count();
    assert_eq!(mined, 1);
    sim.mine(20).unwrap();
}

#[test]
fn a_reorganisation_over_a_change_of_price_leaves_tickets_that_became_too_cheap() {
    let mut sim = Sim::in_memory(Settings::new(9));
    for height in [150, 170, 190, 230] {
        sim.mine_to(Height(height)).unwrap();
        sim.reorganise(20).unwrap();
    }
}

#[test]
fn undoing_everything_and_mining_again_gives_a_chain_of_other_blocks() {
    let mut sim = Sim::in_memory(Settings::new(4));
    let old = sim.mine(200).unwrap();
    sim.undo(200).unwrap();
    assert_eq!(sim.tip().unwrap().height, Height(0));
    let new = sim.mine(200).unwrap();
    assert_ne!(old, new);
    assert!(matches!(sim.undo(201), Err(SimError::TooDeep { asked: 201, height: Height(200) })));
}

#[test]
fn a_disapproved_block_loses_its_payments_but_not_its_votes() {
    let mut sim = settled();
    let purse = Purse::new(25);
    let coin = funded(&mut sim, &purse, dcr(10));
    let disapproved = tip_block(&mut sim);
    sim.mine_disapproving().unwrap();
    assert_eq!(tip_block(&mut sim).header.vote_bits & 1, 0);
    assert_eq!(sim.in_mempool(&[coin.outpoint.id]).unwrap(), [true]);
    sim.mine(1).unwrap();
    assert!(tip_block(&mut sim).transactions.iter().any(|tx| tx.id() == coin.outpoint.id));
    let coinbase = OutPoint { id: disapproved.transactions[0].id(), index: 1, tree: Tree::Regular };
    assert!(
        !blocks(&mut sim).iter().any(|block| {
            block.transactions.iter().any(|tx| tx.inputs.iter().any(|input| input.previous == coinbase))
        })
    );
    sim.mine(30).unwrap();
    sim.undo(32).unwrap();
    assert_eq!(tip_block(&mut sim).id(), disapproved.id());
    assert_eq!(sim.in_mempool(&[coin.outpoint.id]).unwrap(), [false]);
    sim.mine(31).unwrap();
}

#[test]
fn tickets_that_nobody_calls_expire_and_are_revoked() {
    let mut sim = Sim::in_memory(Settings::new(5));
    sim.mine(1000).unwrap();
    let revoked: usize = blocks(&mut sim).iter().map(|block| txs(block, TxKind::Revocation).len()).sum();
    assert!(revoked > 0, "of some thousand tickets some expire");
    // Once three quarters of the votes in a window agree, headers carry the version of the votes.
    assert_eq!(tip_block(&mut sim).header.stake_version, 12);
}

#[test]
fn a_network_in_a_folder_is_shared_and_survives() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Sim::create(folder.path(), Settings::new(6)).unwrap();
    assert!(matches!(Sim::create(folder.path(), Settings::new(6)), Err(SimError::Io { .. })));
    first.mine(150).unwrap();
    let mut second = Sim::open(folder.path()).unwrap();
    assert_eq!(second.tip().unwrap(), first.tip().unwrap());
    let purse = Purse::new(26);
    let id = second.fund(&purse.script(None), dcr(5)).unwrap();
    assert_eq!(first.in_mempool(&[id]).unwrap(), [true]);
    let tip = first.mine(1).unwrap();
    assert_eq!(second.in_mempool(&[id]).unwrap(), [false]);
    first.reorganise(2).unwrap();
    let after = second.wait_for_tip(&tip.hash, std::time::Duration::from_secs(5)).unwrap().unwrap();
    assert_eq!(after, first.tip().unwrap());
    let mut alone = Sim::in_memory(Settings::new(6));
    alone.mine(150).unwrap();
    alone.fund(&purse.script(None), dcr(5)).unwrap();
    alone.mine(1).unwrap();
    alone.reorganise(2).unwrap();
    assert_eq!(alone.tip().unwrap(), after);
}

#[test]
fn a_journal_cut_short_loses_its_last_record_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = Sim::create(folder.path(), Settings::new(6)).unwrap();
    let before = sim.mine(40).unwrap();
    sim.mine(1).unwrap();
    drop(sim);
    let path = folder.path().join("network.journal");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let mut sim = Sim::open(folder.path()).unwrap();
    assert_eq!(sim.tip().unwrap(), before);
    sim.mine(1).unwrap();
    assert_eq!(Sim::open(folder.path()).unwrap().tip().unwrap(), sim.tip().unwrap());
    std::fs::write(&path, b"something else").unwrap();
    assert!(matches!(Sim::open(folder.path()), Err(SimError::NotANetwork { .. })));
}

#[test]
fn a_block_with_one_byte_changed_is_refused() {
    let mut sim = settled();
    let mut other = settled();
    other.mine(1).unwrap();
    let block = tip_block(&mut other);
    let mut wrong = block.clone();
    wrong.transactions[0].outputs[1].value.0 += 1;
    let refused = sim.submit(wrong);
    assert!(matches!(refused, Err(SimError::Violation(violation)) if violation.rule == Rule::BadMerkleRoot));
    sim.submit(block).unwrap();
    assert_eq!(sim.tip().unwrap(), other.tip().unwrap());
}
