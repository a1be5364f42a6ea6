//! A chain of the embedded network with everything on it that the cases need: coins of every kind and age, and tickets
//! that are immature, live, called, voted and revoked.

use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold::chain::{BlockId, ChainSource};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TxId;
use dcrcold_core::script::{Commitment, Payee, Payment, StakeTag};
use dcrcold_signer::block::Block;
use dcrcold_signer::stake::revocation::Revocation;
use dcrcold_signer::stake::vote::Vote;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxKind, TxOut};

use super::purse::{Coin, Purse, atoms, dcr};

/// The seed of the chain.
pub const SEED: u64 = 2026;
/// The fee of a ticket with one input and no change, and a fee for everything that builds the world.
pub const TICKET_FEE: Amount = Amount::constant::<2_980>();
const FEE: Amount = Amount::constant::<200_000>();
/// Blocks until a coinbase or the payout of a vote can be spent.
const MATURITY: u32 = 16;
/// Coins prepared for the cases.
const PLAIN_COINS: usize = 200;
const EXACT_COINS: usize = 100;
const RICH_COINS: usize = 40;
/// How many tickets have two inputs, and as many let their votes pay a fee.
const SPECIAL: u32 = 4;
const GENEROUS_END: u32 = 2 * SPECIAL;
/// The limits of the tickets that let their votes pay up to 2^10 atoms as fee.
pub const VOTE_FEE_LIMITS: u16 = 0x4e00 | 0x0040 | 10;

/// Everything that the cases draw on.
pub struct World {
    pub sim: Sim,
    pub tip: BlockId,
    /// The price of the next block.
    pub price: Amount,
    pub owner: Purse,
    pub voter: Purse,
    pub stranger: Purse,
    plain: Vec<Coin>,
    exact: Vec<Coin>,
    rich: Vec<Coin>,
    /// Pays a public key instead of its hash.
    pub bare_key: Coin,
    /// A coin spent in a block.
    pub spent: Coin,
    pub coinbase: Aged,
    pub expiring: Aged,
    pub vote_payout: Aged,
    pub revocation_payout: Aged,
    /// Change of a ticket.
    pub ticket_change: Coin,
    /// The tickets that the tip calls, each once.
    called: Vec<Transaction>,
    /// Live tickets that it does not call.
    live: Vec<Transaction>,
    /// A live ticket with two inputs, and the one with [`VOTE_FEE_LIMITS`]; neither has voted.
    pub pair: Transaction,
    pub generous: Transaction,
    pub immature: Transaction,
    pub voted: Transaction,
    pub revoked: Transaction,
}

/// Two coins of a kind.
pub struct Aged {
    pub ripe: Coin,
    pub green: Coin,
}

impl World {
    /// Builds the world; always the same.
    pub fn new() -> Self {
        Builder::new().build()
    }

    /// A coin of 1 DCR that no other case has.
    pub fn plain(&mut self) -> Coin {
        self.plain.pop().expect("enough coins are prepared")
    }

    /// A coin that pays for a ticket and its fee exactly.
    pub fn exact(&mut self) -> Coin {
        self.exact.pop().expect("enough coins are prepared")
    }

    /// A coin of a ticket, its fee and 5 DCR.
    pub fn rich(&mut self) -> Coin {
        self.rich.pop().expect("enough coins are prepared")
    }

    /// A ticket that the tip calls to vote.
    pub fn called(&mut self) -> Transaction {
        self.called.pop().expect("enough tickets are called")
    }

    /// A live ticket that is not called.
    pub fn live(&mut self) -> Transaction {
        self.live.pop().expect("enough tickets are live")
    }

    /// A live ticket that other cases may have too.
    pub fn any_live(&self) -> Transaction {
        self.live[0].clone()
    }

    /// The vote of a ticket on the tip, as it should be.
    pub fn vote(&self, ticket: &Transaction) -> Transaction {
        self.voter.vote(ticket, self.tip.hash, self.tip.height)
    }
}

struct Builder {
    sim: Sim,
    owner: Purse,
    voter: Purse,
    stranger: Purse,
    /// The height of the tip.
    tip: Height,
    tickets: Vec<Transaction>,
    votes: Vec<(Transaction, Height)>,
    revocations: Vec<(Transaction, Height)>,
}

impl Builder {
    fn new() -> Self {
        let mut sim = Sim::in_memory(Settings::new(SEED));
        sim.mine_to(SETTLED).unwrap();
        let (owner, voter, stranger) = (Purse::new(0x31), Purse::new(0x32), Purse::new(0x33));
        let tip = SETTLED;
        Self { sim, owner, voter, stranger, tip, tickets: Vec::new(), votes: Vec::new(), revocations: Vec::new() }
    }

    fn build(mut self) -> World {
        let spent = self.fund(dcr(6_000));
        let tree_fund = self.fund(dcr(80_000));
        self.buy(&spent);
        let ripe = [self.mine_coinbase(), self.mine_expiring()];
        self.wait_for_votes_and_a_miss();
        let ripe_payouts = [self.last_payout(TxKind::Vote), self.last_payout(TxKind::Revocation)];
        (0..=MATURITY).for_each(|_| self.step(true));
        let (split, green) = self.wait_for_a_call(&tree_fund);
        let green_payouts = [self.last_payout(TxKind::Vote), self.last_payout(TxKind::Revocation)];
        let aged = ripe.into_iter().chain(ripe_payouts).zip(green.into_iter().chain(green_payouts));
        let aged: Vec<_> = aged.map(|(ripe, green)| Aged { ripe, green }).collect();
        self.finish(&split, spent, aged.try_into().ok().unwrap())
    }

    /// The payout of the last vote or revocation of the tickets.
    fn last_payout(&self, kind: TxKind) -> Coin {
        match kind {
            TxKind::Vote => Coin::of(&self.votes.last().unwrap().0, 2, Tree::Stake),
            _ => Coin::of(&self.revocations.last().unwrap().0, 0, Tree::Stake),
        }
    }

    /// Pays the owner and mines it.
    fn fund(&mut self, amount: Amount) -> Coin {
        let id = self.sim.fund(&self.owner.script(None), amount).unwrap();
        self.step(true);
        let block = self.tip_block();
        Coin::of(block.transactions.iter().find(|tx| tx.id() == id).unwrap(), 0, Tree::Regular)
    }

    /// Buys three blocks of tickets, with some headroom over the price, which they raise.
    fn buy(&mut self, coin: &Coin) {
        let price = atoms(self.sim.price().unwrap().next.atoms() * 13 / 10);
        let each = price.checked_add(TICKET_FEE).unwrap();
        let mut outputs: Vec<TxOut> = (0..60).map(|_| TxOut::new(each, &self.owner.script(None))).collect();
        // The second inputs of the tickets with two.
        outputs.extend((0..SPECIAL).map(|_| TxOut::new(dcr(10), &self.owner.script(None))));
        let split = self.split(coin, outputs);
        self.sim.accept(&split).unwrap();
        self.step(true);
        for index in 0..60 {
            let ticket = self.ticket(&split, index, price);
            self.sim.accept(&ticket).unwrap_or_else(|error| panic!("ticket {index}: {error}"));
            self.tickets.push(ticket);
        }
        (0..3).for_each(|_| self.step(true));
    }

    /// Ticket number `index` of the split: the first have two inputs, the next let their votes pay a fee.
    fn ticket(&self, split: &Transaction, index: u32, price: Amount) -> Transaction {
        let coin = Coin::of(split, index, Tree::Regular);
        match index {
            0..SPECIAL => {
                let second = Coin::of(split, 60 + index, Tree::Regular);
                let mut outputs = self.owner.ticket_outputs(coin.value(), price, &self.voter);
                let commitment = commitment(self.stranger.payee(), second.value(), 0x4e00);
                outputs.extend([commitment, outputs[2].clone()]);
                // What the second input brings is locked too, less the fee for its size.
                outputs[0].value = price.checked_add(atoms(second.value().atoms() - 3_000)).unwrap().into();
                self.owner.spend(&[coin, second], outputs)
            }
            SPECIAL..GENEROUS_END => {
                let mut outputs = self.owner.ticket_outputs(coin.value(), price, &self.voter);
                outputs[1] = commitment(self.owner.payee(), coin.value(), VOTE_FEE_LIMITS);
                self.owner.spend(&[coin], outputs)
            }
            _ => self.owner.ticket(&coin, price, &self.voter),
        }
    }

    /// Mines a block; the voter votes, or sleeps through it.
    fn step(&mut self, awake: bool) {
        self.send_votes(awake);
        self.sim.mine(1).unwrap();
        self.note();
    }

    fn send_votes(&mut self, awake: bool) {
        let winners = self.sim.winners().unwrap();
        let called = self.tickets.iter().filter(|ticket| awake && winners.tickets.contains(&ticket.id()));
        for ticket in called {
            let vote = self.voter.vote(ticket, winners.block.hash, winners.block.height);
            self.sim.accept(&vote).unwrap();
        }
    }

    /// Notes which of the tickets voted or were revoked in the tip.
    fn note(&mut self) {
        let block = self.tip_block();
        self.tip = block.header.height;
        let ours = |id: &TxId| self.tickets.iter().any(|ticket| ticket.id() == *id);
        for tx in &block.stake_transactions {
            match tx.kind() {
                TxKind::Vote if ours(&Vote::read(tx).unwrap().ticket) => {
                    self.votes.push((tx.clone(), block.header.height));
                }
                TxKind::Revocation if ours(&Revocation::read(tx).unwrap().ticket) => {
                    self.revocations.push((tx.clone(), block.header.height));
                }
                _ => {}
            }
        }
    }

    fn tip_block(&mut self) -> Block {
        let tip = self.sim.tip().unwrap();
        self.sim.block(&tip.hash).unwrap()
    }

    fn mine_coinbase(&mut self) -> Coin {
        self.send_votes(true);
        self.sim.mine_paying(&self.owner.script(None)).unwrap();
        self.note();
        Coin::of(&self.tip_block().transactions[0], 1, Tree::Regular)
    }

    /// Mines a payment with an expiry.
    fn mine_expiring(&mut self) -> Coin {
        let coin = self.fund(dcr(2));
        let outputs =
            vec![TxOut::new(dcr(1), &self.owner.script(None)), TxOut::new(atoms(99_000_000), &self.owner.script(None))];
        let mut tx = self.owner.spend(std::slice::from_ref(&coin), outputs);
        tx.expiry = 1_000_000;
        self.owner.sign_all(&mut tx, &[coin]);
        self.sim.accept(&tx).unwrap();
        self.step(true);
        Coin::of(&tx, 0, Tree::Regular)
    }

    fn wait_for_votes_and_a_miss(&mut self) {
        while self.votes.len() < 2 {
            self.step(true);
        }
        while self.revocations.is_empty() {
            self.step(false);
        }
    }

    /// Prepares the coins at the start of a price window, and mines on until one of the tickets is called in the same
    /// window; otherwise once more in the next. Gives the split and a coinbase and an expiring payment that are young.
    fn wait_for_a_call(&mut self, coin: &Coin) -> (Transaction, [Coin; 2]) {
        let mut coin = coin.clone();
        loop {
            while self.sim.price().unwrap().blocks_left < 8 {
                self.step_with_misses();
            }
            let price = self.sim.price().unwrap().next;
            let split = self.prepare(&coin, price);
            coin = Coin::of(&split, u32::try_from(split.outputs.len()).unwrap() - 1, Tree::Regular);
            let immature = self.owner.ticket(&Coin::of(&split, 1, Tree::Regular), price, &self.voter);
            self.sim.accept(&split).unwrap();
            self.step_with_misses();
            let change = self.ticket_with_change(&split, price);
            self.sim.accept(&immature).unwrap();
            self.sim.accept(&change).unwrap();
            let green = [self.mine_coinbase(), self.mine_expiring()];
            for _ in 0..3 {
                if !self.called().is_empty() && self.is_young(&self.votes) && self.is_young(&self.revocations) {
                    return (split, green);
                }
                self.step_with_misses();
            }
        }
    }

    /// Mines a block; the voter sleeps through it when the last revocation is long ago.
    fn step_with_misses(&mut self) {
        let awake = self.is_young(&self.revocations);
        self.step(awake);
    }

    /// Whether the last payout cannot be spent for some blocks yet.
    fn is_young(&self, payouts: &[(Transaction, Height)]) -> bool {
        payouts.last().is_some_and(|(_, height)| self.tip.above(*height).unwrap() < MATURITY / 2)
    }

    /// The coins of the cases: one that pays a key, one for an immature ticket, the rich, the exact, the plain, the rest.
    fn prepare(&self, coin: &Coin, price: Amount) -> Transaction {
        let own = |value| TxOut::new(value, &self.owner.script(None));
        let exact = price.checked_add(TICKET_FEE).unwrap();
        let rich = exact.checked_add(dcr(5)).unwrap();
        let key = [&[33][..], &self.owner.public.to_bytes(), &[0xac]].concat();
        let mut outputs = vec![TxOut::new(exact, &key), own(exact)];
        outputs.extend((0..RICH_COINS).map(|_| own(rich)));
        outputs.extend((0..EXACT_COINS).map(|_| own(exact)));
        outputs.extend((0..PLAIN_COINS).map(|_| own(dcr(1))));
        self.split(coin, outputs)
    }

    /// Spends a coin on outputs and gives the rest back in the last.
    fn split(&self, coin: &Coin, mut outputs: Vec<TxOut>) -> Transaction {
        let paid = Amount::checked_sum(outputs.iter().map(|output| output.value.amount().unwrap())).unwrap();
        let rest = coin.value().checked_sub(paid).and_then(|rest| rest.checked_sub(FEE)).unwrap();
        outputs.push(TxOut::new(rest, &self.owner.script(None)));
        self.owner.spend(std::slice::from_ref(coin), outputs)
    }

    /// A ticket with change, over the first rich coin.
    fn ticket_with_change(&self, split: &Transaction, price: Amount) -> Transaction {
        let coin = Coin::of(split, 2, Tree::Regular);
        let outputs = with_change(&self.owner, &self.voter, coin.value(), price, dcr(5));
        self.owner.spend(&[coin], outputs)
    }

    fn called(&mut self) -> Vec<Transaction> {
        let winners = self.sim.winners().unwrap().tickets;
        self.tickets.iter().filter(|ticket| winners.contains(&ticket.id())).cloned().collect()
    }

    fn finish(mut self, split: &Transaction, spent: Coin, aged: [Aged; 4]) -> World {
        let price = self.sim.price().unwrap().next;
        let immature = self.owner.ticket(&Coin::of(split, 1, Tree::Regular), price, &self.voter);
        let ticket_change = Coin::of(&self.ticket_with_change(split, price), 2, Tree::Stake);
        let mut coins = (2..).map(|index| Coin::of(split, index, Tree::Regular));
        let mut rich: Vec<_> = coins.by_ref().take(RICH_COINS).collect();
        rich.remove(0);
        let exact = coins.by_ref().take(EXACT_COINS).collect();
        let plain = coins.take(PLAIN_COINS).collect();
        let (called, mut live) = (self.called(), self.live());
        let [pair, generous] = [0..SPECIAL, SPECIAL..GENEROUS_END].map(|range| self.special(range, &live));
        let find = |id: TxId| self.tickets.iter().find(|ticket| ticket.id() == id).unwrap().clone();
        // The ordinary ones are enough.
        let special = &self.tickets[..usize::try_from(GENEROUS_END).unwrap()];
        live.retain(|ticket| !special.contains(ticket));
        let voted = find(Vote::read(&self.votes[0].0).unwrap().ticket);
        let revoked = find(Revocation::read(&self.revocations[0].0).unwrap().ticket);
        let [coinbase, expiring, vote_payout, revocation_payout] = aged;
        let tip = self.sim.tip().unwrap();
        World {
            tip,
            price,
            plain,
            exact,
            rich,
            bare_key: Coin::of(split, 0, Tree::Regular),
            spent,
            coinbase,
            expiring,
            vote_payout,
            revocation_payout,
            ticket_change,
            called,
            live,
            pair,
            generous,
            immature,
            voted,
            revoked,
            sim: self.sim,
            owner: self.owner,
            voter: self.voter,
            stranger: self.stranger,
        }
    }

    /// The tickets that have neither voted nor been revoked and are not called.
    fn live(&mut self) -> Vec<Transaction> {
        let votes = self.votes.iter().map(|(tx, _)| Vote::read(tx).unwrap().ticket);
        let revocations = self.revocations.iter().map(|(tx, _)| Revocation::read(tx).unwrap().ticket);
        let gone: Vec<TxId> = votes.chain(revocations).collect();
        let called = self.called();
        let still = |ticket: &&Transaction| !gone.contains(&ticket.id()) && !called.contains(ticket);
        self.tickets.iter().filter(still).cloned().collect()
    }

    /// The first of the special tickets in a range that is live.
    fn special(&self, mut range: std::ops::Range<u32>, live: &[Transaction]) -> Transaction {
        let ticket = range.find_map(|index| {
            let ticket = &self.tickets[usize::try_from(index).unwrap()];
            live.contains(ticket).then(|| ticket.clone())
        });
        ticket.expect("one of the special tickets is live: another seed is needed")
    }
}

/// A commitment output.
pub fn commitment(payee: Payee, amount: Amount, limits: u16) -> TxOut {
    TxOut::new(Amount::ZERO, Commitment { payee, amount, limits }.script().as_bytes())
}

/// The outputs of a ticket that returns `change` of `value` to its owner.
pub fn with_change(owner: &Purse, voter: &Purse, value: Amount, price: Amount, change: Amount) -> Vec<TxOut> {
    let mut outputs = owner.ticket_outputs(value, price, voter);
    outputs[1] = commitment(owner.payee(), value.checked_sub(change).unwrap(), 0x4e00);
    let payment = Payment { tag: Some(StakeTag::Change), payee: owner.payee() };
    outputs[2] = TxOut::new(change, payment.script().as_bytes());
    outputs
}

/// The first output of a ticket.
pub fn submission(ticket: &Transaction) -> Coin {
    let outpoint = OutPoint { id: ticket.id(), index: 0, tree: Tree::Stake };
    Coin { outpoint, output: ticket.outputs[0].clone() }
}
