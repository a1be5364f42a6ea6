//! The purse: what the wallet finds of it, what a purchase pays to it, and that the account's coins stay apart.

use dcrcold::chain::ChainSource;
use dcrcold::wallet::{PurseCoin, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::SIGHASH_ALL;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::key::PrivateKey;
use dcrcold_signer::transfer::Encode;
use dcrcold_signer::tx::{Transaction, TxIn, TxOut, signature_hash, signature_script};

use crate::chain::pay_to;
use crate::fixture::sign;
use crate::world::World;

fn atoms(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).unwrap()
}

/// Somebody else with the hot keys spends a coin of the purse.
pub fn spend(key: &PrivateKey, coin: &PurseCoin, script: &[u8]) -> Transaction {
    let left = coin.value.checked_sub(atoms(10_000)).unwrap();
    let inputs = vec![TxIn::unsigned(coin.outpoint, coin.value.into())];
    let mut tx = Transaction { version: 1, inputs, outputs: vec![TxOut::new(left, script)], lock_time: 0, expiry: 0 };
    let own = Payment { tag: None, payee: Payee::KeyHash(key.public_key().hash()) }.script();
    let digest = signature_hash(&tx, 0, own.as_bytes(), SIGHASH_ALL).unwrap();
    tx.inputs[0].signature_script = signature_script(&key.sign(&digest), &key.public_key());
    tx
}

/// Mines blocks that hold none of what waits of ours.
pub fn mine_empty(world: &mut World, blocks: u32, fee: Amount) {
    for _ in 0..blocks {
        let mut sim = world.node.sim();
        let mut block = sim.next_block().unwrap();
        block.transactions.truncate(1);
        // The miner gets no fee for what is left out.
        let reward = block.transactions[0].outputs.iter_mut().max_by_key(|output| output.value.0).unwrap();
        reward.value = reward.value.amount().unwrap().checked_sub(fee).unwrap().into();
        let fresh = |tx: &Transaction| tx.kind() != dcrcold_signer::tx::TxKind::Ticket || tx.expiry == 0;
        block.stake_transactions.retain(fresh);
        block.header.fresh_stake = u8::try_from(
            block.stake_transactions.iter().filter(|tx| tx.kind() == dcrcold_signer::tx::TxKind::Ticket).count(),
        )
        .unwrap();
        let block = sim.remake(block).unwrap();
        sim.submit(block).unwrap();
    }
    world.sync();
}

fn index(number: u64) -> Index {
    Index::new(number).unwrap()
}

pub fn pay_purse(world: &mut World, number: u64, amount: u64) {
    let hash = world.keys.public().hash(VoterAccount::Purse, index(number)).unwrap();
    world.node.sim().fund(&pay_to(hash), atoms(amount)).unwrap();
}

#[test]
fn the_purse_is_found_up_to_the_gap_and_is_no_part_of_the_account() {
    let mut world = World::new(&[50]);
    for number in [0, 19, 38, 57] {
        pay_purse(&mut world, number, 100_000 + number);
    }
    world.mine(1, &[]);
    let found: Vec<_> = world.wallet.purse_coins().unwrap().iter().map(|coin| coin.index).collect();
    assert_eq!(found, [0, 19, 38, 57].map(index));
    assert_eq!(world.wallet.purse().unwrap().free, atoms(400_000 + 19 + 38 + 57));
    assert_eq!(world.wallet.balance().unwrap().total(), atoms(5_000_000_000));
    assert!(world.wallet.coins().unwrap().iter().all(|coin| coin.value == atoms(5_000_000_000)));

    // A new wallet finds the same, and both forget what a reorganisation takes back.
    let mut fresh = world.fixture.wallet("fresh.db");
    let mut sim = world.node.sim();
    fresh.sync(&mut *sim, &world.clock, &mut |_| ()).unwrap();
    drop(sim);
    assert_eq!(fresh.purse_coins().unwrap(), world.wallet.purse_coins().unwrap());
    world.node.sim().undo(1).unwrap();
    world.node.sim().mine_disapproving().unwrap();
    world.node.sim().mine_disapproving().unwrap();
    world.sync();
    assert_eq!(world.wallet.purse_coins().unwrap().len(), 0);
}

#[test]
fn coins_in_the_purse_are_used_before_more_is_paid_to_it() {
    let mut world = World::new(&[300]);
    let vsp = world.vsp(1);
    let first = world.prepare(&World::order(3, Some(&vsp))).purse.unwrap();
    assert_eq!(first.index, Index::FIRST);
    let fee = vsp.rules(|rules| rules.hundredths);
    assert_eq!(fee, crate::world::PERCENT);
    let purchases = world.wallet.purchases().unwrap();
    world.wallet.cancel(&purchases[0].id, &world.clock).unwrap();

    pay_purse(&mut world, 0, first.amount.atoms() / 2);
    world.mine(1, &[]);
    let second = world.prepare(&World::order(3, Some(&vsp))).purse.unwrap();
    let (have, want) = (first.amount.atoms() / 2 + second.amount.atoms(), first.amount.atoms());
    // One input more in the fee transaction.
    assert!(have >= want && have < want + 3_000, "{have} {want}");
    assert_eq!(second.index, index(1), "a key is used once");
    let purchases = world.wallet.purchases().unwrap();
    world.wallet.cancel(&purchases[0].id, &world.clock).unwrap();

    pay_purse(&mut world, 1, first.amount.atoms());
    world.mine(1, &[]);
    assert_eq!(world.prepare(&World::order(3, Some(&vsp))).purse, None);
}

#[test]
fn purchases_before_do_not_eat_what_others_need() {
    let mut world = World::new(&[200, 200, 200, 200]);
    let vsp = world.vsp(1);
    let mut topped_up = Vec::new();
    for _ in 0..3 {
        topped_up.push(world.prepare(&World::order(2, Some(&vsp))).purse.unwrap());
    }
    let indexes: Vec<_> = topped_up.iter().map(|purse| purse.index).collect();
    assert_eq!(indexes, [0, 1, 2].map(index));
    let amounts: Vec<_> = topped_up.iter().map(|purse| purse.amount.atoms()).collect();
    assert!(amounts.iter().all(|amount| amount.abs_diff(amounts[0]) < 5_000), "{amounts:?}");
    assert_eq!(world.prepare(&World::order(1, None)).purse, None, "a solo ticket needs no purse");
}

#[test]
fn a_wallet_file_of_before_gets_its_purse_and_searches_for_it() {
    let mut world = World::new(&[200]);
    pay_purse(&mut world, 0, 70_000);
    world.mine(1, &[]);
    let path = world.fixture.path("wallet.db");
    // As if no purse had ever been watched.
    let mut wallet = Wallet::open(&path).unwrap();
    assert_eq!(wallet.purse_coins().unwrap().len(), 1);
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("DELETE FROM scripts WHERE voter IS NOT NULL; DELETE FROM purse_coins").unwrap();
    drop(db);
    assert_eq!(wallet.purse_coins().unwrap().len(), 0);
    let mut sim = world.node.sim();
    wallet.sync(&mut *sim, &world.clock, &mut |_| ()).unwrap();
    assert_eq!(sim.tip().unwrap().height, wallet.height().unwrap());
    assert_eq!(ChainSource::tip(&mut *sim).unwrap().height, wallet.height().unwrap());
    assert_eq!(wallet.purse_coins().unwrap().len(), 1);
}

/// Anybody can send small coins to a purse; a transaction full of them would be too large to be relayed.
#[test]
fn small_coins_in_a_purse_are_left_alone_while_a_large_one_does() {
    let mut world = World::new(&[200]);
    for number in 0..10 {
        pay_purse(&mut world, number, 10_000);
    }
    pay_purse(&mut world, 10, crate::world::MOST.atoms());
    world.mine(1, &[]);
    let vsp = world.vsp(1);
    let prepared = world.buy(1, Some(&vsp));
    assert_eq!(prepared.purse, None);
    world.mine(1, &[&vsp]);
    world.want(&vsp);
    world.advance(&vsp).unwrap();
    let (tx, _) = world.wallet.payment(&world.rows(&vsp)[0].payment.unwrap()).unwrap();
    assert_eq!(tx.inputs.len(), 1);
}

/// The split was sent by other means, so that the wallet still waits for the answer.
#[test]
fn a_top_up_that_is_in_the_purse_is_not_expected_once_more() {
    let mut world = World::new(&[200, 200]);
    let vsp = world.vsp(1);
    let first = world.prepare(&World::order(2, Some(&vsp)));
    let answer = sign(&first).to_container(Network::Simnet).unwrap();
    let split = world.wallet.completed(&first.request, &answer).unwrap().funding.unwrap();
    ChainSource::send(&mut *world.node.sim(), &split).unwrap();
    world.mine(1, &[]);
    let paid = first.purse.unwrap().amount.atoms();
    assert_eq!(world.wallet.purse().unwrap().free, atoms(paid));
    let second = world.prepare(&World::order(2, Some(&vsp))).purse.unwrap().amount.atoms();
    assert!(second.abs_diff(paid) < 5_000, "{second} for two more tickets, {paid} for the first two");
}
