//! What votes and revocations return is staked again: before other coins, in one step, and as much of it as there is.

use std::collections::BTreeSet;

use dcrcold::chain::ChainSource;
use dcrcold::prepare::PrepareError;
use dcrcold::wallet::purchase::{BuyOrder, Lock, Prepared, PurchaseError};
use dcrcold::wallet::{Coin, SystemClock, Wallet};
use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::net::Network;
use dcrcold_core::request::Funding;
use dcrcold_core::script::StakeTag;
use dcrcold_signer::transfer::Encode;
use dcrcold_signer::tx::Tree;

use crate::chain::{TestChain, amount};
use crate::dice::Dice;
use crate::fixture::{Fixture, StoppedClock, sign, sync as sync_made_up};
use crate::order::order;
use crate::world::World;

const DCR: u64 = 100_000_000;
const TICKETS: u32 = 8;
/// Wallets with random coins that buy as much as they can.
const WALLETS: u32 = 60;

fn sync(wallet: &mut Wallet, world: &mut World) {
    wallet.sync(&mut world.sim, &SystemClock, &mut |_| {}).unwrap();
}

fn prepare(wallet: &mut Wallet, world: &mut World, tickets: u32) -> Prepared {
    let price = world.sim.price().unwrap();
    wallet.prepare(&order(tickets), &price, &SystemClock).unwrap()
}

/// The coins that a request keeps.
fn spent(wallet: &Wallet, prepared: &Prepared) -> Vec<Coin> {
    let coins = wallet.coins().unwrap();
    coins.into_iter().filter(|coin| coin.locked_by == Some(prepared.id)).collect()
}

fn carry_out(wallet: &mut Wallet, world: &mut World, prepared: &Prepared) {
    let answer = sign(prepared).to_container(Network::Simnet).unwrap();
    let id = wallet.accept(&answer, &SystemClock).unwrap();
    wallet.send(&id, &mut world.sim, &SystemClock).unwrap();
    world.mine(2);
    sync(wallet, world);
    for ticket in wallet.tickets().unwrap() {
        world.tickets.insert(ticket.id, wallet.transaction(&ticket.id).unwrap().unwrap());
    }
}

fn is_returned(coin: &Coin) -> bool {
    matches!(coin.tag, Some(StakeTag::Vote | StakeTag::Revocation))
}

#[test]
fn votes_and_revocations_are_staked_again_first_and_in_one_step() {
    let (mut world, fixture) = (World::new(11), Fixture::new());
    let mut wallet = fixture.wallet("w");
    world.fund(fixture.external(0), 300 * DCR);
    world.mine(1);
    sync(&mut wallet, &mut world);
    let bought = prepare(&mut wallet, &mut world, TICKETS);
    carry_out(&mut wallet, &mut world, &bought);
    while wallet.coins().unwrap().iter().filter(|coin| is_returned(coin)).count() < TICKETS as usize {
        world.mine(20);
        sync(&mut wallet, &mut world);
    }
    // They mature, and larger coins arrive.
    for index in 1..4 {
        world.fund(fixture.external(index), 400 * DCR);
    }
    world.mine(20);
    sync(&mut wallet, &mut world);

    // Of the votes, which pay much on this network, one stays: then the returns make fewer tickets than a signer takes.
    let votes = wallet.coins().unwrap().into_iter().filter(|coin| coin.tag == Some(StakeTag::Vote)).skip(1);
    let votes: Vec<_> = votes.map(|coin| coin.outpoint.into()).collect();
    wallet.freeze(&votes, true, &SystemClock).unwrap();
    let tip = wallet.height().unwrap();
    let free = wallet.coins().unwrap().into_iter().filter(|coin| is_returned(coin) && coin.is_input(tip));
    let free: Vec<_> = free.collect();
    let worth = Amount::checked_sum(free.iter().map(|coin| coin.value)).unwrap();

    let few = prepare(&mut wallet, &mut world, 2);
    assert!(spent(&wallet, &few).iter().all(is_returned), "returns suffice for two");
    wallet.cancel(&few.id, &SystemClock).unwrap();
    let tickets = u32::try_from(worth.atoms() / few.amount.atoms()).unwrap() + 1;
    let many = prepare(&mut wallet, &mut world, tickets);
    let coins = spent(&wallet, &many);
    let returned: Vec<_> = coins.iter().filter(|coin| is_returned(coin)).collect();
    assert_eq!(returned.len(), free.len(), "all of them before any other coin");
    assert!(returned.iter().all(|coin| coin.outpoint.tree == Tree::Stake));
    let tags: BTreeSet<_> = returned.iter().filter_map(|coin| coin.tag).map(StakeTag::opcode).collect();
    assert_eq!(tags.len(), 2, "votes and revocations together");
    assert!(coins.len() > returned.len());
    carry_out(&mut wallet, &mut world, &many);
    let live =
        wallet.tickets().unwrap().into_iter().filter(|ticket| ticket.ending.is_none() && ticket.height.is_some());
    assert_eq!(live.count(), tickets as usize);
    println!("{} returns and {} other coins made {tickets} tickets", returned.len(), coins.len() - returned.len());
}

fn order_at(amount_each: u64, fee_rate: u64, tickets: u32, funding: Funding) -> BuyOrder {
    let lock = Lock::Amount(amount(amount_each));
    BuyOrder { lock, fee_rate: FeeRate::from_atoms_per_kb(fee_rate), funding, ..order(tickets) }
}

#[test]
fn as_many_tickets_are_bought_as_the_coins_suffice_for() {
    let (mut dice, mut sum, mut full, mut none) = (Dice(5), 0, 0, 0);
    for number in 0..WALLETS {
        let (fixture, mut chain) = (Fixture::new(), TestChain::new());
        chain.mine_empty(3);
        let outputs: Vec<_> = (0..1 + dice.roll(6))
            .map(|index| (fixture.external(index), 10_000 + u64::from(dice.roll(250_000))))
            .collect();
        let paid = chain.payment(&outputs);
        chain.mine(vec![paid], vec![]);
        let mut wallet = fixture.wallet("w");
        sync_made_up(&mut wallet, &mut chain);
        let funding = if dice.once_in(3) { Funding::Direct } else { Funding::Split };
        let each = 20_000 + u64::from(dice.roll(60_000));
        let order = |tickets| order_at(each, 10_000 + u64::from(number % 3) * 20_000, tickets, funding);
        let price = chain.price().unwrap();
        match wallet.prepare_most(&order(1), &price, &StoppedClock) {
            Ok(prepared) => {
                let most = u32::try_from(prepared.tickets.len()).unwrap();
                wallet.cancel(&prepared.id, &StoppedClock).unwrap();
                sum += most;
                if most == 20 {
                    full += 1;
                    continue;
                }
                let more = wallet.prepare(&order(most + 1), &price, &StoppedClock).unwrap_err();
                let short = matches!(
                    more,
                    PurchaseError::Prepare(PrepareError::Short { .. } | PrepareError::NoCoinsThatFit { .. })
                );
                assert!(short, "wallet {number}: {most} tickets, and one more: {more}");
            }
            Err(PurchaseError::Prepare(
                PrepareError::Short { tickets, .. } | PrepareError::NoCoinsThatFit { tickets, .. },
            )) => {
                assert_eq!(tickets, 1, "wallet {number}");
                none += 1;
            }
            Err(error) => panic!("wallet {number}: {error}"),
        }
    }
    println!("{WALLETS} wallets: {sum} tickets, {full} times as many as a signer takes, {none} times none");
    assert!(sum > 100 && none > 0);
}
