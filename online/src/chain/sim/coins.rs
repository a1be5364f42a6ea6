//! Unspent outputs, with what the rules ask of them, and a way back when a block is undone.
//!
//! Source: dcrd `internal/blockchain/utxoentry.go`, `utxoviewpoint.go`.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxKind, TxOut};

/// The first byte of a script that nobody can spend.
pub(super) const OP_RETURN: u8 = 0x6a;

/// An unspent output.
#[derive(Clone, Debug)]
pub(super) struct Coin {
    /// What it is worth; never zero.
    pub(super) value: Amount,
    /// The output itself, of script version 0.
    pub(super) output: TxOut,
    /// Where its transaction is.
    pub(super) origin: Origin,
    /// The ticket, when this is its voting right.
    pub(super) ticket: Option<Arc<Ticket>>,
}

/// The place of a coin's transaction and what follows from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    /// The height of its block, or `None` in the mempool.
    pub(super) height: Option<Height>,
    /// Its position in its tree of the block.
    pub(super) index: u32,
    /// Whether it is a coinbase.
    pub(super) coinbase: bool,
    /// Whether it has an expiry.
    pub(super) expires: bool,
}

impl Origin {
    /// The origin of the outputs of `tx` at `index` in a block at `height`.
    pub(super) fn mined(tx: &Transaction, height: Height, index: u32) -> Self {
        let coinbase = tx.kind() == TxKind::Coinbase;
        Self { height: Some(height), index, coinbase, expires: tx.expiry != 0 }
    }

    /// The origin of the outputs of a transaction in the mempool.
    pub(super) fn unmined(tx: &Transaction) -> Self {
        Self { height: None, index: u32::MAX, coinbase: false, expires: tx.expiry != 0 }
    }

    /// How many blocks lie between it and a spending block at `height`; nothing unmined has aged at all.
    pub(super) fn age(&self, height: Height) -> Option<u32> {
        self.height.and_then(|own| height.above(own))
    }
}

/// The tree that holds a transaction of a kind.
const fn tree_of(kind: TxKind) -> Tree {
    match kind {
        TxKind::Regular | TxKind::Coinbase => Tree::Regular,
        _ => Tree::Stake,
    }
}

/// The spendable outputs of `tx`, each with its outpoint. Outputs worth nothing and those that carry data are not coins.
pub(super) fn coins_of(tx: &Transaction, kind: TxKind, origin: Origin) -> impl Iterator<Item = (OutPoint, Coin)> + '_ {
    let (id, tree) = (tx.id(), tree_of(kind));
    let ticket = if kind == TxKind::Ticket { Ticket::read(tx).ok().map(Arc::new) } else { None };
    (0..).zip(&tx.outputs).filter_map(move |(index, output)| {
        let value = output.value.amount().ok().filter(|value| *value != Amount::ZERO)?;
        if output.script.first() == Some(&OP_RETURN) {
            return None;
        }
        let ticket = ticket.clone().filter(|_| index == 0);
        let coin = Coin { value, output: output.clone(), origin, ticket };
        Some((OutPoint { id, index, tree }, coin))
    })
}

/// Where coins are looked up.
pub(super) trait View {
    /// The coin at an outpoint, unless it is spent or never was.
    fn coin(&self, outpoint: &OutPoint) -> Option<Coin>;
}

/// Coins with changes on top that are not made yet.
pub(super) struct Overlay<'a> {
    below: &'a Coins,
    changes: HashMap<OutPoint, Option<Coin>>,
}

impl<'a> Overlay<'a> {
    /// The coins `below` without a change.
    pub(super) fn new(below: &'a Coins) -> Self {
        Self { below, changes: HashMap::new() }
    }

    /// Spends the inputs of `tx` and adds its outputs.
    pub(super) fn apply(&mut self, tx: &Transaction, kind: TxKind, origin: Origin) {
        self.changes.extend(tx.inputs.iter().map(|input| (input.previous, None)));
        self.changes.extend(coins_of(tx, kind, origin).map(|(outpoint, coin)| (outpoint, Some(coin))));
    }

    /// Takes back what `undo` remembers.
    pub(super) fn revert(&mut self, undo: &Undo) {
        self.changes.extend(undo.spent.iter().map(|(outpoint, coin)| (*outpoint, Some(coin.clone()))));
        self.changes.extend(undo.made.iter().map(|outpoint| (*outpoint, None)));
    }
}

impl View for Overlay<'_> {
    fn coin(&self, outpoint: &OutPoint) -> Option<Coin> {
        match self.changes.get(outpoint) {
            Some(change) => change.clone(),
            None => self.below.coin(outpoint),
        }
    }
}

/// What a list of transactions did to the coins.
#[derive(Clone, Debug, Default)]
pub(super) struct Undo {
    /// The coins spent, in order.
    spent: Vec<(OutPoint, Coin)>,
    /// The coins made, in order; some may be among the spent.
    made: Vec<OutPoint>,
}

/// All unspent outputs of the main chain.
#[derive(Debug, Default)]
pub(super) struct Coins {
    coins: HashMap<OutPoint, Coin>,
    /// The scripts whose coins the network's own wallet may spend.
    own_scripts: HashSet<Vec<u8>>,
    /// Those coins, the most valuable first.
    own: BTreeSet<(Reverse<Amount>, OutPoint)>,
}

impl View for Coins {
    fn coin(&self, outpoint: &OutPoint) -> Option<Coin> {
        self.coins.get(outpoint).cloned()
    }
}

impl Coins {
    /// No coins yet; those with one of `own_scripts` will be listed.
    pub(super) fn new(own_scripts: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { own_scripts: own_scripts.into_iter().collect(), ..Self::default() }
    }

    /// The coins with one of the own scripts, the most valuable first.
    pub(super) fn own(&self) -> impl Iterator<Item = (OutPoint, &Coin)> {
        self.own.iter().filter_map(|(_, outpoint)| self.coins.get(outpoint).map(|coin| (*outpoint, coin)))
    }

    /// Spends the inputs of `tx` and adds its outputs, remembering both in `undo`.
    ///
    /// The inputs were checked; one that is missing all the same is passed over.
    pub(super) fn apply(&mut self, tx: &Transaction, kind: TxKind, origin: Origin, undo: &mut Undo) {
        for input in &tx.inputs {
            if let Some(coin) = self.remove(&input.previous) {
                undo.spent.push((input.previous, coin));
            }
        }
        for (outpoint, coin) in coins_of(tx, kind, origin) {
            undo.made.push(outpoint);
            self.insert(outpoint, coin);
        }
    }

    /// Takes back what `undo` remembers.
    pub(super) fn revert(&mut self, undo: &Undo) {
        for outpoint in &undo.made {
            self.remove(outpoint);
        }
        let made: HashSet<_> = undo.made.iter().collect();
        for (outpoint, coin) in undo.spent.iter().filter(|(outpoint, _)| !made.contains(outpoint)) {
            self.insert(*outpoint, coin.clone());
        }
    }

    fn insert(&mut self, outpoint: OutPoint, coin: Coin) {
        if self.own_scripts.contains(&coin.output.script) {
            self.own.insert((Reverse(coin.value), outpoint));
        }
        self.coins.insert(outpoint, coin);
    }

    fn remove(&mut self, outpoint: &OutPoint) -> Option<Coin> {
        let coin = self.coins.remove(outpoint)?;
        self.own.remove(&(Reverse(coin.value), *outpoint));
        Some(coin)
    }
}
