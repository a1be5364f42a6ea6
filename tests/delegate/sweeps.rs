//! What is in a purse comes home to the account: what goes, what stays, and that it goes once.

use dcrcold::chain::sim::Sim;
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold::delegate::{Emptied, Kept, SweepError, empty_purse};
use dcrcold::voter::HotVoter;
use dcrcold::wallet::{Receive, Wallet};
use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::fees::{DUST, KEY_HASH_SCRIPT, Outputs};
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Branch, Index, VoterAccount};
use dcrcold_signer::tx::{Transaction, TxOut};

use crate::between::{Between, Through};
use crate::chain::pay_to;
use crate::purses::{pay_purse, spend};
use crate::voters::{fill_purse, rotate, second};
use crate::world::{MOST, World, hot_keys};

fn atoms(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).unwrap()
}

fn kept(coins: usize, amount: Amount) -> Kept {
    Kept { coins, amount }
}

/// What a sweep of so many coins takes.
fn fee(coins: u32) -> Amount {
    FeeRate::RELAY_MINIMUM.fee(Outputs::default().with(KEY_HASH_SCRIPT).size(coins)).unwrap()
}

fn empty_with(world: &mut World, keys: &HotVoter) -> Result<Emptied, SweepError> {
    world.sync();
    let mut sim = world.node.sim();
    empty_purse(&mut world.wallet, keys, &mut *sim, &world.clock)
}

fn empty(world: &mut World) -> Emptied {
    let keys = hot_keys(world.keys.origin().1);
    empty_with(world, &keys).unwrap()
}

/// Says that nothing goes and nothing stays.
fn is_nothing(emptied: &Emptied) -> bool {
    let none = Kept::default();
    *emptied
        == Emptied {
            before: Vec::new(),
            sent: None,
            in_fees: none,
            unmined: none,
            immature: none,
            dust: none,
            beyond: none,
        }
}

#[test]
fn free_coins_come_home_once_and_then_nothing_is_left() {
    let mut world = World::new(&[50]);
    for (index, amount) in [(0, 70_000), (1, 900_000), (7, 30_000)] {
        pay_purse(&mut world, index, amount);
    }
    world.mine(1, &[]);
    let account = world.wallet.balance().unwrap();
    let (path, address) = world.wallet.receive(Receive::Current, &world.clock).unwrap();
    let (sweep, paid) = empty(&mut world).sent.unwrap();
    let home = atoms(1_000_000).checked_sub(fee(3)).unwrap();
    assert_eq!((sweep.coins, sweep.amount, sweep.fee, paid), (3, home, fee(3), address));
    assert_eq!(path.branch, Branch::External);
    assert_eq!(world.wallet.purse().unwrap(), Default::default(), "spent from when it was written down");
    assert_eq!(world.wallet.balance().unwrap().unconfirmed, home);

    // Not mined yet, from a file opened anew: the same one, not another.
    world.wallet = Wallet::open(&world.fixture.path("wallet.db")).unwrap();
    let again = empty(&mut world);
    assert_eq!((again.sent, again.before.as_slice()), (None, [sweep].as_slice()));

    world.mine(1, &[]);
    assert_eq!(world.wallet.block_of(&sweep.id).unwrap().map(|block| block.height), world.wallet.height().ok());
    let balance = world.wallet.balance().unwrap();
    assert_eq!(balance.spendable, account.spendable.checked_add(home).unwrap());
    assert_eq!(world.wallet.coins().unwrap().iter().filter(|coin| coin.path == path).count(), 1);
    assert!(is_nothing(&empty(&mut world)), "a second call finds nothing");

    // A wallet made anew sees the same coins.
    let mut fresh = world.fixture.wallet("fresh.db");
    fresh.sync(&mut *world.node.sim(), &world.clock, &mut |_| ()).unwrap();
    assert_eq!(fresh.balance().unwrap(), balance);
    assert_eq!(fresh.purse().unwrap(), Default::default());
}

#[test]
fn coins_of_fees_under_way_stay_and_their_change_comes_home_later() {
    let mut world = World::new(&[200]);
    let vsp = world.vsp(1);
    world.buy(2, Some(&vsp));
    let unmined = world.wallet.coins_of_purse(&world.keys.fingerprint()).unwrap().unmined;
    assert_eq!(unmined.len(), 1);
    let top_up = unmined[0].value;
    let stays = empty(&mut world);
    assert_eq!((stays.sent, stays.unmined), (None, kept(1, top_up)), "its split may never be mined");

    world.mine(1, &[&vsp]);
    world.want(&vsp);
    world.advance(&vsp).unwrap();
    pay_purse(&mut world, 5, 400_000);
    world.mine(1, &[&vsp]);
    let payment = world.rows(&vsp)[0].payment.unwrap();
    let (fee_tx, _) = world.wallet.payment(&payment).unwrap();
    let emptied = empty(&mut world);
    let (sweep, _) = emptied.sent.unwrap();
    assert_eq!((sweep.coins, sweep.amount), (1, atoms(400_000).checked_sub(fee(1)).unwrap()));
    assert_eq!(emptied.in_fees, kept(1, top_up));

    world.confirm(&vsp);
    assert!(world.wallet.block_of(&payment).unwrap().is_some(), "the fee is mined as if nothing had happened");
    assert!(world.wallet.block_of(&sweep.id).unwrap().is_some());
    let change = fee_tx.outputs.last().unwrap().value.amount().unwrap();
    let (sweep, _) = empty(&mut world).sent.unwrap();
    assert_eq!((sweep.coins, sweep.amount), (1, change.checked_sub(fee(1)).unwrap()));
    world.mine(1, &[&vsp]);
    assert!(is_nothing(&empty(&mut world)));
}

#[test]
fn dust_is_told_and_goes_when_more_has_come() {
    let mut world = World::new(&[50]);
    let small = DUST.checked_add(atoms(70)).unwrap();
    pay_purse(&mut world, 0, small.atoms());
    world.mine(1, &[]);
    let emptied = empty(&mut world);
    assert_eq!((emptied.sent, emptied.dust), (None, kept(1, small)), "nodes relay no output so small");
    assert_eq!(world.wallet.purse().unwrap().free, small);

    pay_purse(&mut world, 1, small.atoms());
    world.mine(1, &[]);
    let (sweep, _) = empty(&mut world).sent.unwrap();
    assert_eq!((sweep.coins, sweep.fee), (2, fee(2)));
}

/// Pays purse keys out of the subsidy of a block, where no node's rule on dust holds.
fn pay_by_coinbase(world: &mut World, amounts: &[u64]) {
    let mut sim = world.node.sim();
    let mut block = sim.next_block().unwrap();
    let outputs = &mut block.transactions[0].outputs;
    let reward = outputs.iter_mut().max_by_key(|output| output.value.0).unwrap();
    let paid = Amount::checked_sum(amounts.iter().map(|amount| atoms(*amount))).unwrap();
    reward.value = reward.value.amount().unwrap().checked_sub(paid).unwrap().into();
    for (index, amount) in (0..).zip(amounts) {
        let hash = world.keys.public().hash(VoterAccount::Purse, Index::new(index).unwrap()).unwrap();
        outputs.push(TxOut::new(atoms(*amount), &pay_to(hash)));
    }
    let block = sim.remake(block).unwrap();
    sim.submit(block).unwrap();
}

#[test]
fn coins_of_a_coinbase_wait_and_those_that_cost_more_than_they_bring_stay() {
    let mut world = World::new(&[50]);
    pay_by_coinbase(&mut world, &[1_000, 100_000]);
    let emptied = empty(&mut world);
    assert_eq!((emptied.sent, emptied.immature), (None, kept(2, atoms(101_000))));
    world.mine(Network::Simnet.params().coinbase_maturity, &[]);
    let emptied = empty(&mut world);
    let (sweep, _) = emptied.sent.unwrap();
    assert_eq!((sweep.coins, sweep.fee, emptied.dust), (1, fee(1), kept(1, atoms(1_000))));
}

#[test]
fn more_coins_than_one_transaction_holds_come_home_in_two() {
    let mut world = World::new(&[50]);
    for _ in 0..520 {
        pay_purse(&mut world, 0, 50_000);
    }
    world.mine(40, &[]);
    assert_eq!(world.wallet.purse_coins().unwrap().len(), 520);
    let first = empty(&mut world);
    assert_eq!((first.sent.unwrap().0.coins, first.beyond), (500, kept(20, atoms(20 * 50_000))));
    let second = empty(&mut world);
    assert_eq!((second.before.len(), second.sent.unwrap().0.coins, second.beyond.coins), (1, 20, 0));
}

#[test]
fn what_a_thief_took_first_is_told_and_the_rest_comes_home_after_the_next_block() {
    let mut world = World::new(&[50]);
    pay_purse(&mut world, 0, 300_000);
    pay_purse(&mut world, 1, 200_000);
    world.mine(1, &[]);
    let stolen = world.wallet.purse_coins().unwrap()[0];
    let key = world.keys.key(VoterAccount::Purse, stolen.index).unwrap();
    let theft = spend(&key, &stolen, &pay_to(world.fixture.external(500)));
    ChainSource::send(&mut *world.node.sim(), &theft).unwrap();

    let keys = hot_keys(world.keys.origin().1);
    for _ in 0..2 {
        let refused = empty_with(&mut world, &keys).unwrap_err();
        assert!(matches!(refused, SweepError::Rejected { .. }), "{refused}");
        assert_eq!(world.wallet.purse().unwrap().free, atoms(500_000), "as before");
        assert_eq!(world.wallet.balance().unwrap().unconfirmed, Amount::ZERO);
    }
    world.mine(1, &[]);
    let (sweep, _) = empty(&mut world).sent.unwrap();
    let left = atoms(500_000).checked_sub(stolen.value).unwrap();
    assert_eq!((sweep.coins, sweep.amount), (1, left.checked_sub(fee(1)).unwrap()));
    world.mine(1, &[]);
    assert!(is_nothing(&empty(&mut world)));
}

/// A node that goes away when it is sent something, before it took it or before it said so; or peers that do not show it.
struct Away<'a> {
    sim: &'a mut Sim,
    takes: bool,
    unseen: bool,
}

impl Between for Away<'_> {
    type Source = Sim;

    fn source(&mut self) -> Result<&mut Sim, ChainError> {
        Ok(self.sim)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        if self.takes {
            self.sim.send(tx)?;
        }
        if self.unseen {
            return Err(ChainError::Unseen { of: 8 });
        }
        Err(ChainError::Unavailable("connection reset".into()))
    }
}

#[test]
fn a_sweep_whose_node_went_away_is_sent_by_the_next_call_or_a_sync() {
    let mut cases = 0;
    for case in 0..8 {
        let [takes, by_sync, unseen] = [1, 2, 4].map(|bit| case & bit != 0);
        let mut world = World::new(&[50]);
        pay_purse(&mut world, 0, 300_000);
        world.mine(1, &[]);
        let keys = hot_keys(world.keys.origin().1);
        let mut sim = world.node.sim();
        let mut away = Through(Away { sim: &mut sim, takes, unseen });
        let failed = empty_purse(&mut world.wallet, &keys, &mut away, &world.clock).unwrap_err();
        match failed {
            SweepError::Unseen { of: 8, .. } if unseen => {}
            SweepError::Chain(ChainError::Unavailable(_)) if !unseen => {}
            failed => panic!("{failed}"),
        }
        drop(sim);
        let [waiting] = world.wallet.waiting_sweeps(&keys.fingerprint()).unwrap().try_into().unwrap();
        if by_sync {
            let again = world.wallet.rebroadcast(&mut *world.node.sim()).unwrap();
            assert_eq!(again, usize::from(!takes));
        } else {
            let again = empty(&mut world);
            assert_eq!((again.sent, again.before.len(), again.before[0].id), (None, 1, waiting.id()));
        }
        world.mine(1, &[]);
        assert!(world.wallet.block_of(&waiting.id()).unwrap().is_some());
        assert!(is_nothing(&empty(&mut world)));
        cases += 1;
    }
    println!("sweeps whose node went away: {cases} cases");
    assert_eq!(cases, 8);
}

#[test]
fn after_a_rotation_the_old_purse_is_emptied_and_the_new_one_left_alone() {
    let mut world = World::new(&[50]);
    let stranger = hot_keys(second());
    let refused = empty_with(&mut world, &stranger).unwrap_err();
    assert!(matches!(refused, SweepError::UnknownVoter { fingerprint } if fingerprint == stranger.fingerprint()));
    pay_purse(&mut world, 0, 300_000);
    world.mine(1, &[]);
    rotate(&mut world);
    fill_purse(&mut world);
    let old = world.others.remove(0);
    let (sweep, _) = empty_with(&mut world, &old).unwrap().sent.unwrap();
    world.mine(1, &[]);
    assert_eq!(sweep.amount, atoms(300_000).checked_sub(fee(1)).unwrap());
    assert_eq!(world.wallet.purse_of(&old.fingerprint()).unwrap(), Amount::ZERO);
    assert_eq!(world.wallet.purse_of(&world.keys.fingerprint()).unwrap(), MOST);
    assert_eq!(world.wallet.purse_coins().unwrap()[0].index, Index::FIRST);
}
