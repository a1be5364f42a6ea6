//! The wallet over chains that no honest network would have: coins spent twice on different branches, payments that a
//! disapproval takes back and a later block brings again, purchases overtaken by rivals.

use std::collections::{HashMap, HashSet};

use dcrcold::chain::ChainSource;
use dcrcold::wallet::Wallet;
use dcrcold::wallet::purchase::{BuyOrder, Lock as LockEach, PurchaseError};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::{Hash160, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::request::Funding;
use dcrcold_signer::block::Block;
use dcrcold_signer::transfer::Encode;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxKind};

use crate::chain::{STRANGER, TestChain};
use crate::dice::Dice;
use crate::fixture::{Fixture, StoppedClock, sign, sync};
use crate::ledger::{Ledger, Lock, Owned};
use crate::order::order;

/// Where coins may be first; blocks before only make votes possible.
const BIRTHDAY: u32 = 151;
/// What one more payment to it makes the window of external addresses grow from 100 to 181.
const BRIDGE: u32 = 80;
const PRICE: u64 = 20_000;

struct Chaos {
    fixture: Fixture,
    chain: TestChain,
    dice: Dice,
    wallet: Wallet,
    /// Transactions that may be in a block one day, several of them over the same coins.
    pool: Vec<Transaction>,
    tickets: HashMap<TxId, Transaction>,
    sent: Vec<Transaction>,
    locks: Vec<Lock>,
    known: u32,
    name: String,
    rivals: u32,
}

/// What is there to be spent: the outputs of transactions that happened, and what spends them.
#[derive(Default)]
struct Scene {
    happened: HashMap<TxId, u32>,
    spent: HashSet<(TxId, u32)>,
}

impl Scene {
    /// The state that a block with these vote bits finds.
    fn before(chain: &TestChain, vote_bits: u16) -> Self {
        let mut scene = Self::default();
        for height in 1..=chain.height() {
            let judge = if height == chain.height() { vote_bits } else { chain.header(height + 1).vote_bits };
            let block = chain.block_at(height);
            let regular = if judge & 1 == 1 { block.transactions.as_slice() } else { &[] };
            regular.iter().chain(&block.stake_transactions).for_each(|tx| scene.add(tx, height));
        }
        scene
    }

    fn add(&mut self, tx: &Transaction, height: u32) {
        self.happened.insert(tx.id(), height);
        self.spent.extend(tx.inputs.iter().map(|input| (input.previous.id, input.previous.index)));
    }

    /// Whether the block at `height` may hold `tx`; what comes from outside is always there.
    fn allows(&self, tx: &Transaction, pool: &HashSet<TxId>, height: u32) -> bool {
        let stake = tx.kind() == TxKind::Ticket;
        !self.happened.contains_key(&tx.id())
            && tx.inputs.iter().all(|input| {
                let made = match self.happened.get(&input.previous.id) {
                    Some(made) => !stake || *made < height,
                    None => !pool.contains(&input.previous.id),
                };
                made && !self.spent.contains(&(input.previous.id, input.previous.index))
            })
    }
}

impl Chaos {
    fn new(seed: u64) -> Self {
        let (fixture, mut chain) = (Fixture::new(), TestChain::new());
        chain.mine_empty(BIRTHDAY - 1);
        let wallet = fixture.wallet("followed");
        let (pool, tickets, sent, locks) = (Vec::new(), HashMap::new(), Vec::new(), Vec::new());
        let (dice, name) = (Dice(seed), String::new());
        Self { fixture, chain, dice, wallet, pool, tickets, sent, locks, known: 100, name, rivals: 0 }
    }

    fn external(&mut self) -> Hash160 {
        let beyond = if self.dice.once_in(3) { 100 } else { 0 };
        self.fixture.external(beyond + self.dice.roll(60))
    }

    fn internal(&mut self) -> Hash160 {
        let index = self.dice.roll(40);
        self.fixture.internal(index)
    }

    /// Thinks of something that may be mined.
    fn invent(&mut self) {
        let (external, internal) = (self.external(), self.internal());
        let atoms = 50_000 + u64::from(self.dice.roll(30_000));
        let other = 30_000 + u64::from(self.dice.roll(20_000));
        let coin = self.some_coin();
        let tx = match (self.dice.roll(10), coin) {
            (0..4, _) | (_, None) => self.chain.payment(&[(external, atoms), (internal, other)]),
            (4, _) => self.chain.strangers_ticket(PRICE, internal),
            (5..8, Some(coin)) => self.chain.spend(&[coin], &[(STRANGER, 7_000), (external, other)]),
            (_, Some(coin)) => {
                let reward = if self.dice.once_in(4) { STRANGER } else { internal };
                self.chain.ticket(coin, PRICE, reward)
            }
        };
        if tx.kind() == TxKind::Ticket {
            self.tickets.insert(tx.id(), tx.clone());
        }
        self.pool.push(tx);
    }

    /// An output of ours that some transaction makes or made, whether spent or not.
    fn some_coin(&mut self) -> Option<OutPoint> {
        let txs: Vec<_> = self.pool.iter().filter(|tx| tx.kind() == TxKind::Regular).collect();
        let count = u32::try_from(txs.len()).unwrap();
        let tx = *txs.get(self.dice.roll(count.max(1)) as usize)?;
        let index = self.dice.roll(u32::try_from(tx.outputs.len()).unwrap());
        (tx.outputs[index as usize].value.0 > 25_000).then(|| OutPoint { id: tx.id(), index, tree: Tree::Regular })
    }

    fn mine(&mut self) {
        let vote_bits = u16::from(!self.dice.once_in(6));
        let height = self.chain.height() + 1;
        let mut scene = Scene::before(&self.chain, vote_bits);
        let known: HashSet<TxId> = self.pool.iter().chain(&self.sent).map(Transaction::id).collect();
        let (mut regular, mut stake) = (Vec::new(), self.endings(&scene, height));
        stake.iter().for_each(|tx| scene.add(tx, height));
        let candidates: Vec<_> = self.pool.iter().chain(&self.sent).cloned().collect();
        for tx in candidates {
            if self.dice.once_in(3) && scene.allows(&tx, &known, height) {
                scene.add(&tx, height);
                if tx.kind() == TxKind::Ticket { stake.push(tx) } else { regular.push(tx) }
            }
        }
        self.chain.mine_judging(regular, stake, vote_bits);
    }

    /// Votes and revocations of tickets that are old enough.
    fn endings(&mut self, scene: &Scene, height: u32) -> Vec<Transaction> {
        let mut ripe: Vec<_> = self
            .tickets
            .values()
            .filter(|ticket| scene.happened.get(&ticket.id()).is_some_and(|made| made + 17 <= height))
            .filter(|ticket| !scene.spent.contains(&(ticket.id(), 0)))
            .cloned()
            .collect();
        ripe.sort_by_key(Transaction::id);
        let mut endings = Vec::new();
        for ticket in ripe {
            match self.dice.roll(8) {
                0 => endings.push(self.chain.vote(&ticket)),
                1 => endings.push(self.chain.revocation(&ticket)),
                _ => {}
            }
        }
        endings
    }

    /// Prepares a purchase and sends it; the network may still never see it mined.
    fn purchase(&mut self) {
        let direct = self.dice.once_in(3);
        let tickets = 1 + self.dice.roll(2);
        let order = BuyOrder {
            lock: LockEach::Amount(self.chain.price),
            expiry: Some(Height(self.chain.height() + 5 + self.dice.roll(20))),
            funding: if direct { Funding::Direct } else { Funding::Split },
            ..order(tickets)
        };
        let price = self.chain.price().unwrap();
        let prepared = match self.wallet.prepare(&order, &price, &StoppedClock) {
            Ok(prepared) => prepared,
            Err(PurchaseError::Prepare(_)) => return,
            Err(other) => panic!("{}: {other}", self.name),
        };
        if !prepared.beyond_default_limits.is_empty() {
            return self.wallet.cancel(&prepared.id, &StoppedClock).unwrap();
        }
        let answer = sign(&prepared);
        let answer = answer.to_container(Network::Simnet).unwrap();
        let completed = self.wallet.completed(&prepared.request, &answer).unwrap();
        let txs: Vec<_> = completed.funding.into_iter().chain(completed.tickets).collect();
        let paid = if direct { txs.as_slice() } else { &txs[..1] };
        let coins: Vec<_> = paid.iter().flat_map(|tx| tx.inputs.iter().map(|input| input.previous)).collect();
        let ids = txs.iter().map(Transaction::id).collect();
        let direct_until = direct.then_some(prepared.expiry);
        self.locks.push(Lock { id: prepared.id, coins: coins.clone(), txs: ids, direct_until });
        if self.dice.once_in(2) {
            // Somebody else with the same seed spends one of the coins, on this branch or on another.
            let rival = self.chain.spend(&coins[..1], &[(STRANGER, 9_000), (self.fixture.internal(3), 11_000)]);
            self.pool.push(rival);
        }
        if self.dice.once_in(4) {
            return;
        }
        self.wallet.accept(&answer, &StoppedClock).unwrap();
        self.wallet.send(&prepared.id, &mut self.chain, &StoppedClock).unwrap();
        self.tickets.extend(txs.iter().filter(|tx| tx.kind() == TxKind::Ticket).map(|tx| (tx.id(), tx.clone())));
        self.sent.extend(txs);
    }

    fn blocks(&self) -> Vec<&Block> {
        (1..=self.chain.height()).map(|height| self.chain.block_at(height)).collect()
    }

    /// What the wallet gives up: what spends the same coins as something that is mined, and what spends from that.
    fn forget_rivals(&mut self) {
        let blocks = self.blocks();
        let happened = Ledger::happened(&blocks);
        let txs = blocks.iter().flat_map(|block| block.transactions.iter().chain(&block.stake_transactions));
        let spent: HashSet<OutPoint> = txs
            .filter(|tx| happened.contains(&tx.id()))
            .flat_map(|tx| tx.inputs.iter().map(|input| input.previous))
            .collect();
        let mut doomed: Vec<TxId> = Vec::new();
        for tx in self.sent.iter().filter(|tx| !happened.contains(&tx.id())) {
            let lost = |coin: &OutPoint| spent.contains(coin) || doomed.contains(&coin.id);
            if tx.inputs.iter().any(|input| lost(&input.previous)) {
                doomed.push(tx.id());
            }
        }
        self.rivals += u32::try_from(doomed.len()).unwrap();
        self.sent.retain(|tx| !doomed.contains(&tx.id()));
    }

    fn check(&mut self) {
        sync(&mut self.wallet, &mut self.chain);
        self.forget_rivals();
        let blocks = self.blocks();
        let happened = Ledger::happened(&blocks);
        let waiting: Vec<_> = self.sent.iter().filter(|tx| !happened.contains(&tx.id())).collect();
        let ledger = Ledger { external: self.known };
        let expected = ledger.owned(&blocks, &waiting, &self.locks);
        Owned::by(&self.wallet).must_be(&expected, &self.name);
    }

    fn check_fresh(&mut self, name: &str) {
        let mut fresh = self.fixture.wallet_from(name, Some(Height(BIRTHDAY)));
        sync(&mut fresh, &mut self.chain);
        let ledger = Ledger { external: self.known };
        Owned::by(&fresh).must_be(&ledger.owned(&self.blocks(), &[], &[]), &format!("{}, {name}", self.name));
    }

    /// Makes the wallet search all the blocks again, for addresses that it did not know.
    fn cross_bridge(&mut self) {
        let bridge = self.chain.payment(&[(self.fixture.external(BRIDGE), 6_100)]);
        self.chain.mine(vec![bridge], vec![]);
        self.chain.mine_empty(1);
        self.known = 181;
        self.check();
        self.check_fresh("beyond the bridge");
    }
}

#[test]
fn whatever_branches_fight_a_wallet_knows_what_whole_blocks_say() {
    let (mut comparisons, mut rivals, mut blocks) = (0, 0, 0);
    for seed in 1..=8 {
        let mut chaos = Chaos::new(seed);
        for round in 0..40 {
            chaos.name = format!("seed {seed}, round {round}");
            let depth = chaos.dice.roll(6).min(chaos.chain.height() + 1 - BIRTHDAY);
            chaos.chain.rewind(depth);
            for _ in 0..depth + 1 + chaos.dice.roll(3) {
                chaos.invent();
                chaos.mine();
                blocks += 1;
            }
            chaos.check();
            if chaos.dice.once_in(3) {
                chaos.purchase();
            }
            comparisons += 1;
        }
        chaos.check_fresh("before the bridge");
        chaos.cross_bridge();
        comparisons += 3;
        rivals += chaos.rivals;
    }
    println!("{comparisons} comparisons over {blocks} blocks, {rivals} of our transactions overtaken by rivals");
    assert!(comparisons == 8 * 43 && rivals > 10);
}
