//! The embedded network with the account's other device, a stranger, and somebody who votes when he feels like it.

use std::collections::HashMap;
use std::rc::Rc;

use dcrcold::chain::ChainSource;
use dcrcold::chain::sim::{Rule, SETTLED, Settings, Sim, SimError};
use dcrcold::wallet::Coin;
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{BlockHash, Hash160, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Generation, Index, VoterAccount};
use dcrcold_core::script::{COMMITMENT_LIMITS, Commitment, Payee, Payment, StakeTag};
use dcrcold_signer::block::Block;
use dcrcold_signer::hd::ExtendedPrivateKey;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxIn, TxOut};
use dcrcold_signer::voter::VoterSecrets;

use crate::chain::{amount, pay_to};
use crate::dice::Dice;
use crate::fixture::contents;
use crate::purse::{Coin as StrangeCoin, Purse};

/// A fee that is enough for any transaction here.
pub const FEE: u64 = 30_000;
/// Voting keys of the own voter that are known here.
const VOTING_KEYS: u32 = 400;

/// One part of a ticket: the coin that pays, who is paid back, and how much of the coin goes in.
struct Part {
    outpoint: OutPoint,
    value: Amount,
    payee: Hash160,
    share: u64,
}

pub struct World {
    pub sim: Sim,
    pub dice: Dice,
    account: ExtendedPrivateKey,
    voter: VoterSecrets,
    voting: HashMap<Hash160, Index>,
    stranger: Purse,
    strange_coins: Vec<StrangeCoin>,
    /// The tickets that somebody here can vote with.
    pub tickets: HashMap<TxId, Transaction>,
    seen: HashMap<BlockHash, Rc<Block>>,
    /// Whether he votes with a part of the tickets that are called.
    pub lazy: bool,
}

impl World {
    /// A network that has settled, and the account of seed 7.
    pub fn new(seed: u64) -> Self {
        Self::on(Sim::in_memory(Settings::new(seed)), seed)
    }

    /// The same on a network of which there may be more views.
    pub fn on(mut sim: Sim, seed: u64) -> Self {
        sim.mine_to(SETTLED).unwrap();
        let master = contents(7).master().unwrap();
        let coin_type = CoinType::standard(Network::Simnet);
        let account = master.account(AccountPath { coin_type, account: Account::FIRST }).unwrap();
        let name = "test".parse().unwrap();
        let voter = VoterSecrets::derive(&master, coin_type, Account::FIRST, Generation::FIRST, name).unwrap();
        let public = voter.public();
        let voting = (0..VOTING_KEYS).map(|number| {
            let index = Index::new(number.into()).unwrap();
            (public.hash(VoterAccount::Voting, index).unwrap(), index)
        });
        Self {
            sim,
            dice: Dice(seed),
            account,
            voting: voting.collect(),
            voter,
            stranger: Purse::new(99),
            strange_coins: Vec::new(),
            tickets: HashMap::new(),
            seen: HashMap::new(),
            lazy: true,
        }
    }

    /// The blocks of the main chain, from block 1 on.
    pub fn blocks(&mut self) -> Vec<Rc<Block>> {
        let headers = self.sim.headers_after(&[]).unwrap();
        let ids = headers.iter().map(dcrcold_signer::block::BlockHeader::id);
        let Self { sim, seen, .. } = self;
        ids.map(|id| seen.entry(id).or_insert_with(|| Rc::new(sim.block(&id).unwrap())).clone()).collect()
    }

    /// Mines blocks one by one; of the tickets that are called, some vote.
    pub fn mine(&mut self, blocks: u32) {
        for _ in 0..blocks {
            self.vote();
            self.sim.mine(1).unwrap();
        }
    }

    /// Mines a block that disapproves of the tip.
    pub fn disapprove(&mut self) {
        self.vote();
        self.sim.mine_disapproving().unwrap();
    }

    fn vote(&mut self) {
        let winners = self.sim.winners().unwrap();
        for id in &winners.tickets {
            let Some(ticket) = self.tickets.get(id).cloned() else { continue };
            if self.lazy && self.dice.once_in(3) {
                continue;
            }
            let hash = *Ticket::read(&ticket).unwrap().voting.hash();
            let purse = match self.voting.get(&hash) {
                Some(index) => purse(self.voter.key(VoterAccount::Voting, *index).unwrap()),
                None => Purse::new(99),
            };
            match self.sim.accept(&purse.vote(&ticket, winners.block.hash, winners.block.height)) {
                // After a block was undone, the vote on the one before waits already.
                Ok(_) | Err(SimError::Violation(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
    }

    /// Pays a key hash.
    pub fn fund(&mut self, hash: Hash160, atoms: u64) {
        self.sim.fund(&pay_to(hash), amount(atoms)).unwrap();
    }

    /// Gives the stranger a coin to buy tickets with.
    pub fn fund_stranger(&mut self, atoms: u64) {
        let script = self.stranger.script(None);
        let id = self.sim.fund(&script, amount(atoms)).unwrap();
        let outpoint = OutPoint { id, index: 0, tree: Tree::Regular };
        self.strange_coins.push(StrangeCoin { outpoint, output: TxOut::new(amount(atoms), &script) });
    }

    /// What it takes to buy a ticket in one of the next blocks.
    pub fn ticket_price(&mut self) -> u64 {
        self.sim.price().unwrap().next.atoms() * 11 / 10
    }

    /// Another device spends coins of the account; `outputs` are paid and the rest is the fee.
    pub fn spend(&mut self, coins: &[Coin], outputs: &[(Hash160, u64)], expiry: u32) -> Result<Transaction, Rule> {
        let inputs = coins.iter().map(|coin| TxIn::unsigned(coin.outpoint, coin.value.into())).collect();
        let outputs = outputs.iter().map(|(hash, atoms)| TxOut::new(amount(*atoms), &pay_to(*hash))).collect();
        let mut tx = Transaction { version: 1, inputs, outputs, lock_time: 0, expiry };
        self.sign(&mut tx, coins);
        self.send(tx)
    }

    /// Another device buys a ticket with a coin of the account, which a stranger votes with; change returns to `change`.
    pub fn buy(&mut self, coin: &Coin, reward: Hash160, change: Hash160) -> Result<Transaction, Rule> {
        let price = self.ticket_price();
        let share = price + FEE;
        let part = Part { outpoint: coin.outpoint, value: coin.value, payee: reward, share };
        let mut tx = self.ticket(price, &[part], change);
        self.sign(&mut tx, std::slice::from_ref(coin));
        self.send(tx)
    }

    /// A stranger buys a ticket; its reward goes to `reward`.
    pub fn buy_for(&mut self, reward: Hash160) -> Option<Result<Transaction, Rule>> {
        let coin = self.dice.take(&mut self.strange_coins)?;
        let price = self.ticket_price();
        let part = Part { outpoint: coin.outpoint, value: coin.value(), payee: reward, share: price + FEE };
        let mut tx = self.ticket(price, &[part], self.stranger.public.hash());
        self.stranger.sign(&mut tx, 0, &coin.output.script);
        Some(self.send(tx))
    }

    /// The account and a stranger buy a ticket together, each for himself, in either order.
    pub fn buy_together(&mut self, coin: &Coin, reward: Hash160) -> Option<Result<Transaction, Rule>> {
        let strange = self.dice.take(&mut self.strange_coins)?;
        let price = self.ticket_price();
        let (half, other) = (price / 3, price + FEE - price / 3);
        let ours = Part { outpoint: coin.outpoint, value: coin.value, payee: reward, share: half };
        let payee = self.stranger.public.hash();
        let his = Part { outpoint: strange.outpoint, value: strange.value(), payee, share: other };
        let first = self.dice.once_in(2);
        let parts = if first { [ours, his] } else { [his, ours] };
        let mut tx = self.ticket(price, &parts, reward);
        self.sign(&mut tx, std::slice::from_ref(coin));
        self.stranger.sign(&mut tx, usize::from(first), &strange.output.script);
        Some(self.send(tx))
    }

    fn ticket(&self, price: u64, parts: &[Part], change: Hash160) -> Transaction {
        let inputs = parts.iter().map(|part| TxIn::unsigned(part.outpoint, part.value.into())).collect();
        let mut outputs = vec![TxOut::new(amount(price), &self.stranger.script(Some(StakeTag::Submission)))];
        for part in parts {
            // A coin that does not suffice makes a ticket that is refused.
            let left = part.value.atoms().saturating_sub(part.share);
            let commitment =
                Commitment { payee: Payee::KeyHash(part.payee), amount: amount(part.share), limits: COMMITMENT_LIMITS };
            let payee = Payee::KeyHash(if left == 0 { Hash160::ZERO } else { change });
            outputs.push(TxOut::new(Amount::ZERO, commitment.script().as_bytes()));
            let script = Payment { tag: Some(StakeTag::Change), payee }.script();
            outputs.push(TxOut::new(amount(left), script.as_bytes()));
        }
        Transaction { version: 1, inputs, outputs, lock_time: 0, expiry: 0 }
    }

    /// Signs the inputs that spend `coins`.
    fn sign(&self, tx: &mut Transaction, coins: &[Coin]) {
        for coin in coins {
            let position = tx.inputs.iter().position(|input| input.previous == coin.outpoint).unwrap();
            let purse = purse(self.account.address_key(coin.path).unwrap());
            purse.sign(tx, position, &purse.script(coin.tag));
        }
    }

    fn send(&mut self, tx: Transaction) -> Result<Transaction, Rule> {
        match self.sim.accept(&tx) {
            Ok(id) => {
                if Ticket::read(&tx).is_ok() {
                    self.tickets.insert(id, tx.clone());
                }
                Ok(tx)
            }
            Err(SimError::Violation(violation)) => Err(violation.rule),
            Err(other) => panic!("{other}"),
        }
    }
}

fn purse(key: dcrcold_signer::key::PrivateKey) -> Purse {
    Purse { public: key.public_key(), key }
}
